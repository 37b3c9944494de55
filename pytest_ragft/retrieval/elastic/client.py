"""The official client, with what disturbs taken out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_ragft.endpoint.body import BodyError
from pytest_ragft.errors import MissingDependencyError, RetrievalError
from pytest_ragft.retrieval.elastic.access import ConnectionSettings

if TYPE_CHECKING:
    from elastic_transport import Urllib3HttpNode
    from elasticsearch import Elasticsearch

MAJOR = 8
"""The server's major version; the client's is the same."""
LARGEST = 128 << 20
"""Bytes of one answer after decompression; 50 searches for 100 passages of 10 kB are 50 MB."""
# Bytes that are asked for at a time: what these become when they are decompressed is held.
_PIECE = 1 << 14


def open_client(settings: ConnectionSettings) -> Elasticsearch:
    """The official client; it connects at the first request.

    Raises:
        MissingDependencyError: the extra ``elasticsearch`` is not installed.
        RetrievalError: the installed client is of another major version.
    """
    try:
        import elasticsearch
        import tenacity  # noqa: F401
    except ImportError as error:
        package = (error.name or "elasticsearch").split(".")[0]
    else:
        if elasticsearch.__version__[0] == MAJOR:
            return elasticsearch.Elasticsearch(
                settings.url, node_class=_node_class(), **_options(settings)
            )
        raise RetrievalError(
            f"{settings.where}: the installed package elasticsearch is version "
            f"{'.'.join(map(str, elasticsearch.__version__))}, but {MAJOR}.19 or newer, and not "
            f"{MAJOR + 1}, is needed; "
            "install the right one with: pip install 'pytest-ragft[elasticsearch]'"
        )
    raise MissingDependencyError(package, extra="elasticsearch", purpose="Elasticsearch retrieval")


def _options(settings: ConnectionSettings) -> dict[str, Any]:
    """One mechanism repeats requests, so the client's own is off."""
    options: dict[str, Any] = {
        "request_timeout": settings.request_timeout,
        "connections_per_node": settings.connections,
        "max_retries": 0,
        "retry_on_timeout": False,
        "retry_on_status": (),
    }
    if settings.ca_file is not None:
        options["ca_certs"] = settings.ca_file
    if settings.api_key is not None:
        key = settings.api_key.reveal()
        options["api_key"] = tuple(key.split(":", 1)) if ":" in key else key
    if settings.user is not None and settings.password is not None:
        options["basic_auth"] = (settings.user, settings.password.reveal())
    return options


def _node_class() -> type[Urllib3HttpNode]:
    """A node whose answers are bounded, and taken without a warning and with their status.

    The client raises a server's warnings as Python warnings, which a suite with ``-W error`` would
    take for failures after the server has done what it was asked. And of an error whose body is
    not what its header says, such as a gateway's page or nothing, it forgets the status.
    """
    import elastic_transport

    class Node(elastic_transport.Urllib3HttpNode):  # type: ignore[misc, unused-ignore]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.pool.urlopen = _bounded(self.pool.urlopen)

        def perform_request(self, *args: Any, **kwargs: Any) -> Any:
            response = super().perform_request(*args, **kwargs)
            meta, body = response
            headers = {name.lower(): value for name, value in meta.headers.items()}
            headers.pop("warning", None)
            if meta.status >= 300 and not _is_json(body):
                headers["content-type"] = "text/plain"
                body = body.decode(errors="replace").encode()
            kept = elastic_transport.HttpHeaders(headers)
            return response._replace(meta=replace(meta, headers=kept), body=body)

    return Node


@dataclass(frozen=True, slots=True)
class _Response:
    """What the client reads of a response."""

    status: int
    headers: Any
    data: bytes


def _bounded(urlopen: Callable[..., Any]) -> Callable[..., _Response]:
    """`urlopen` of a pool, whose answers are read piece by piece up to `LARGEST`."""

    def request(*args: Any, **kwargs: Any) -> _Response:
        response = urlopen(*args, preload_content=False, **kwargs)
        body = bytearray()
        try:
            while piece := response.read(_PIECE, decode_content=True):
                body += piece
                if len(body) > LARGEST:
                    raise BodyError(f"the answer is longer than {LARGEST / (1 << 20):g} MiB")
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return _Response(status=response.status, headers=response.headers, data=bytes(body))

    return request


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
