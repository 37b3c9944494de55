"""A server between client and Elasticsearch that injects faults, or one that only pretends.

::

    with Proxy(elasticsearch_url) as proxy:
        proxy.inject(answering(429, retry_after=1), times=2, path="_search")
        ...                                   # the client is given `proxy.url`
        assert len(proxy.seen("_search")) == 3
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

import trustme

PRODUCT = {"X-elastic-product": "Elasticsearch", "Content-Type": "application/json"}
UNFORWARDED = frozenset({"host", "connection", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    sent: int | None = None
    """How many bytes of the body are sent before the connection is closed; None for all."""


Action = Callable[[Request, Callable[[], Response]], "Response | None"]
"""Gets the request and a function that forwards it; None drops the connection."""


def answering(
    status: int,
    body: object = None,
    *,
    retry_after: object = None,
    headers: Mapping[str, str] = PRODUCT,
) -> Action:
    """An answer of its own instead of the server's; `body` is text, or written as JSON."""
    more = {} if retry_after is None else {"Retry-After": str(retry_after)}
    text = body if isinstance(body, str) else json.dumps({} if body is None else body)
    response = Response(status=status, headers={**headers, **more}, body=text.encode())
    return lambda request, forward: response


def dropping() -> Action:
    """The connection is reset before the request reaches the server."""
    return lambda request, forward: None


def dropping_answer() -> Action:
    """The server does its work, but its answer is lost."""

    def action(request: Request, forward: Callable[[], Response]) -> None:
        forward()

    return action


def truncating(kept: int = 20) -> Action:
    """Only the first bytes of the answer's body arrive."""
    return lambda request, forward: replace(forward(), sent=kept)


def stalling(until: threading.Event, *, limit: float = 10.0) -> Action:
    """No answer until the event is set; after `limit` seconds the connection is reset."""

    def action(request: Request, forward: Callable[[], Response]) -> None:
        until.wait(limit)

    return action


def changing(change: Callable[[Any], object]) -> Action:
    """The server's JSON, changed in place by `change`."""

    def action(request: Request, forward: Callable[[], Response]) -> Response:
        response = forward()
        content = json.loads(response.body)
        change(content)
        return replace(response, body=json.dumps(content).encode())

    return action


def after(happening: Callable[[], object]) -> Action:
    """Forwards once something has happened, such as the server being killed."""

    def action(request: Request, forward: Callable[[], Response]) -> Response:
        happening()
        return forward()

    return action


class Held:
    """A request that is held until it is let go, and goes on then unless it is lost."""

    def __init__(self, *, lost: bool = False) -> None:
        self.reached, self.released, self.lost = threading.Event(), threading.Event(), lost

    def __call__(self, request: Request, forward: Callable[[], Response]) -> Response | None:
        self.reached.set()
        assert self.released.wait(120)
        return None if self.lost else forward()


@dataclass(slots=True)
class _Injected:
    action: Action
    times: int
    path: str


class Proxy:
    """Listens on 127.0.0.1; forwards to `upstream` what no injected action answers.

    Without `upstream` every request gets `otherwise`. With `certificate` it speaks TLS.
    """

    def __init__(
        self,
        upstream: str = "",
        *,
        otherwise: Action | None = None,
        certificate: trustme.LeafCert | None = None,
    ) -> None:
        self._upstream = urlsplit(upstream) if upstream else None
        self._otherwise = otherwise
        self._injected: list[_Injected] = []
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._server = _Server(self, certificate)
        self._scheme = "http" if certificate is None else "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections clients have opened so far."""
        return self._server.accepted

    def inject(self, action: Action, *, times: int = 1, path: str = "") -> None:
        """The next `times` requests whose path matches the expression `path` get `action`."""
        with self._lock:
            self._injected.append(_Injected(action, times, path))

    def seen(self, path: str = "") -> list[Request]:
        """The requests so far whose path matches the expression, in order."""
        with self._lock:
            return [request for request in self._requests if re.search(path, request.path)]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def respond(self, request: Request) -> Response | None:
        action = self._next_action(request)
        if action is None:
            return self._forward(request)
        return action(request, lambda: self._forward(request))

    def _next_action(self, request: Request) -> Action | None:
        with self._lock:
            self._requests.append(request)
            for injected in self._injected:
                if injected.times > 0 and re.search(injected.path, request.path):
                    injected.times -= 1
                    return injected.action
        return self._otherwise

    def _forward(self, request: Request) -> Response:
        assert self._upstream is not None, "no server behind this proxy"
        connection = http.client.HTTPConnection(self._upstream.netloc, timeout=60)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in UNFORWARDED}
        try:
            connection.request(request.method, request.path, request.body or None, headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        kept = {k: v for k, v in answer.getheaders() if k.lower() not in UNFORWARDED}
        return Response(status=answer.status, headers=kept, body=body)


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, proxy: Proxy, certificate: trustme.LeafCert | None) -> None:
        self.proxy = proxy
        self._open: set[socket.socket] = set()
        self.accepted = 0
        super().__init__(("127.0.0.1", 0), _Handler)
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(self._context)

    def get_request(self) -> tuple[socket.socket, Any]:
        plain, address = super().get_request()
        if self._context is not None:
            # The handshake is made by the handler's thread, at its first read.
            plain = self._context.wrap_socket(
                plain, server_side=True, do_handshake_on_connect=False
            )
        self._open.add(plain)
        self.accepted += 1
        return plain, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Kept-alive connections would keep their threads waiting for the next request."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client or a server that goes away is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _handle(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        request = Request(
            method=self.command,
            path=self.path,
            headers=dict(self.headers.items()),
            body=self.rfile.read(length),
        )
        try:
            response = self.server.proxy.respond(request)
        except (OSError, http.client.HTTPException):
            # The server behind went away: to the client it looks the same.
            response = None
        if response is None:
            self._reset()
        else:
            self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle

    def _send(self, response: Response) -> None:
        body = response.body if self.command != "HEAD" else b""
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(body[: response.sent])
        if response.sent is not None:
            self.close_connection = True

    def _reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""
