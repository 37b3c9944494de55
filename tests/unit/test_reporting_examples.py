"""Run results as a release engineer meets them; the other tests of the reports render these."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_ragft.records import (
    Gate,
    GateResult,
    Mover,
    Outcome,
    Role,
    RunResult,
    Stratum,
    SuiteFacts,
    VariantFacts,
    Verdict,
)

SUITES = ("biomedical", "encyclopedia", "papers")


def gate(
    metric: str = "accuracy",
    bounds: tuple[float, float, float] = (-0.021, 0.004, 0.028),
    outcome: Outcome = "PASS",
    reason: str = "",
    *,
    variant: str = "ft-ckpt",
    suites: tuple[str, ...] = SUITES,
    role: Role = "primary",
    n: int = 480,
    explanation: str = "",
    **changes: Any,
) -> GateResult:
    """A gate's result whose other fields follow from the bounds (lower, estimate, upper)."""
    lower, estimate, upper = bounds
    pooled = len(suites) > 1
    place = "ragft.toml" if pooled else f"{suites[0]}/suite.toml"
    alpha = 0.05 if role == "primary" else 0.05 / 6
    decided = outcome != "INCONCLUSIVE"
    result = GateResult(
        gate=Gate(metric=metric, role=role, alpha=0.05),
        node_id=f"suites/{place}::{variant}::gate-{metric}",
        variant=variant,
        baseline="baseline",
        suites=suites,
        pooled=pooled,
        verdict=Verdict(
            outcome=outcome,
            reason=reason,
            estimate=estimate,
            lower=lower,
            upper=upper,
            n=n,
            clusters=max(n * 132 // 480, 1),
            kish_clusters=n * 118.4 / 480,
            margin=0.05,
            regression_margin=0.05,
            alpha=alpha,
            standard_error=(upper - lower) / 3.3,
            design_effect=1.31,
            independent=n / 1.31,
            questions_needed=59,
        ),
        blocks=outcome == "REGRESSION" or (role == "primary" and not decided),
        explanation=explanation or _explanation(outcome, reason),
        baseline_mean=0.412,
        variant_mean=0.412 + estimate,
        baseline_missing=0,
        variant_missing=0,
        not_applicable=62 if metric == "completeness" else 0,
        worst_case=None,
        pass_unchanged=0.87,
        blocked_drop=0.048,
        vetoed_drop=0.112,
        can_veto=True,
        questions_to_decide=None if decided else 1250,
        documents_to_decide=None if decided else 344,
        severe_share=0.021 if estimate > -0.05 else 0.094,
        severe_upper=0.038 if estimate > -0.05 else 0.123,
        severe_alpha=0.05,
        pool=480,
        shared_documents=0,
        look=None,
        slope=None,
        questions=_questions(estimate),
        documents=_documents(estimate),
        strata=(
            Stratum(
                name="relevant passage retrieved", n=402, baseline=0.47, variant=0.47 + estimate
            ),
            Stratum(name="relevant passage missed", n=78, baseline=0.11, variant=0.11),
        ),
    )
    return replace(result, **changes)


def _explanation(outcome: Outcome, reason: str) -> str:
    if outcome == "PASS":
        return "The variant is not worse than the baseline by the margin."
    if outcome == "REGRESSION":
        return (
            "The variant lost more than the margin of 0.05 even at the upper bound; "
            "look at the questions that moved most before you train again."
        )
    return {
        "worse": "The variant is worse, but it is open whether by more than the margin of 0.05; "
        "about 1,250 questions would decide.",
        "missing": "Scores are missing for more than 2 % of the pairs; "
        "see why the judge failed, and run again: what was done is kept.",
        "floor": "With 30 questions even a perfect tie cannot exclude a loss of 5 %; "
        "at least 59 are needed.",
        "limited": "Only the first questions of each suite were asked; run without --ragft-limit.",
    }.get(reason, "The bounds span the margin of 0.05; about 1,250 questions would decide.")


def _questions(estimate: float) -> tuple[Mover, ...]:
    worse = (
        Mover(suite="biomedical", id="q-017", baseline=1.0, variant=0.0, difference=-1.0),
        Mover(suite="papers", id="q-141", baseline=0.875, variant=0.0, difference=-0.875),
        Mover(suite="encyclopedia", id="q-003", baseline=0.75, variant=0.0, difference=-0.75),
    )
    better = (
        Mover(suite="biomedical", id="q-099", baseline=0.0, variant=0.6, difference=0.6),
        Mover(suite="papers", id="q-020", baseline=0.0, variant=0.5, difference=0.5),
        Mover(suite="papers", id="q-021", baseline=0.0, variant=0.25, difference=0.25),
    )
    return worse + better if estimate < 0 else better + worse[:1]


def _documents(estimate: float) -> tuple[Mover, ...]:
    return (
        Mover(
            suite="biomedical", id="aspirin", baseline=0.625, variant=0.0, difference=-0.625, n=4
        ),
        Mover(
            suite="papers",
            id="attention-in-small-models",
            baseline=0.5,
            variant=0.0,
            difference=-0.5,
            n=5,
        ),
        Mover(
            suite="encyclopedia",
            id="danube",
            baseline=0.5,
            variant=0.5 + estimate,
            difference=estimate,
            n=3,
        ),
    )


def variants(*names: str, cut: int = 0, **changes: Any) -> tuple[VariantFacts, ...]:
    """The baseline and the named variants."""
    baseline = VariantFacts(
        name="baseline",
        spec="models/smollm2-135m-instruct",
        role="baseline",
        fingerprint="3f2a9c01b7d44e0c",
        answers=480,
        computed=480,
        cut=18,
    )
    return baseline, *(
        replace(
            baseline,
            name=name,
            spec=f"./checkpoints/{name}",
            role="variant",
            fingerprint="77aa" * 4,
            computed=0,
            cut=cut,
            **changes,
        )
        for name in names
    )


def suites(*names: str, unclustered: int = 0) -> tuple[SuiteFacts, ...]:
    """Facts of the named suites."""
    return tuple(
        SuiteFacts(
            name=name,
            path=f"suites/{name}/suite.toml",
            fingerprint="9c01" * 4,
            questions=160,
            unanswerable=21,
            documents=44,
            passages=1312,
            unclustered=unclustered,
            retriever="embedded bm25",
            retrieval={"recall@5": 0.871, "mrr": 0.744, "ndcg@5": 0.768},
        )
        for name in names
    )


def run(*gates: GateResult, **changes: Any) -> RunResult:
    """A run over three suites that decided `gates`."""
    names = tuple(dict.fromkeys(result.variant for result in gates)) or ("ft-ckpt",)
    result = RunResult(
        gates=gates,
        gates_configured=len(gates),
        gates_deselected=0,
        variants=variants(*names),
        suites=suites(*SUITES),
        judge="reference v1",
        judge_note="valid for the judge's score; no human labels",
        on_inconclusive="fail",
        limit=None,
        errors=(),
        version="0.1.0",
    )
    return replace(result, **changes)


def guards(variant: str = "ft-ckpt") -> tuple[GateResult, ...]:
    """Six guards, one of them open and one vetoing for the variant called ``short-answers``."""
    bad = variant == "short-answers"
    return tuple(
        gate(
            metric,
            (-0.31, -0.22, -0.14) if bad and suite == "papers" else (-0.071, -0.012, 0.044),
            "REGRESSION" if bad and suite == "papers" else "INCONCLUSIVE",
            "" if bad and suite == "papers" else "underpowered",
            suites=(suite,),
            role="guard",
            n=160,
            variant=variant,
        )
        for suite in SUITES
        for metric in ("accuracy", "completeness")
    )


PASSING = run(gate(), gate("completeness", (0.002, 0.031, 0.058), n=418))
REGRESSED = run(
    gate(bounds=(-0.143, -0.108, -0.072), outcome="REGRESSION"),
    gate("completeness", (-0.049961, -0.021, 0.012), n=418),
)
OPEN = run(
    gate(bounds=(-0.081, -0.042, -0.004), outcome="INCONCLUSIVE", reason="worse"),
    gate("completeness", n=418),
)
FULL = run(
    gate(variant="rag-format"),
    gate("completeness", (0.002, 0.031, 0.058), n=418, variant="rag-format"),
    *guards("rag-format"),
    gate(bounds=(-0.143, -0.108, -0.072), outcome="REGRESSION", variant="short-answers"),
    gate("completeness", (-0.29, -0.25, -0.21), "REGRESSION", n=418, variant="short-answers"),
    *guards("short-answers"),
    variants=variants("rag-format", "short-answers", cut=3, notes=("base unverified",)),
)
LOST = run(
    gate(
        outcome="INCONCLUSIVE",
        reason="missing",
        variant_missing=14,
        worst_case=(-0.064, 0.031),
    ),
    gate("completeness", n=418),
    gates_configured=3,
    errors=(
        "ft-ckpt on papers: the generator stopped after 120 of 160 answers (CUDA out of memory "
        "with one row a batch); free memory or set batch_tokens in suites/papers/suite.toml",
    ),
)
LIMITED = run(
    gate(bounds=(-1.0, 0.0, 1.0), outcome="INCONCLUSIVE", reason="limited", n=30),
    gate("completeness", (-1.0, 0.1, 1.0), "INCONCLUSIVE", "limited", n=27),
    limit=10,
)
DESELECTED = run(gate(), gates_configured=2, gates_deselected=1)
SOFTENED = run(
    gate(
        bounds=(-0.081, -0.042, -0.004),
        outcome="INCONCLUSIVE",
        reason="worse",
        blocks=False,
    ),
    gate("completeness", n=418),
    on_inconclusive="warn",
    suites=suites("biomedical", unclustered=160),
)
EMPTY = run(gates_configured=0)
EXAMPLES = {
    "passing": PASSING,
    "regressed": REGRESSED,
    "open": OPEN,
    "full": FULL,
    "lost": LOST,
    "limited": LIMITED,
    "deselected": DESELECTED,
    "softened": SOFTENED,
    "empty": EMPTY,
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_what_the_gate_could_have_said(name: str) -> None:
    for result in EXAMPLES[name].gates:
        verdict = result.verdict
        assert verdict.lower <= verdict.estimate <= verdict.upper
        if verdict.outcome == "PASS":
            assert verdict.lower > -verdict.margin
        if verdict.outcome == "REGRESSION":
            assert verdict.upper < -verdict.margin
