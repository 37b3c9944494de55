"""Statement by statement: how much of the reference is stated, how much of the answer is supported.

In the manner of ragas (Es et al. 2023) and RAGChecker (Ru et al. 2024): a text is split into
statements, and each is checked against another text. Completeness is the share of the required
statements that the answer states (claim recall); faithfulness is the share of the answer's
statements that the passages support. Must-have facts of an example replace the split.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pytest_ragft.endpoint.chat import Asked, ChatModel, Question, Unusable
from pytest_ragft.endpoint.client import Post
from pytest_ragft.endpoint.completion import Completion
from pytest_ragft.judging.abstention import abstains, is_empty
from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.fence import fenced
from pytest_ragft.judging.llm.replies import read_statements, read_verdicts
from pytest_ragft.judging.port import missing_score
from pytest_ragft.records import Case, QAExample, Score

# Statements that are checked by one call.
_TOGETHER = 10


class ClaimChecker:
    """Completeness and faithfulness of answers by their statements."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat
        self._required: dict[tuple[str, str], tuple[str, ...]] = {}
        self._under_way: dict[tuple[str, str], asyncio.Future[Asked[tuple[str, ...]]]] = {}

    async def completeness(self, post: Post, case: Case) -> Score:
        """The share of what the reference requires that the answer states."""
        required = case.example.facts or await self._required_by(post, case.example)
        if isinstance(required, Unusable):
            reason = f"the reference could not be split into statements: {required.reason}"
            return missing_score("completeness", reason)
        texts = {"QUESTION": case.example.question, "TEXT": case.answer}
        asked = await self._check(post, required, texts)
        return _share("completeness", required, asked)

    async def _required_by(self, post: Post, example: QAExample) -> Asked[tuple[str, ...]]:
        """The statements of a reference, split once, however many answers are judged at a time."""
        key = _key(example)
        if key in self._required:
            return self._required[key]
        if key not in self._under_way:
            # A future, so that others wait for this call instead of making it again.
            split = self._split(post, question=example.question, text=example.references[0])
            self._under_way[key] = asyncio.ensure_future(split)
        try:
            asked = await self._under_way[key]
        finally:
            self._under_way.pop(key, None)
        if not isinstance(asked, Unusable):
            self._required[key] = asked
        return asked

    async def faithfulness(self, post: Post, case: Case) -> Score:
        """The share of the answer's statements that the passages support."""
        claims = await self._split(post, question=case.example.question, text=case.answer)
        if isinstance(claims, Unusable):
            return missing_score("faithfulness", claims.reason)
        passages = "\n\n".join(f"{p.title}\n{p.text}" if p.title else p.text for p in case.passages)
        asked = await self._check(post, claims, {"TEXT": passages})
        return _share("faithfulness", claims, asked)

    def by_rule(self, case: Case) -> Score | None:
        """Faithfulness where no model is needed to tell."""
        metric = "faithfulness"
        if not case.passages:
            reason = "there are no passages to be faithful to"
            return Score(metric=metric, value=None, status="not_applicable", reason=reason)
        if is_empty(case.answer):
            return Score(metric=metric, value=0.0, reason="empty answer")
        if abstains(case.answer, case.example.question):
            return Score(metric=metric, value=1.0, reason="declines: it claims nothing")
        return None

    async def _split(self, post: Post, *, question: str, text: str) -> Asked[tuple[str, ...]]:
        fence, user = fenced({"QUESTION": question, "TEXT": text})
        return await self._chat.ask(
            post,
            Question(
                system=f"{rubrics.EXTRACT}\n\n{rubrics.RULE.format(fence=fence)}",
                user=f"{user}\n\n{rubrics.EXTRACT_FORM}",
                form=rubrics.EXTRACT_FORM,
                schema=rubrics.STATEMENTS_SCHEMA,
                read=lambda completion: read_statements(completion.content),
            ),
        )

    async def _check(
        self, post: Post, statements: Sequence[str], texts: dict[str, str]
    ) -> Asked[tuple[bool, ...]]:
        groups = [statements[at : at + _TOGETHER] for at in range(0, len(statements), _TOGETHER)]
        answers = await asyncio.gather(*(self._check_group(post, g, texts) for g in groups))
        verdicts: list[bool] = []
        for answer in answers:
            if isinstance(answer, Unusable):
                return answer
            verdicts += answer
        return tuple(verdicts)

    async def _check_group(
        self, post: Post, statements: Sequence[str], texts: dict[str, str]
    ) -> Asked[tuple[bool, ...]]:
        # A statement on several lines could pose as two.
        numbered = "\n".join(
            f"{n}. {' '.join(statement.split())}" for n, statement in enumerate(statements, start=1)
        )
        fence, user = fenced(texts | {"STATEMENTS": numbered})

        def read(completion: Completion) -> tuple[bool, ...]:
            return read_verdicts(completion.content, len(statements))

        return await self._chat.ask(
            post,
            Question(
                system=f"{rubrics.SUPPORT}\n\n{rubrics.RULE.format(fence=fence)}",
                user=f"{user}\n\n{rubrics.SUPPORT_FORM}",
                form=rubrics.SUPPORT_FORM,
                schema=rubrics.VERDICTS_SCHEMA,
                read=read,
            ),
        )


def _share(metric: str, statements: Sequence[str], asked: Asked[tuple[bool, ...]]) -> Score:
    if isinstance(asked, Unusable):
        return missing_score(metric, asked.reason)
    held = sum(asked)
    kept = {"completeness": ("covered", "missed"), "faithfulness": ("supported", "unsupported")}
    yes, no = kept[metric]
    verdicts = list(zip(statements, asked, strict=True))
    return Score(
        metric=metric,
        value=held / len(statements),
        reason=f"{held} of {len(statements)} statements {yes}",
        evidence={
            yes: [text for text, holds in verdicts if holds],
            no: [text for text, holds in verdicts if not holds],
        },
    )


def _key(example: QAExample) -> tuple[str, str]:
    return example.question, example.references[0]
