"""Progress that a person can follow: a bar in a terminal, and a line now and then in the log and in a file."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 5.0
_LOGGERS = ("python_assets", "dagster_defs")


class ProgressLog:
    """Show how far a long piece of work is: a bar where a person watches, else a line every five seconds.

    The last line is logged in any case.

    Parameters
    ----------
    logger : logging.Logger
    what : str
        What is done, such as ``"sft: embedded"``.
    unit : str
        What is counted, such as ``"texts"``; ``"B"`` for bytes, which are shown in kB, MB or GB.
    done_before : int
        How much was finished before this work began; it does not count for the time that is left.
    """

    def __init__(self, logger: logging.Logger, what: str, unit: str, done_before: int = 0) -> None:
        self._logger = logger
        self._what = what
        self._unit = unit
        self._done_before = done_before
        self._start = self._last = time.monotonic()
        self._bar: Any = None

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
        seconds = now - self._start
        if share is None and total and total > self._done_before:
            share = (done - self._done_before) / (total - self._done_before)
        of_tokens = f", {tokens / seconds:.0f} tokens/s" if tokens is not None and seconds > 0 else ""
        left = f", {seconds / share - seconds:.0f} s left" if share and done != total else ""
        if _terminal.shows_bars:
            self._draw(done, total, (of_tokens + left).removeprefix(", ") if tokens is not None else "")
        if done != total and now - self._last < SECONDS_BETWEEN_LINES:
            return
        self._last = now
        rate = (done - self._done_before) / seconds if seconds > 0 else 0.0
        of = "" if total is None else f" of {self._amount(total)}"
        counted = f"{self._amount(done)}{of}" if self._is_bytes else f"{done}{of} {self._unit}"
        self._logger.info(
            "%s %s, %s/s%s%s", self._what, counted, self._amount(rate), of_tokens, left,
            extra={"is_on_the_way": done != total},
        )  # fmt: skip

    @property
    def _is_bytes(self) -> bool:
        return self._unit == "B"

    def _amount(self, n: float) -> str:
        return f"{tqdm.format_sizeof(n)}B" if self._is_bytes else f"{n:.0f}"

    def _draw(self, done: int, total: int | None, note: str) -> None:
        if self._bar is None:
            unit = self._unit if self._is_bytes else f" {self._unit}"
            self._bar = tqdm(
                total=total,
                initial=self._done_before,
                desc=self._what,
                unit=unit,
                unit_scale=self._is_bytes,
                file=sys.stderr,
                leave=False,
                dynamic_ncols=True,
            )
        self._bar.n = done
        self._bar.set_postfix_str(note, refresh=True)
        if done == total:
            self._bar.close()


class _Terminal(logging.StreamHandler[Any]):
    """Standard error; where it is a terminal, bars stand below the lines and take the place of those on the way."""

    shows_bars = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line above the bars."""
        if self.shows_bars and getattr(record, "is_on_the_way", False):
            return
        with tqdm.external_write_mode(file=sys.stderr):
            super().emit(record)


_terminal = _Terminal()
_terminal.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))


def log_to_terminal() -> None:
    """Show the log lines of the project, and of nothing else, on standard error, with bars where that is a terminal."""
    _terminal.setStream(sys.stderr)
    _terminal.shows_bars = sys.stderr.isatty()
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.addHandler(_terminal)


class _LogFile(logging.FileHandler):
    """A log that goes without the lines that the disk does not take."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say nothing: what is wrong with the disk ends the run elsewhere, with an error that says what to do."""

    def close(self) -> None:
        """Close the file, also where its last lines cannot be written."""
        with suppress(OSError):
            super().close()


@contextmanager
def log_to_files(directory: Path, types: Iterable[str]) -> Iterator[None]:
    """Send the log lines of the block to ``<directory>/<type>.log`` as well, for ``tail -f``."""
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for type_name in types:
            handler = _LogFile(directory / f"{type_name}.log", encoding="utf-8")
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            stack.callback(handler.close)
            for name in _LOGGERS:
                logger = logging.getLogger(name)
                logger.setLevel(logging.INFO)
                logger.addHandler(handler)
                stack.callback(logger.removeHandler, handler)
        yield
