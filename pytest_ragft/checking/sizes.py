"""How many questions and documents there are, and which gates cannot decide for want of them.

Each gate is put to the run in which nothing changed: what that cannot pass, or what has too few
questions to veto, no run can.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_ragft.checking.asked import AskedQuestion
from pytest_ragft.checking.findings import Finding, Place, SuiteSize
from pytest_ragft.errors import RagftError
from pytest_ragft.gate.evaluation import evaluate_gate
from pytest_ragft.gate.findings import shared_documents
from pytest_ragft.gating.gates import GateSpec, Group
from pytest_ragft.numbers import count, fixed, places_apart
from pytest_ragft.records import Comparison, GateResult, PairedScore, Score, Verdict
from pytest_ragft.stats.planning import PASS_CLUSTERS, REGRESSION_CLUSTERS, REGRESSION_QUESTIONS
from pytest_ragft.suite import Suite, applies


def size_of(name: str, questions: Sequence[AskedQuestion], *, untestable: int = 0) -> SuiteSize:
    """The size of a suite or a pool."""
    sizes = Counter(question.cluster for question in questions)
    squares = sum(size * size for size in sizes.values())
    return SuiteSize(
        name=name,
        questions=len(questions),
        documents=len(sizes),
        kish=len(questions) ** 2 / squares if squares else 0.0,
        largest=max(sizes.values(), default=0),
        unanswerable=sum(not question.example.answerable for question in questions),
        untestable=untestable,
    )


def pool_size(group: Group, questions: Sequence[AskedQuestion]) -> SuiteSize:
    """The size of the suites that are pooled, with the documents that they share."""
    shared = shared_documents([pair for suite in group.suites for pair in _ties(suite, "accuracy")])
    return replace(size_of(str(group.path), questions), shared=shared)


def gate_findings(group: Group) -> Iterator[Finding]:
    """Gates of a group that no run over these questions lets decide."""
    suites = {suite.name: suite for suite in group.suites}
    for spec in group.specs:
        # Which questions are hit, a run alone says, and so for retrieval.
        if spec.retrieval or (spec.gate.where is not None and spec.gate.where.hit is not None):
            continue
        found = _unchanged(spec, [suites[name] for name in spec.suites])
        note = found if isinstance(found, str) else _lack(spec, found)
        if note:
            yield Finding(
                kind="gate",
                severity="warning",
                suite="" if spec.pooled else spec.suites[0],
                here=Place(where=str(spec.path), id=spec.name),
                note=note,
            )


def _unchanged(spec: GateSpec, suites: Sequence[Suite]) -> GateResult | str:
    """The gate's result where nothing changed, or why it decides nothing at all."""
    metric = spec.gate.metric
    comparison = Comparison(
        metric=metric,
        baseline="baseline",
        variant="unchanged",
        suites=tuple(suite.name for suite in suites),
        pairs=tuple(pair for suite in suites for pair in _ties(suite, metric)),
    )
    try:
        # What the margin is to people, a calibration says.
        gate = replace(spec.gate, margin_scale="judge")
        return evaluate_gate(
            gate, comparison, node_id=spec.name, pooled=spec.pooled, guards=spec.guards
        )
    except (RagftError, ValueError) as error:
        return str(error)


def _lack(spec: GateSpec, result: GateResult) -> str:
    verdict = result.verdict
    if spec.gate.role == "guard":
        if result.can_veto:
            return ""
        return (
            f"cannot veto: {_amount(verdict, REGRESSION_CLUSTERS)}, and a veto needs "
            f"{REGRESSION_QUESTIONS} in {REGRESSION_CLUSTERS}"
        )
    if verdict.outcome == "PASS":
        return ""
    return (
        f"cannot pass, not even an unchanged model: {_amount(verdict, PASS_CLUSTERS)}, and a PASS "
        f"needs {count(verdict.questions_needed)} independent ones in {PASS_CLUSTERS}"
    )


def _amount(verdict: Verdict, needed: int) -> str:
    kish = verdict.kish_clusters
    documents = fixed(kish, places_apart(kish, needed, places=1))
    return f"{count(verdict.n, 'question')} in effectively {documents} documents"


def _ties(suite: Suite, metric: str) -> Iterator[PairedScore]:
    """Pairs of equal scores, as an unchanged model has them."""
    scored = Score(metric=metric, value=1.0)
    outside = Score(metric=metric, value=None, status="not_applicable")
    for example in suite.examples:
        cluster = suite.cluster_of(example)
        score = scored if applies(metric, example) else outside
        yield PairedScore(
            suite=suite.name,
            id=example.id,
            cluster=cluster.name,
            cluster_scope=cluster.scope,
            baseline=score,
            variant=score,
            answerable=example.answerable,
            type=example.type,
            tags=example.tags,
        )
