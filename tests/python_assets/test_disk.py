"""A disk that fills up is an error that says so, and nothing that is half written is left."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import duckdb
import numpy as np
import pytest

from python_assets.disk import disk_error
from python_assets.embeddings.encoded import EncodedTexts
from python_assets.embeddings.store import EmbeddingStore
from python_assets.exports.files import OutputFiles, write_embeddings
from tests.crash.disks import disk

N, DIMENSION = 1_000, 256


def test_an_array_of_vectors_that_has_no_room_is_an_error_and_the_earlier_one_stays(tmp_path: Path) -> None:
    keys = [f"{number:04d}" for number in range(N)]
    store = EmbeddingStore(tmp_path / "store", "toy")
    counts = np.ones(N, np.int32)
    vectors = np.ones((N, DIMENSION), np.float32)
    store.write(0, keys, EncodedTexts(vectors, counts, counts, counts.astype(bool)))
    with disk(tmp_path / "small", 400_000) as small, duckdb.connect() as connection:
        files = OutputFiles(small.path / "outputs", "sft", 0.2)
        connection.execute("CREATE SCHEMA intermediate")
        table = "intermediate.int_sft_merged"
        connection.execute(f"CREATE TABLE {table} AS SELECT '0000' AS text_key, 0 AS all_prompt_id")
        write_embeddings(connection, files, store)
        earlier = files.embeddings.read_bytes()
        connection.execute(
            f"CREATE OR REPLACE TABLE {table} AS "
            f"SELECT printf('%04d', i) AS text_key, i AS all_prompt_id FROM range({N}) AS r(i)"
        )
        with pytest.raises(OSError, match="No space left"):
            write_embeddings(connection, files, store)
        assert files.embeddings.read_bytes() == earlier
        assert list(files.embeddings.parent.iterdir()) == [files.embeddings]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/w/x"), "the disk is full at /data/w/x"),
        (duckdb.IOException("IO Error: Could not write file: No space left on device"), "the disk is full at "),
        (sqlite3.OperationalError("database or disk is full"), "the disk is full at "),
        (OSError(errno.EROFS, "Read-only file system", "/data/w/x"), "the disk is read-only at /data/w/x"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "the disk is read-only at "),
    ],
)
def test_what_a_disk_refuses_is_told_with_what_to_do(tmp_path: Path, error: Exception, says: str) -> None:
    outer = RuntimeError("a step failed")
    outer.__cause__ = error
    told = str(disk_error(outer, tmp_path))
    assert told.startswith(says)
    assert "the next run goes on from there" in told


def test_a_text_of_a_dataset_that_speaks_of_disks_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    assert disk_error(duckdb.ConversionException("'no space left on device' is no number"), tmp_path) is None
    assert disk_error(FileNotFoundError(errno.ENOENT, "No such file"), tmp_path) is None
