"""A small stand-in of the Hub on loopback: data sets out of folders, by the Hub's own addresses.

Serves what `huggingface_hub` asks for: ``/api/datasets/ORG/NAME/revision/REV`` and the files under
``/datasets/ORG/NAME/resolve/REV/PATH``. Real files, real client; only the host is another.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

BRANCH = "main"


class Hub:
    """The data sets of a folder: ``ORG/NAME/…``; its requests are kept."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.requests: list[str] = []
        self.refuses: frozenset[str] = frozenset()
        """Names of files that end in an error."""

    @property
    def environment(self) -> dict[str, str]:
        """What sends `huggingface_hub` here."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(self.folder.parent / "hf-home"),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_XET": "1",
            "NO_PROXY": "127.0.0.1",
        }

    def commit(self, name: str) -> str:
        """Of a data set: changes with its files."""
        digest = hashlib.sha1()
        for path in self.files(name):
            digest.update(path.encode() + (self.folder / name / path).read_bytes())
        return digest.hexdigest()

    def files(self, name: str) -> list[str]:
        """Paths from the top of a data set."""
        top = self.folder / name
        return sorted(p.relative_to(top).as_posix() for p in top.rglob("*") if p.is_file())


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append(f"{self.command} {path}")
        kind, *rest = path.strip("/").split("/")
        if kind == "api" and rest[:1] == ["datasets"] and len(rest) >= 3:
            self._facts("/".join(rest[1:3]), rest[4:], body)
        elif kind == "datasets" and len(rest) > 4 and rest[2] == "resolve":
            self._file("/".join(rest[:2]), rest[3], "/".join(rest[4:]), body)
        else:
            self._send(404, b"{}", body, {})

    def _facts(self, name: str, rest: list[str], body: bool) -> None:
        if not (self.hub.folder / name).is_dir():
            self._send(404, b"{}", body, {"X-Error-Code": "RepoNotFound"})
        elif rest and rest[0] not in (BRANCH, self.hub.commit(name)):
            self._send(404, b"{}", body, {"X-Error-Code": "RevisionNotFound"})
        else:
            siblings = [{"rfilename": file} for file in self.hub.files(name)]
            facts = {"id": name, "sha": self.hub.commit(name), "siblings": siblings,
                     "private": False, "disabled": False, "gated": False, "downloads": 0,
                     "likes": 0, "tags": []}  # fmt: skip
            self._send(200, json.dumps(facts).encode(), body, {})

    def _file(self, name: str, revision: str, path: str, body: bool) -> None:
        file = self.hub.folder / name / path
        if revision not in (BRANCH, self.hub.commit(name)) or not file.is_file():
            self._send(404, b"", body, {"X-Error-Code": "EntryNotFound"})
        elif file.name in self.hub.refuses:
            self._send(403, b"", body, {})
        else:
            data = file.read_bytes()
            head = {
                "X-Repo-Commit": self.hub.commit(name),
                "ETag": f'"{hashlib.sha1(data).hexdigest()}"',
            }
            self._send(200, data, body, head)

    def _send(self, status: int, data: bytes, body: bool, head: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in head.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)


@contextmanager
def serving(folder: Path) -> Iterator[Hub]:
    """The stand-in over a folder, until the context ends."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub = handler.hub = Hub(folder, f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
