"""Judges behind an endpoint: what they have in common, and what is said of their servers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from pytest_ragft.endpoint.capabilities import Memory
from pytest_ragft.endpoint.chat import ChatModel, Question
from pytest_ragft.endpoint.client import Endpoint, Post
from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.base import ModelJudge
from pytest_ragft.judging.llm.replies import read_rating
from pytest_ragft.judging.port import Scores, missing_score
from pytest_ragft.records import Case

MAX_TOKENS = 1024
"""Length of a reply; what a reasoning model thinks counts as well."""
PROBE: Question[object] = Question(
    system=rubrics.rubric("accuracy", "yesno"),
    user=f"Question: Is water wet?\nReference answer: Yes\nAnswer: Yes\n\n{rubrics.RATING_FORM}",
    form=rubrics.RATING_FORM,
    schema=rubrics.RATING_SCHEMA,
    logprobs=True,
    read=lambda completion: read_rating(completion.content),
)
"""No case's text decides how the others are asked."""

_CONSEQUENCES: Mapping[str, str] = {
    "logprobs": "ratings are whole numbers",
    "response_format": "the prompt alone says how to reply",
    "temperature": "it decides how replies are drawn",
    "max_tokens": "replies may be longer",
    "system": "the rubric stands in the question",
}


class ServedJudge(ModelJudge):
    """What all judges behind an endpoint have in common; takes the arguments of a `ChatModel`."""

    def __init__(
        self,
        model: str,
        endpoint: Endpoint,
        *,
        metrics: tuple[str, ...],
        probe: Question[object] = PROBE,
        memory: Memory | None,
        reasks: int,
        max_tokens: int,
    ) -> None:
        super().__init__(metrics)
        self._chat = ChatModel(
            model, endpoint, probe=probe, memory=memory, reasks=reasks, max_tokens=max_tokens
        )

    @property
    def usage(self) -> Usage:
        """Calls and tokens so far."""
        return self._chat.usage

    def check(self) -> None:
        """Find out at once, by one small question, whether the model can be asked.

        Raises:
            JudgeError: it cannot; the message names the remedy.
            StoreError: what its server grants cannot be kept.
        """
        if (error := self._chat.negotiate(patient=False)) is not None:
            raise JudgeError(f"the judge model {self._chat.model!r} cannot be asked: {error}")

    def negotiate(self) -> None:
        """Find out what the server grants, unless that is done.

        Raises:
            StoreError: what was found cannot be kept.
        """
        self._chat.negotiate()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the server does not grant and what follows from it, in one note."""
        if self._chat.capabilities is None:
            return ("what its server grants is not known",)
        lacking = [f"{part} ({_CONSEQUENCES[part]})" for part in self._chat.lacking]
        return (f"its server does not grant {', '.join(lacking)}",) if lacking else ()

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """Scores in the order of `cases`; what cannot be judged is missing with the reason.

        Nothing is sent for what the rules decide.
        """
        found: dict[int, Scores] = {}
        self.judge_each(cases, found.__setitem__)
        return [found[at] for at in range(len(cases))]

    def judge_each(self, cases: Sequence[Case], done: Callable[[int, Scores], None]) -> None:
        """The same for each case as soon as it has its scores."""
        waiting: dict[int, Scores] = {}
        for at, case in enumerate(cases):
            ruled = self._ruled(case)
            if len(ruled) == len(self._metrics):
                done(at, ruled)
            else:
                waiting[at] = ruled
        if not waiting:
            return
        if (reason := self._chat.negotiate()) is not None:
            lost = {metric: missing_score(metric, reason) for metric in self._metrics}
            for at, ruled in waiting.items():
                done(at, lost | dict(ruled))
            return

        async def job(post: Post, *, at: int) -> None:
            scores = await self._judge(post, case=cases[at], ruled=waiting[at])
            done(at, self._only(scores))

        self._chat.endpoint.run([partial(job, at=at) for at in waiting])

    @abstractmethod
    async def _judge(self, post: Post, *, case: Case, ruled: Scores) -> Scores:
        """The scores of a case: `ruled`, and what a model says in the other metrics."""
