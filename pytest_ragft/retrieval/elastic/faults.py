"""What can go wrong between client and server, each in one sentence with the remedy.

A failed request is turned into a `Fault`, a plain record: the exceptions of the client keep frames
alive whose locals hold the credentials, so none of them leaves this package.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_ragft.endpoint.body import BodyError
from pytest_ragft.endpoint.outcome import retry_after
from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.access import (
    API_KEY,
    CA_FILE,
    PASSWORD,
    USER,
    ConnectionSettings,
)

if TYPE_CHECKING:
    from elastic_transport import ApiError

PASSING_STATUSES = frozenset({429, 502, 503, 504})
"""Answers that may be over at the next attempt."""

# OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
_HOST_NAME_MISMATCHES = frozenset({62, 64})
# OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_EXPIRED = frozenset({9, 10})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One failed request."""

    sentence: str
    """What happened and the remedy; holds no secret."""
    passing: bool = False
    """Whether the next attempt may succeed."""
    lost: bool = False
    """The connection failed; before the first answer that may as well be a wrong address."""
    gone: bool = False
    """A gateway answered for a server that did not."""
    hopeless_at_first: bool = False
    """Passing only where the server has answered before: a refused connection, an unknown host."""
    retry_after: float | None = None
    """Seconds that the server asked to wait."""
    status: int | None = None
    """The HTTP status, if there was an answer."""
    kind: str = ""
    """Elasticsearch's type of error, such as ``index_not_found_exception``."""
    reason: str = ""
    """Elasticsearch's own words."""


class RequestError(RetrievalError):
    """A request to Elasticsearch failed for good.

    Attributes:
        status: The HTTP status, None without an answer.
        kind: Elasticsearch's type of error, such as ``index_not_found_exception``, or empty.
        reason: Elasticsearch's own words, or empty.
    """

    def __init__(self, message: str, fault: Fault) -> None:
        super().__init__(message)
        self.status = fault.status
        self.kind = fault.kind
        self.reason = fault.reason


class IncompleteError(RetrievalError):
    """An answer that is not whole; `fault` says in which way."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def fault_of(error: Exception, settings: ConnectionSettings) -> Fault:
    """The fault behind an exception of the client, or an `IncompleteError`."""
    import elastic_transport
    from elasticsearch import UnsupportedProductError

    if isinstance(error, IncompleteError):
        return replace(error.fault, sentence=settings.redacted(error.fault.sentence))
    if isinstance(error, UnsupportedProductError):
        return _not_elasticsearch(error.meta.status)
    if isinstance(error, elastic_transport.ApiError):
        return _fault_of_answer(error, settings)
    if isinstance(error, elastic_transport.ConnectionTimeout):
        return Fault(
            sentence=f"no answer in time ({settings.request_timeout:g} s a request, "
            f"{settings.total_timeout:g} s with all repeats); "
            "is the server overloaded, or something else at that address?",
            passing=True,
            lost=True,
        )
    if isinstance(error, elastic_transport.SerializationError):
        return _not_elasticsearch(None)
    return _fault_of_connection(error, settings)


def _not_elasticsearch(status: int | None) -> Fault:
    answered = "something that is no JSON" if status is None else f"status {status}"
    return Fault(
        sentence=f"a server answered ({answered}), but it is not Elasticsearch; "
        "check host, port and path",
        status=status,
    )


def _fault_of_answer(error: ApiError, settings: ConnectionSettings) -> Fault:
    status = error.meta.status
    kind, reason = described(error.body)
    reason = settings.redacted(reason)
    words = ": ".join(word for word in (kind, reason) if word)
    fault = Fault(
        sentence=f"the server answered {status}" + (f": {words}" if words else ""),
        status=status,
        kind=kind,
        reason=reason,
    )
    if status in PASSING_STATUSES:
        asked = retry_after(error.meta.headers.get("retry-after", ""))
        return replace(fault, passing=True, gone=status != 429, retry_after=asked)
    if status == 401:
        return replace(fault, sentence=_unauthenticated(settings))
    if "media_type" in kind or "media-type" in reason.lower() or status == 406:
        return replace(fault, sentence=f"{fault.sentence}; {_WRONG_MAJOR}")
    if not kind and error.meta.headers.get("x-elastic-product") != "Elasticsearch":
        return _not_elasticsearch(status)
    if status == 403:
        return replace(fault, sentence=f"{fault.sentence}; {_privilege_remedy(settings)}")
    return fault


_WRONG_MAJOR = "the server does not speak the protocol of major version 8: use an Elasticsearch 8.x"


def described(body: object) -> tuple[str, str]:
    """Elasticsearch's type and words of an error, as far as `body` holds them."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return "", error if isinstance(error, str) else ""
    causes = error.get("root_cause")
    first = causes[0] if isinstance(causes, list) and causes else error
    if not isinstance(first, Mapping) or not first.get("reason"):
        first = error
    kind = first.get("type") or error.get("type") or ""
    reason = first.get("reason") or error.get("reason") or ""
    deeper = error.get("caused_by")
    if isinstance(deeper, Mapping) and deeper.get("reason") not in (None, "", reason):
        reason = f"{reason} ({deeper['reason']})"
    return str(kind), str(reason)


