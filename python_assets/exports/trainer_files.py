"""Write the files of trainers, and count what they leave out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from python_assets.exports.formats import json_line
from python_assets.exports.trainers import (
    Record,
    Row,
    UnusableRowError,
    llama_factory,
    llama_factory_info,
    trl_conversational,
    trl_standard,
)
from python_assets.files import write_aside

TRAINERS = ("trl", "llama_factory")
COUNTS = "trainer_files.csv"
WRITTEN = "written"


class TrainerFiles:
    """Open files of trainers, and how many rows of each dataset are in each or left out.

    Parameters
    ----------
    type_name : str
    files : mapping of str to file
        Open files by their names below the directory.

    Attributes
    ----------
    counts : Counter
        Rows by (file, dataset, outcome), in order of appearance; the outcome is ``written`` or the reason code.
    """

    def __init__(self, type_name: str, files: Mapping[str, BinaryIO]) -> None:
        self._type_name = type_name
        self._files = files
        self.counts: Counter[tuple[str, str, str]] = Counter()

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Write rows of the unified view to every file that can take them."""
        formats = _formats(self._type_name)
        for name, file in self._files.items():
            for row in rows:
                outcome = WRITTEN
                try:
                    file.write(json_line(formats[name](self._type_name, row)))
                except UnusableRowError as error:
                    outcome = error.reason
                self.counts[name, row["dataset"], outcome] += 1

    def summary(self) -> dict[str, dict[str, int]]:
        """Return the rows of each file by outcome."""
        summary: dict[str, dict[str, int]] = {name: {WRITTEN: 0} for name in self._files}
        for (name, _, outcome), n_rows in self.counts.items():
            summary[name][outcome] = summary[name].get(outcome, 0) + n_rows
        return summary


@contextmanager
def open_trainer_files(directory: Path, type_name: str, trainers: Sequence[str]) -> Iterator[TrainerFiles]:
    """Open the files of the named trainers; they take their places when the block ends without an error.

    Files of the other trainers, left by an earlier run, are removed: they would say what is no longer so.

    Parameters
    ----------
    directory : Path
        Directory of the outputs of one type and eps.
    type_name : str
    trainers : sequence of str
        Any of `TRAINERS`.
    """
    with ExitStack() as stack:
        wanted = [name for name in _formats(type_name) if name.split("/")[0] in trainers]
        opened = {
            name: stack.enter_context(stack.enter_context(write_aside(directory / name)).open("wb")) for name in wanted
        }
        files = TrainerFiles(type_name, opened)
        yield files
    if "llama_factory" in trainers:
        _write_info(directory / "llama_factory", type_name)
    if trainers:
        _write_counts(directory / COUNTS, files.counts, list(opened))
    _remove_others(directory, type_name, trainers)


def _formats(type_name: str) -> dict[str, Callable[[str, Row], Record]]:
    return {
        "trl/standard.jsonl": trl_standard,
        "trl/conversational.jsonl": trl_conversational,
        f"llama_factory/{type_name}.jsonl": llama_factory,
    }


def _write_info(directory: Path, type_name: str) -> None:
    with write_aside(directory / "dataset_info.json") as aside:
        info = llama_factory_info(type_name, f"{type_name}.jsonl")
        aside.write_bytes(orjson.dumps(info, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _write_counts(path: Path, counts: Counter[tuple[str, str, str]], names: list[str]) -> None:
    datasets = list(dict.fromkeys(dataset for _, dataset, _ in counts))

    def place(key: tuple[str, str, str]) -> tuple[int, int, bool, str]:
        name, dataset, outcome = key
        return names.index(name), datasets.index(dataset), outcome != WRITTEN, outcome

    with write_aside(path) as aside, aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "dataset", "outcome", "rows"))
        writer.writerows((*key, counts[key]) for key in sorted(counts, key=place))


def _remove_others(directory: Path, type_name: str, trainers: Sequence[str]) -> None:
    names = [*_formats(type_name), "llama_factory/dataset_info.json"]
    stale = [name for name in names if name.split("/")[0] not in trainers]
    for name in stale if trainers else [*stale, COUNTS]:
        (directory / name).unlink(missing_ok=True)
    for folder in {(directory / name).parent for name in stale}:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
