"""The metadata of every sample row says what an independent reader finds in the file."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from python_assets.sources.registry import Dataset, load_registry
from tests.conftest import SAMPLE_DIR, Run


def _files(dataset: Dataset) -> list[Path]:
    base = SAMPLE_DIR / dataset.repo
    return sorted({path for pattern in dataset.files for path in base.glob(pattern)})


def _content(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    elif path.suffix == ".zst":
        data = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(data, read_across_frames=True).read()
    return data.decode("utf-8-sig")


def _rows(dataset: Dataset) -> Iterator[Any]:
    """Yield the row as a dict, or as its text where it is broken."""
    for path in _files(dataset):
        if dataset.format == "parquet":
            yield from (_as_json(row) for row in pq.read_table(path).to_pylist())
        elif dataset.format == "csv":
            header, *lines = csv.reader(io.StringIO(_content(path), newline=""))
            names = [name or f"column{place}" for place, name in enumerate(header)]
            yield from (dict(zip(names, line, strict=True)) if len(line) == len(names) else line for line in lines)
        elif dataset.format == "json":
            yield from _elements(_content(path))
        else:
            yield from (_parsed(line) for line in _content(path).split("\n") if line.strip())


def _elements(content: str) -> list[Any]:
    """Return the elements of an array; one in which some are broken has each on a line of its own."""
    try:
        return list(json.loads(content))
    except ValueError:
        lines = (line.strip().removesuffix(",") for line in content.strip()[1:-1].split("\n"))
        return [_parsed(line) for line in lines if line]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _as_json(value: Any) -> Any:
    """Say a value of Parquet in JSON: times in UTC, no NaN and no infinity."""
    if isinstance(value, dict):
        return {name: _as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        zone = "+00" if value.tzinfo else ""
        text = (value.astimezone(UTC) if zone else value).strftime("%Y-%m-%d %H:%M:%S.%f")
        return text.rstrip("0").rstrip(".") + zone
    return value.isoformat() if isinstance(value, date) else value


def _exactly(value: Any) -> str:
    """Return a text that two values share only if their integers, the bits of their doubles and all else agree."""
    return json.dumps(value, sort_keys=True)


FEEDS = [
    pytest.param(dataset, type_name, id=f"{type_name}-{dataset.dataset}")
    for dataset in load_registry()
    if dataset.is_training and _files(dataset)
    for type_name in dataset.feeds
]


@pytest.mark.parametrize(("dataset", "type_name"), FEEDS)
def test_metadata_is_the_row_of_the_file(sample_run: Run, dataset: Dataset, type_name: str) -> None:
    staged = sample_run.query(
        f"SELECT _row, _error, metadata FROM staging.stg_{type_name}__{dataset.table} ORDER BY _row"
    )
    rows = list(_rows(dataset))
    assert [row for row, _, _ in staged] == list(range(len(rows)))
    for (_, error, metadata), row in zip(staged, rows, strict=True):
        if isinstance(row, dict):
            assert _exactly(json.loads(metadata)) == _exactly(row)
        else:
            assert error
            assert metadata == row or isinstance(row, list)
