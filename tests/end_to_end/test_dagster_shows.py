"""What Dagster's UI shows of a finished run."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import dagster as dg
import pytest

from dagster_defs.definitions import defs
from python_assets.sources.registry import TYPES
from tests.conftest import Run

PICTURE = re.compile(r"!\[picture\]\(data:image/png;base64,([A-Za-z0-9+/=]+)\)")


@pytest.fixture(scope="module")
def shown(sample_run: Run) -> Iterator[dict[dg.AssetKey, dict[str, dg.MetadataValue]]]:
    """Metadata of each asset's last materialization."""
    with dg.DagsterInstance.from_config(str(sample_run.root / "dagster")) as instance:
        events = {
            key: instance.get_latest_materialization_event(key)
            for key in defs.resolve_asset_graph().get_all_asset_keys()
        }
    assert all(events.values()), [key for key, event in events.items() if not event]
    return {key: dict(event.asset_materialization.metadata) for key, event in events.items() if event}


def test_every_table_has_its_row_count_columns_and_a_preview(shown: dict) -> None:
    for key, metadata in shown.items():
        assert "dagster/row_count" in metadata, key
        if key.path[0] != "outputs":
            assert metadata["dagster/column_schema"].value.columns, key
            assert metadata["preview"].value.startswith("| "), key


def test_columns_of_tables_that_python_writes_are_described(shown: dict) -> None:
    sweep = shown[dg.AssetKey(["ml", "sft_eps_sweep"])]["dagster/column_schema"].value
    assert all(column.description for column in sweep.columns)


@pytest.mark.parametrize("type_name", TYPES)
def test_clusters_sweep_distances_and_overlap_are_drawn(shown: dict, type_name: str) -> None:
    clusters = shown[dg.AssetKey(["ml", f"{type_name}_clusters"])]
    drawn = [
        clusters["cluster_sizes"],
        clusters["map"],
        shown[dg.AssetKey(["ml", f"{type_name}_eps_sweep"])]["plot"],
        shown[dg.AssetKey(["marts", "duplicate_pairs"])][f"distances_{type_name}"],
        shown[dg.AssetKey(["marts", "source_overlap"])][f"overlap_{type_name}"],
    ]
    for picture in drawn:
        found = PICTURE.search(picture.value)
        assert found
        assert base64.b64decode(found[1]).startswith(b"\x89PNG")


def test_texts_in_previews_are_no_markup(shown: dict) -> None:
    for key, metadata in shown.items():
        text = PICTURE.sub("", str(metadata["preview"].value)) if "preview" in metadata else ""
        assert not re.search(r"(?<!\\)!?\[[^\]]*\]\(", text), key
        assert "<script" not in text, key
