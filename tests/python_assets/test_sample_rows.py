"""The sample files that are built say what their readable source says."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow.parquet as pq
import zstandard

from tests.conftest import SAMPLE_DIR
from tests.sample_rows.build import build


def test_built_sample_files_are_up_to_date(tmp_path: Path) -> None:
    for path in build(tmp_path):
        tracked = SAMPLE_DIR / path.relative_to(tmp_path)
        if path.suffix == ".gz":
            assert gzip.decompress(tracked.read_bytes()) == gzip.decompress(path.read_bytes())
        elif path.suffix == ".zst":
            assert zstandard.decompress(tracked.read_bytes()) == zstandard.decompress(path.read_bytes())
        else:
            assert pq.read_table(tracked).equals(pq.read_table(path), check_metadata=True)
