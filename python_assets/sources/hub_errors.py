"""What the Hub answers, as errors that say what to do next, and which of them pass by themselves."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
from huggingface_hub.errors import (
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import parse_ratelimit_headers  # type: ignore[attr-defined]

from python_assets.sources.registry import Dataset

MAX_TRIES = 6
# Where not even a connection comes about, the network is off, and so it is for the next dataset.
MAX_TRIES_TO_CONNECT = 3
MAX_WAIT_SECONDS = 600.0
_LONGEST_PAUSE_SECONDS = 30.0
_PASSING = {408, 429, 500, 502, 503, 504}
_ELSEWHERE = "or name a directory that has the files with SOURCE=local RAW_DIR=<directory>"

# Everything that a request may raise; the last three are an answer that is not the Hub's.
HUB_ERRORS = (
    *(httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled, FileMetadataError),
    *(ValueError, KeyError, TypeError),
)


class BrokenOffError(Exception):
    """A download ended before all of its bytes were there."""


def pause_before_try(n_tries: int, error: BaseException, first_pause: float) -> float | None:
    """Return how many seconds to wait before a request is tried for the n-th time, or None to give up.

    Parameters
    ----------
    n_tries : int
        At most `MAX_TRIES`, or `MAX_TRIES_TO_CONNECT`.
    error : BaseException
        Of the last try. What the server asks to wait (``Retry-After``) is kept to, up to `MAX_WAIT_SECONDS`.
    first_pause : float
        Where the server asks for nothing, the wait before the second try; doubled before each further one.
    """
    asked = _asked_wait(error)
    most = MAX_TRIES_TO_CONNECT if isinstance(error, httpx2.ConnectError) else MAX_TRIES
    if not _passes(error) or n_tries > most or (asked or 0) > MAX_WAIT_SECONDS:
        return None
    return asked if asked is not None else min(_LONGEST_PAUSE_SECONDS, first_pause * 2 ** (n_tries - 2))


def _passes(error: BaseException) -> bool:
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in _PASSING
    return isinstance(error, httpx2.TransportError | BrokenOffError)


def _asked_wait(error: BaseException) -> float | None:
    if not isinstance(error, HfHubHTTPError):
        return None
    limit = parse_ratelimit_headers(error.response.headers)
    if error.response.status_code == 429 and limit is not None and limit.remaining == 0:
        return float(limit.reset_in_seconds)
    text = error.response.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return math.ceil(max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()))


def explain(error: BaseException, dataset: Dataset, endpoint: str) -> str:
    """Say what went wrong and what to do next, in our own words: an answer may repeat what was sent to it."""
    page = f"{endpoint}/datasets/{dataset.repo}"
    log_in = "then log in with `hf auth login` or set HF_TOKEN"
    if isinstance(error, GatedRepoError):
        return f"it is gated and this account has no access: accept its terms once at {page}, {log_in}"
    if isinstance(error, RepositoryNotFoundError):
        return (
            f"there is no dataset {dataset.repo} at {endpoint}, or it is private: look at {page}, "
            "correct `repo` in the registry, or log in with an account that may read it (HF_TOKEN)"
        )
    if isinstance(error, RevisionNotFoundError):
        return (
            f"there is no revision {dataset.revision}: look at {page}/commits/main "
            "and correct `revision` in the registry"
        )
    if isinstance(error, RemoteEntryNotFoundError):
        return f"the file is listed but not there: look at {page}/tree/{dataset.revision}"
    if isinstance(error, HfHubHTTPError):
        return _explain_status(error.response.status_code, endpoint, page)
    if isinstance(error, OfflineModeIsEnabled):
        return f"HF_HUB_OFFLINE forbids the network: unset it, {_ELSEWHERE}"
    if isinstance(error, HFValidationError):
        return f"{dataset.repo!r} is no name of a dataset: correct `repo` in the registry"
    if isinstance(error, httpx2.TransportError | BrokenOffError):
        return (
            f"{endpoint} cannot be reached or breaks off ({type(error).__name__}): check the network and try again, "
            f"set HF_ENDPOINT to a mirror, {_ELSEWHERE}"
        )
    return f"{endpoint} does not answer as a Hub does ({type(error).__name__}): is HF_ENDPOINT right?"


def _explain_status(status: int, endpoint: str, page: str) -> str:
    if status == 401:
        return (
            f"the token was refused (401): make another at {endpoint}/settings/tokens and set it as HF_TOKEN "
            "or with `hf auth login`; `hf auth logout` and no HF_TOKEN do for open datasets"
        )
    if status == 403:
        return (
            f"access is denied (403): look at {page}; a fine-grained token needs the permission to read "
            f"gated repositories ({endpoint}/settings/tokens)"
        )
    if status == 429:
        return (
            f"{endpoint} limits the rate (429): go on later, what has come stays; a token (HF_TOKEN) raises the limit"
        )
    if status == 416:
        return f"{endpoint} sends fewer bytes than it lists: try again later, or another mirror"
    if status in _PASSING:
        return f"{endpoint} is in trouble ({status}): go on later, what has come stays"
    return f"{endpoint} answers with an error ({status}): look at {page}"
