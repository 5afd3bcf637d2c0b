"""A small Hub on this machine: it speaks the API that huggingface_hub uses, and misbehaves when told to."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_SecretOfTheTests0123456789abcdefghi"
_LFS_BYTES = 512
_PAGE = 3
_SECONDS_PER_STEP = 0.02


@dataclass
class Repo:
    """A dataset repository with one commit."""

    files: dict[str, bytes]
    commit: str = "0" * 40
    gated: bool = False
    listed_size: dict[str, int] = field(default_factory=dict)
    listed_sha256: dict[str, str] = field(default_factory=dict)

    def entry(self, name: str) -> dict[str, Any]:
        """Return a file as the listing shows it: above some size by its sha256 (LFS), else by git's hash."""
        content = self.files[name]
        size = self.listed_size.get(name, len(content))
        entry: dict[str, Any] = {"type": "file", "path": name, "size": size, "oid": git_sha1(content)}
        if len(content) > _LFS_BYTES:
            sha256 = self.listed_sha256.get(name, hashlib.sha256(content).hexdigest())
            entry["lfs"] = {"oid": sha256, "size": size, "pointerSize": 130}
        return entry


@dataclass(frozen=True)
class Request:
    """A request that came in."""

    method: str
    path: str
    range: str | None
    token: str | None


@dataclass(frozen=True)
class Fault:
    """What happens instead of the answer, so many times, to requests of which this is a part of ``METHOD path``."""

    part: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    cut_at: int | None = None
    held_by: threading.Event | None = None


class HubServer(ThreadingHTTPServer):
    """The server; `url` is its endpoint and `cdn_url` another origin to which large files are redirected."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.cdn_url = f"http://localhost:{self.server_port}"
        self.repos: dict[str, Repo] = {}
        self.requests: list[Request] = []
        self.bytes_per_second: float | None = None
        self.headers_sent: tuple[tuple[str, str], ...] = ()
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def misbehave(self, part: str, times: int = 1, **fault: Any) -> None:
        """Let the next requests with this part in ``METHOD path`` fail."""
        self._faults += [Fault(part, **fault)] * times

    def behave(self) -> None:
        """Let no further request fail."""
        self._faults.clear()

    def fault(self, line: str) -> Fault | None:
        """Take the first fault that is meant for a request."""
        with self._lock:
            found = next((fault for fault in self._faults if fault.part in line), None)
            if found:
                self._faults.remove(found)
            return found

    def asked(self, part: str) -> list[Request]:
        """Return the requests with this part in ``METHOD path``."""
        return [request for request in self.requests if part in f"{request.method} {request.path}"]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let clients go as they please."""

    def add_directory(self, root: Path, name: str, commit: str) -> None:
        """Serve what lies in a directory in the Hub's layout."""
        base = root / name
        files = {path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()}
        self.repos[name] = Repo(files, commit)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HubServer

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *args: Any) -> None:
        pass

    def _answer(self) -> None:
        url = urlsplit(self.path)
        token = self.headers.get("Authorization")
        self.server.requests.append(Request(self.command, url.path, self.headers.get("Range"), token))
        fault = self.server.fault(f"{self.command} {url.path}")
        if fault and fault.held_by:
            fault.held_by.wait(30)
        if fault and fault.status:
            # An answer that repeats what it was sent must not bring the token into a log.
            body = json.dumps({"error": f"You sent {token}"}).encode()
            self._send(fault.status, body, *fault.headers, ("X-Error-Message", f"You sent {token}"))
        elif token not in (None, f"Bearer {TOKEN}"):
            self._refuse(401, "", "Invalid credentials in Authorization header")
        elif url.path.startswith("/api/datasets/"):
            self._api(url.path.removeprefix("/api/datasets/"), parse_qs(url.query))
        elif url.path.startswith("/datasets/"):
            self._resolve(url.path.removeprefix("/datasets/"), fault)
        else:
            self._content(self.server.repos[unquote(url.path).split("/cdn/")[1]].files[url.query], fault)

    def _api(self, path: str, query: dict[str, list[str]]) -> None:
        org, name, what, revision = [*path.split("/"), "", ""][:4]
        repo = self._repo(f"{org}/{name}", revision)
        if repo is None:
            return
        if what == "revision":
            info = {"id": f"{org}/{name}", "sha": repo.commit, "gated": "auto" if repo.gated else False}
            self._send(200, json.dumps(info).encode())
            return
        names, start = sorted(repo.files), int(query.get("cursor", ["0"])[0])
        page = [repo.entry(name) for name in names[start : start + _PAGE]]
        following = f"{self.server.url}{urlsplit(self.path).path}?recursive=true&cursor={start + _PAGE}"
        link = [("Link", f'<{following}>; rel="next"')] if start + _PAGE < len(names) else []
        self._send(200, json.dumps([{"type": "directory", "path": "data", "oid": "1"}, *page]).encode(), *link)

    def _resolve(self, path: str, fault: Fault | None) -> None:
        repo_id, _, rest = path.partition("/resolve/")
        revision, _, name = rest.partition("/")
        repo = self._repo(repo_id, revision)
        if repo is None:
            return
        if repo.gated and not self.headers.get("Authorization"):
            self._refuse(401, "GatedRepo", "Access to this dataset is restricted")
            return
        name = unquote(name)
        content, entry = repo.files[name], repo.entry(name)
        commit = ("X-Repo-Commit", repo.commit)
        if "lfs" not in entry:
            self._content(content, fault, commit, ("ETag", f'"{entry["oid"]}"'))
            return
        self._send(
            302,
            b"",
            commit,
            ("X-Linked-Etag", f'"{entry["lfs"]["oid"]}"'),
            ("X-Linked-Size", str(entry["size"])),
            ("Location", f"{self.server.cdn_url}/cdn/{repo_id}?{name}"),
            *self.server.headers_sent,
        )

    def _repo(self, repo_id: str, revision: str) -> Repo | None:
        repo = self.server.repos.get(repo_id)
        if repo is None:
            self._refuse(404, "RepoNotFound", "Repository not found")
        elif revision not in ("main", repo.commit):
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return None
        return repo

    def _content(self, content: bytes, fault: Fault | None, *headers: tuple[str, str]) -> None:
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        if start and start >= len(content):
            self._send(416, b"")
            return
        cut_at = fault.cut_at if fault else None
        partial = [("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")]
        self._send(206 if start else 200, content[start:], *headers, *(partial if start else []), cut_at=cut_at)

    def _refuse(self, status: int, code: str, message: str) -> None:
        self._send(
            status, json.dumps({"error": message}).encode(), ("X-Error-Code", code), ("X-Error-Message", message)
        )

    def _send(self, status: int, body: bytes, *headers: tuple[str, str], cut_at: int | None = None) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self._write(body[:cut_at])
        if cut_at is not None:
            self.close_connection = True

    def _write(self, body: bytes) -> None:
        rate = self.server.bytes_per_second
        step = len(body) if rate is None else max(1, int(rate * _SECONDS_PER_STEP))
        for start in range(0, len(body), step or 1):
            self.wfile.write(body[start : start + step])
            if rate is not None:
                time.sleep(_SECONDS_PER_STEP)


def git_sha1(content: bytes) -> str:
    """Return the name that git gives to a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@contextmanager
def running() -> Iterator[HubServer]:
    """Run a server for as long as the block takes."""
    server = HubServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
