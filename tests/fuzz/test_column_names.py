"""Columns that no model asks for, of any name and type, change the metadata alone."""

from __future__ import annotations

import csv
import json
from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.local import LocalSource
from python_assets.sources.selection import Selection
from tests.conftest import SAMPLE_DIR
from tests.fuzz import odd, parquet_mutations
from tests.fuzz.models import REGISTRY, staged, warehouse_of


@pytest.mark.parametrize(
    "table",
    [
        "awesome_chatgpt_prompts",
        "arena_human_preference_55k",
        "arena_human_preference_100k",
        "openr1_math_220k_default",
        "s1k_1_1",
        "skywork_reward_preference_80k_v0_2",
    ],
)
def test_more_columns_change_the_metadata_alone(views: dict[str, str], tmp_path: Path, table: str) -> None:
    dataset = REGISTRY[table]
    found = LocalSource(SAMPLE_DIR).find(dataset)
    assert found is not None
    file = found.files[0].path
    path = tmp_path / file.relative_to(SAMPLE_DIR)
    path.parent.mkdir(parents=True)
    more = dict.fromkeys(name for name in odd.NAMES if name not in dataset.columns)
    if dataset.format == "csv":
        with file.open(encoding="utf-8-sig", newline="") as old, path.open("w", encoding="utf-8", newline="") as new:
            header, *rows = list(csv.reader(old))
            more = {name: "other" for name in more if name not in header}
            csv.writer(new).writerows([[*header, *more], *([*row, *more.values()] for row in rows)])
    else:
        parquet = pq.read_table(file)
        more = {name: "other" for name in more if name not in parquet.column_names}
        for name, value in more.items():
            parquet = parquet.append_column(name, [[value] * len(parquet)])
        pq.write_table(parquet, path)
    with warehouse_of(views) as connection:
        load_and_record(connection, dataset, obtain(dataset, LocalSource(SAMPLE_DIR), Selection()))
        before = staged(connection, dataset)
        load_and_record(connection, dataset, obtain(dataset, LocalSource(tmp_path), Selection()))
        after = staged(connection, dataset)
    for type_name, rows in after.items():
        for row, old_row in zip(rows, before[type_name][: len(rows)], strict=True):
            if row["_error"] is None:
                metadata = json.loads(row.pop("metadata"))
                assert metadata == {**json.loads(old_row.pop("metadata")), **more}
                assert row == old_row


def test_a_column_of_each_type_is_written_or_refused(views: dict[str, str], tmp_path: Path) -> None:
    """As the column that may have any type, and as one more."""
    dataset = REGISTRY["s1k_1_1"]
    found = LocalSource(SAMPLE_DIR).find(dataset)
    assert found is not None
    table = pq.read_table(found.files[0].path)
    path = tmp_path / found.files[0].path.relative_to(SAMPLE_DIR)
    path.parent.mkdir(parents=True)
    place = table.column_names.index("deepseek_attempt")
    n_loaded = 0
    with warehouse_of(views) as connection:
        for data_type, values in parquet_mutations.COLUMNS:
            column = pa.array(list(islice(cycle(values), len(table))), data_type)
            try:
                changed = table.set_column(place, "deepseek_attempt", column).append_column("more", column)
                pq.write_table(changed, path)
            except pa.ArrowException:
                continue
            load = load_and_record(connection, dataset, obtain(dataset, LocalSource(tmp_path), Selection()))
            assert load.status == "loaded" or path.name in str(load.error)
            if load.status == "loaded":
                n_loaded += 1
                rows = staged(connection, dataset)["cot"]
                assert [json.loads(row["metadata"])["question"] for row in rows] == table["question"].to_pylist()
                assert all(json.loads(row["metadata"]).keys() == set(changed.column_names) for row in rows)
    assert n_loaded > 25
