"""Answers of two arms that were computed in different places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from pytest_ragft.evaluation.evaluation import BASELINE, Arm
from pytest_ragft.numbers import count
from pytest_ragft.records import Answer

COMPUTED_ELSEWHERE = "computed elsewhere than the baseline"


def elsewhere(
    answers: Mapping[Arm, Mapping[str, Answer]], variant: str, suites: Iterable[str]
) -> tuple[str, ...]:
    """A line where devices, kernels or libraries differ between a variant and the baseline.

    On the same weights, bfloat16 alone moves scores from one processor to another by a hundredth.
    Answers whose place is unknown, such as recorded ones, are passed over.
    """
    pairs = [
        (answer.platform, before.platform)
        for suite in suites
        for example_id, answer in answers.get((variant, suite), {}).items()
        if variant != BASELINE
        and (before := answers.get((BASELINE, suite), {}).get(example_id)) is not None
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
