"""Answered questions for the tests of reports, and runs that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pytest_ragft.records import Answer, AnsweredCase, Hit, Passage, QAExample, RunResult, Score

WORDS = ("chlorophyll", "magnesium", "manganese", "photosystem", "haem")
"""One each of question, reference, passage, baseline's and variant's answer."""


def score(metric: str, value: float | None, reason: str = "", **evidence: object) -> Score:
    status = "scored" if value is not None else "missing"
    return Score(metric=metric, value=value, status=status, reason=reason, evidence=evidence)  # type: ignore[arg-type]


def answered(
    suite: str = "biomedical",
    example_id: str = "q-017",
    variant: str = "ft-ckpt",
    *,
    question: str = "Which metal is in chlorophyll?",
    reference: str = "magnesium",
    passage: str = "Plants need manganese, too.",
    before: str | None = "It is magnesium in photosystem I.",
    after: str = "It is iron, as in haem.",
    reason: str = "",
    scores: tuple[float, float | None] = (1.0, 0.0),
) -> AnsweredCase:
    """A question that the variant got wrong."""
    return AnsweredCase(
        suite=suite,
        example=QAExample(
            id=example_id,
            question=question,
            references=(reference,),
            facts=(f"It is {reference}.",),
            relevant=("d1",),
            document="d1",
            type="factoid",
            tags=("plants",),
        ),
        variant=variant,
        hits=(Hit(passage_id="d1#0", score=3.25),),
        passages=(Passage(id="d1#0", parent="d1", title=f"About {reference}", text=passage),),
        answer=Answer(text=after, finish="stop", completion_tokens=7, reasoning=f"So: {after}"),
        scores={"accuracy": score("accuracy", scores[1], reason, said=after, share=0.5)},
        baseline_answer=None if before is None else Answer(text=before, finish="length"),
        baseline_scores={"accuracy": score("accuracy", scores[0], matched=reference)},
    )


def with_cases(result: RunResult, cases: Iterable[AnsweredCase] = ()) -> RunResult:
    """A run with cases, by default one for each of its gates' movers."""
    given = list(cases) or [
        answered(mover.suite, mover.id, gate.variant, scores=(mover.baseline, mover.variant))
        for gate in result.gates
        for mover in gate.questions
    ]
    return replace(
        result, cases={(case.suite, case.example.id, case.variant): case for case in given}
    )
