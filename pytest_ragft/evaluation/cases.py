"""Cases judged outside a run: what the store has is read, the rest is judged and kept."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.codec import SCORES
from pytest_ragft.evaluation.keeping import BATCH, Keeper, case_key
from pytest_ragft.judging.port import Judge, Scores, negotiated
from pytest_ragft.progress import Progress
from pytest_ragft.records import Case, Score

_OF_ANSWERS = ("accuracy", "completeness")


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
