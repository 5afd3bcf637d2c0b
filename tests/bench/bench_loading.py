"""
Measure the loading of large files: MB/s and peak memory, for each format.

    python tests/bench/bench_loading.py --gib 5
    python tests/bench/bench_loading.py --quick

A file of chats is written, loaded into an empty warehouse by a process of its own, and deleted. MB/s are those of the
text in it, which is also what its size means; the peak is the resident memory of that process.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from python_assets.sources.load import load_dataset
from python_assets.sources.registry import Dataset
from python_assets.warehouse import connect, warehouse_path

FORMATS = ("jsonl", "json", "csv", "parquet")
LIMIT_GIB = 2.0
VOCABULARY = ["prime", "proof", "{x}", "\\frac{1}{2}", "数", "因此", "[i]", "code\n", '"so"', "return 0", "we have"]
MESSAGE = pa.struct({"role": pa.string(), "content": pa.string()})
POOL_CHARACTERS = 1 << 24


def rows(n_bytes: int, row_bytes: int) -> Iterator[dict[str, Any]]:
    """Yield chats of about `row_bytes` each, no two alike, `n_bytes` together."""
    rng = np.random.default_rng(0)
    pool = " ".join(rng.choice(VOCABULARY, POOL_CHARACTERS // 5))
    bytes_per_character = len(pool.encode()) / len(pool)
    done = 0
    while done < n_bytes:
        length = int(row_bytes / bytes_per_character * rng.uniform(0.5, 1.5))
        start = int(rng.integers(0, max(1, len(pool) - length)))
        text = pool[start : start + length]
        question, answer = text[: length // 10], text[length // 10 :]
        yield {
            "id": done,
            "prompt": question,
            "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
        }
        done += int(length * 1.1 * bytes_per_character)


def write(path: Path, file_format: str, n_bytes: int, row_bytes: int) -> None:
    """Write a file of one format."""
    if file_format == "parquet":
        write_parquet(path, n_bytes, row_bytes)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if file_format == "csv":
            writer = csv.writer(file)
            writer.writerow(["id", "prompt", "messages"])
            for row in rows(n_bytes, row_bytes):
                writer.writerow([row["id"], row["prompt"], row["messages"][1]["content"]])
            return
        start, between, end = ("[", ",\n", "]\n") if file_format == "json" else ("", "\n", "\n")
        for number, row in enumerate(rows(n_bytes, row_bytes)):
            file.write((between if number else start) + json.dumps(row, ensure_ascii=False))
        file.write(end)


def write_parquet(path: Path, n_bytes: int, row_bytes: int) -> None:
    """Write row groups of about 100 MB, as the publishers' tools do."""
    per_group = max(1, 100_000_000 // row_bytes)
    schema = pa.schema({"id": pa.int64(), "prompt": pa.string(), "messages": pa.list_(MESSAGE)})
    group: list[dict[str, Any]] = []
    writer: pq.ParquetWriter | None = None
    for row in rows(n_bytes, row_bytes):
        group.append(row)
        if len(group) == per_group:
            table = pa.Table.from_pylist(group, schema)
            writer = writer or pq.ParquetWriter(path, schema)
            writer.write_table(table)
            group = []
    table = pa.Table.from_pylist(group, schema)
    writer = writer or pq.ParquetWriter(path, schema)
    writer.write_table(table)
    writer.close()


def load(path: Path, file_format: str, directory: Path) -> None:
    """Load the file into a new warehouse and print seconds, rows and peak memory as JSON."""
    messages = "VARCHAR" if file_format == "csv" else 'STRUCT(content VARCHAR, "role" VARCHAR)[]'
    dataset = Dataset(
        table="bench",
        dataset="org/bench",
        repo="org/bench",
        revision="main",
        config="default",
        split="train",
        format=file_format,
        files=(path.name,),
        licence="",
        gated=False,
        feeds={"sft": 1},
        columns={"prompt": "VARCHAR", "messages": messages},
        description="",
    )
    start = time.perf_counter()
    with connect(warehouse_path(directory)) as connection:
        n_rows = load_dataset(connection, dataset, [path], path.parent)
    print(json.dumps({"seconds": time.perf_counter() - start, "rows": n_rows, "peak_gib": peak_gib()}))


def peak_gib() -> float:
    """Peak resident memory; from the kernel's VmHWM, as ru_maxrss also counts the parent before exec."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(file_format: str, gib: float, row_bytes: int) -> bool:
    """Print one line about a format; tell whether the peak stayed below the limit."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / f"file.{file_format}"
        write(path, file_format, int(gib * 2**30), row_bytes)
        command = [sys.executable, __file__, "--load", str(path), "--formats", file_format]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"  {file_format:8s} failed: {done.stderr.strip().splitlines()[-1:]}", flush=True)
            return False
        result = json.loads(done.stdout.splitlines()[-1])
        warehouse = warehouse_path(Path(directory)).stat().st_size / 2**30
    print(
        f"  {file_format:8s} {result['rows']:9,d} rows {gib * 2**30 / 1e6 / result['seconds']:7.0f} MB/s"
        f" {result['seconds']:7.1f} s  peak {result['peak_gib']:5.2f} GiB of {LIMIT_GIB:g} allowed"
        f"  warehouse {warehouse:5.2f} GiB",
        flush=True,
    )
    return bool(result["peak_gib"] < LIMIT_GIB)


def main() -> None:
    """Measure every format, or load one file where this is the process that does so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=float, default=1.0, help="text in each file")
    parser.add_argument("--row-kib", type=float, default=4.0, help="text in a row, on average")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--quick", action="store_true", help="small files")
    parser.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.load:
        load(arguments.load, arguments.formats[0], arguments.load.parent)
        return
    gib = 0.1 if arguments.quick else arguments.gib
    print(f"loading files of {gib:g} GiB with rows of {arguments.row_kib:g} KiB")
    kept = [measure(name, gib, int(arguments.row_kib * 1024)) for name in arguments.formats]
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
