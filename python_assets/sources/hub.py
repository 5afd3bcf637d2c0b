"""The Hugging Face Hub, or a mirror of it, as a source: only the files that a dataset needs, each checked."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import count
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.hf_api import RepoFile

from python_assets.errors import SourceError
from python_assets.progress import ProgressLog
from python_assets.sources.found import Found, Listed, SourceFile
from python_assets.sources.hub_errors import HUB_ERRORS, explain, pause_before_try
from python_assets.sources.patterns import is_text, leaves_its_directory, matches
from python_assets.sources.registry import Dataset
from python_assets.sources.transfer import Transfer
from python_assets.sources.verified import RemoteFile, read_note

logger = logging.getLogger(__name__)

# Enough to fill a line; the Hub limits how often one asks, and a large file comes in parallel by itself (Xet).
PARALLEL_FILES = 4
_SECONDS_BETWEEN_LOOKS = 0.5
_TIMEOUT_SECONDS = 30
_NAMES_SHOWN = 8


class HubSource:
    """Datasets that are downloaded into a directory in the Hub's layout, where `LocalSource` finds them as well.

    Parameters
    ----------
    root : Path
        The directory that gets ``<org>/<name>`` directories.
    endpoint : str, optional
        By default ``HF_ENDPOINT``, else https://huggingface.co.
    pause_seconds : float
        Before a request that failed is tried again; doubled each time.
    free_bytes : callable, optional
        How much room there is in a directory.

    Notes
    -----
    The token is the client's (``HF_TOKEN`` or the one of ``hf auth login``): it is never read here.
    """

    def __init__(
        self,
        root: Path,
        *,
        endpoint: str | None = None,
        pause_seconds: float = 1.0,
        free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self.root = root
        self._api = HfApi(endpoint=endpoint)
        self._pause_seconds = pause_seconds
        self._free_bytes = free_bytes

    def __str__(self) -> str:
        """Name where files come from and where they go."""
        return f"{self.endpoint}, by way of {self.root}"

    @property
    def endpoint(self) -> str:
        """Where the files come from."""
        return self._api.endpoint

    def find(self, dataset: Dataset) -> Found:
        """Download what is missing of the registry's revision and return the dataset's files.

        Raises
        ------
        SourceError
            The dataset cannot be had; the error says what to do. What has come stays, and the next
            call goes on from there.
        """
        commit, files, transfer = self._prepare(dataset)
        self.root.mkdir(parents=True, exist_ok=True)
        missing = [file for file in files if not transfer.is_done(file)]
        if missing:
            self._require_room(dataset, sum(file.n_bytes - transfer.n_bytes(file) for file in missing))
            self._fetch(dataset, transfer, missing)
        logger.info("%s: %d files at commit %s, %d fetched", dataset.dataset, len(files), commit[:12], len(missing))
        return _found(dataset, self.root / dataset.repo, commit, files)

    def look(self, dataset: Dataset) -> Listed:
        """List what the registry's revision has and say how much of it is missing here; nothing is fetched.

        Raises
        ------
        SourceError
            As `find` does, for all that shows before the first byte.
        """
        commit, files, transfer = self._prepare(dataset)
        base = self.root / dataset.repo
        found = Found(base, tuple(_expected(base, file) for file in files), commit)
        return Listed(found, sum(map(transfer.n_bytes_to_fetch, files)))

    def _prepare(self, dataset: Dataset) -> tuple[str, list[RemoteFile], Transfer]:
        commit, files = self._list(dataset)
        base = self.root / dataset.repo
        self._refuse_what_leads_out(dataset, base, files)
        return commit, files, Transfer(dataset, commit, base, self.endpoint, self._pause_seconds)

    def _list(self, dataset: Dataset) -> tuple[str, list[RemoteFile]]:
        try:
            commit = self._commit(dataset)
            tree = self._api.list_repo_tree(dataset.repo, revision=commit, repo_type="dataset", recursive=True)
            listed = [entry for entry in tree if isinstance(entry, RepoFile)]
        except HUB_ERRORS as error:
            raise SourceError(dataset.dataset, explain(error, dataset, self.endpoint)) from None
        files = [_remote(entry) for entry in listed if matches(entry.path, dataset.files)]
        if not files:
            names = sorted(entry.path for entry in listed)
            more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
            raise SourceError(
                dataset.dataset,
                f"no file at revision {dataset.revision} matches {', '.join(dataset.files)}; there are "
                f"{', '.join(names[:_NAMES_SHOWN]) or 'none'}{more}: correct `files` in the registry",
            )
        return commit, sorted(files, key=lambda file: file.name)

    def _commit(self, dataset: Dataset) -> str:
        """Ask which commit the revision is; unlike the client's other calls this one it does not try again."""
        for n_tries in count(1):
            try:
                info = self._api.dataset_info(dataset.repo, revision=dataset.revision, timeout=_TIMEOUT_SECONDS)
            except HUB_ERRORS as error:
                pause = pause_before_try(n_tries + 1, error, self._pause_seconds)
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                if info.sha is None:
                    raise ValueError("the answer names no commit")
                return info.sha
        raise AssertionError

    def _refuse_what_leads_out(self, dataset: Dataset, base: Path, files: list[RemoteFile]) -> None:
        root = self.root.resolve()
        for file in files:
            if not is_text(file.name):
                raise SourceError(dataset.dataset, "its name is not valid UTF-8; nothing is fetched", ascii(file.name))
            inside = not leaves_its_directory(file.name) and (base / file.name).parent.resolve().is_relative_to(root)
            if not inside:
                raise SourceError(dataset.dataset, f"the file leads out of {self.root}; nothing is fetched", file.name)

    def _require_room(self, dataset: Dataset, n_bytes: int) -> None:
        free = self._free_bytes(self.root)
        if n_bytes > free:
            raise SourceError(
                dataset.dataset,
                f"{n_bytes / 1e9:.2f} GB are to come and {free / 1e9:.2f} GB are free in {self.root}: "
                "make room, or name a larger disk with RAW_DIR; nothing is fetched",
            )

    def _fetch(self, dataset: Dataset, transfer: Transfer, files: list[RemoteFile]) -> None:
        total = sum(file.n_bytes for file in files)
        at_first = {file: transfer.n_bytes(file) for file in files}
        all_progress = ProgressLog(logger, f"{dataset.dataset}: fetched", "B", sum(at_first.values()))
        progress = {file: ProgressLog(logger, f"{dataset.dataset}: {file.name}", "B", at_first[file]) for file in files}
        pool = ThreadPoolExecutor(PARALLEL_FILES, thread_name_prefix="fetch")
        futures: dict[Future[None], RemoteFile] = {pool.submit(transfer.fetch, file): file for file in files}
        pending = set(futures)
        try:
            while pending:
                done, pending = wait(pending, _SECONDS_BETWEEN_LOOKS, FIRST_COMPLETED)
                for future in done:
                    future.result()
                    progress[futures[future]](futures[future].n_bytes, futures[future].n_bytes)
                here = {futures[future]: transfer.n_bytes(futures[future]) for future in pending}
                for file, n_bytes in here.items():
                    if n_bytes:
                        progress[file](n_bytes, file.n_bytes)
                all_progress(total - sum(file.n_bytes - here[file] for file in here), total)
        finally:
            transfer.stop()
            pool.shutdown(cancel_futures=True)


def _remote(entry: RepoFile) -> RemoteFile:
    if entry.lfs is not None:
        return RemoteFile(entry.path, entry.lfs.size, sha256=entry.lfs.sha256, git_sha1=None)
    return RemoteFile(entry.path, entry.size, sha256=None, git_sha1=entry.blob_id)


def _expected(base: Path, file: RemoteFile) -> SourceFile:
    note = read_note(base, file.name)
    if note is not None and file.is_that_of(note):
        return SourceFile(base / file.name, file.name, file.n_bytes, note.mtime_ns, note.sha256)
    return SourceFile(base / file.name, file.name, file.n_bytes, 0, file.sha256)


def _found(dataset: Dataset, base: Path, commit: str, files: list[RemoteFile]) -> Found:
    notes = {file.name: read_note(base, file.name) for file in files}
    if changed := [name for name, note in notes.items() if note is None]:
        raise SourceError(dataset.dataset, "the file was changed while the dataset was fetched", changed[0])
    known = {name: note for name, note in notes.items() if note}
    return Found(
        base,
        tuple(SourceFile(base / name, name, note.n_bytes, note.mtime_ns, note.sha256) for name, note in known.items()),
        commit,
        max(note.time for note in known.values()),
    )