def _unauthenticated(settings: ConnectionSettings) -> str:
    if settings.api_key is not None:
        return (
            f"the API key in {API_KEY} was refused (401); "
            "check that it is complete, not expired, and of this cluster"
        )
    if settings.user is not None:
        return f"{USER} = {settings.user!r} with the password in {PASSWORD} was refused (401)"
    return (
        "the server asks for credentials (401); "
        f"set {API_KEY}, or {USER} and {PASSWORD}, in the environment"
    )


def _privilege_remedy(settings: ConnectionSettings) -> str:
    if settings.api_key is not None:
        return f"give the API key in {API_KEY} that privilege"
    return f"give {USER} = {settings.user!r} that privilege"


def _fault_of_connection(error: Exception, settings: ConnectionSettings) -> Fault:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _fault_of_tls(cause)
        if isinstance(cause, BodyError):
            return Fault(sentence=f"{cause}; nothing of it was used: ask for less (a smaller k)")
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return _unreachable("the host name is unknown; check it", hopeless_at_first=True)
        if isinstance(cause, ConnectionRefusedError):
            return _unreachable(
                "no server listens there (connection refused); check host and port, "
                "and that Elasticsearch is running",
                hopeless_at_first=True,
            )
        if isinstance(cause, http.client.BadStatusLine | http.client.UnknownProtocol) and (
            not isinstance(cause, http.client.RemoteDisconnected)
        ):
            return Fault(
                sentence="the server there does not speak HTTP; check the port "
                "(9200, not 9300) and whether the URL should start with https://",
                lost=True,
            )
    innermost = settings.redacted(_name_of(causes[-1]))
    return _unreachable(
        f"the connection was lost before the answer was complete ({innermost}); "
        "is the server restarting, or something else at that address?"
    )


def _unreachable(sentence: str, *, hopeless_at_first: bool = False) -> Fault:
    return Fault(sentence=sentence, passing=True, lost=True, hopeless_at_first=hopeless_at_first)


def _name_of(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and what it came from, outermost first: causes, contexts and wrapped reasons."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        current = waiting.pop(0)
        if isinstance(current, BaseException) and id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting += [
                current.__cause__ or current.__context__,
                getattr(current, "reason", None),
                *current.args,
            ]


def _fault_of_tls(error: ssl.SSLError) -> Fault:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Fault(sentence=_certificate_sentence(error), lost=True)
    if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"):
        return Fault(
            sentence="the server does not speak TLS at that port; write http:// instead of https://",
            lost=True,
        )
    return _unreachable(f"the TLS connection failed ({error.reason or _name_of(error)})")


def _certificate_sentence(error: ssl.SSLCertVerificationError) -> str:
    reason = error.verify_message
    if error.verify_code in _HOST_NAME_MISMATCHES:
        return f"the server's certificate is for another host ({reason}); use a name it is made for"
    if error.verify_code in _EXPIRED:
        return f"the server's certificate cannot be used ({reason}); renew it"
    return (
        f"the server's certificate is signed by an authority that is not trusted ({reason}); "
        f"set {CA_FILE} to the PEM file of that authority"
    )
