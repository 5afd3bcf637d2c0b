"""Which folders of outputs a run would change, and for what reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from python_assets.exports.files import FOLDER
from python_assets.exports.made_from import (
    ROW_SETTINGS,
    MadeFrom,
    describe_merged_rows,
    made_from_other_rows,
    read_made_from,
)
from python_assets.plan.datasets import DatasetPlan
from python_assets.plan.request import Request

NEW, REWRITTEN, SAME, UNKNOWN = "new", "rewritten with other content", "the same bytes", "rewritten"
REASONS_SHOWN = 3


@dataclass(frozen=True)
class OutputPlan:
    """What becomes of a type's folders.

    Attributes
    ----------
    directory : Path
        The one that the run writes.
    change : str
        new, rewritten with other content, the same bytes, or rewritten where one cannot tell.
    reasons : list of str
    outdated : list of Path
        The type's other folders whose files then were made from other rows.
    """

    directory: Path
    change: str
    reasons: list[str]
    outdated: list[Path]


def plan_outputs(
    connection: duckdb.DuckDBPyConnection,
    type_name: str,
    datasets: Sequence[DatasetPlan],
    rows_change: bool,
    request: Request,
) -> OutputPlan:
    """Compare what the files would be made from with what they were made from.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    type_name : str
    datasets : sequence of DatasetPlan
        Of those that feed the type.
    rows_change : bool
        Whether other rows are merged.
    request : Request
    """
    files = request.files(type_name)
    expected = [plan.described for plan in datasets if plan.described]
    merged_rows = describe_merged_rows(connection, type_name)
    others = [folder for folder in files.directory.parent.glob(f"{FOLDER}*") if folder != files.directory]
    outdated = {
        *(folder for folder in others if rows_change or _merges_otherwise(read_made_from(folder), request.settings)),
        *made_from_other_rows(request.root / "outputs", type_name, merged_rows),
    } - {files.directory}
    if not files.directory.is_dir() or not any(files.directory.iterdir()):
        return OutputPlan(files.directory, NEW, [], sorted(outdated))
    before = read_made_from(files.directory)
    if before is None:
        reason = "what it was made from is not recorded, by an earlier version or an unfinished run"
        return OutputPlan(files.directory, UNKNOWN, [reason], sorted(outdated))
    reasons = _differences(before, expected, request.settings)
    if not reasons and before["merged_rows"] != merged_rows:
        reasons = ["the tables hold other rows than it was made from"]
    return OutputPlan(files.directory, REWRITTEN if reasons else SAME, reasons, sorted(outdated))


def _merges_otherwise(before: MadeFrom | None, settings: dict[str, Any]) -> bool:
    return before is not None and any(before["settings"].get(name) != settings[name] for name in ROW_SETTINGS)


def _differences(before: MadeFrom, expected: list[dict[str, Any]], settings: dict[str, Any]) -> list[str]:
    """Name the settings and the datasets in which they differ."""
    earlier = before["settings"]
    found = [
        f"{name} {_short(earlier.get(name))} -> {_short(settings.get(name))}"
        for name in sorted(earlier.keys() | settings.keys())
        if earlier.get(name) != settings.get(name)
    ]
    then, now = ({about["dataset"]: about for about in datasets} for datasets in (before["datasets"], expected))
    found += [f"with {name}" for name in now if name not in then]
    found += [f"without {name}" for name in then if name not in now]
    for name in now:
        if name in then and then[name] != now[name]:
            fields = [field for field in now[name] if then[name].get(field) != now[name][field]]
            found.append(f"{name} ({', '.join(fields)})")
    return found


def _short(value: Any) -> str:
    if isinstance(value, dict) and "key" in value:
        return str(value["key"])
    return "none" if value in (None, []) else str(value)
