"""Several judges as one."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from copy import copy
from typing import Literal

from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import SpecError
from pytest_ragft.judging.guarding import judged
from pytest_ragft.judging.port import (
    Checkable,
    Judge,
    Scores,
    asking,
    missing_score,
    negotiated,
    notes_of,
)
from pytest_ragft.records import Case, Score
from pytest_ragft.store import fingerprint

Rule = Literal["mean", "majority"]

_VERSION = "jury/1"


class Jury:
    """The mean of several judges' scores, or what most of them say.

    A score that one member lacks is missing: without it, the cases that a judge finds hard would
    be decided by the others, and differently for baseline and variant. Each score's evidence keeps
    what every member gave, and how far apart they were. No member is asked for a metric that
    another one does not score.

    Args:
        members: At least two judges with different names.
        rule: ``mean``, or ``majority``: 1 when most members give at least 0.5, else 0.

    Raises:
        SpecError: too few members, one named twice, or an even number for ``majority``.
    """

    def __init__(self, members: Sequence[Judge], *, rule: Rule = "mean") -> None:
        names = [member.name for member in members]
        where = f"--ragft-judge=jury:{','.join(names)}"
        if len(members) < 2:
            raise SpecError(f"{where}: a jury has at least two judges; name them with commas")
        if len(set(names)) < len(names):
            raise SpecError(f"{where}: a judge is named twice, and would count twice; name it once")
        if rule == "majority" and len(members) % 2 == 0:
            raise SpecError(
                f"{where}: {len(members)} judges can be in a tie; name an odd number, or take the "
                "mean"
            )
        first, *others = (member.metrics for member in members)
        common = [metric for metric in first if all(metric in of for of in others)]
        self._members = tuple(asking(member, common) for member in members)
        self._metrics = tuple(common)
        self._rule: Rule = rule

    @property
    def name(self) -> str:
        """As given by ``--ragft-judge``."""
        rule = "" if self._rule == "mean" else f"{self._rule}:"
        return f"jury:{rule}{','.join(member.name for member in self._members)}"

    @property
    def fingerprint(self) -> str:
        """The members' and the rule."""
        return fingerprint(
            _VERSION, self._rule, [[member.name, member.fingerprint] for member in self._members]
        )

    @property
    def metrics(self) -> tuple[str, ...]:
        """What all members score."""
        return self._metrics

    def asking(self, metrics: Collection[str]) -> Jury:
        """The same jury, asked only for some of its metrics."""
        narrowed = copy(self)
        narrowed._members = tuple(asking(member, metrics) for member in self._members)
        narrowed._metrics = tuple(metric for metric in self._metrics if metric in metrics)
        return narrowed

    @property
    def reads_passages(self) -> bool:
        """Whether a member does."""
        return any(member.reads_passages for member in self._members)

    @property
    def members(self) -> tuple[Judge, ...]:
        """The judges, in their order."""
        return self._members

    @property
    def usage(self) -> Usage:
        """Calls and tokens of all members that make calls."""
        counts = (getattr(member, "usage", None) for member in self._members)
        return sum((count for count in counts if isinstance(count, Usage)), Usage())

    def check(self) -> None:
        """Check every member that can be checked.

        Raises:
            JudgeError: one cannot judge.
        """
        for member in self._members:
            if isinstance(member, Checkable):
                member.check()

    def negotiate(self) -> None:
        """Let every member find out what its server grants.

        Raises:
            StoreError: what was found cannot be kept.
        """
        for member in self._members:
            negotiated(member)

    @property
    def notes(self) -> tuple[str, ...]:
        """The members', each with its name."""
        return tuple(f"{of.name}: {note}" for of in self._members for note in notes_of(of))

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """Scores in the order of `cases`."""
        verdicts = [judged(member, cases) for member in self._members]
        return [self.combined(of_case) for of_case in zip(*verdicts, strict=True)]

    def combined(self, given: Sequence[Scores]) -> Scores:
        """The scores of a case from what each member gave it, in their order."""
        return {
            metric: self._combine(metric, [scores[metric] for scores in given])
            for metric in self.metrics
        }

    def _combine(self, metric: str, scores: Sequence[Score]) -> Score:
        names = [member.name for member in self._members]
        by_name = list(zip(names, scores, strict=True))
        lacking = [(name, score) for name, score in by_name if score.status == "missing"]
        if lacking:
            said = "; ".join(f"{name}: {score.reason}" for name, score in lacking)
            return missing_score(metric, said)
        outside = [name for name, score in by_name if score.status == "not_applicable"]
        if len(outside) == len(names):
            return Score(
                metric=metric, value=None, status="not_applicable", reason=scores[0].reason
            )
        if outside:
            reason = f"the judges disagree on whether it applies; not for {', '.join(outside)}"
            return missing_score(metric, reason)
        values = {name: score.value for name, score in by_name if score.value is not None}
        spread = max(values.values()) - min(values.values())
        return Score(
            metric=metric,
            value=self._value(list(values.values())),
            reason=_said(by_name),
            evidence={"judges": values, "spread": spread},
        )

    def _value(self, values: Sequence[float]) -> float:
        if self._rule == "majority":
            return float(2 * sum(value >= 0.5 for value in values) > len(values))
        return min(1.0, math.fsum(values) / len(values))


def _said(scores: Sequence[tuple[str, Score]]) -> str:
    return "; ".join(f"{name} {score.value:.2f}" for name, score in scores)
