"""
Kill the real job at chosen and at random moments and see that what it leaves is what an undisturbed run leaves.

    python -m tests.crash.matrix --kills 100 --seed 1

The job downloads the bundled sample and generated rows from a slow server on this machine. Each chain starts it in an
empty directory, kills its whole process group with SIGKILL, starts it again, and so on; at last it may end, and every
table and every file is compared. The exit code is 0 when all chains went on and are identical.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from python_assets.sources.registry import TYPES, load_registry
from tests.crash.chain import Outcome, Reference, in_new_directory, run_chain, undisturbed
from tests.crash.data import build
from tests.crash.job import Job
from tests.crash.stages import CHOSEN, STAGES, at_random, in_order
from tests.hub_server import HubServer, running

KILLS_PER_CHAIN = 10
BYTES_PER_SECOND = 60_000


def main() -> int:
    """Run the chains, print the table, and return the exit code."""
    arguments = _parse_arguments()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crash-") as scratch:
        root = arguments.directory or Path(scratch)
        if not (root / "data").exists():
            build(root / "data", arguments.rows, arguments.seed)
        outcomes = _run_chains(root, arguments)
    table = as_markdown(outcomes)
    minutes = (time.monotonic() - began) / 60
    n_kills = sum(len(outcome.kills) for outcome in outcomes)
    ending = f"{n_kills} kills in {len(outcomes)} chains, seed {arguments.seed}, {minutes:.0f} min"
    print(f"\n{table}\n{ending}", flush=True)
    if arguments.report:
        arguments.report.write_text(f"{table}\n{ending}\n", encoding="utf-8")
    return 0 if all(outcome.is_identical for outcome in outcomes) else 1


@contextmanager
def slow_hub(data: Path, bytes_per_second: float = BYTES_PER_SECOND) -> Iterator[HubServer]:
    """Run a server that has the registry's repositories from a directory and sends them slowly."""
    with running() as hub:
        for dataset in load_registry():
            commit = dataset.revision if len(dataset.revision) == 40 else "d" * 40
            hub.add_directory(data, dataset.repo, commit)
        hub.bytes_per_second = bytes_per_second
        yield hub


def as_markdown(outcomes: list[Outcome]) -> str:
    """Return the table of kills by the stage in which they fell."""
    kills, resumed, identical = Counter[str](), Counter[str](), Counter[str]()
    for outcome in outcomes:
        kills.update(outcome.kills)
        resumed.update(outcome.kills[: outcome.n_resumed])
        identical.update(outcome.kills if outcome.is_identical else [])
    rows = [
        ("stage", "kills", "resumed", "identical"),
        ("---", "---:", "---:", "---:"),
        *((stage, str(kills[stage]), str(resumed[stage]), str(identical[stage])) for stage in STAGES if kills[stage]),
        ("total", str(kills.total()), str(resumed.total()), str(identical.total())),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _run_chains(root: Path, arguments: argparse.Namespace) -> list[Outcome]:
    random_ = random.Random(arguments.seed)
    chosen = cycle(random_.sample(CHOSEN, len(CHOSEN)))
    sizes = [min(arguments.chain, arguments.kills - done) for done in range(0, arguments.kills, arguments.chain)]
    types = list(islice(cycle(arguments.types), len(sizes)))
    with ThreadPoolExecutor(arguments.parallel) as pool:

        def reference(type_name: str) -> Reference:
            with slow_hub(root / "data") as hub:
                found = undisturbed(in_new_directory(Job(root / "_", type_name, hub), type_name))
            _say(f"{type_name}, undisturbed: {', '.join(f'{s} {seconds:.0f} s' for s, seconds in found.times.items())}")
            return found

        def chain(number: int) -> Outcome:
            is_first = types.index(types[number]) == number
            with slow_hub(root / "data") as hub:
                job = in_new_directory(Job(root / "_", types[number], hub), f"chain{number}")
                outcome = run_chain(job, moments[number], references[types[number]], once_more=is_first)
            _say(f"chain {number}, {types[number]}: {len(outcome.kills)} kills: {', '.join(outcome.kills)}")
            for line in (*outcome.differences, *outcome.errors):
                _say(f"  {line.rstrip()}")
            return outcome

        distinct = sorted(set(types), key=types.index)
        references = dict(zip(distinct, pool.map(reference, distinct), strict=True))
        moments = []
        for size, type_name in zip(sizes, types, strict=True):
            drawn = [at_random(references[type_name].times, random_) for _ in range(size // 2)]
            moments.append(in_order([*islice(chosen, size - len(drawn)), *drawn]))
        return list(pool.map(chain, range(len(sizes))))


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=20_000, help="generated rows beside the sample")
    parser.add_argument("--chain", type=int, default=KILLS_PER_CHAIN, help="kills before a run may end")
    parser.add_argument("--parallel", type=int, default=1, help="chains at a time")
    parser.add_argument("--types", nargs="+", choices=[*TYPES, "all"], default=[*TYPES, "all"])
    parser.add_argument("--directory", type=Path, help="where to work and what to keep; by default a temporary one")
    parser.add_argument("--report", type=Path, help="write the table to this file as Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
