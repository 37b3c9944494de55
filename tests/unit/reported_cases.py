"""Answered questions for the tests of reports, and runs that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pytest_ragft.records import (
    Answer,
    AnsweredCase,
    Hit,
    Mover,
    Passage,
    QAExample,
    RunResult,
    Score,
    Slice,
    Stratum,
)
from tests.unit.test_reporting_examples import gate, run, suites, variants

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


def hostile_run(text: str) -> RunResult:
    """A run in which every text is hostile, and every name and sentence as far as they may go."""
    evil = text[:5_000] if text[:5_000].strip() else "nameless"
    moved = tuple(
        Mover(suite=evil, id=f"{evil}{i}", baseline=1.0, variant=0.0, difference=-1.0)
        for i in range(3)
    )
    regressed = gate(
        bounds=(-0.3, -0.2, -0.1),
        outcome="REGRESSION",
        variant=evil,
        suites=(evil,),
        explanation=evil,
        gate=replace(gate().gate, metric=evil, name=evil, where=Slice(tag=evil)),
        questions=moved,
        documents=moved,
        strata=(Stratum(name=evil, n=3, baseline=0.5, variant=0.25),),
    )
    case = answered(
        evil,
        f"{evil}0",
        evil,
        question=text,
        reference=text,
        passage=text,
        before=text,
        after=f"{text} more",
        reason=text,
    )
    facts = [
        replace(suite, retriever=evil, notes=(evil,), fingerprint=evil) for suite in suites(evil)
    ]
    result = run(
        regressed,
        variants=variants(evil, notes=(evil,), cut=3),
        suites=tuple(facts),
        errors=(evil,),
        rule_notes=(evil,),
        ungated=(evil,),
        remarks=(evil,),
        judge=evil,
        judge_note=evil,
        version=evil,
    )
    return with_cases(result, [case])
