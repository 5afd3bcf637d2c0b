"""Run a job from the command line and show what came of it: ``make run`` and ``make demo``."""

import argparse
import io
import os
import shlex
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import dagster as dg

from dagster_defs.arguments import make_parser, require_data, settings_of, wanted_types
from dagster_defs.home import prepare_home
from dagster_defs.resources import warehouse_dir
from dagster_defs.settings import Settings
from dagster_defs.steps import latest_step
from dagster_defs.summary import print_summary, refused_datasets
from python_assets.disk import disk_error
from python_assets.errors import SettingsError, WarehouseError
from python_assets.progress import log_to_terminal
from python_assets.run_lock import claim_warehouse
from python_assets.sources.registry import load_registry
from python_assets.warehouse import connect, wait_until_free, warehouse_path


def main() -> int:
    """Run the job that the arguments name; return the process's exit code."""
    arguments = _parse_arguments()
    warnings.filterwarnings("ignore", module="dagster.*")
    log_to_terminal()
    try:
        registry = load_registry()
        settings = settings_of(arguments, registry)
        if not arguments.only_eps:
            print(f"reads  {require_data(wanted_types(arguments), Settings(**settings), registry)}")
        failures = _run(f"{arguments.type}_eps" if arguments.only_eps else arguments.type, settings)
        return _report(wanted_types(arguments), failures, _command(arguments))
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        known = disk_error(error, warehouse_dir())
        if known is None:
            raise
        print(f"error: {latest_step()}: {known}", file=sys.stderr)
        return 1


def _parse_arguments() -> argparse.Namespace:
    parser = make_parser(__doc__)
    parser.add_argument(
        "--only-eps", action="store_true", help="label a finished warehouse anew; load and embed nothing"
    )
    return parser.parse_args()


def _run(job_name: str, settings: dict[str, Any]) -> dict[str, list[str]]:
    """Run the job; return the steps that failed, by the cause."""
    root = _writable(warehouse_dir())
    claim_warehouse(root, job_name)
    print(f"writes {root}", flush=True)
    prepare_home(root)
    wait_until_free(warehouse_path(root))
    from dagster_defs.definitions import defs

    with dg.DagsterInstance.get() as instance:
        _end_killed_runs(instance)
        # dbt's own lines are in <warehouse>/dbt/logs; what matters of them is logged here.
        with redirect_stdout(io.StringIO()):
            result = defs.resolve_job_def(job_name).execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={
                    "resources": {"settings": {"config": settings}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
            )
        failures: dict[str, list[str]] = {}
        for event in result.all_events:
            if event.is_step_failure:
                failures.setdefault(_cause(event), []).append(str(event.step_key))
        return failures


def _end_killed_runs(instance: dg.DagsterInstance) -> None:
    """Let Dagster know that the runs it still shows as started have ended: no other run works on the warehouse."""
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        instance.report_run_failed(run, "The process of this run ended before the run did.")


def _cause(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error.cause or data.error if data.error else None
    return error.message.strip() if error else "failed"


def _writable(root: Path) -> Path:
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the warehouse directory cannot be made: {error}") from None
    if not os.access(root, os.W_OK):
        raise SettingsError(f"the warehouse directory {root} cannot be written to")
    return root


def _command(arguments: argparse.Namespace) -> str:
    """Return the command that starts the same run again."""
    named = {
        "SOURCE": arguments.source,
        "RAW_DIR": None if arguments.only_eps else os.environ.get("RAW_DIR"),
        "WAREHOUSE_DIR": str(warehouse_dir()),
        "TYPE": arguments.type,
        "EPS": arguments.eps,
        "SETTINGS": arguments.settings if arguments.settings != "{}" else None,
    }
    values = (f"{name}={shlex.quote(str(value))}" for name, value in named.items() if value)
    return " ".join(["make", "eps" if arguments.only_eps else "run", *values])


def _report(types: tuple[str, ...], failures: dict[str, list[str]], command: str) -> int:
    root = warehouse_dir()
    logs = ", ".join(str(root / "logs" / f"{type_name}.log") for type_name in types)
    if failures:
        for cause, steps in failures.items():
            more = f" (and {len(steps) - 1} more steps, for the same reason)" if len(steps) > 1 else ""
            print(f"error: {steps[0]}: {cause}{more}", file=sys.stderr)
        print(f"The run failed; its log: {logs}.\nWhat is finished is kept. To go on: {command}", file=sys.stderr)
        return 1
    with connect(warehouse_path(root), read_only=True) as connection:
        print_summary(connection, types, root)
        refused = refused_datasets(connection, types)
    for line in refused:
        print(f"error: refused {line}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
