from __future__ import annotations

import re

import dagster as dg
import pytest

from dagster_defs.definitions import defs
from dagster_defs.previews import markdown_table
from python_assets.sources.registry import TYPES, load_registry

GRAPH = defs.resolve_asset_graph()
GROUPS = {"raw", "staging", "intermediate", "ml", "marts", "exports"}


def test_no_asset_depends_on_one_that_does_not_exist() -> None:
    assert GRAPH.external_asset_keys == set()


def test_every_asset_is_described_grouped_and_named_like_its_table() -> None:
    for key in GRAPH.get_all_asset_keys():
        node = GRAPH.get(key)
        assert node.description, key
        if node.group_name != "exports":
            assert "One row per " in node.description, key
        assert node.group_name in GROUPS, key
        assert len(key.path) == 2, key
        if node.group_name != "exports":
            assert key.path[0] == node.group_name, key


def test_every_dataset_is_an_asset_and_feeds_its_staging_models() -> None:
    for dataset in load_registry():
        children = GRAPH.get(dg.AssetKey(["raw", dataset.table])).child_keys
        for type_name in dataset.feeds:
            name = f"stg_{type_name}__{dataset.table}"
            assert dg.AssetKey(["staging", name]) in children


@pytest.mark.parametrize("type_name", TYPES)
def test_a_types_job_runs_from_raw_to_files_and_touches_no_other_type(type_name: str) -> None:
    keys = defs.resolve_job_def(type_name).asset_layer.selected_asset_keys
    tables = {key.to_user_string() for key in keys}
    assert f"outputs/{type_name}" in tables
    assert {"marts/dedup_summary", "marts/duplicate_pairs", "marts/top_clusters"} <= tables
    datasets = {f"raw/{d.table}" for d in load_registry() if type_name in d.feeds}
    assert {table for table in tables if table.startswith("raw/")} == {"raw/_loads", *datasets}
    for other in set(TYPES) - {type_name}:
        of_other = re.compile(rf"(?<!raw)/(stg_|int_|unified_)?{other}(_|$)")
        assert not {table for table in tables if of_other.search(table)}


def test_the_job_for_all_types_runs_dbt_once_before_and_once_behind_the_clusters() -> None:
    steps = defs.resolve_job_def("all").graph.node_dict
    assert sorted(name for name in steps if name.startswith("dbt_models")) == [
        "dbt_models",
        "dbt_models_2",
    ]


def test_dbt_tests_are_asset_checks() -> None:
    checks = {key.name: key.asset_key.to_user_string() for key in GRAPH.asset_check_keys}
    assert checks["every_raw_row_is_accounted_for"] == "marts/dedup_summary"
    assert checks["every_removed_row_has_a_kept_survivor"] == "marts/duplicate_pairs"
    assert checks["unique_int_sft_merged_all_prompt_id"] == "intermediate/int_sft_merged"
    assert "files_match_tables" in checks


def test_every_setting_is_described() -> None:
    settings = defs.resources["settings"]
    for name, field in type(settings).model_fields.items():
        assert field.description, name


def test_a_text_in_a_preview_is_shown_and_not_followed() -> None:
    table = markdown_table(["text"], [("![x](http://example.com/a.png) <script> a|b `c` *d* \\",)])
    assert table.splitlines()[-1] == (r"| !\[x\](http://example.com/a.png) &lt;script> a\|b \`c\` \*d\* \\ |")


@pytest.mark.parametrize("type_name", TYPES)
def test_another_eps_is_a_job_that_loads_embeds_and_compares_nothing(type_name: str) -> None:
    tables = {key.to_user_string() for key in defs.resolve_job_def(f"{type_name}_eps").asset_layer.selected_asset_keys}
    assert {f"ml/{type_name}_clusters", f"ml/{type_name}_eps_sweep", f"outputs/{type_name}"} <= tables
    assert {f"intermediate/int_{type_name}_survivors", "marts/dedup_summary", "marts/duplicate_pairs"} <= tables
    assert not {table for table in tables if table.startswith(("raw/", "staging/"))}
    assert not tables & {f"ml/{type_name}_{name}" for name in ("embeddings", "forest", "forest_points", "languages")}
