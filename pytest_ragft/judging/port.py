"""The judge port."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from pytest_ragft.records import Case, Score

Scores = Mapping[str, Score]
"""One score a metric, under the metric's name."""


class Judge(Protocol):
    """Cases in, scores with evidence out, in batches. Blind to the variant."""

    @property
    def name(self) -> str:
        """As given by ``--ragft-judge``."""
        ...

    @property
    def fingerprint(self) -> str:
        """Identity of all that decides a score besides the case: version, model, rubric.

        It must change whenever a score may change: kept scores are found by it.
        That of a `Negotiating` judge is another one where it finds its server changed.
        """
        ...

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that it scores; accuracy and completeness at least."""
        ...

    @property
    def reads_passages(self) -> bool:
        """Whether the passages decide the score, and so belong to its key."""
        ...

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """Scores in the order of `cases`, one of each metric.

        A case that cannot be judged is a ``missing`` score with the reason; nothing is raised
        for a single case. Whoever keeps scores gets them by `guarding.judged`, all the same.

        Raises:
            JudgeError: it cannot judge at all.
        """
        ...


@runtime_checkable
class Checkable(Protocol):
    """A judge that can tell beforehand whether it will be able to judge."""

    def check(self) -> None:
        """Ask one small question, or look for what is needed.

        Raises:
            JudgeError: it cannot judge; the message gives the remedy.
        """
        ...


@runtime_checkable
class Negotiating(Protocol):
    """A judge whose scores depend on what a server grants."""

    def negotiate(self) -> None:
        """Find out what the server grants, unless that is done; `fingerprint` then covers it.

        Where the server does not answer, what it last granted stays, and `judge` gives missing
        scores with the reason.

        Raises:
            StoreError: what was found cannot be kept.
        """
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report says about it, such as what the server does not grant."""
        ...


@runtime_checkable
class Selective(Protocol):
    """A judge that can leave out metrics, each of which costs something."""

    def asking(self, metrics: Collection[str]) -> Judge:
        """The same judge, scoring only those of its metrics that are among `metrics`.

        Its fingerprint is that of the whole judge: no metric's score depends on what else is
        asked. What it scores then is told by its `metrics`, which belong to the key of scores.
        """
        ...


@runtime_checkable
class Versioned(Protocol):
    """A judge whose agreement with people was measured before it was shipped."""

    @property
    def version(self) -> str:
        """Of its rules and fitted parts together: under it stands what was measured."""
        ...


@runtime_checkable
class Streaming(Protocol):
    """A judge that has many cases under way, and gives the scores of each as they come."""

    def judge_each(self, cases: Sequence[Case], done: Callable[[int, Scores], None]) -> None:
        """As `Judge.judge`, one case at a time.

        Args:
            cases: to be judged.
            done: gets the position of a case and its scores, once for each, perhaps from another
                thread; what it raises ends the judging.

        Raises:
            JudgeError: it cannot judge at all.
        """
        ...


@runtime_checkable
class Composed(Protocol):
    """A judge that is made of others, each of which may be asked by itself."""

    @property
    def members(self) -> Sequence[Judge]:
        """The others, in their order."""
        ...

    def combined(self, given: Sequence[Scores]) -> Scores:
        """The scores of a case from what each member gave it."""
        ...


def asking(judge: Judge, metrics: Collection[str]) -> Judge:
    """`judge` for some metrics alone, where it can leave the others out; else as it is."""
    return judge.asking(metrics) if isinstance(judge, Selective) else judge


def negotiated(judge: Judge) -> bool:
    """Negotiate if it is such a judge; whether its fingerprint is another one since.

    Before a score is asked for this comes first, so that none is kept under the identity of a
    server that grants something else.

    Raises:
        StoreError: what was found cannot be kept.
    """
    if not isinstance(judge, Negotiating):
        return False
    before = judge.fingerprint
    judge.negotiate()
    return judge.fingerprint != before


def notes_of(judge: Judge) -> tuple[str, ...]:
    """What a report says about a judge besides its agreement with people."""
    return judge.notes if isinstance(judge, Negotiating) else ()


def missing_score(metric: str, reason: str) -> Score:
    """A missing score."""
    return Score(metric=metric, value=None, status="missing", reason=reason)


def for_both(score: Score) -> Scores:
    """`score` for accuracy and for completeness."""
    return {metric: replace(score, metric=metric) for metric in ("accuracy", "completeness")}
