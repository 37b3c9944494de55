"""Questions to a chat model behind an endpoint, asked again while the replies are malformed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from pytest_ragft.endpoint.client import Endpoint, Post
from pytest_ragft.endpoint.reply import Reply
from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.llm import features, rubrics
from pytest_ragft.judging.llm.replies import (
    Completion,
    MalformedError,
    read_completion,
    read_rating,
)

_T = TypeVar("_T")

PATH = "chat/completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[_T]):
    """What a model is asked, and how its reply is read."""

    system: str
    user: str
    form: str
    """How to reply, repeated when it is asked again."""
    schema: Mapping[str, Any]
    read: Callable[[Completion], _T]
    """Raises MalformedError for what is not of the form."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """There is no reply, or none that can be used."""

    reason: str


Asked: TypeAlias = _T | Unusable


class ChatModel:
    """A model behind an endpoint.

    What the server understands (schemas, log-probabilities, …) is found out once, by a fixed
    question, before the first case: no case's text decides how the others are asked.

    Args:
        model: Its name for the server.
        endpoint: Where it is.
        reasks: How often a malformed reply is asked for again.
        max_tokens: Length of a reply.
    """

    def __init__(
        self, model: str, endpoint: Endpoint, *, reasks: int = 2, max_tokens: int = 1024
    ) -> None:
        if reasks < 0 or max_tokens < 1:
            raise ValueError("reasks is at least 0 and max_tokens at least 1")
        self.model = model
        self.endpoint = endpoint
        self._reasks = reasks
        self._max_tokens = max_tokens
        self._features = features.ALL
        self._known = False
        self._down: str | None = None

    @property
    def identity(self) -> tuple[object, ...]:
        """All that decides a reply besides the question."""
        return ("chat/1", self.model, self.endpoint.url, self._reasks, self._max_tokens)

    @property
    def usage(self) -> Usage:
        """Calls and tokens so far."""
        return self.endpoint.usage

    def check(self) -> None:
        """Ask one small question, once.

        Raises:
            JudgeError: there is no answer; the message names the remedy.
        """
        error = self._negotiate(lambda body: self.endpoint.check(PATH, body))
        if error is not None:
            raise JudgeError(f"the judge model {self.model!r} cannot be asked: {error}")

    def unavailable(self) -> str | None:
        """Why no case can be judged; None when the model answers. Asks before the first case."""
        if not self._known and self._down is None:
            self._down = self._negotiate(lambda body: self.endpoint.post_many(PATH, [body])[0])
        return self._down

    async def ask(self, post: Post, question: Question[_T]) -> Asked[_T]:
        """The reply to a question; malformed ones are asked for again."""
        user, reason = question.user, ""
        for attempt in range(self._reasks + 1):
            if attempt:
                self.usage.reasked += 1
                user = f"{question.user}\n\n{_again(reason, question.form)}"
            reply = await post(PATH, self._body(question, user))
            if reply.error is not None:
                return Unusable(reply.error)
            try:
                return question.read(read_completion(reply.value))
            except MalformedError as error:
                reason = str(error)
        return Unusable(f"malformed output after {self._reasks + 1} attempts: {reason}")

    def _negotiate(self, post: Callable[[Mapping[str, Any]], Reply]) -> str | None:
        """Find out what the server understands. The error, if it does not answer at all."""
        remaining: frozenset[str] | None = features.ALL
        first: str | None = None
        while remaining is not None:
            self._features = remaining
            reply = post(self._body(_PROBE, _PROBE.user))
            if reply.error is None:
                self._known, self._down = True, None
                return None
            first = first or reply.error
            if reply.status not in (400, 422):
                return reply.error
            remaining = features.fewer(remaining, reply.error)
        # The refusal of the complete request says most.
        return first

    def _body(self, question: Question[Any], user: str) -> dict[str, Any]:
        return features.request(
            model=self.model,
            system=question.system,
            user=user,
            schema=question.schema,
            max_tokens=self._max_tokens,
            features=self._features,
        )


def _again(reason: str, form: str) -> str:
    return rubrics.AGAIN.format(reason=reason, form=form)


_PROBE: Question[object] = Question(
    system=rubrics.ACCURACY,
    user=f"Question: Is water wet?\nReference answer: Yes\nAnswer: Yes\n\n{rubrics.RATING_FORM}",
    form=rubrics.RATING_FORM,
    schema=rubrics.RATING_SCHEMA,
    read=lambda completion: read_rating(completion.content),
)
