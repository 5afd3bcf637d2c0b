"""Write the standard output files of one type."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from python_assets.embeddings.store import EmbeddingStore
from python_assets.exports.formats import format_eps, json_line, merged_record, unified_record
from python_assets.exports.slices import read_slices
from python_assets.files import allocate, write_aside

FOLDER = "dedup_eps"

Progress = Callable[[int, int], None]
Sink = Callable[[list[dict[str, Any]]], None]


@dataclass(frozen=True)
class OutputFiles:
    """The paths of a type's output files for one eps.

    Parameters
    ----------
    outputs : Path
        Directory of all outputs.
    type_name : str
    eps : float
    """

    outputs: Path
    type_name: str
    eps: float

    @property
    def directory(self) -> Path:
        """Directory of the files that depend on eps."""
        return self.outputs / f"{self.type_name}_all" / f"{FOLDER}{format_eps(self.eps)}"

    def named(self, kind: str, suffix: str) -> Path:
        """Path of one file, such as ``all_files_labels_eps0.2.npy``."""
        return self.directory / f"all_files_{kind}_eps{format_eps(self.eps)}{suffix}"

    @property
    def summary(self) -> Path:
        """Path of the statistics by dataset."""
        return self.directory / "summary.csv"

    @property
    def review(self) -> Path:
        """Path of the page on which a person judges the clusters."""
        return self.directory / "cluster_review.html"

    @property
    def embeddings(self) -> Path:
        """Path of the vectors, which do not depend on eps."""
        directory = self.outputs / f"{self.type_name}_all" / "embeddings"
        return directory / "all_files_embeddings.npy"


def write_records(connection: duckdb.DuckDBPyConnection, files: OutputFiles, progress: Progress, *also: Sink) -> int:
    """Write the kept rows as JSONL in the merged and the unified format, and as Parquet.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    files : OutputFiles
    progress : callable
        Is told the rows that are written, and all.
    *also : callable
        Are given the same rows, a slice at a time.

    Returns
    -------
    int
        Number of rows.

    Notes
    -----
    Rows come in order of all_prompt_id; memory is that of one slice of `read_slices`.
    """
    kept = f"SELECT count(*) FROM intermediate.int_{files.type_name}_survivors WHERE is_kept"
    total = connection.sql(kept).fetchall()[0][0]
    done = 0
    with ExitStack() as stack:
        merged, unified = (
            stack.enter_context(stack.enter_context(write_aside(files.named(kind, ".jsonl"))).open("wb"))
            for kind in ("dedup", "unified")
        )
        parquet = stack.enter_context(write_aside(files.named("unified", ".parquet")))
        schema = connection.sql(f"SELECT * EXCLUDE (_row) FROM marts.unified_{files.type_name} LIMIT 0")
        writer = stack.enter_context(pq.ParquetWriter(parquet, schema.to_arrow_table().schema, compression="zstd"))
        for table in read_slices(connection, files.type_name):
            writer.write_table(table)
            rows = table.to_pylist()
            merged.writelines(json_line(merged_record(row)) for row in rows)
            unified.writelines(json_line(unified_record(files.type_name, row)) for row in rows)
            for sink in also:
                sink(rows)
            done += len(rows)
            progress(done, total)
    return done


def write_labels(connection: duckdb.DuckDBPyConnection, files: OutputFiles) -> None:
    """Write the cluster of every merged row as int64, in order of all_prompt_id."""
    labels = connection.sql(
        f"SELECT cluster_id FROM intermediate.int_{files.type_name}_survivors ORDER BY all_prompt_id"
    ).fetchnumpy()["cluster_id"]
    with write_aside(files.named("labels", ".npy")) as aside, aside.open("wb") as file:
        np.save(file, np.asarray(labels, dtype=np.int64))


def write_top_clusters(connection: duckdb.DuckDBPyConnection, files: OutputFiles) -> None:
    """Write the largest clusters with their members as one JSON array."""
    rows = connection.sql(
        f"""
        SELECT * EXCLUDE (type) FROM marts.top_clusters
        WHERE type = '{files.type_name}' ORDER BY cluster_rank, all_prompt_id
        """
    ).to_arrow_table()
    clusters: list[dict[str, Any]] = []
    about = ("cluster_rank", "cluster_id", "n_cluster_members", "widest_distance")
    for row in rows.to_pylist():
        head = {field: row.pop(field) for field in about}
        if not clusters or clusters[-1]["cluster_id"] != head["cluster_id"]:
            clusters.append({**head, "members": []})
        clusters[-1]["members"].append(row)
    with write_aside(files.named("top_500_cluster", ".json")) as aside:
        aside.write_bytes(orjson.dumps(clusters, option=orjson.OPT_INDENT_2) + b"\n")


def write_summary(connection: duckdb.DuckDBPyConnection, files: OutputFiles) -> None:
    """Write the statistics of the type's datasets as CSV, in the order of their ordinals."""
    table = connection.sql(
        f"""
        SELECT * EXCLUDE (type, ordinal, raw_table) FROM marts.dedup_summary
        WHERE type = '{files.type_name}' ORDER BY ordinal
        """
    ).to_arrow_table()
    with write_aside(files.summary) as aside:
        pa.csv.write_csv(table, aside)


def write_embeddings(connection: duckdb.DuckDBPyConnection, files: OutputFiles, store: EmbeddingStore) -> None:
    """Write the vector of every merged row as float32, in order of all_prompt_id.

    Notes
    -----
    The file is written through a memory map, shard by shard: dimension * 4 bytes on disk per row,
    in memory one shard. The room is taken first: a full disk is an error, where a page of a memory
    map that has no room would end the process.
    """
    keys = (
        connection.sql(f"SELECT text_key FROM intermediate.int_{files.type_name}_merged ORDER BY all_prompt_id")
        .to_arrow_table()["text_key"]
        .combine_chunks()
    )
    with write_aside(files.embeddings) as aside:
        array: np.memmap[Any, Any] | None = None
        for rows, part in store.parts(keys):
            if array is None:
                shape = (len(keys), part.vectors.shape[1])
                array = np.lib.format.open_memmap(aside, mode="w+", dtype=np.float32, shape=shape)
                allocate(aside)
            array[rows] = part.vectors
        if array is None:
            with aside.open("wb") as file:
                np.save(file, np.zeros((0, 0), dtype=np.float32))
        else:
            array.flush()
