"""Build the sample files that are not text: Parquet and compressed JSON lines.

Their readable source is one JSON object a line beside this file; `schemas.yml` says which files
each of them becomes. `python tests/sample_rows/build.py` rewrites them under `warehouse/sample`.
With the locked libraries the bytes are always the same.
"""

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
import zstandard

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parents[1] / "warehouse" / "sample"


def arrow_schema(columns: dict[str, str]) -> pa.Schema:
    """Translate DuckDB type strings to an Arrow schema.

    Parameters
    ----------
    columns
        The type of each column, in file order.

    Returns
    -------
    pa.Schema
        The schema that DuckDB itself gives to such columns.
    """
    select = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items())
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {select}").to_arrow_table().schema


def parquet_bytes(lines: list[str], columns: dict[str, str]) -> bytes:
    """Encode JSON lines as one Parquet file.

    Parameters
    ----------
    lines
        One JSON object each, with exactly the given columns.
    columns
        The DuckDB type of each column, in file order.

    Returns
    -------
    bytes
        The file.
    """
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    for number, row in enumerate(rows):
        if row.keys() != columns.keys():
            wrong = sorted(row.keys() ^ columns.keys())
            raise ValueError(f"row {number}: columns {wrong} are missing or unknown")
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(columns)), buffer, compression="zstd")
    return buffer.getvalue()


def gzip_bytes(lines: list[str]) -> bytes:
    """Compress lines as they stand, broken ones included, with no time stamp and no name.

    Parameters
    ----------
    lines
        The lines without their ends.

    Returns
    -------
    bytes
        The file.
    """
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as stream:
        stream.write(_text_bytes(lines))
    return buffer.getvalue()


def zstd_bytes(lines: list[str]) -> bytes:
    """Compress lines as they stand, broken ones included, as one zstd frame.

    Parameters
    ----------
    lines
        The lines without their ends.

    Returns
    -------
    bytes
        The file.
    """
    return zstandard.ZstdCompressor(level=19).compress(_text_bytes(lines))


def _text_bytes(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _encoded(entry: dict[str, Any], lines: list[str]) -> bytes:
    if entry["format"] == "parquet":
        return parquet_bytes(lines, entry["columns"])
    return zstd_bytes(lines) if entry["format"] == "jsonl.zst" else gzip_bytes(lines)


def build(target_dir: Path) -> list[Path]:
    """Write every built sample file below a folder.

    Parameters
    ----------
    target_dir
        The folder that takes the place of `warehouse/sample`.

    Returns
    -------
    list[Path]
        The written files, in the order of `schemas.yml`.
    """
    written = []
    for entry in yaml.safe_load((HERE / "schemas.yml").read_text(encoding="utf-8")):
        lines = (HERE / entry["source"]).read_text(encoding="utf-8").removesuffix("\n").split("\n")
        for file in entry["files"]:
            first, end = file.get("rows", [0, len(lines)])
            data = _encoded(entry, lines[first:end])
            path = target_dir / file["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            written.append(path)
    return written


if __name__ == "__main__":
    for built in build(SAMPLE):
        sys.stdout.write(f"{built.relative_to(SAMPLE)} {built.stat().st_size}\n")
