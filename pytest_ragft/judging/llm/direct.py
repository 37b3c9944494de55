"""The direct judge: an OpenAI-compatible endpoint asked by fixed rubrics."""

from __future__ import annotations

import asyncio

from pytest_ragft.endpoint.capabilities import Memory
from pytest_ragft.endpoint.client import Endpoint, Post
from pytest_ragft.judging.abstention import VERSION as RULES_VERSION
from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.claims import ClaimChecker
from pytest_ragft.judging.llm.rating import rating_question, rating_score
from pytest_ragft.judging.llm.served import MAX_TOKENS, ServedJudge
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Case, Score
from pytest_ragft.store import fingerprint

_VERSION = "openai-judge/2"
_METRICS = ("accuracy", "completeness", "faithfulness")


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
        max_tokens: int = MAX_TOKENS,
    ) -> None:
        super().__init__(
            model,
            endpoint,
            metrics=_METRICS if claims else _METRICS[:2],
            memory=memory,
            reasks=reasks,
            max_tokens=max_tokens,
        )
        self._claims = ClaimChecker(self._chat) if claims else None

    @property
    def name(self) -> str:
        """As given by ``--ragft-judge``."""
        kind = "openai" if self._claims is None else "claims"
        return f"{kind}:{self._chat.model}@{self._chat.endpoint.url}"

    @property
    def fingerprint(self) -> str:
        """Version, rules, rubrics, model, URL, what it grants, length, attempts; no key."""
        return fingerprint(
            _VERSION,
            RULES_VERSION,
            rubrics.identity(),
            self._chat.identity,
            self._claims is not None,
        )

    @property
    def reads_passages(self) -> bool:
        """Only faithfulness is about the passages."""
        return "faithfulness" in self._metrics

    def _ruled(self, case: Case) -> Scores:
        found = dict(super()._ruled(case))
        if self._claims is not None and (faithful := self._claims.by_rule(case)) is not None:
            found["faithfulness"] = faithful
        return self._only(found)

    async def _judge(self, post: Post, *, case: Case, ruled: Scores) -> Scores:
        asked = [metric for metric in self._metrics if metric not in ruled]
        scores = await asyncio.gather(*(self._score(post, metric, case) for metric in asked))
        return {score.metric: score for score in scores} | dict(ruled)

    async def _score(self, post: Post, metric: str, case: Case) -> Score:
        if self._claims is not None and metric == "faithfulness":
            return await self._claims.faithfulness(post, case)
        if self._claims is not None and metric == "completeness":
            return await self._claims.completeness(post, case)
        asked = await self._chat.ask(post, rating_question(metric, case))
        return rating_score(metric, asked)
