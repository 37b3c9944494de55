"""Results of made-up runs with questions of any number, for reports: no model, no judge, no files.

Words come from the shipped suites, drawn at random: such text compresses less than what people
write, so that sizes measured on it are none too kind.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pytest_ragft.gate import evaluate_gate
from pytest_ragft.records import (
    Answer,
    AnsweredCase,
    CaseKey,
    Comparison,
    Gate,
    GateResult,
    Hit,
    PairedScore,
    Passage,
    QAExample,
    RunResult,
    Score,
    SuiteFacts,
    VariantFacts,
)

SUITES = ("biomedical", "encyclopedia", "papers")
METRICS = ("accuracy", "completeness")
TYPES = ("factoid", "yesno", "number", "summary")
_ROOT = Path(__file__).parents[1]


@cache
def vocabulary() -> list[str]:
    """Every word of the shipped passages, as often as it stands there."""
    words: list[str] = []
    for suite in SUITES:
        lines = (_ROOT / "suites" / suite / "corpus.jsonl").read_text("utf-8").splitlines()
        words += [word for line in lines for word in json.loads(line)["text"].split()]
    return words


def made_run(
    questions: int,
    variants: tuple[str, ...] = ("short-answers",),
    *,
    per_document: int = 5,
    passage_words: int = 75,
    seed: int = 1,
) -> RunResult:
    """A run over three suites; each variant after the first lost less than the one before."""
    rng = random.Random(seed)
    examples = list(_examples(rng, questions, per_document))
    passages = _passages(rng, examples, passage_words)
    cases: dict[CaseKey, AnsweredCase] = {}
    for suite, example in examples:
        shown = [passages[suite, name] for name in _shown(example, passages, suite)]
        before, old = _answered(rng, example, 0.65)
        for position, variant in enumerate(variants):
            quality = 0.65 - 0.3 / (position + 1) * (1 + SUITES.index(suite)) / 3
            after, new = (before, old) if rng.random() < 0.4 else _answered(rng, example, quality)
            cases[suite, example.id, variant] = AnsweredCase(
                suite=suite,
                example=example,
                variant=variant,
                hits=tuple(Hit(passage_id=p.id, score=9.0 - rank) for rank, p in enumerate(shown)),
                passages=tuple(shown),
                answer=after,
                scores=new,
                baseline_answer=before,
                baseline_scores=old,
            )
    return RunResult(
        gates=tuple(_gates(cases, variants)),
        gates_configured=len(variants) * len(METRICS) * 4,
        gates_deselected=0,
        variants=tuple(_variant(name, questions) for name in ("baseline", *variants)),
        suites=tuple(_suite(name, examples) for name in SUITES),
        judge="reference",
        judge_note="valid for the judge's score; its agreement with people was not measured here",
        on_inconclusive="fail",
        limit=None,
        errors=(),
        version="0.1.0",
        cases=cases,
    )


def _examples(
    rng: random.Random, questions: int, per_document: int
) -> Iterator[tuple[str, QAExample]]:
    for number in range(questions):
        suite = SUITES[number * len(SUITES) // questions]
        document = f"document-{number // per_document}"
        facts = tuple(_text(rng, 3) for _ in range(3))
        yield (
            suite,
            QAExample(
                id=f"q-{number:05}",
                question=f"What of {_text(rng, 12)}?",
                references=(f"{_text(rng, 12)} {' '.join(facts)}", facts[0]),
                facts=facts,
                relevant=(f"{document}-p1",),
                document=document,
                answerable=number % 9 != 0,
                type=TYPES[number % 4],
                tags=(f"topic-{number % 13}",),
            ),
        )


def _passages(
    rng: random.Random, examples: list[tuple[str, QAExample]], words: int
) -> dict[tuple[str, str], Passage]:
    """Three of each document."""
    found = {}
    for place in dict.fromkeys((suite, example.document) for suite, example in examples):
        suite, document = place
        for part in (1, 2, 3):
            name = f"{document}-p{part}"
            found[suite, name] = Passage(id=name, title=_text(rng, 4), text=_text(rng, words))
    return found


def _shown(example: QAExample, passages: dict[tuple[str, str], Passage], suite: str) -> list[str]:
    number = int(example.id[2:])
    parts = (2, 3) if number % 17 == 0 else (1, 2, 3)
    return [f"{example.document}-p{part}" for part in parts]


def _answered(
    rng: random.Random, example: QAExample, quality: float
) -> tuple[Answer, dict[str, Score]]:
    right = rng.random() < quality
    text = example.references[0] if right else _text(rng, rng.randrange(2, 25))
    covered = [fact for fact in example.facts if right or rng.random() < 0.2]
    accuracy = 1.0 if right else round(rng.random() * 0.3, 4)
    return Answer(text=text, finish="length" if rng.random() < 0.03 else "stop"), {
        "accuracy": Score(
            metric="accuracy",
            value=accuracy,
            reason="is a reference" if right else "precision 0.21, recall 0.12 of the reference",
            evidence={
                "kind": "statement",
                "certain": right,
                "precision": 0.21,
                "recall": 0.12,
                "reference": example.references[0],
                "abstained": not right and rng.random() < 0.2,
            },
        ),
        "completeness": Score(
            metric="completeness",
            value=len(covered) / 3 if example.answerable else None,
            status="scored" if example.answerable else "not_applicable",
            reason=f"{len(covered)} of 3 facts",
            evidence={
                "covered": covered,
                "missed": [fact for fact in example.facts if fact not in covered],
                "contradicted": [],
            },
        ),
    }


def _gates(cases: dict[CaseKey, AnsweredCase], variants: tuple[str, ...]) -> Iterator[GateResult]:
    for variant in variants:
        for suites in (SUITES, *((suite,) for suite in SUITES)):
            pooled = len(suites) > 1
            for metric in METRICS:
                pairs = [
                    _pair(case, metric)
                    for (suite, _, name), case in cases.items()
                    if name == variant and suite in suites
                ]
                place = "ragft.toml" if pooled else f"{suites[0]}/suite.toml"
                yield evaluate_gate(
                    Gate(metric=metric, role="primary" if pooled else "guard"),
                    Comparison(
                        metric=metric,
                        baseline="baseline",
                        variant=variant,
                        suites=suites,
                        pairs=tuple(pairs),
                    ),
                    node_id=f"suites/{place}::{variant}::gate-{metric}",
                    pooled=pooled,
                )


def _pair(case: AnsweredCase, metric: str) -> PairedScore:
    of = case.example
    return PairedScore(
        suite=case.suite,
        id=of.id,
        cluster=of.document or of.id,
        baseline=case.baseline_scores[metric],
        variant=case.scores[metric],
        relevant_retrieved=bool({p.id for p in case.passages} & set(of.relevant)),
        answerable=of.answerable,
        type=of.type,
        tags=of.tags,
    )


def _variant(name: str, questions: int) -> VariantFacts:
    return VariantFacts(
        name=name,
        spec=f"checkpoints/{name}",
        role="baseline" if name == "baseline" else "variant",
        fingerprint="3f2a9c01b7d44e0c" * 2,
        answers=questions,
        computed=questions,
    )


def _suite(name: str, examples: list[tuple[str, QAExample]]) -> SuiteFacts:
    own = [example for suite, example in examples if suite == name]
    return SuiteFacts(
        name=name,
        path=f"suites/{name}/suite.toml",
        fingerprint="9c01" * 8,
        questions=len(own),
        unanswerable=sum(not example.answerable for example in own),
        documents=len({example.document for example in own}),
        passages=3 * len({example.document for example in own}),
        unclustered=0,
        retriever="embedded bm25",
        retrieval={"mrr": 0.951, "ndcg@3": 0.957, "recall@3": 0.94},
    )


def _text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(vocabulary(), k=words))
