"""dbt's models and tests as assets and checks."""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import dagster as dg
import orjson
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

from dagster_defs.pictures import PICTURES
from dagster_defs.previews import relation_metadata
from dagster_defs.resources import Locations, warehouse_dir
from dagster_defs.settings import Settings
from dagster_defs.translator import WarehouseTranslator
from python_assets.disk import disk_error_of
from python_assets.errors import WarehouseError
from python_assets.memory import duckdb_memory_limit
from python_assets.sources.registry import DBT_PROJECT_DIR, TYPES
from python_assets.warehouse import connect, wait_until_free

logger = logging.getLogger(__name__)

TRANSLATOR = WarehouseTranslator()
DBT_EXECUTABLE = str(Path(sys.executable).parent / "dbt")


def dbt_environment(root: Path) -> dict[str, str]:
    """Return the environment variables that dbt needs for a warehouse directory."""
    return {
        "WAREHOUSE_DIR": str(root),
        "DUCKDB_MEMORY_LIMIT": duckdb_memory_limit(),
        "DBT_TARGET_PATH": str(root / "dbt" / "target"),
        "DBT_LOG_PATH": str(root / "dbt" / "logs"),
        "DBT_PROFILES_DIR": str(DBT_PROJECT_DIR),
        "DBT_PROJECT_DIR": str(DBT_PROJECT_DIR),
    }


def prepare_project(root: Path) -> DbtProject:
    """Return the dbt project with a manifest that is newer than every file of the project.

    Raises
    ------
    WarehouseError
        dbt cannot parse the project.
    """
    os.environ.update(dbt_environment(root))
    root.mkdir(parents=True, exist_ok=True)
    project = DbtProject(DBT_PROJECT_DIR, target_path=root / "dbt" / "target")
    manifest = project.manifest_path
    if not _is_complete(manifest) or manifest.stat().st_mtime < _last_change():
        parsed = subprocess.run(
            # With the vars of a run by default, so that its start need not parse again.
            [DBT_EXECUTABLE, "--quiet", "parse", "--vars", json.dumps(Settings().dbt_vars())],
            capture_output=True,
            text=True,
            check=False,
        )
        if parsed.returncode:
            said = f"{parsed.stdout}{parsed.stderr}"
            raise disk_error_of(said, root) or WarehouseError(f"dbt cannot parse the project:\n{said}")
    return project


def _is_complete(manifest: Path) -> bool:
    """Tell whether dbt has written the manifest to its end; it does not put it in place at once."""
    try:
        orjson.loads(manifest.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return False
    return True


def _last_change() -> float:
    files = (path for path in DBT_PROJECT_DIR.rglob("*") if path.suffix in {".sql", ".yml"})
    return max(path.stat().st_mtime for path in files)


PROJECT = prepare_project(warehouse_dir())
DBT = DbtCliResource(project_dir=PROJECT, dbt_executable=DBT_EXECUTABLE)


@dbt_assets(manifest=PROJECT.manifest_path, dagster_dbt_translator=TRANSLATOR, project=PROJECT)
def dbt_models(
    context: dg.AssetExecutionContext, settings: Settings, locations: dg.ResourceParam[Locations]
) -> Iterator[Any]:
    """Build the selected models and run their tests; unit tests belong to the test suite."""
    tables = [key.path[-1] for key in context.selected_asset_keys]
    types = [t for t in TYPES if any(f"_{t}_" in table for table in tables)]
    with locations.step(f"dbt, {len(tables)} models", *types) as step:
        wait_until_free(locations.database)
        invocation = DBT.cli(
            [
                "build",
                "--exclude-resource-type",
                "unit_test",
                "--vars",
                json.dumps(settings.dbt_vars()),
            ],
            context=context,
            raise_on_error=False,
        )
        messages = []
        for message in invocation.stream_raw_events():
            messages.append(message)
            step.watch(invocation.process.pid)
            # Dagster keeps log lines on the warehouse's disk; dbt must end also when that takes none.
            with suppress(Exception):
                _log_result(message.raw_event)
        infos = (message.raw_event["info"] for message in messages)
        said = "\n".join(info["msg"] for info in infos if info["level"] == "error")
        if broken := disk_error_of(said, locations.root):
            raise broken
        events = [
            event
            for message in messages
            for event in message.to_default_asset_events(
                PROJECT.manifest_path, TRANSLATOR, context, invocation.target_path, PROJECT
            )
        ]
        described = list(_with_metadata(events, locations))
        outputs = (event for event in described if isinstance(event, dg.Output))
        step.rows_out = sum(output.metadata["dagster/row_count"].value for output in outputs)
        yield from described
        if not invocation.is_successful():
            raise dg.Failure("dbt build failed; the failed models and tests are in the log above")
        # Also that of a dbt whose run was killed: it writes there still after it has closed the warehouse.
        for folder in invocation.target_path.parent.glob("dbt_models-*"):
            shutil.rmtree(folder, ignore_errors=True)


def _log_result(event: dict[str, Any]) -> None:
    info, data = event["info"], event["data"]
    if info["name"] == "LogModelResult" and info["level"] != "error":
        name = data["node_info"]["node_name"]
        logger.info("dbt: built %s in %.1f s", name, data["execution_time"])
    elif info["name"] == "FinishedRunningStats":
        logger.info("dbt: %s", info["msg"].strip())
    elif info["level"] == "error" and info["name"] != "MainStackTrace":
        logger.error("dbt: %s", info["msg"].strip())


def _with_metadata(events: list[Any], locations: Locations) -> Iterator[Any]:
    nodes = json.loads(PROJECT.manifest_path.read_text(encoding="utf-8"))["nodes"]
    with connect(locations.database, read_only=True) as connection:
        for event in events:
            if isinstance(event, dg.Output):
                node = nodes[event.metadata["unique_id"].value]
                about = relation_metadata(connection, node["schema"], node["alias"])
                pictures = PICTURES[node["alias"]](connection) if node["alias"] in PICTURES else {}
                event = event.with_metadata({**event.metadata, **about, **pictures})
            yield event
