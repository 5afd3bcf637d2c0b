"""Rounds of mutants: in each, one mutant of every dataset is loaded, and the models are built over all of them.

`python -m tests.fuzz.rounds MODELS SEED FIRST LAST OUT` works on some rounds and writes what came of them as JSON
lines; the last line of the file `OUT.now` names what it was at, should the process die.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from python_assets.sources.load import empty_table
from python_assets.sources.loads import load_and_record, obtain
from python_assets.sources.local import LocalSource
from python_assets.sources.record import LOADED, REFUSED
from python_assets.sources.registry import Dataset
from python_assets.sources.selection import Selection
from tests.conftest import SAMPLE_DIR
from tests.fuzz import spans
from tests.fuzz.models import REGISTRY, Rows, build, n_raw_rows, outcomes, staged, types, warehouse_of
from tests.fuzz.mutants import mutate
from tests.fuzz.text_mutations import Mutant

_EVERYTHING = Selection(eval_splits=True)


@dataclass
class Outcome:
    """What came of a mutant; `fault` is what should not have."""

    name: str
    status: str = ""
    error: str | None = None
    n_rows: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    fault: str | None = None


@dataclass
class Original:
    """A dataset of the sample: the rows and types that its models give, and how many records each file has."""

    dataset: Dataset
    rows: dict[str, Rows]
    types: list[str]
    files: list[Path]
    n_records: list[int]


class Rounds:
    """The rounds of a seed.

    Parameters
    ----------
    models : dict of str to str
        SQL by model; without the intermediate ones only the staging models are read.
    seed : int
    out : Path
        The report; a line is added for each mutant.
    tables : iterable of str
        The datasets that take part.
    """

    def __init__(self, models: dict[str, str], seed: int, out: Path, tables: Iterable[str] = tuple(REGISTRY)) -> None:
        self._models = models
        self._seed = seed
        self._out = out
        self._originals = originals(models, tables)

    def run(self, number: int) -> list[Outcome]:
        """Load one mutant of each dataset, build the models, and judge what came of it."""
        with warehouse_of(self._models) as connection, tempfile.TemporaryDirectory() as directory:
            found = [
                self._load(connection, original, random.Random(f"{self._seed} {number} {table}"), Path(directory))
                for table, original in self._originals.items()
            ]
            if "int_sft_extracted" in self._models:
                self._now(f"round {number}: the intermediate models")
                build(connection, self._models)
                for outcome, original in zip(found, self._originals.values(), strict=True):
                    _reconcile(connection, original.dataset, outcome)
        with self._out.open("a", encoding="utf-8") as report:
            report.writelines(json.dumps({"round": number, **asdict(outcome)}) + "\n" for outcome in found)
        return found

    def _load(
        self, connection: duckdb.DuckDBPyConnection, original: Original, rng: random.Random, directory: Path
    ) -> Outcome:
        dataset = original.dataset
        root = directory / dataset.table
        which = rng.randrange(len(original.files))
        for file in original.files:
            path = root / file.relative_to(SAMPLE_DIR)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read_bytes())
        file = original.files[which]
        kind, mutant = mutate(rng, file, dataset.format)
        content = mutant.content if mutant.is_packed else spans.packed(mutant.content, file)
        (root / file.relative_to(SAMPLE_DIR)).write_bytes(content)
        outcome = Outcome(f"{dataset.table}: {file.name}: {kind}")
        self._now(outcome.name)
        started = time.monotonic()
        try:
            load = load_and_record(connection, dataset, obtain(dataset, LocalSource(root), _EVERYTHING))
            outcome.status, outcome.error, outcome.n_rows = load.status, load.error, load.n_rows
            if load.status == REFUSED:
                assert load.error is not None
                assert dataset.dataset in load.error, "the error does not name the dataset"
                assert file.name in load.error, "the error does not name the file"
            else:
                assert load.status == LOADED
            rows = staged(connection, dataset)
            assert types(connection, dataset) == original.types, "what one dataset has may not change another's types"
            assert n_raw_rows(connection, dataset) == load.n_rows
            for type_name, of_type in rows.items():
                assert [row["_row"] for row in of_type] == list(range(load.n_rows)), "rows are lost in staging"
                if load.status == LOADED:
                    _check_unchanged(original, type_name, of_type, which, mutant)
            assert time.monotonic() - started < 30, "it took too long"
        except Exception as error:
            outcome.fault = f"{type(error).__name__}: {str(error)[:2_000]}"
            self._keep(outcome, content)
            empty_table(connection, dataset)
            outcome.n_rows = 0
        return outcome

    def _keep(self, outcome: Outcome, content: bytes) -> None:
        name = "".join(letter if letter.isalnum() else "_" for letter in outcome.name)
        self._out.with_name(f"{self._out.stem}_{name}").write_bytes(content)

    def _now(self, what: str) -> None:
        Path(f"{self._out}.now").write_text(what, encoding="utf-8")


def originals(models: dict[str, str], tables: Iterable[str] = tuple(REGISTRY)) -> dict[str, Original]:
    """Load the sample as it stands."""
    found = {}
    with warehouse_of(models) as connection:
        for dataset in map(REGISTRY.__getitem__, tables):
            obtained = LocalSource(SAMPLE_DIR).find(dataset)
            assert obtained is not None, f"the sample lacks {dataset.dataset}"
            load_and_record(connection, dataset, obtained)
            files = [file.path for file in obtained.files]
            counts = dict(connection.sql(f"SELECT _file, count(*) FROM raw.{dataset.table} GROUP BY 1").fetchall())
            n_records = [counts.get(file.name, 0) for file in obtained.files]
            found[dataset.table] = Original(
                dataset, staged(connection, dataset), types(connection, dataset), files, n_records
            )
    return found


def _check_unchanged(original: Original, type_name: str, rows: Rows, which: int, mutant: Mutant) -> None:
    """Demand that every record that the mutation did not touch gives the rows that it gave before."""
    first = sum(original.n_records[:which])
    last = first + original.n_records[which]
    old = original.rows[type_name]
    others = [*range(first), *range(last, len(old))]
    if mutant.same and max(mutant.same) >= original.n_records[which]:
        raise AssertionError("the records are not counted as the loader counts them")
    wanted = sorted([*(first + n for n in mutant.same), *others])
    file_format = original.dataset.format
    found = Counter(_said(row, file_format, mutant.added) for row in rows)
    broken = "\n".join(row["metadata"] or "" for row in rows if row["_error"] is not None)
    for number in wanted:
        said = _said(old[number], file_format)
        if mutant.only is not None:
            assert _said(rows[number], file_format, mutant.added) == said, f"row {number} is another one"
        elif found[said]:
            found[said] -= 1
        else:
            text = old[number]["metadata"] if mutant.may_join else None
            assert text is not None, f"row {number} is lost"
            assert _is_inside(original.dataset, text, broken), f"row {number} is lost, also from the quarantine"


def _is_inside(dataset: Dataset, metadata: str, broken: str) -> bool:
    if dataset.format != "csv":
        return metadata in broken
    plain = broken.replace('""', '"')
    return all(str(value).rstrip("\r\n") in plain for value in json.loads(metadata).values() if value)


def _said(row: dict[str, Any], file_format: str, added: str | None = None) -> str:
    said = {name: value for name, value in row.items() if name != "_row"}
    if file_format == "parquet":
        # A column that another file lacks stands last.
        said["metadata"] = sorted((name, v) for name, v in json.loads(row["metadata"]).items() if name != added)
    return repr(said)


def _reconcile(connection: duckdb.DuckDBPyConnection, dataset: Dataset, outcome: Outcome) -> None:
    for counts in outcomes(connection, dataset).values():
        outcome.reasons = {what: n + outcome.reasons.get(what, 0) for what, n in counts.items()}
        if counts.total() != outcome.n_rows:
            outcome.fault = f"{outcome.n_rows} raw rows, but {dict(counts)}; {outcome.fault or ''}"


def main(models: str, seed: str, first: str, last: str, out: str) -> None:
    """Work on the rounds from the first up to the last."""
    rounds = Rounds(json.loads(Path(models).read_text(encoding="utf-8")), int(seed), Path(out))
    for number in range(int(first), int(last)):
        rounds.run(number)


if __name__ == "__main__":
    main(*sys.argv[1:])
