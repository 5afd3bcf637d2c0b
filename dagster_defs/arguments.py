"""The arguments of ``make run``, ``make eps`` and ``make plan``, and what is refused before anything runs."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from dagster_defs.resources import Locations, raw_dirs, warehouse_dir
from dagster_defs.settings import Settings, SourceName
from python_assets.errors import SettingsError
from python_assets.memory import memory_limit_bytes
from python_assets.sources.found import Source
from python_assets.sources.local import LocalSource, require_any
from python_assets.sources.registry import TYPES, Dataset


def make_parser(description: str | None) -> argparse.ArgumentParser:
    """Return the parser of the arguments that say what a run does."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--type", choices=[*TYPES, "all"], default="all")
    parser.add_argument("--source", choices=[name.value for name in SourceName])
    parser.add_argument("--eps", type=float)
    parser.add_argument("--settings", default="{}", help="further settings, as JSON")
    return parser


def wanted_types(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the types that the arguments name."""
    return TYPES if arguments.type == "all" else (arguments.type,)


def settings_of(arguments: argparse.Namespace, registry: Sequence[Dataset]) -> dict[str, Any]:
    """Return the settings that the arguments make.

    Raises
    ------
    SettingsError
        One of them cannot be used.
    """
    try:
        settings = json.loads(arguments.settings or "{}")
    except ValueError as error:
        raise SettingsError(f"SETTINGS cannot be used, it is not JSON: {error}") from None
    known = Settings.model_fields
    if not isinstance(settings, dict) or settings.keys() - known.keys():
        raise SettingsError(f"SETTINGS cannot be used, it may set {', '.join(known)}")
    named = {"source": arguments.source, "eps": arguments.eps}
    settings |= {name: value for name, value in named.items() if value is not None}
    try:
        checked = Settings(**settings)
        checked.forest_for(checked.radius())
        checked.filter_vars()
        checked.parsed_benchmarks()
        checked.selection().check(registry)
        memory_limit_bytes()
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"SETTINGS cannot be used, {field}: {first['msg']}") from None
    return settings


def require_data(types: Sequence[str], settings: Settings, registry: Sequence[Dataset]) -> Source:
    """Return the source of the datasets.

    Raises
    ------
    SettingsError
        Its directories do not exist, or hold none of the types' datasets.
    """
    source = Locations(raw_dirs(), warehouse_dir()).source(settings.source)
    if isinstance(source, LocalSource):
        feeding = (d for d in registry if not d.feeds.keys().isdisjoint(types))
        require_any(source, [d for d in feeding if settings.selection().wants(d)])
    return source
