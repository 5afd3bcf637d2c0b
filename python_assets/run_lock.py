"""One run at a time works on a warehouse."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

from python_assets.errors import RunBusyError
from python_assets.leftovers import remove_leftovers

_held: dict[Path, Any] = {}


def claim_warehouse(root: Path, job: str) -> None:
    """Claim a warehouse directory for this process, until it ends.

    A process that has it may claim it again. The operating system frees it when the process ends,
    however that comes about; what it left unfinished is removed by the next one that claims it.

    Parameters
    ----------
    root : Path
        The warehouse directory; it exists.
    job : str
        What the process does, for the message that others get.

    Raises
    ------
    RunBusyError
        Another process has it. The message names it, its job and since when it runs.
    """
    path = root.resolve() / ".run.lock"
    if path in _held:
        return
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read()
        file.close()
        raise RunBusyError(root, *_described(holder)) from None
    file.truncate(0)
    json.dump({"job": job, "pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}, file)
    file.flush()
    _held[path] = file
    remove_leftovers(root)


def _described(holder: str) -> tuple[str, str, str]:
    try:
        known = json.loads(holder)
    except ValueError:
        known = {}
    return tuple(str(known.get(field, "unknown")) for field in ("job", "pid", "since"))  # type: ignore[return-value]
