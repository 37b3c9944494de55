"""One warm connection to Elasticsearch: requests are repeated, faults told in one sentence."""

from __future__ import annotations

import random
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Self, TypeVar
from urllib.parse import urlsplit

from pytest_ragft.errors import RetrievalError
from pytest_ragft.quiet import tell
from pytest_ragft.retrieval.elastic.access import ConnectionSettings
from pytest_ragft.retrieval.elastic.client import MAJOR, open_client
from pytest_ragft.retrieval.elastic.completeness import whole
from pytest_ragft.retrieval.elastic.faults import Fault, IncompleteError, RequestError, fault_of

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch
    from tenacity import RetryCallState

T = TypeVar("T")

ATTEMPTS_AT_FIRST = 3
"""Lost connections before the first answer at all, after which the address counts as wrong."""
LONGEST_WAIT = 10.0
"""Seconds; the back-off's bound where the server does not ask for more."""
_PROBE_TIMEOUT = 5.0
# Seconds without a word.
_PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    value: T


class Connection:
    """A keep-alive client that may be used from several threads; close it after use.

    Nothing is sent before the first call.

    Args:
        settings: From `connection_settings`.
        sleep: Waits the given number of seconds between two attempts.
        offline: Whether every call is an error, because nothing may be sent.
        tell: Gets a line for whoever looks on, once the server is waited for.

    Raises:
        MissingDependencyError: the extra ``elasticsearch`` is not installed.
        RetrievalError: the installed client is of another major version.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        offline: bool = False,
        tell: Callable[[str], None] = tell,
    ) -> None:
        self._settings = settings
        self._offline = offline
        self._sleep = sleep
        self._tell = tell
        self._told = False
        self._given_up: Fault | None = None
        self._answered = False
        self._client = open_client(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Connection({self._settings.where})"

    @property
    def settings(self) -> ConnectionSettings:
        """As given."""
        return self._settings

    def close(self) -> None:
        """Closes the client's sockets."""
        self._client.close()

    def call(self, what: str, request: Callable[[Elasticsearch], T]) -> T:
        """The answer to `request`, whole.

        Repeated with exponential back-off and jitter on 429, 502 to 504, lost connections and
        answers that are incomplete for a passing reason, until `total_timeout`; a Retry-After is
        honoured, unless it is longer than the time left. So `request` must be one that can be
        repeated. It may be called in another form, such as with ``client.options(…)``, and may do
        several requests; it should return the client's answer, which is checked by `whole`.

        A server that is gone is waited for once, whatever is asked of it later.

        Args:
            what: The request in a few words, for messages: ``searching index 'x'``.
            request: Gets the client.

        Raises:
            RequestError: for good; the message names the URL's setting and value, what was
                asked, what happened and the remedy.
        """
        if self._offline:
            fault = Fault(sentence="nothing may be sent, since --ragft-offline is given")
            raise RequestError(f"{self._settings.where}: {what}: {fault.sentence}", fault)
        if self._given_up is not None:
            raise RequestError(
                f"{self._settings.where}: {what}: not asked, as the server was given up before: "
                f"{self._given_up.sentence}",
                self._given_up,
            )
        deadline = time.monotonic() + self._settings.total_timeout
        outcome, attempts = self._repeated(lambda: self._attempt(request, deadline))
        if isinstance(outcome, _Answer):
            return outcome.value
        fault = self._explained(outcome)
        if fault.lost or fault.gone:
            self._given_up = fault
        tries = f" (after {attempts} attempts)" if attempts > 1 else ""
        raise RequestError(f"{self._settings.where}: {what}: {fault.sentence}{tries}", fault)

    def check(self) -> None:
        """That Elasticsearch of the right major version answers, and takes the credentials.

        A user who may read indices and nothing else gets 403 for ``GET /``: no error, the version
        is then taken on trust.

        Raises:
            RequestError: it does not; one message says what is there instead.
            RetrievalError: it is of another major version.
        """
        try:
            body = self.call("asking for the version", lambda client: client.info()).body
        except RequestError as error:
            if error.status == 403 and error.kind == "security_exception":
                return
            raise
        version = body.get("version") if isinstance(body, dict) else None
        number = version.get("number") if isinstance(version, dict) else None
        if not isinstance(number, str) or number.split(".")[0] != str(MAJOR):
            raise RetrievalError(
                f"{self._settings.where}: the server's version is {number!r}, but only major "
                f"version {MAJOR} is supported; use an Elasticsearch {MAJOR}.x"
            )

    def _repeated(
        self, attempt: Callable[[], _Answer[T] | Fault]
    ) -> tuple[_Answer[T] | Fault, int]:
        from tenacity import Retrying, retry_if_result, stop_any, stop_before_delay

        retrying = Retrying(
            sleep=self._sleep,
            before_sleep=self._say,
            retry=retry_if_result(self._may_pass),
            wait=_Waiting(),
            stop=stop_any(stop_before_delay(self._settings.total_timeout), self._is_enough),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        outcome: _Answer[T] | Fault = retrying(attempt)
        return outcome, retrying.statistics["attempt_number"]

    def _say(self, state: RetryCallState) -> None:
        """Say once a run that the server is waited for, and how long at most."""
        fault = state.outcome.result() if state.outcome else None
        pause = state.next_action.sleep if state.next_action else 0.0
        waited = (state.seconds_since_start or 0.0) + pause
        if self._told or waited < _PATIENCE or not isinstance(fault, Fault):
            return
        self._told = True
        self._tell(
            f"waiting for Elasticsearch, {self._settings.where}, for "
            f"{self._settings.total_timeout:g} s in all: {fault.sentence}"
        )

    def _attempt(
        self, request: Callable[[Elasticsearch], T], deadline: float
    ) -> _Answer[T] | Fault:
        from elastic_transport import ApiError, TransportError

        try:
            answer = _Answer(whole(request(self._client_until(deadline))))
        except (ApiError, TransportError, IncompleteError) as error:
            fault = fault_of(error, self._settings)
            self._answered |= not fault.lost
            return fault
        self._answered = True
        return answer

    def _client_until(self, deadline: float) -> Elasticsearch:
        left = deadline - time.monotonic()
        if left >= self._settings.request_timeout:
            return self._client
        return self._client.options(request_timeout=max(left, 0.001))

    def _may_pass(self, outcome: object) -> bool:
        if not isinstance(outcome, Fault):
            return False
        return outcome.passing and (self._answered or not outcome.hopeless_at_first)

    def _is_enough(self, state: RetryCallState) -> bool:
        return not self._answered and state.attempt_number >= ATTEMPTS_AT_FIRST

    def _explained(self, fault: Fault) -> Fault:
        url = urlsplit(self._settings.url)
        if self._answered or not fault.lost or url.scheme != "http" or fault.hopeless_at_first:
            return fault
        if not _speaks_tls(url.hostname or "", url.port or 0):
            return fault
        return replace(fault, sentence="the server speaks TLS at that port; write https://")


class _Waiting:
    """Seconds until the next attempt: what the server asks for, else exponential with jitter."""

    def __call__(self, state: RetryCallState) -> float:
        from tenacity import wait_random_exponential

        fault = state.outcome.result() if state.outcome else None
        if isinstance(fault, Fault) and fault.retry_after is not None:
            return fault.retry_after + random.uniform(0, 0.1)
        return float(wait_random_exponential(multiplier=0.5, max=LONGEST_WAIT)(state))


def _speaks_tls(host: str, port: int) -> bool:
    """Whether a TLS handshake succeeds there; nothing else is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=_PROBE_TIMEOUT) as plain,
            context.wrap_socket(plain),
        ):
            return True
    except OSError:
        return False
