"""A plan as lines that a person reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from python_assets.columns_of_text import in_columns
from python_assets.embeddings.speed import read_speed
from python_assets.plan import costs
from python_assets.plan.benchmarks import BenchmarkPlan
from python_assets.plan.datasets import NOT_FOUND, OFF, REFUSED, DatasetPlan
from python_assets.plan.outputs import REASONS_SHOWN, SAME
from python_assets.plan.plan import TypePlan
from python_assets.plan.request import Request

_NUMBERS = ("rows", "to fetch", "texts", "to embed")
_UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def report(plans: Sequence[TypePlan], benchmarks: Sequence[BenchmarkPlan], request: Request) -> Iterator[str]:
    """Yield the lines of a plan: datasets and benchmarks, texts and files by type, then time and disk.

    Names of files and errors of others are shown without what a terminal would obey.

    Parameters
    ----------
    plans : sequence of TypePlan
    benchmarks : sequence of BenchmarkPlan
    request : Request
    """
    yield from map(_printable, _lines(plans, benchmarks, request))


def _lines(plans: Sequence[TypePlan], benchmarks: Sequence[BenchmarkPlan], request: Request) -> Iterator[str]:
    datasets = _unique(plans)
    to_fetch = sum(plan.n_bytes_to_fetch for plan in datasets) + sum(plan.n_bytes_to_fetch for plan in benchmarks)
    yield from _datasets(plans, datasets)
    yield from map(_benchmark, benchmarks)
    yield ""
    yield from in_columns(
        ["type", "texts", "to embed", "forest", "files"],
        [
            (
                plan.type_name,
                _about(plan.texts.n_texts, plan.texts.is_about),
                _about(plan.texts.n_to_embed, plan.texts.is_about),
                plan.texts.forest,
                plan.outputs.change,
            )
            for plan in plans
        ],
        _NUMBERS,
    )
    yield ""
    for plan in plans:
        yield from _reasons(plan, request.root)
    if all(plan.changes_nothing for plan in plans):
        yield "nothing changes: the run would label, merge and write the same again"
    yield from _time(plans, datasets, to_fetch, request)
    yield from _disk(plans, datasets, to_fetch, request)


def _unique(plans: Sequence[TypePlan]) -> list[DatasetPlan]:
    return list({dataset.dataset.dataset: dataset for plan in plans for dataset in plan.datasets}.values())


def _datasets(plans: Sequence[TypePlan], datasets: Sequence[DatasetPlan]) -> Iterator[str]:
    silent = (OFF, NOT_FOUND)
    rows = [
        (
            _types(plans, plan),
            plan.dataset.dataset,
            plan.change,
            _about(plan.n_rows, plan.is_about),
            _size(plan.n_bytes_to_fetch) if plan.n_bytes_to_fetch else "",
            _why(plan),
        )
        for plan in datasets
        if plan.change not in silent
    ]
    if rows:
        yield from in_columns(["type", "dataset", "plan", "rows", "to fetch", "why"], rows, _NUMBERS)
    for change in silent:
        if names := [plan.dataset.dataset for plan in datasets if plan.change == change]:
            yield f"{change} ({len(names)}): {', '.join(names)}"
    causes: dict[str, list[str]] = {}
    for plan in datasets:
        if plan.change == REFUSED:
            causes.setdefault(plan.why, []).append(plan.dataset.dataset)
    for cause, names in causes.items():
        yield f"refused: {', '.join(names)}: {cause}"


def _benchmark(plan: BenchmarkPlan) -> str:
    if plan.problem:
        return f"benchmark {plan.name}: the run would fail: {plan.problem}"
    return f"benchmark {plan.name}: {f'{_size(plan.n_bytes_to_fetch)} to fetch' if plan.n_bytes_to_fetch else 'here'}"


def _why(plan: DatasetPlan) -> str:
    if plan.change == REFUSED:
        return f"its {plan.n_rows:,} rows stay" if plan.n_rows else ""
    return plan.why


def _types(plans: Sequence[TypePlan], dataset: DatasetPlan) -> str:
    return ", ".join(plan.type_name for plan in plans if plan.type_name in dataset.dataset.feeds)


def _reasons(plan: TypePlan, root: Path) -> Iterator[str]:
    name = plan.type_name
    if plan.texts.why:
        yield f"{name}: the forest is {plan.texts.forest}: {plan.texts.why}"
    outputs = plan.outputs
    if outputs.change != SAME:
        shown = outputs.reasons[:REASONS_SHOWN]
        more = f" and {len(outputs.reasons) - len(shown)} more" if len(outputs.reasons) > len(shown) else ""
        reasons = f": {'; '.join(shown)}{more}" if shown else ""
        yield f"{name}: {outputs.directory.relative_to(root)} is {outputs.change}{reasons}"
    for folder in outputs.outdated:
        yield (
            f"{name}: {folder.relative_to(root)} stays as it is and does not fit the tables then: made from other rows"
        )


def _time(plans: Sequence[TypePlan], datasets: Sequence[DatasetPlan], to_fetch: int, request: Request) -> Iterator[str]:
    speed = read_speed(request.store.directory)
    embedding = [plan.cost.embed_seconds for plan in plans]
    is_unknown = any(seconds is None for seconds in embedding)
    parts = {
        "download": to_fetch / costs.DOWNLOAD_BYTES_PER_SECOND,
        "loading": sum(plan.n_bytes for plan in datasets if plan.is_loaded) / costs.LOAD_BYTES_PER_SECOND,
        "embedding": sum(seconds or 0.0 for seconds in embedding),
        "SQL, clusters and files": costs.STARTING_SECONDS + sum(plan.cost.other_seconds for plan in plans),
    }
    shown = [f"{name} {_span(seconds)}" for name, seconds in parts.items() if seconds]
    total = _span(sum(parts.values()))
    yield f"time  about {total}{' and the embedding' if is_unknown else ''}: {', '.join(shown)}"
    if is_unknown:
        yield (
            "      embedding takes longest; how fast the model is here is not known before its first run: "
            "all-MiniLM-L6-v2 does some 60 texts of 65 tokens a second on two cores, a GPU many times that"
        )
    elif speed and any(embedding):
        yield f"      embedding at {speed.texts / speed.seconds:,.0f} texts a second, as last time"


def _disk(plans: Sequence[TypePlan], datasets: Sequence[DatasetPlan], to_fetch: int, request: Request) -> Iterator[str]:
    made = {
        "tables": sum(costs.table_bytes(plan) for plan in datasets if plan.is_loaded),
        "vectors": sum(plan.cost.vector_bytes for plan in plans),
        "outputs": sum(plan.cost.output_bytes for plan in plans),
    }
    parts = [f"{name} {_size(n_bytes)}" for name, n_bytes in {"files": to_fetch, **made}.items() if n_bytes]
    needed = _Needed({_existing(request.root): sum(made.values())})
    if request.downloads is not None:
        needed.add(_existing(request.downloads), to_fetch)
    free = "; ".join(f"{_size(_free(place))} are free in {place}" for place in needed.places())
    yield f"disk  about {_size(to_fetch + sum(made.values()))} more{': ' if parts else ''}{', '.join(parts)}; {free}"
    for place, n_bytes in needed.places().items():
        if n_bytes > _free(place):
            yield f"warning: {place} has {_size(_free(place))} free and about {_size(n_bytes)} are needed"


class _Needed:
    """Bytes that are needed, by a directory of each disk."""

    def __init__(self, needed: dict[Path, int]) -> None:
        self._needed = dict(needed)

    def add(self, place: Path, n_bytes: int) -> None:
        same = (other for other in self._needed if other.stat().st_dev == place.stat().st_dev)
        disk = next(same, place)
        self._needed[disk] = self._needed.get(disk, 0) + n_bytes

    def places(self) -> dict[Path, int]:
        return self._needed


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.is_dir())


def _free(place: Path) -> int:
    return shutil.disk_usage(place).free


def _printable(line: str) -> str:
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode("ascii") for one in line
    )


def _about(number: int, is_about: bool) -> str:
    return f"{'about ' if is_about and number else ''}{number:,}"


def _size(n_bytes: float) -> str:
    unit, name = next(((unit, name) for unit, name in _UNITS if n_bytes >= unit), (1.0, "B"))
    return f"{n_bytes / unit:.{0 if n_bytes < 1000 or n_bytes >= 100 * unit else 1}f} {name}"


def _span(seconds: float) -> str:
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
