"""What may sway a judge: answers that look different from the baseline's, judges that disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isfinite

import numpy as np

from pytest_ragft.evaluation.evaluation import BASELINE
from pytest_ragft.records import AnswerStyle, Disagreement, Score
from pytest_ragft.run.run import Run
from pytest_ragft.stats.clusters import cluster_codes
from pytest_ragft.stats.means import mean_interval

RATIO = 1.15
"""Mean lengths further apart than this are notable, if the difference is sure."""
MARKUP = 0.15
"""So are shares of answers with markup further apart than this."""
TOP = 10
APART = 0.25
"""Spread between judges from which a question is listed."""

# Lists, headings, emphasis, tables: what makes an answer look thorough.
_MARKUP = re.compile(r"^\s*(?:[-*•+]|\d{1,2}[.)])\s|^#{1,6}\s|\*\*|__|^\s*\|.*\|", re.MULTILINE)


def answer_styles(run: Run) -> tuple[AnswerStyle, ...]:
    """Each variant's answers beside the baseline's, over the questions that both answered."""
    if not run.settings.gated:
        return ()
    found = (_style(run, variant.name) for variant in run.variants)
    return tuple(style for style in found if style is not None)


def disagreements(run: Run) -> tuple[Disagreement, ...]:
    """Answers on which the judges of a jury are far apart, the farthest first.

    A jury's score has as evidence ``judges``, each judge's value by name, and ``spread``.
    """
    found = [d for arm in run.evaluation.scores for d in _disagreements(run, arm)]
    found.sort(key=lambda d: (-d.spread, d.suite, d.id, d.variant, d.metric))
    return tuple(found[:TOP])


def _style(run: Run, variant: str) -> AnswerStyle | None:
    texts: list[tuple[str, str]] = []
    documents: list[tuple[str, ...]] = []
    for suite in run.suites.values():
        before, after = (
            run.evaluation.answers.get((n, suite.name), {}) for n in (BASELINE, variant)
        )
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


def _disagreements(run: Run, arm: tuple[str, str]) -> Iterator[Disagreement]:
    variant, suite = arm
    for example_id, scores in run.evaluation.scores[arm].items():
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
