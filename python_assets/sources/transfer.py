"""One file from the Hub: resumed where it broke off, tried again within a bound, checked, then put in its place."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from glob import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import constants, get_hf_file_metadata, get_session, hf_hub_download, hf_hub_url
from huggingface_hub.file_download import HfFileMetadata
from huggingface_hub.utils import WeakFileLock, build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]
from huggingface_hub.utils._xet import abort_xet_session
from tqdm import tqdm

from python_assets.errors import SourceError
from python_assets.sources.hub_errors import HUB_ERRORS, MAX_TRIES, BrokenOffError, explain, pause_before_try
from python_assets.sources.patterns import CACHE_DIR
from python_assets.sources.registry import Dataset
from python_assets.sources.verified import RemoteFile, check, notes_dir, read_note, write_note

logger = logging.getLogger(__name__)

# A try that brought this much was worth it: the count starts again.
_WORTH_BYTES = 1 << 24
_PART_DIGITS = 16
_HUB_ORIGINS = (("https", "huggingface.co"), ("https", "hf.co"))


class StoppedError(Exception):
    """Another file of the dataset failed, or the run was stopped."""


class _NoBar(tqdm):  # type: ignore[misc]
    """Stands in for the client's bars; `HubSource` shows how far a download is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "disable": True})


class Transfer:
    """Fetches the files of one dataset at one commit; its methods may run in several threads.

    Parameters
    ----------
    dataset : Dataset
    commit : str
    base : Path
        The repository's directory.
    endpoint : str
    pause_seconds : float
        Before the second try; doubled before each further one.
    """

    def __init__(self, dataset: Dataset, commit: str, base: Path, endpoint: str, pause_seconds: float) -> None:
        self._dataset = dataset
        self._commit = commit
        self._base = base
        self._endpoint = endpoint
        self._pause_seconds = pause_seconds
        self._stop = threading.Event()
        self._by_xet: set[str] = set()

    def stop(self) -> None:
        """Let all downloads end soon; what has come stays, except by Xet."""
        self._stop.set()
        if self._by_xet:
            abort_xet_session()  # type: ignore[no-untyped-call]

    def is_done(self, file: RemoteFile) -> bool:
        """Tell whether the file is there, as its note says; the note then names this commit."""
        note = read_note(self._base, file.name)
        if note is None or not file.is_that_of(note):
            return False
        if note.commit != self._commit:
            write_note(self._base, file.name, replace(note, commit=self._commit))
        return True

    def n_bytes_to_fetch(self, file: RemoteFile) -> int:
        """Return how many bytes have yet to come; a whole file that nobody has checked counts as the one listed."""
        note = read_note(self._base, file.name)
        is_here = _size(self._base / file.name) == file.n_bytes if note is None else file.is_that_of(note)
        return 0 if is_here else file.n_bytes - self.n_bytes(file)

    def n_bytes(self, file: RemoteFile) -> int:
        """Return how many bytes of an unfinished file are there; the last one counts when all are checked."""
        parts = [self._part(file), *self._staging(file).glob(f"{CACHE_DIR}/**/*.incomplete")]
        return max(0, min(file.n_bytes - 1, max(map(_size, parts))))

    def fetch(self, file: RemoteFile) -> None:
        """Make the file be there.

        Raises
        ------
        SourceError
            The Hub does not give it, or gives another one.
        StoppedError
            `stop` was called.
        """
        target = self._base / file.name
        part = self._part(file)
        part.parent.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(part.with_suffix(".lock")):
            if target.is_file() and _size(target) == file.n_bytes and self._keep(file, target, target):
                return
            for _ in range(2):
                for received in self._tries(file, part):
                    if self._keep(file, received, target):
                        return
                    received.unlink()
        raise self._error(
            file, f"what came is not what {self._endpoint} lists (its hash), twice: try again later, or another mirror"
        )

    def _tries(self, file: RemoteFile, part: Path) -> Iterator[Path]:
        """Yield the received file once it has all of its bytes."""
        n_tries = 1
        while True:
            before = _size(part)
            try:
                yield self._receive(file, part)
                return
            except (*HUB_ERRORS, BrokenOffError) as error:
                n_tries = 2 if _size(part) - before >= _WORTH_BYTES else n_tries + 1
                self._pause(error, file, n_tries)

    def _pause(self, error: Exception, file: RemoteFile, n_tries: int) -> None:
        pause = pause_before_try(n_tries, error, self._pause_seconds)
        if pause is None:
            raise self._error(file, explain(error, self._dataset, self._endpoint)) from None
        logger.warning(
            "%s: %s broke off (%s), going on in %.0f s, try %d of %d",
            *(self._dataset.dataset, file.name, type(error).__name__, pause, n_tries, MAX_TRIES),
        )
        if self._stop.wait(pause):
            raise StoppedError

    def _receive(self, file: RemoteFile, part: Path) -> Path:
        url = hf_hub_url(
            self._dataset.repo, file.name, repo_type="dataset", revision=self._commit, endpoint=self._endpoint
        )
        metadata = get_hf_file_metadata(url, endpoint=self._endpoint)
        if metadata.size not in (None, file.n_bytes):
            raise self._error(
                file,
                f"{self._endpoint} lists {file.n_bytes} bytes and sends {metadata.size}: "
                "try again later, or another mirror",
            )
        if metadata.xet_file_data is not None and not constants.HF_HUB_DISABLE_XET and not part.exists():
            try:
                return self._receive_by_xet(file)
            except (OSError, RuntimeError, ValueError, httpx2.HTTPError) as error:
                if self._stop.is_set():
                    raise StoppedError from None
                logger.warning(
                    "%s: %s: Xet does not work here (%s), going on by plain HTTP; HF_HUB_DISABLE_XET=1 does so at once",
                    *(self._dataset.dataset, file.name, type(error).__name__),
                )
        self._receive_by_http(file, part, url, metadata)
        return part

    def _receive_by_xet(self, file: RemoteFile) -> Path:
        """Fetch in parallel chunks; the client begins such a file anew when it is interrupted."""
        staging = self._staging(file)
        shutil.rmtree(staging, ignore_errors=True)
        self._by_xet.add(file.name)
        try:
            path = hf_hub_download(
                self._dataset.repo,
                file.name,
                repo_type="dataset",
                revision=self._commit,
                endpoint=self._endpoint,
                local_dir=staging,
                tqdm_class=_NoBar,
            )
        finally:
            self._by_xet.discard(file.name)
        return Path(path)

    def _receive_by_http(self, file: RemoteFile, part: Path, url: str, metadata: HfFileMetadata) -> None:
        """Append what is missing. The client resumes within one call only, so the range is asked for here."""
        start = _size(part)
        if start >= file.n_bytes:
            part.touch()
            return
        is_hub = urlsplit(metadata.location)[:2] in (urlsplit(url)[:2], *_HUB_ORIGINS)
        headers = build_hf_headers(token=None if is_hub else False)
        headers |= {"Accept-Encoding": "identity", "Range": f"bytes={start}-"}
        timeout = constants.HF_HUB_DOWNLOAD_TIMEOUT
        with get_session().stream("GET", metadata.location, headers=headers, timeout=timeout) as response:
            if response.status_code == 403 and not is_hub:
                raise BrokenOffError("the signed address has expired")
            hf_raise_for_status(response)
            n_bytes = start if response.status_code == 206 else 0
            with part.open("ab") as out:
                out.truncate(n_bytes)
                for chunk in response.iter_bytes():
                    n_bytes += out.write(chunk)
                    if self._stop.is_set():
                        raise StoppedError
                    if n_bytes > file.n_bytes:
                        return
        if n_bytes < file.n_bytes:
            raise BrokenOffError(f"{n_bytes} of {file.n_bytes} bytes")

    def _keep(self, file: RemoteFile, received: Path, target: Path) -> bool:
        """Put a file in its place if it is the one that is listed; the note comes last, when all else is done."""
        note = check(received, self._commit)
        if not file.is_that_of(note):
            return False
        received.replace(target)
        self._tidy(file)
        write_note(self._base, file.name, note)
        return True

    def _tidy(self, file: RemoteFile) -> None:
        """Remove what other revisions of the file, and Xet, have left unfinished."""
        shutil.rmtree(self._staging(file), ignore_errors=True)
        part = self._part(file)
        for stale in part.parent.glob(f"{escape(Path(file.name).name)}.{'?' * _PART_DIGITS}.part"):
            stale.unlink(missing_ok=True)

    def _part(self, file: RemoteFile) -> Path:
        return notes_dir(self._base) / f"{file.name}.{(file.sha256 or file.git_sha1 or '')[:_PART_DIGITS]}.part"

    def _staging(self, file: RemoteFile) -> Path:
        return self._part(file).with_suffix(".xet")

    def _error(self, file: RemoteFile, cause: str) -> SourceError:
        return SourceError(self._dataset.dataset, cause, file.name)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
