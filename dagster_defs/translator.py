"""How dbt's models and sources appear as Dagster assets: one name everywhere."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from python_assets.sources.registry import TYPES, load_registry

DESCRIPTIONS = {dataset.table: dataset.description for dataset in load_registry()}


class WarehouseTranslator(DagsterDbtTranslator):
    """Asset key = ``schema/table``, group = schema, one tag per type that the asset serves."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return ``schema/table`` of a model or source."""
        name = dbt_resource_props.get("alias") or dbt_resource_props["name"]
        return dg.AssetKey([dbt_resource_props["schema"], name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the layer."""
        return str(dbt_resource_props["schema"])

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        """Return a tag for the model's type, or for all types when it serves them all."""
        folders = [part for part in dbt_resource_props["fqn"] if part in TYPES]
        suffix = str(dbt_resource_props["name"]).removeprefix("unified_")
        return type_tags(folders or ([suffix] if suffix in TYPES else TYPES))

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the description without the SQL; a staging model has its dataset's."""
        if dbt_resource_props["schema"] == "staging":
            prefix, table = str(dbt_resource_props["name"]).split("__", 1)
            return f"{table} in the columns of {prefix.removeprefix('stg_')}. {DESCRIPTIONS[table]}"
        return str(dbt_resource_props.get("description", ""))


def type_tags(types: Any) -> dict[str, str]:
    """Return the tags by which a type's job finds its assets."""
    return dict.fromkeys(types, "")
