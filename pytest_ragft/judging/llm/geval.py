"""GEval of deepeval as a judge: its metric and prompts, our calls."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

from pytest_ragft.endpoint.capabilities import Memory
from pytest_ragft.endpoint.chat import Question, Unusable
from pytest_ragft.endpoint.client import Endpoint, Post
from pytest_ragft.errors import described
from pytest_ragft.judging.abstention import VERSION as RULES_VERSION
from pytest_ragft.judging.llm import deepeval_parts, rubrics
from pytest_ragft.judging.llm.fence import block, fenced_apart
from pytest_ragft.judging.llm.rating import required
from pytest_ragft.judging.llm.replies import Rating, read_rating
from pytest_ragft.judging.llm.served import MAX_TOKENS, PROBE, ServedJudge
from pytest_ragft.judging.port import Scores, missing_score
from pytest_ragft.records import Case, Score
from pytest_ragft.store import fingerprint

_VERSION = "geval-judge/2"
# deepeval's scale without a rubric of its own is 0 to 10.
_BEST = 10
_FORM = """\
Reply with one JSON object and nothing else: {"reason": "a brief explanation", "score": a whole \
number from 0 to 10}"""
_SCHEMA = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "score": {"type": "integer", "enum": list(range(_BEST + 1))},
    },
    "required": ["reason", "score"],
    "additionalProperties": False,
}


class GEvalJudge(ServedJudge):
    """Accuracy and completeness by deepeval's GEval with fixed evaluation steps.

    deepeval would accept ``true`` or ``"7"`` for a score; here such a reply is malformed, is asked
    for again and then leaves the score missing. The model's plain score counts, without weighting
    by log-probabilities (the direct judge has that).

    Args:
        model: Its name for the server.
        endpoint: Where it is.
        memory: Keeps what the server grants.
        reasks: How often a malformed reply is asked for again.
        max_tokens: Length of a reply.

    Raises:
        MissingDependencyError: deepeval is not installed.
    """

    def __init__(
        self,
        model: str,
        endpoint: Endpoint,
        *,
        memory: Memory | None = None,
        reasks: int = 2,
        max_tokens: int = MAX_TOKENS,
    ) -> None:
        deepeval_parts.require()
        super().__init__(
            model,
            endpoint,
            metrics=("accuracy", "completeness"),
            probe=replace(PROBE, logprobs=False),
            memory=memory,
            reasks=reasks,
            max_tokens=max_tokens,
        )
        self._parts: SimpleNamespace | None = None

    @property
    def name(self) -> str:
        """As given by ``--ragft-judge``."""
        return f"geval:{self._chat.model}@{self._chat.endpoint.url}"

    @property
    def fingerprint(self) -> str:
        """Version of deepeval, whose prompts decide, and of this judge; steps; the chat model's."""
        from importlib.metadata import version

        return fingerprint(
            _VERSION,
            version("deepeval"),
            RULES_VERSION,
            rubrics.identity(),
            _FORM,
            _SCHEMA,
            self._chat.identity,
        )

    @property
    def reads_passages(self) -> bool:
        """False: references and facts suffice."""
        return False

    async def _judge(self, post: Post, *, case: Case, ruled: Scores) -> Scores:
        asked = [metric for metric in self._metrics if metric not in ruled]
        scores = await asyncio.gather(*(self._measure(post, metric, case) for metric in asked))
        return dict(zip(asked, scores, strict=True)) | dict(ruled)

    async def _measure(self, post: Post, metric: str, case: Case) -> Score:
        if self._parts is None:
            self._parts = deepeval_parts.load()
        parts = self._parts
        fence, texts = _texts(metric, case)
        ask = partial(self._ask, post, fence, parts)
        measure = parts.GEval(
            name=metric,
            evaluation_params=parts.params,
            evaluation_steps=list(rubrics.geval_steps(metric, rubrics.rubric_kind(case.example))),
            model=parts.Model(self._chat.model, ask),
        )
        try:
            value = await measure.a_measure(parts.LLMTestCase(**texts), _show_indicator=False)
        except deepeval_parts.UnjudgedError as error:
            return missing_score(metric, str(error))
        except Exception as error:
            # deepeval raises all sorts of errors; none of them is a score.
            return missing_score(metric, f"deepeval failed: {described(error)}")
        return _score(metric, value, measure.reason)

    async def _ask(self, post: Post, fence: str, parts: SimpleNamespace, prompt: str) -> Any:
        question: Question[Rating] = Question(
            system=rubrics.RULE.format(fence=fence),
            user=prompt,
            form=_FORM,
            schema=_SCHEMA,
            read=lambda completion: read_rating(completion.content, key="score", best=_BEST),
        )
        asked = await self._chat.ask(post, question)
        if isinstance(asked, Unusable):
            raise deepeval_parts.UnjudgedError(asked.reason)
        return parts.ReasonScore(reason=asked.reason, score=asked.rating)


def _texts(metric: str, case: Case) -> tuple[str, dict[str, str]]:
    """The fence and the fenced texts of a test case."""
    held = required(metric, case.example)
    fence, texts = fenced_apart({"QUESTION": case.example.question, **held, "ANSWER": case.answer})
    blocks = {name: block(name, text, fence) for name, text in texts.items()}
    return fence, {
        "input": blocks["QUESTION"],
        "actual_output": blocks["ANSWER"],
        "expected_output": "\n\n".join(blocks[name] for name in held),
    }


def _score(metric: str, value: Any, reason: object) -> Score:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0.0 <= value <= 1.0:
        return missing_score(metric, f"deepeval gave {value!r}, which is no score in [0, 1]")
    return Score(metric=metric, value=float(value), reason=str(reason or ""))
