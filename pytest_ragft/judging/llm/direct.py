"""The direct judge: an OpenAI-compatible endpoint asked by fixed rubrics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from pytest_ragft.endpoint.capabilities import Memory
from pytest_ragft.endpoint.client import Endpoint, Post
from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.claims import ClaimChecker
from pytest_ragft.judging.llm.rating import rating_question, rating_score
from pytest_ragft.judging.llm.served import ServedJudge
from pytest_ragft.judging.llm.settled import Rules, missing
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Case, Score
from pytest_ragft.store import fingerprint

_VERSION = "openai-judge/2"


class OpenAIJudge(ServedJudge):
    """Rates accuracy and completeness by one question each, 0 to 4, at temperature 0.

    The rating is the mean over the ratings that the model held possible where the server gives
    log-probabilities (G-Eval, Liu et al. 2023), else what the model says. With `claims`,
    completeness is the share of the reference's statements that the answer states, and
    faithfulness the share of the answer's statements that the passages support.

    Args:
        model: Its name for the server.
        endpoint: Where it is.
        claims: Check statement by statement.
        memory: Keeps what the server grants.
        reasks: How often a malformed reply is asked for again.
        max_tokens: Length of a reply.
    """

    def __init__(
        self,
        model: str,
        endpoint: Endpoint,
        *,
        claims: bool = False,
        memory: Memory | None = None,
        reasks: int = 2,
        max_tokens: int = 1024,
    ) -> None:
        super().__init__(model, endpoint, memory=memory, reasks=reasks, max_tokens=max_tokens)
        self._rules = Rules()
        self._claims = ClaimChecker(self._chat, self._rules) if claims else None

    @property
    def name(self) -> str:
        """As given by ``--ragft-judge``."""
        kind = "openai" if self._claims is None else "claims"
        return f"{kind}:{self._chat.model}@{self._chat.endpoint.url}"

    @property
    def fingerprint(self) -> str:
        """Version, rubrics, model, URL, what it grants, length, number of attempts; no key."""
        return fingerprint(
            _VERSION, rubrics.identity(), self._chat.identity, self._claims is not None
        )

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what it scores."""
        own = ("accuracy", "completeness")
        return own if self._claims is None else (*own, "faithfulness")

    @property
    def reads_passages(self) -> bool:
        """Only faithfulness is about the passages."""
        return self._claims is not None

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """Scores in the order of `cases`; what cannot be judged is missing with the reason."""
        settled = [self._rules.settle(case) for case in cases]
        if not self._asks(settled):
            return [scores for scores in settled if scores is not None]
        if (reason := self._chat.negotiate()) is not None:
            return [self._missing(scores, reason) for scores in settled]
        if self._claims is not None:
            open_cases = (c for c, scores in zip(cases, settled, strict=True) if scores is None)
            self._claims.prepare(case.example for case in open_cases)
        jobs = [
            partial(self._judge, case=case, settled=scores)
            for case, scores in zip(cases, settled, strict=True)
        ]
        return self._chat.endpoint.run(jobs)

    def _asks(self, settled: Sequence[Scores | None]) -> bool:
        return bool(settled) and (self._claims is not None or None in settled)

    async def _judge(self, post: Post, *, case: Case, settled: Scores | None) -> Scores:
        rates = [] if settled is not None else [self._rate(post, "accuracy", case)]
        if self._claims is not None:
            rates.append(self._claims.faithfulness(post, case))
        if settled is None:
            checker = self._claims
            rates.append(
                self._rate(post, "completeness", case)
                if checker is None
                else checker.completeness(post, case)
            )
        found = {score.metric: score for score in await asyncio.gather(*rates)} | dict(
            settled or {}
        )
        return {metric: found[metric] for metric in self.metrics}

    async def _rate(self, post: Post, metric: str, case: Case) -> Score:
        asked = await self._chat.ask(post, rating_question(metric, case))
        return rating_score(metric, asked)

    def _missing(self, settled: Scores | None, reason: str) -> Scores:
        found = {metric: missing(metric, reason) for metric in self.metrics}
        return found | dict(settled or {})
