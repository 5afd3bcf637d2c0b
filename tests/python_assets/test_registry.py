from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from python_assets.errors import RegistryError
from python_assets.sources.registry import DBT_PROJECT_DIR, TYPES, load_registry


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the dbt project whose registry a test may break."""
    return Path(shutil.copytree(DBT_PROJECT_DIR / "models", tmp_path / "models")).parent


def _edit(project: Path, type_name: str, old: str, new: str) -> None:
    path = project / "models" / "staging" / type_name / f"_{type_name}__sources.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_every_type_is_fed_and_every_feed_has_its_staging_model() -> None:
    registry = load_registry()
    assert {type_name for entry in registry for type_name in entry.feeds} == set(TYPES)
    for entry in registry:
        for type_name in entry.feeds:
            model = f"models/staging/{type_name}/stg_{type_name}__{entry.table}.sql"
            assert (DBT_PROJECT_DIR / model).is_file()


def test_one_dataset_may_feed_two_types() -> None:
    openr1 = next(d for d in load_registry() if d.repo == "open-r1/OpenR1-Math-220k")
    assert set(openr1.feeds) == {"cot", "preference"}


def test_only_training_splits_are_loaded_without_asking() -> None:
    splits = {entry.dataset: entry.is_training for entry in load_registry()}
    assert splits["GAIR/lima/train"]
    assert splits["nvidia/Llama-Nemotron-Post-Training-Dataset/code"]
    assert not splits["GAIR/lima/test"]
    assert splits["HuggingFaceH4/ultrafeedback_binarized/train_prefs"]
    assert not splits["HuggingFaceH4/ultrafeedback_binarized/test_prefs"]
    assert not splits["Anthropic/hh-rlhf/helpful-online/test"]


def test_the_only_split_of_a_dataset_is_loaded_whatever_its_name() -> None:
    webdev = next(d for d in load_registry() if d.repo == "lmarena-ai/webdev-arena-preference-10k")
    assert (webdev.split, webdev.is_training) == ("test", True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("licence: Apache-2.0", "licens: Apache-2.0", "lacks the field 'licence'"),
        ("format: jsonl", "format: xml", "unknown format 'xml'"),
        ("{type: cot, ordinal: 40}", "{type: poem, ordinal: 40}", r"unknown type \['poem'\]"),
        ("{type: cot, ordinal: 40}", "{type: cot, ordinal: 30}", "same ordinal twice: cot 30"),
        ("dataset: GAIR/LIMO", "dataset: GAIR/lima/train", "same dataset twice"),
        ("name: limo", "name: lima", "same table twice: lima"),
        ("name: limo", "name: 'x\"; DROP TABLE y; --'", "is no name for a table"),
        ("name: limo", "name: ''", "is no name for a table"),
        ("{name: solution,", "{name: 'x\" VARCHAR); DROP TABLE y; --',", "is no name for a column"),
        ("{name: solution,", '{name: "a\\0b",', "is no name for a column"),
        ("{name: solution,", "{name: _metadata,", "is no name for a column"),
        ("{name: solution, data_type: VARCHAR}", "{name: solution, data_type: 'VARCHAR); DROP TABLE y'}", "is no type"),
    ],
)
def test_a_contradiction_is_named(project: Path, old: str, new: str, message: str) -> None:
    _edit(project, "cot", old, new)
    with pytest.raises(RegistryError, match=message):
        load_registry(project)


def test_a_column_may_be_optional(project: Path) -> None:
    assert all(not entry.optional for entry in load_registry() if entry.dataset == "GAIR/LIMO")
    old = "- {name: solution, data_type: VARCHAR}"
    _edit(project, "cot", old, "- {name: solution, data_type: JSON, config: {meta: {optional: true}}}")
    limo = next(entry for entry in load_registry(project) if entry.dataset == "GAIR/LIMO")
    assert limo.columns == {"question": "VARCHAR", "solution": "JSON"}
    assert limo.optional == {"solution"}
