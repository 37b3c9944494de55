"""Questions to a chat model behind an endpoint, asked again while the replies are malformed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from pytest_ragft.endpoint.capabilities import (
    OF_QUESTIONS,
    PARTS,
    Memory,
    UnansweredError,
    negotiate,
    request,
)
from pytest_ragft.endpoint.client import Endpoint, Post
from pytest_ragft.endpoint.completion import (
    Completion,
    MalformedError,
    have_alternatives,
    read_completion,
)
from pytest_ragft.endpoint.outcome import Reply
from pytest_ragft.endpoint.usage import Usage

_T = TypeVar("_T")

PATH = "chat/completions"

_AGAIN = "Your last reply could not be used: {reason}. {form}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[_T]):
    """What a model is asked, and how its reply is read."""

    system: str
    user: str
    form: str
    """How to reply, repeated when it is asked again."""
    schema: Mapping[str, Any] | None = None
    """JSON schema of the reply, if it has one."""
    logprobs: bool = False
    """Whether the reply is read with log-probabilities, where the server grants them."""
    read: Callable[[Completion], _T]
    """Raises MalformedError for what is not of the form."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """There is no reply, or none that can be used."""

    reason: str


Asked: TypeAlias = _T | Unusable


class ChatModel:
    """A model behind an endpoint.

    What the server grants (schemas, log-probabilities, …) decides what it replies, so that it is
    part of the identity. It is found out by one fixed question, the probe, no more than once:
    until then, what an earlier process has found and kept in `memory` counts.

    Args:
        model: Its name for the server.
        endpoint: Where it is.
        probe: The fixed question; no case's text decides how the others are asked. What it makes
            no use of (a schema, log-probabilities) is not asked for later, either.
        memory: Keeps what the server grants for later processes; None keeps nothing.
        reasks: How often a malformed reply is asked for again.
        max_tokens: Length of a reply.
    """

    def __init__(
        self,
        model: str,
        endpoint: Endpoint,
        *,
        probe: Question[Any],
        memory: Memory | None = None,
        reasks: int = 2,
        max_tokens: int = 1024,
    ) -> None:
        if reasks < 0 or max_tokens < 1:
            raise ValueError("reasks is at least 0 and max_tokens at least 1")
        self.model = model
        self.endpoint = endpoint
        self._probe = probe
        self._wants = _used_by(probe)
        self._memory = memory
        self._reasks = reasks
        self._max_tokens = max_tokens
        self._granted: frozenset[str] | None = None
        self._recalled = False
        self._probed = False
        self._down: str | None = None

    @property
    def capabilities(self) -> frozenset[str] | None:
        """Parts of the API that the server grants; None where it was never asked.

        Stays what it is, whatever other processes find, until this one has asked.
        """
        if not self._recalled:
            self._granted = self._recall()
            self._recalled = True
        return self._granted

    @property
    def lacking(self) -> tuple[str, ...]:
        """Parts of the API that are of use and that the server does not grant."""
        granted = self.capabilities
        if granted is None:
            return ()
        return tuple(part for part in PARTS if part in self._wants - granted)

    @property
    def identity(self) -> tuple[object, ...]:
        """All that decides a reply besides the question; another one once `negotiate` found so."""
        granted = self.capabilities
        return (
            "chat/2",
            self.model,
            self.endpoint.url,
            self._reasks,
            self._max_tokens,
            _AGAIN,
            None if granted is None else sorted(granted),
        )

    @property
    def usage(self) -> Usage:
        """Calls and tokens so far."""
        return self.endpoint.usage

    def negotiate(self, *, patient: bool = True) -> str | None:
        """Find out what the server grants, unless that is done.

        Args:
            patient: Repeat requests that fail, as for any question; what cannot be asked then is
                not tried again.

        Returns:
            Why it cannot be asked; None when it can.

        Raises:
            StoreError: the memory cannot be used.
        """
        if self._probed or (patient and self._down is not None):
            return self._down

        def post(body: Mapping[str, Any]) -> Reply:
            if patient:
                return self.endpoint.post_many(PATH, [body])[0]
            return self.endpoint.check(PATH, body)

        try:
            granted = negotiate(
                self._wants, lambda parts: post(self._body(self._probe, self._probe.user, parts))
            )
        except UnansweredError as error:
            if patient:
                self._down = str(error)
            return str(error)
        self._probed, self._down = True, None
        if granted != self.capabilities and self._memory is not None:
            self._memory.put(*self._place, text=",".join(sorted(granted)))
        self._granted = granted
        return None

    async def ask(self, post: Post, question: Question[_T]) -> Asked[_T]:
        """The reply to a question; malformed ones are asked for again.

        A reply that comes without the log-probabilities that the server grants is malformed: read
        without them, it would be on another scale.
        """
        parts = self.capabilities
        if parts is None:
            return Unusable("not asked: what the server grants is not known")
        user, reason = question.user, ""
        for attempt in range(self._reasks + 1):
            if attempt:
                self.usage.reasked += 1
                again = _AGAIN.format(reason=reason, form=question.form)
                user = f"{question.user}\n\n{again}"
            reply = await post(PATH, self._body(question, user, parts))
            if reply.error is not None:
                return Unusable(reply.error)
            try:
                completion = read_completion(reply.value)
                _expect_logprobs(completion, question.logprobs and "logprobs" in parts)
                return question.read(completion)
            except MalformedError as error:
                reason = str(error)
        return Unusable(f"malformed output after {self._reasks + 1} attempts: {reason}")

    def _body(self, question: Question[Any], user: str, parts: frozenset[str]) -> dict[str, Any]:
        return request(
            model=self.model,
            system=question.system,
            user=user,
            schema=question.schema,
            logprobs=question.logprobs,
            max_tokens=self._max_tokens,
            parts=parts,
        )

    @property
    def _place(self) -> tuple[object, ...]:
        """All that decides what the server grants, as far as it is up to us."""
        body = self._body(self._probe, self._probe.user, self._wants)
        return "capabilities/1", self.endpoint.url, body

    def _recall(self) -> frozenset[str] | None:
        text = None if self._memory is None else self._memory.get(*self._place)
        if text is None:
            return None
        granted = frozenset(text.split(",")) if text else frozenset[str]()
        return granted if granted <= self._wants else None


def _used_by(question: Question[Any]) -> frozenset[str]:
    unused = set() if question.logprobs else {"logprobs"}
    return OF_QUESTIONS - unused - (set() if question.schema else {"response_format"})


def _expect_logprobs(completion: Completion, expected: bool) -> None:
    if expected and not have_alternatives(completion.logprobs):
        raise MalformedError("the server left out the log-probabilities, which it has given before")
