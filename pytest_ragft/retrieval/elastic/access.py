"""Where the server is and how to sign in; secrets come from the environment alone."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_ragft.endpoint.address import CREDENTIALS, Secret, masked, read_url
from pytest_ragft.errors import RetrievalError
from pytest_ragft.foreign import scrubbed

API_KEY = "RAGFT_ES_API_KEY"
USER = "RAGFT_ES_USER"
PASSWORD = "RAGFT_ES_PASSWORD"
CA_FILE = "RAGFT_ES_CA_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """Everything that a `Connection` needs; its repr holds no secret."""

    url: str
    """Scheme, host and port, perhaps a path; neither credentials nor a query."""
    source: str
    """The setting that gave the URL, as messages name it, such as ``--ragft-es-url``."""
    api_key: Secret | None = None
    user: str | None = None
    password: Secret | None = None
    """Given exactly when `user` is; never together with `api_key`."""
    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the usual ones."""
    request_timeout: float = 30.0
    """Seconds that one request may take."""
    total_timeout: float = 120.0
    """Seconds that one call may take, repeated requests and the waits between them included."""
    connections: int = 10
    """How many requests may be under way at once; more wait for their turn."""

    @property
    def where(self) -> str:
        """The start of a message: the setting's name and value."""
        return f"{self.source} = {self.url!r}"

    def redacted(self, text: str) -> str:
        """`text`, which a server wrote, without any secret that it may repeat."""
        return scrubbed(text, self._secrets())

    def _secrets(self) -> list[str]:
        """Every form in which a secret may come back."""
        password = "" if self.password is None else self.password.reveal()
        key = "" if self.api_key is None else self.api_key.reveal()
        pairs = {f"{self.user}:{password}" if self.user else "", key, _decoded(key)}
        encoded = {base64.b64encode(pair.encode()).decode() for pair in pairs}
        halves = {pair.partition(":")[2] for pair in pairs}
        return sorted({*pairs, *encoded, *halves, password})


def _decoded(key: str) -> str:
    """The ``id:key`` inside an API key as Elasticsearch shows it, or nothing."""
    try:
        return base64.b64decode(key, validate=True).decode()
    except ValueError:
        return ""


def connection_settings(
    url: str,
    environ: Mapping[str, str],
    *,
    source: str = "--ragft-es-url",
    request_timeout: float = 30.0,
    total_timeout: float = 120.0,
) -> ConnectionSettings:
    """The settings of a connection to `url`, with credentials and CA file from `environ`.

    An empty variable counts as absent. The API key is accepted as Elasticsearch shows it
    (``encoded``) and as ``id:key``.

    Args:
        url: ``http://host:port`` or ``https://host``; 443 when https names no port.
        environ: Read for ``RAGFT_ES_API_KEY``, ``RAGFT_ES_USER``, ``RAGFT_ES_PASSWORD`` and
            ``RAGFT_ES_CA_FILE``.
        source: The setting that gave `url`, for messages.
        request_timeout: Seconds for one request, above 0.
        total_timeout: Seconds for one call with all its repeats, above 0.

    Raises:
        RetrievalError: the URL or a variable is unusable; the message holds no secret.
    """
    given = _given(environ)
    address, problem = _read_url(url, source)
    # A traceback with locals would print the whole environment, and a password in the URL.
    del environ, url
    if problem:
        raise RetrievalError(problem)
    _check_given(given)
    if not (request_timeout > 0 and total_timeout > 0):
        raise RetrievalError(
            f"{source} = {address!r}: time limits must be above 0 seconds, "
            f"got request {request_timeout!r} and total {total_timeout!r}"
        )
    return ConnectionSettings(
        url=address,
        source=source,
        api_key=_optional(given[API_KEY]),
        user=given[USER].reveal() or None,
        password=_optional(given[PASSWORD]),
        ca_file=_checked_ca_file(given[CA_FILE].reveal(), address, source),
        request_timeout=request_timeout,
        total_timeout=total_timeout,
    )


def _optional(secret: Secret) -> Secret | None:
    return secret if secret.reveal() else None


def _read_url(url: str, source: str) -> tuple[str, str]:
    """`url` with its port and nothing, or nothing and what is wrong with it."""
    parts, fault = read_url(url)
    if parts is None:
        remedy = "give it like http://localhost:9200 or https://es.example"
        if fault == CREDENTIALS:
            remedy = (
                f"remove everything before the '@' and set {USER} and {PASSWORD}, or {API_KEY}, "
                "in the environment"
            )
        return "", f"{source} = {masked(url)!r}: {fault}; {remedy}"
    if parts.port is None and parts.scheme == "http":
        return "", (
            f"{source} = {url!r}: the port is missing; "
            "Elasticsearch usually listens on 9200: http://localhost:9200"
        )
    netloc = parts.netloc if parts.port is not None else f"{parts.netloc.rstrip(':')}:443"
    return f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}", ""


def check_credentials(environ: Mapping[str, str]) -> None:
    """Find out whether the credentials go together, whatever server they are for.

    Raises:
        RetrievalError: they do not, or no header can hold the key; the message holds no secret.
    """
    given = _given(environ)
    del environ
    _check_given(given)


def _given(environ: Mapping[str, str]) -> dict[str, Secret]:
    names = (API_KEY, USER, PASSWORD, CA_FILE)
    return {name: Secret(environ.get(name, "").strip()) for name in names}


def _check_given(given: Mapping[str, Secret]) -> None:
    key, user, password = (given[name].reveal() != "" for name in (API_KEY, USER, PASSWORD))
    if key and (user or password):
        other = USER if user else PASSWORD
        raise RetrievalError(
            f"{API_KEY} and {other} are both set; unset one of them, since only one can sign in"
        )
    if user != password:
        there, missing = (USER, PASSWORD) if user else (PASSWORD, USER)
        raise RetrievalError(f"{there} is set, {missing} is not; set both, or {API_KEY} instead")
    if not given[API_KEY].is_sendable:
        raise RetrievalError(
            f"{API_KEY} holds characters that no API key has (its value is not shown); "
            "copy it again, as base64 or as id:key"
        )


def _checked_ca_file(path: str, url: str, source: str) -> str | None:
    if not path:
        return None
    if not url.startswith("https:"):
        raise RetrievalError(
            f"{CA_FILE} = {path!r} is set, but {source} = {url!r} is not encrypted; "
            f"write https:// or unset {CA_FILE}"
        )
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        return path
    raise RetrievalError(
        f"{CA_FILE} = {path!r}: {reason}; give a readable PEM file with the certificate of the "
        "authority that signed the server's"
    )
