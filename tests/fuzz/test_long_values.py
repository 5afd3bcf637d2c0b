"""Texts of 100 MB come through whole, beside short ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.local import LocalSource
from python_assets.sources.selection import Selection
from tests.fuzz.models import REGISTRY, build, outcomes, warehouse_of

LONG = "long " * 20_000_000


@pytest.mark.slow
def test_texts_of_100_mb(models: dict[str, str], tmp_path: Path) -> None:
    lima = [{"conversations": [text, text[:9]], "source": "x"} for text in ("short", LONG)]
    _lines(tmp_path / "GAIR/lima/train.jsonl", lima)
    webdev = [
        {"winner": "model_a", "conversation_a": chat, "conversation_b": chat}
        for text in ("short", LONG)
        for chat in [[{"role": role, "content": [{"type": "text", "text": text}]} for role in ("user", "assistant")]]
    ]
    path = tmp_path / "lmarena-ai/webdev-arena-preference-10k/webdev_battles.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(webdev), encoding="utf-8")
    path = tmp_path / "fka/awesome-chatgpt-prompts/prompts.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["act", "prompt"], ["a", "short"], ["b", LONG]])
    path = tmp_path / "AI-MO/NuminaMath-CoT/data/train-00000-of-00001.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"problem": ["short", LONG], "solution": ["NaN", LONG]}), path)
    with warehouse_of(models) as connection:
        for table in ("lima", "webdev_arena_preference_10k", "awesome_chatgpt_prompts", "numinamath_cot"):
            load = load_and_record(
                connection, REGISTRY[table], obtain(REGISTRY[table], LocalSource(tmp_path), Selection())
            )
            assert (load.status, load.n_rows, load.n_unreadable) == ("loaded", 2, 0), load.error
        build(connection, models)
        for table, type_name in (
            ("lima", "sft"),
            ("webdev_arena_preference_10k", "preference"),
            ("awesome_chatgpt_prompts", "prompt"),
            ("numinamath_cot", "cot"),
        ):
            assert outcomes(connection, REGISTRY[table])[type_name] == {"merged": 2}
            lengths = connection.sql(
                "SELECT length(prompt), length(metadata) > 100_000_000 "
                f"FROM staging.stg_{type_name}__{table} ORDER BY _row"
            ).fetchall()
            assert lengths == [(5, False), (len(LONG), True)]


def _lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
