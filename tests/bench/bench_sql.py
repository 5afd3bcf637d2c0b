"""
Measure extraction and exact merge in SQL beside a Python loop with a dict that does the same.

    python tests/bench/bench_sql.py --rows 1000000 --prompts prompts_200k.parquet

The rows are generated: the shape of KodCode-V1-SFT-R1, about 2 kB each, every fourth prompt a repeated one.
The SQL side is the models as dbt runs them, alone and without dbt's own start, with DuckDB's memory limited; it
reads the raw table. The Python side reads the Parquet file. Both store the same keys, reasons, merged rows and
duplicates; their numbers are compared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

REPO_DIR = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO_DIR))

from dagster_defs.dbt import DBT_EXECUTABLE  # noqa: E402
from python_assets.exports.files import OutputFiles, write_records  # noqa: E402
from python_assets.exports.trainer_files import TRAINERS, open_trainer_files  # noqa: E402
from python_assets.sources.load import load_dataset  # noqa: E402
from python_assets.sources.registry import load_registry  # noqa: E402
from python_assets.warehouse import connect, warehouse_path  # noqa: E402
from tests.bench.bench_clustering import peak_gib  # noqa: E402

TABLE = "kodcode_v1_sft_r1"
DATASET = next(d for d in load_registry() if d.table == TABLE)
MODELS = ("int_cot_extracted", "int_cot_merged", "int_cot_duplicates")
_BATCH = 20_000


def make_rows(path: Path, n: int, prompts: list[str]) -> None:
    """Write n rows in the shape of the dataset."""
    rng = np.random.default_rng(0)
    words = np.array(prompts, dtype=object)
    path.parent.mkdir(parents=True)
    writer: pq.ParquetWriter | None = None
    for start in range(0, n, _BATCH):
        size = min(_BATCH, n - start)
        number = np.where(
            rng.random(size) < 0.25, rng.integers(0, max(n // 10, 1), size), np.arange(start, start + size)
        )
        table = pa.table(
            {
                "question": [f"{words[k % len(words)]} ({k})" for k in number],
                "conversations": pa.array([_turns(words, rng) for _ in range(size)], pa.list_(_MESSAGE)),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    assert writer is not None
    writer.close()


_MESSAGE = pa.struct([("from", pa.string()), ("value", pa.string())])


def _turns(words: np.ndarray, rng: np.random.Generator) -> list[dict[str, str]]:
    thinking, answer = (" ".join(words[rng.integers(0, len(words), count)]) for count in (9, 2))
    trace = f"<think>\n{thinking}\n</think>\n\n{answer}" if rng.random() < 0.98 else f"<think>{thinking}"
    return [{"from": "human", "value": "as above"}, {"from": "gpt", "value": trace}]


def python_loop(path: Path, database: Path) -> tuple[int, int, int]:
    """Split, check, hash and merge row by row, and store the same tables; count the merged, removed and rejected."""
    merged: dict[str, list[Any]] = {}
    extracted: list[tuple[Any, ...]] = []
    duplicates: list[tuple[int, str, int]] = []
    for number, row in enumerate(_rows(path)):
        trace = next((m["value"] for m in row["conversations"] or [] if m["from"] in ("assistant", "gpt")), None)
        thinking, answer, reason = _split(trace)
        prompt = row["question"]
        if not prompt or prompt.isspace():
            reason = "no_prompt"
        elif reason is None and not thinking:
            reason = "no_thinking"
        elif reason is None and not answer:
            reason = "no_answer"
        key = solution = None
        if reason is None:
            key = hashlib.sha256(prompt.encode()).hexdigest()
            solution = hashlib.md5(answer.encode()).hexdigest()
        extracted.append((number, key, solution, reason, len(prompt or ""), len(answer or "")))
        if key is not None:
            first = merged.setdefault(key, [len(merged), f"{number}_{DATASET.dataset}", prompt, number, solution, 0])
            first[5] += 1
            if first[3] != number:
                duplicates.append((number, f"{number}_{DATASET.dataset}", first[0]))
    with connect(database) as connection:
        _store(connection, "extracted", extracted)
        _store(connection, "merged", [(key, *row) for key, row in merged.items()])
        _store(connection, "duplicates", duplicates)
    return len(merged), len(duplicates), sum(row[3] is not None for row in extracted)


def _store(connection: duckdb.DuckDBPyConnection, name: str, rows: list[tuple[Any, ...]]) -> None:
    columns = pa.table({f"column_{place}": column for place, column in enumerate(zip(*rows, strict=True))})
    connection.register("columns", columns)
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM columns")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(path).iter_batches(columns=["question", "conversations"]):
        yield from batch.to_pylist()


def _split(trace: str | None) -> tuple[str | None, str | None, str | None]:
    if trace is None:
        return None, None, None
    start = trace.find("<think>")
    stop = trace.find("</think>", start + 7) if start >= 0 else -1
    if stop < 0:
        return None, None, "unclosed_tags"
    return trace[start + 7 : stop].strip(" \t\r\n"), trace[stop + 8 :].strip(" \t\r\n"), None


def dbt(root: Path, *arguments: str, memory: str) -> None:
    """Run dbt on a warehouse."""
    environment = {
        **os.environ,
        "WAREHOUSE_DIR": str(root),
        "DUCKDB_MEMORY_LIMIT": memory,
        "DBT_TARGET_PATH": str(root / "target"),
        "DBT_LOG_PATH": str(root / "logs"),
    }
    project = str(REPO_DIR / "dbt_project")
    done = subprocess.run(
        [DBT_EXECUTABLE, "--quiet", *arguments, "--project-dir", project, "--profiles-dir", project],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout[-3000:])


def main() -> None:
    """Make the rows, run both sides, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--prompts", type=Path, help="Parquet with a column `prompt`; made up when absent")
    parser.add_argument("--memory", default="2GiB", help="DuckDB's memory limit")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--export", type=Path, help="only measure the export of this finished warehouse")
    parser.add_argument("--trainers", nargs="*", default=[])
    options = parser.parse_args()
    if options.export:
        export(options.export, options.trainers)
        return
    with tempfile.TemporaryDirectory() as scratch:
        run(Path(scratch), options.rows // (10 if options.quick else 1), _prompts(options.prompts), options.memory)


def _prompts(path: Path | None) -> list[str]:
    if path is None:
        return [
            f"What is {a} times {b}, and why does the order of the two not matter?" for a, b in np.ndindex(447, 447)
        ]
    return [str(prompt)[:200] for prompt in pq.read_table(path)["prompt"].to_pylist()]


def run(scratch: Path, n: int, prompts: list[str], memory: str) -> None:
    """Print seconds, ratios, sizes and memory."""
    path = scratch / DATASET.repo / "data" / "train-00000-of-00001.parquet"
    make_rows(path, n, prompts)
    root = scratch / "warehouse"
    root.mkdir()
    database = warehouse_path(root)
    os.environ["MEMORY_LIMIT"] = memory
    with connect(database) as connection:
        load_dataset(connection, DATASET, [path], scratch / DATASET.repo)
    raw_bytes = database.stat().st_size
    print(f"{n} rows, {raw_bytes / 2**30:.2f} GiB as a raw table, {memory} for DuckDB (x: relative to SQL)")
    dbt(root, "run", "--select", "staging", memory=memory)
    dbt(root, "run", "--select", *MODELS, memory=memory)
    results = json.loads((root / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    models = sum(result["execution_time"] for result in results)
    dbt(root, "run", "--exclude", "staging", *MODELS, memory=memory)
    built_bytes = database.stat().st_size
    dbt(root, "run", memory=memory)
    print(f"  SQL, three models           {models:8.2f} s", flush=True)
    start = time.perf_counter()
    merged, removed, rejected = python_loop(path, scratch / "loop.duckdb")
    loop = time.perf_counter() - start
    print(f"  Python loop with a dict     {loop:8.2f} s  {loop / models:6.1f} x")
    with connect(database, read_only=True) as connection:
        counts = [
            connection.sql(f"SELECT count(*) FROM intermediate.{relation}").fetchall()[0][0]
            for relation in ("int_cot_merged", "int_cot_duplicates", "int_cot_quarantine")
        ]
        print(f"  same rows merged, removed and rejected: {counts == [merged, removed, rejected]} {counts}")
        used, block = connection.sql("SELECT used_blocks, block_size FROM pragma_database_size()").fetchall()[0]
        print(f"  warehouse file / raw table  {built_bytes / raw_bytes:8.2f} x")
        print(
            f"  after everything anew       {database.stat().st_size / raw_bytes:8.2f} x, "
            f"{used * block / raw_bytes:.2f} x without the blocks that are free"
        )
        start = time.perf_counter()
        connection.execute("SELECT * FROM marts.unified_cot WHERE all_prompt_id = ?", [merged // 2]).fetchall()
        print(f"  one row of unified_cot      {time.perf_counter() - start:8.2f} s")
    for label, trainers in (("three files", ()), ("six files", TRAINERS)):
        command = [sys.executable, __file__, "--export", str(root), "--trainers", *trainers]
        done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True)
        print(f"  ordered export, {label:11} {done.stdout.strip()}", flush=True)


def export(root: Path, trainers: list[str]) -> None:
    """Print the seconds and the peak memory of an export, which has this process to itself."""
    files = OutputFiles(root / "outputs", "cot", 0.2)
    start = time.perf_counter()
    with (
        connect(warehouse_path(root), read_only=True) as connection,
        open_trainer_files(files.directory, "cot", trainers) as trainer_files,
    ):
        write_records(connection, files, lambda done, total: None, trainer_files.write)
    print(f"{time.perf_counter() - start:8.2f} s, peak {peak_gib():.2f} GiB")


if __name__ == "__main__":
    main()
