"""How the answers of a variant differ from the baseline's, whatever they score.

Their length and markup, which may sway a judge; how often they decline; where they were computed;
and on which of them the judges of a jury disagree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

import numpy as np

from pytest_ragft.evaluation.evaluation import Arm, Evaluation
from pytest_ragft.gating.plan import Plan
from pytest_ragft.judging.abstention import ruled
from pytest_ragft.numbers import count
from pytest_ragft.records import (
    BASELINE,
    Answer,
    AnswerStyle,
    Disagreement,
    QAExample,
    Refusals,
    Score,
)
from pytest_ragft.stats.clusters import cluster_codes
from pytest_ragft.stats.means import mean_interval
from pytest_ragft.suite import Suite

RATIO = 1.15
"""Mean lengths further apart than this are notable, if the difference is sure."""
MARKUP = 0.15
"""So are shares of answers with markup further apart than this."""
TOP = 10
APART = 0.25
"""Spread between judges from which a question is listed."""

# Lists, headings, emphasis, tables: what makes an answer look thorough.
_MARKUP = re.compile(r"^\s*(?:[-*•+]|\d{1,2}[.)])\s|^#{1,6}\s|\*\*|__|^\s*\|.*\|", re.MULTILINE)

COMPUTED_ELSEWHERE = "computed elsewhere than the baseline"


def answer_styles(plan: Plan, evaluation: Evaluation) -> tuple[AnswerStyle, ...]:
    """Each variant's answers beside the baseline's, over the questions that both answered."""
    if not plan.settings.gated:
        return ()
    suites = plan.suites.values()
    found = (style_over(suites, evaluation, variant.name) for variant in plan.variants)
    return tuple(style for style in found if style is not None)


def refusals(plan: Plan, evaluation: Evaluation) -> tuple[Refusals, ...]:
    """Each variant's refusals beside the baseline's, over the questions that both answered.

    Of several answers to a question the first one counts, as it does for their style.
    """
    if not plan.settings.gated:
        return ()
    suites = plan.suites.values()
    counted = (refusals_over(suites, evaluation, variant.name) for variant in plan.variants)
    return tuple(found for found in counted if found.answerable + found.unanswerable)


def elsewhere(
    answers: Mapping[Arm, Mapping[Any, Answer]], variant: str, suites: Iterable[str]
) -> tuple[str, ...]:
    """A line where devices, kernels or libraries differ between a variant and the baseline.

    On the same weights, bfloat16 alone moves scores from one processor to another by a hundredth.
    Answers whose place is unknown, such as recorded ones, are passed over.
    """
    pairs = [
        (answer.platform, before.platform)
        for suite in suites
        for which, answer in answers.get((variant, suite), {}).items()
        if variant != BASELINE
        and (before := answers.get((BASELINE, suite), {}).get(which)) is not None
        and answer.platform
        and before.platform
    ]
    differing = Counter(pair for pair in pairs if pair[0] != pair[1])
    if not differing:
        return ()
    here, there = differing.most_common(1)[0][0]
    return (
        f"{COMPUTED_ELSEWHERE}: {differing.total():,} of {count(len(pairs), 'answer')}, {here!r} "
        f"against {there!r}; answer both in one place (--ragft-cache=refresh, or save the baseline "
        "again)",
    )


def disagreements(evaluation: Evaluation) -> tuple[Disagreement, ...]:
    """Answers on which the judges of a jury are far apart, the farthest first.

    A jury's score has as evidence ``judges``, each judge's value by name, and ``spread``.
    """
    found = [d for arm in evaluation.scores for d in _disagreements(evaluation, arm)]
    found.sort(key=lambda d: (-d.spread, d.suite, d.id, d.variant, d.metric))
    return tuple(found[:TOP])


def style_over(suites: Iterable[Suite], evaluation: Evaluation, variant: str) -> AnswerStyle | None:
    """A variant's answers beside the baseline's over some suites; None where both gave none."""
    texts: list[tuple[str, str]] = []
    documents: list[tuple[str, ...]] = []
    for suite in suites:
        before, after = (evaluation.answers.get((n, suite.name), {}) for n in (BASELINE, variant))
        for example in suite.examples:
            if example.id in before and example.id in after:
                texts.append((before[example.id].text, after[example.id].text))
                documents.append(suite.cluster_of(example).key(suite.name))
    if not texts:
        return None
    codes = cluster_codes(documents, len(documents))
    words = np.array([[len(text.split()) for text in pair] for pair in texts], dtype=np.float64)
    marked = np.array([[_MARKUP.search(text) is not None for text in pair] for pair in texts])
    marked = marked.astype(np.float64)
    _, lower, upper = mean_interval(words[:, 1] - words[:, 0], codes)
    _, low, high = mean_interval(marked[:, 1] - marked[:, 0], codes)
    shorter, longer = sorted(map(float, words.mean(axis=0)))
    shares = marked.mean(axis=0)
    return AnswerStyle(
        variant=variant,
        n=len(texts),
        baseline_words=float(words[:, 0].mean()),
        variant_words=float(words[:, 1].mean()),
        lower=lower if isfinite(lower) else -longer,
        upper=upper if isfinite(upper) else longer,
        baseline_markup=float(shares[0]),
        variant_markup=float(shares[1]),
        notable=bool(
            (longer > RATIO * shorter and not lower <= 0.0 <= upper)
            or (abs(shares[1] - shares[0]) > MARKUP and not low <= 0.0 <= high)
        ),
    )


def _disagreements(evaluation: Evaluation, arm: Arm) -> Iterator[Disagreement]:
    variant, suite = arm
    for example_id, scores in evaluation.every_score(arm):
        for metric, score in scores.items():
            judges = _values(score)
            spread = max(judges.values()) - min(judges.values()) if len(judges) > 1 else 0.0
            if spread >= APART:
                yield Disagreement(
                    suite=suite,
                    id=example_id,
                    variant=variant,
                    metric=metric,
                    judges=judges,
                    spread=spread,
                )


def _values(score: Score) -> dict[str, float]:
    judges = score.evidence.get("judges")
    if not isinstance(judges, Mapping):
        return {}
    return {
        str(name): float(value)
        for name, value in judges.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def refusals_over(suites: Iterable[Suite], evaluation: Evaluation, variant: str) -> Refusals:
    """A variant's refusals beside the baseline's over the questions of some suites."""
    asked = {True: 0, False: 0}
    declined = {(name, kind): 0 for name in (BASELINE, variant) for kind in (True, False)}
    for suite in suites:
        arms = [(name, suite.name) for name in (BASELINE, variant)]
        answers = [evaluation.answers.get(arm, {}) for arm in arms]
        for example in suite.examples:
            # What has checks may ask for a refusal, or for a text that reads like one.
            if example.checks or any(example.id not in known for known in answers):
                continue
            asked[example.answerable] += 1
            for arm, known in zip(arms, answers, strict=True):
                score = evaluation.score(arm, example.id, "accuracy")
                if draws := evaluation.drawn(arm, example.id):
                    score = draws[0].scores.get("accuracy", score)
                if _declines(example, known[example.id].text, score):
                    declined[arm[0], example.answerable] += 1
    return Refusals(
        variant=variant,
        answerable=asked[True],
        baseline_refused=declined[BASELINE, True],
        variant_refused=declined[variant, True],
        unanswerable=asked[False],
        baseline_abstained=declined[BASELINE, False],
        variant_abstained=declined[variant, False],
    )


def _declines(example: QAExample, answer: str, score: Score) -> bool:
    known = score.evidence.get("abstained")
    if isinstance(known, bool):
        return known
    # A refusal scores 0 where there is an answer: what scores more need not be read again.
    if example.answerable and score.value:
        return False
    scores = ruled(example, answer)
    return scores is not None and scores["accuracy"].evidence.get("abstained") is True
