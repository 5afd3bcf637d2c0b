"""Progress that a person can follow: a line now and then, in the run's log and in a file."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

SECONDS_BETWEEN_LINES = 5.0
_LOGGERS = ("python_assets", "dagster_defs")


class ProgressLog:
    """Log how far a long piece of work is, at most once every five seconds and at its end.

    Parameters
    ----------
    logger : logging.Logger
    what : str
        What is done, such as ``"sft: embedded"``.
    unit : str
        What is counted, such as ``"texts"``.
    """

    def __init__(self, logger: logging.Logger, what: str, unit: str) -> None:
        self._logger = logger
        self._what = what
        self._unit = unit
        self._start = self._last = time.monotonic()

    def __call__(
        self, done: int, total: int | None = None, *, share: float | None = None, tokens: int | None = None
    ) -> None:
        """Report how far the work is.

        Parameters
        ----------
        done : int
        total : int, optional
            None where it is not known.
        share : float, optional
            Share of the work, where it is not that of the count.
        tokens : int, optional
            Tokens in what is done.
        """
        now = time.monotonic()
        if done != total and now - self._last < SECONDS_BETWEEN_LINES:
            return
        self._last = now
        seconds = now - self._start
        rate = done / seconds if seconds > 0 else 0.0
        of = "" if total is None else f" of {total}"
        if share is None and total:
            share = done / total
        left = f", {seconds / share - seconds:.0f} s left" if share and done != total else ""
        of_tokens = f", {tokens / seconds:.0f} tokens/s" if tokens is not None and seconds > 0 else ""
        self._logger.info("%s %d%s %s, %.0f/s%s%s", self._what, done, of, self._unit, rate, of_tokens, left)


def log_to_terminal() -> None:
    """Show the log lines of the project, and of nothing else, on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)


@contextmanager
def log_to_files(directory: Path, types: Iterable[str]) -> Iterator[None]:
    """Send the log lines of the block to ``<directory>/<type>.log`` as well, for ``tail -f``."""
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for type_name in types:
            handler = logging.FileHandler(directory / f"{type_name}.log", encoding="utf-8")
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            stack.callback(handler.close)
            for name in _LOGGERS:
                logger = logging.getLogger(name)
                logger.setLevel(logging.INFO)
                logger.addHandler(handler)
                stack.callback(logger.removeHandler, handler)
        yield
