"""Questions of a run as plain values: for the JSON report, and back from it. Pure.

What of their texts leaves the machine is the user's choice (``--ragft-texts``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pytest_ragft.records import (
    BASELINE,
    Answer,
    AnsweredCase,
    CaseKey,
    Draw,
    Hit,
    Passage,
    QAExample,
    RunResult,
    Score,
)

Texts = Literal["none", "short", "full"]
"""How much of questions, references, passages and answers a report holds."""

_AMOUNTS: tuple[Texts, ...] = ("none", "short", "full")

SHORT = 300
"""Characters of a text in a report with short ones."""


# Fields of an answer that a report shows; the others say how it was computed.
_OF_ANSWER = (
    "text",
    "reasoning",
    "reasoning_cut",
    "finish",
    "error",
    "absent",
    "completion_tokens",
    "passages_dropped",
)


def cut_text(text: str, texts: Texts) -> str:
    """A text as far as a report may hold it: whole, its beginning and end, or nothing."""
    if texts == "full" or (texts == "short" and len(text) <= SHORT):
        return text
    if texts == "none":
        return ""
    tail = SHORT // 4
    return f"{text[: SHORT - tail - 3]} … {text[-tail:]}"


def cut_case(case: AnsweredCase, texts: Texts) -> AnsweredCase:
    """A case with its texts as far as a report may hold them; ids, scores and numbers stay."""
    if texts == "full":
        return case
    of = case.example
    return replace(
        case,
        example=replace(
            of,
            question=cut_text(of.question, texts),
            references=_cut_all(of.references, texts),
            facts=_cut_all(of.facts, texts),
        ),
        passages=tuple(
            replace(p, title=cut_text(p.title, texts), text=cut_text(p.text, texts))
            for p in case.passages
        ),
        answer=_cut_answer(case.answer, texts),
        scores=cut_scores(case.scores, texts),
        baseline_answer=case.baseline_answer and _cut_answer(case.baseline_answer, texts),
        baseline_scores=cut_scores(case.baseline_scores, texts),
        draws=_cut_draws(case.draws, texts),
        baseline_draws=_cut_draws(case.baseline_draws, texts),
    )


def _cut_draws(draws: Sequence[Draw], texts: Texts) -> tuple[Draw, ...]:
    return tuple(
        replace(d, answer=_cut_answer(d.answer, texts), scores=cut_scores(d.scores, texts))
        for d in draws
    )


def at_most(texts: Texts, result: RunResult) -> Texts:
    """How much of texts a report of a result can hold: no more than what is left of them."""
    left = result.cases.texts if isinstance(result.cases, ReportedCases) else "full"
    return min(texts, left, key=_AMOUNTS.index)


def questions_to_plain(result: RunResult, texts: Texts) -> list[dict[str, Any]]:
    """Every question of a run once, with the answers of all arms: JSON-able values."""
    return list(each_question(result, texts))


def each_question(result: RunResult, texts: Texts) -> Iterator[dict[str, Any]]:
    """The same one by one, so that thousands never lie in memory together."""
    variants: dict[tuple[str, str], list[str]] = {}
    for suite, example_id, variant in result.cases:
        variants.setdefault((suite, example_id), []).append(variant)
    for (suite, example_id), names in variants.items():
        question: dict[str, Any] | None = None
        for name in names:
            case = cut_case(result.cases[suite, example_id, name], texts)
            if question is None:
                question = _question(case)
                if case.baseline_answer is not None:
                    baseline = case.baseline_answer, case.baseline_scores, case.baseline_draws
                    question["answers"][BASELINE] = _arm(*baseline)
            question["answers"][name] = _arm(case.answer, case.scores, case.draws)
        assert question is not None, "a place has a variant"
        yield question


class ReportedCases(Mapping[CaseKey, AnsweredCase]):
    """The cases of a report that was read, as `questions_to_plain` wrote them."""

    def __init__(self, questions: Sequence[Mapping[str, Any]], texts: Texts = "full") -> None:
        self.texts: Texts = texts
        """How much of their texts is left in them."""
        self._questions = {(of["suite"], of["id"]): of for of in questions}

    def __getitem__(self, key: CaseKey) -> AnsweredCase:
        suite, example_id, variant = key
        of = self._questions[suite, example_id]
        answers = of["answers"]
        if variant == BASELINE:
            raise KeyError(key)
        baseline = answers.get(BASELINE)
        return AnsweredCase(
            suite=suite,
            example=_example(of),
            variant=variant,
            hits=tuple(Hit(passage_id=p["id"], score=p["score"]) for p in of["passages"]),
            passages=tuple(
                Passage(id=p["id"], title=p["title"], text=p["text"], parent=p["parent"])
                for p in of["passages"]
            ),
            answer=_answer(answers[variant]),
            scores=_scores(answers[variant]),
            baseline_answer=None if baseline is None else _answer(baseline),
            baseline_scores={} if baseline is None else _scores(baseline),
            draws=_draws(answers[variant]),
            baseline_draws=() if baseline is None else _draws(baseline),
        )

    def __iter__(self) -> Iterator[CaseKey]:
        for (suite, example_id), of in self._questions.items():
            yield from ((suite, example_id, arm) for arm in of["answers"] if arm != BASELINE)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _cut_all(values: Sequence[str], texts: Texts) -> tuple[str, ...]:
    return () if texts == "none" else tuple(cut_text(value, texts) for value in values)


def _cut_answer(answer: Answer, texts: Texts) -> Answer:
    return replace(
        answer,
        text=cut_text(answer.text, texts),
        reasoning=cut_text(answer.reasoning, texts),
        error=answer.error and foreign_reason(answer.error, texts),
    )


def cut_scores(scores: Mapping[str, Score], texts: Texts) -> dict[str, Score]:
    """Scores as far as a report may hold them: their reasons and evidence quote texts."""
    return {
        metric: replace(
            score,
            reason=(cut_text if score.value is not None else foreign_reason)(score.reason, texts),
            evidence={} if texts == "none" else _short_evidence(score.evidence),
        )
        for metric, score in scores.items()
    }


def foreign_reason(reason: str, texts: Texts) -> str:
    """Why there is no score or no answer: a judge, a server or a model may quote texts in it."""
    return reason if texts != "none" or not reason else "withheld by --ragft-texts=none"


def _short_evidence(evidence: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value
        for name, value in evidence.items()
        if isinstance(value, int | float | bool)
        or (isinstance(value, str) and len(value) <= SHORT)
        or name == "draws"
    }


def _question(case: AnsweredCase) -> dict[str, Any]:
    of = case.example
    hits = [hit.score for hit in case.hits]
    return {
        "suite": case.suite,
        "id": of.id,
        "question": of.question,
        "references": list(of.references),
        "facts": list(of.facts),
        "type": of.type,
        "tags": list(of.tags),
        "answerable": of.answerable,
        "document": of.document,
        "relevant": list(of.relevant),
        "passages": [
            {"id": p.id, "parent": p.parent, "title": p.title, "text": p.text, "score": score}
            for p, score in zip(case.passages, hits, strict=True)
        ],
        "answers": {},
    }


def _arm(answer: Answer, scores: Mapping[str, Score], draws: Sequence[Draw]) -> dict[str, Any]:
    return {
        **{name: getattr(answer, name) for name in _OF_ANSWER},
        "scores": {
            metric: {
                "value": score.value,
                "status": score.status,
                "reason": score.reason,
                "evidence": dict(score.evidence),
            }
            for metric, score in scores.items()
        },
        "draws": [_arm(draw.answer, draw.scores, ()) for draw in draws],
    }


def _example(of: Mapping[str, Any]) -> QAExample:
    return QAExample(
        id=of["id"],
        question=of["question"],
        references=tuple(of["references"]),
        facts=tuple(of["facts"]),
        relevant=tuple(of["relevant"]),
        document=of["document"],
        answerable=of["answerable"],
        type=of["type"],
        tags=tuple(of["tags"]),
    )


def _answer(arm: Mapping[str, Any]) -> Answer:
    return Answer(**{name: arm[name] for name in _OF_ANSWER})


def _draws(arm: Mapping[str, Any]) -> tuple[Draw, ...]:
    return tuple(
        Draw(sample=sample, answer=_answer(of), scores=_scores(of))
        # Reports of before there were draws lack the key.
        for sample, of in enumerate(arm.get("draws", ()))
    )


def _scores(arm: Mapping[str, Any]) -> dict[str, Score]:
    return {metric: Score(metric=metric, **values) for metric, values in arm["scores"].items()}
