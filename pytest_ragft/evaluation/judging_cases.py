"""Cases judged and kept as they come, so that whoever ends the process loses a second's work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from pytest_ragft.errors import JudgeError
from pytest_ragft.evaluation import keys
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.codec import SCORES
from pytest_ragft.judging.guarding import checked, judged, judged_each
from pytest_ragft.judging.port import Composed, Judge, Scores, Streaming, negotiated
from pytest_ragft.progress import Progress
from pytest_ragft.records import Case, Score

BATCH = 256
"""Cases that a judge is given at a time, at most."""

Take: TypeAlias = Callable[[str, Scores], None]
"""Gets a case's key and its scores, as they are in force in the store."""

_OF_ANSWERS = ("accuracy", "completeness")
_SECOND = 1.0
# By so much more a second, a judge does its cases at the same time and not one by one.
_FASTER = 1.5


class Pace:
    """How many cases a judge is given at a time: those of about a second.

    The first is alone, and the number doubles while that takes less than a second, or while more
    at a time go faster: a judge that waits for a server needs many under way.
    """

    def __init__(self) -> None:
        self.size = 1
        self._fastest = (0.0, 1)
        """Cases a second, and of how many at a time."""

    def note(self, cases: int, seconds: float) -> None:
        """Learn from so many cases that took so long."""
        rate = cases / max(seconds, 1e-6)
        faster = rate > _FASTER * self._fastest[0]
        if faster:
            self._fastest = rate, cases
        if faster or seconds <= _SECOND:
            self.size = min(BATCH, 2 * self.size)
        else:
            self.size = min(BATCH, max(self._fastest[1], round(rate * _SECOND)))


class Keeper:
    """Judges cases, and keeps what is whole as soon as it is there.

    A missing score is not kept: the next run asks again. Of a judge that is made of others, their
    scores are kept, too, under their own keys.

    Args:
        judge: whose scores these are.
        archive: where they are kept.
        clock: seconds.
    """

    def __init__(
        self, judge: Judge, archive: Archive, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._judge = judge
        self._archive = archive
        self._clock = clock
        self._pace = Pace()
        members = judge.members if isinstance(judge, Composed) else ()
        self._members = [Keeper(member, archive, clock) for member in members]

    def judge(self, cases: Mapping[str, Case], take: Take) -> None:
        """Judge cases by their keys, each of which `take` gets once.

        Raises:
            JudgeError: the judge failed as a whole, or became another one.
            StoreError: the store cannot be written.
        """
        if self._members:
            self._combine(cases, take)
        elif isinstance(self._judge, Streaming):
            self._stream(cases, take)
        else:
            for some in self._in_turn(cases):
                identity, begin = self._judge.fingerprint, self._clock()
                given = judged(self._judge, list(some.values()))
                self._pace.note(len(some), self._clock() - begin)
                self._keep(dict(zip(some, given, strict=True)), identity, take)

    def _in_turn(self, cases: Mapping[str, Case]) -> Iterator[dict[str, Case]]:
        left = iter(cases.items())
        while some := dict(islice(left, self._pace.size)):
            yield some

    def _stream(self, cases: Mapping[str, Case], take: Take) -> None:
        names, identity = list(cases), self._judge.fingerprint

        def done(at: int, scores: Scores) -> None:
            self._keep({names[at]: scores}, identity, take)

        judged_each(self._judge, list(cases.values()), done)

    def _combine(self, cases: Mapping[str, Case], take: Take) -> None:
        assert isinstance(self._judge, Composed)
        identity = self._judge.fingerprint
        given = [member.scores_of(cases) for member in self._members]
        combined = {
            key: checked(self._judge, self._judge.combined([scores[key] for scores in given]))
            for key in cases
        }
        self._keep(combined, identity, take)

    def scores_of(self, cases: Mapping[str, Case]) -> dict[str, Scores]:
        """The scores of cases that have keys of another judge: those kept, and the rest judged."""
        own = {key: case_key(self._judge, case) for key, case in cases.items()}
        found = dict(self._archive.load(SCORES, dict.fromkeys(own.values())))
        lacking = {own[key]: case for key, case in cases.items() if own[key] not in found}
        self.judge(lacking, found.__setitem__)
        return {key: found[own[key]] for key in cases}

    def _keep(self, given: Mapping[str, Scores], identity: str, take: Take) -> None:
        if self._judge.fingerprint != identity:
            # The keys are those of the judge that it was.
            raise JudgeError(
                f"the judge {self._judge.name!r} found its server changed while it judged; "
                "run again"
            )
        whole = {
            key: scores
            for key, scores in given.items()
            if all(score.status != "missing" for score in scores.values())
        }
        for key, scores in {**given, **self._archive.keep(SCORES, whole)}.items():
            take(key, scores)


def case_key(judge: Judge, case: Case) -> str:
    """Under which key the judge's scores of a case are kept."""
    judged_as = keys.judged_fingerprint(case.example)
    passages = case.passages if judge.reads_passages else None
    return keys.score_key(judge.fingerprint, judge.metrics, judged_as, case.answer, passages)


def judge_cases(
    judge: Judge, archive: Archive, cases: Sequence[Case], progress: Progress
) -> list[Scores]:
    """Scores of any cases, in their order; equal cases are judged once.

    They are kept as they come, so that after a failure only the rest is asked for.

    Raises:
        JudgeError: the judge failed as a whole; what was scored before is kept.
        StoreError: the store cannot be used.
    """
    known, by_case = _look_up(judge, archive, cases)
    if len(known) < len(set(by_case)) and negotiated(judge):
        known, by_case = _look_up(judge, archive, cases)
    pending = dict(zip(by_case, cases, strict=True))
    if known.keys() != pending.keys():
        with archive.store.lock(f"judge {judge.fingerprint}"):
            # Another process may have judged while this one waited.
            known = archive.load(SCORES, pending)
            rest = [key for key in pending if key not in known]
            keeper = Keeper(judge, archive)
            with progress.phase(f"judging ({judge.name})", len(rest), "answers") as phase:

                def take(key: str, scores: Scores) -> None:
                    known[key] = scores
                    phase.advance(1)

                for start in range(0, len(rest), BATCH):
                    keeper.judge({key: pending[key] for key in rest[start : start + BATCH]}, take)
    return [known[key] for key in by_case]


def as_answered(unanswered: str, scores: Scores) -> Scores:
    """Scores of an empty text, as they hold for a model that only thought.

    Whatever the judge makes of an empty text, accuracy and completeness of no answer are 0.

    Args:
        unanswered: Why there is no answer; empty where there is one, whose scores stay.
        scores: By metric.
    """
    if not unanswered:
        return scores
    nothing = {
        metric: Score(metric=metric, value=0.0, reason=unanswered)
        for metric in _OF_ANSWERS
        if metric in scores and scores[metric].status != "not_applicable"
    }
    return {**scores, **nothing}


def _look_up(
    judge: Judge, archive: Archive, cases: Sequence[Case]
) -> tuple[dict[str, Scores], list[str]]:
    """The scores that are kept, by key, and the key of each case."""
    by_case = [case_key(judge, case) for case in cases]
    return dict(archive.load(SCORES, dict.fromkeys(by_case))), by_case
