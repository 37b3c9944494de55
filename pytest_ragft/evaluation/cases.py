"""Cases judged with the store: what is there is read, the rest is judged and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_ragft.errors import JudgeError
from pytest_ragft.evaluation import keys
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.codec import SCORES
from pytest_ragft.evaluation.progress import Progress
from pytest_ragft.judging.guarding import judged
from pytest_ragft.judging.port import Judge, Scores, negotiated
from pytest_ragft.records import Case, Score

BATCH = 256
"""Cases judged between two commits."""

_OF_ANSWERS = ("accuracy", "completeness")


def judge_cases(
    judge: Judge,
    archive: Archive,
    cases: Sequence[Case],
    progress: Progress,
    *,
    batch: int = BATCH,
) -> list[Scores]:
    """Scores of any cases, in their order; equal cases are judged once.

    So many as a `batch` are kept at a time, so that after a failure only the rest is asked for.

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
            with progress.phase(f"judging ({judge.name})", len(rest), "answers") as phase:
                for start in range(0, len(rest), batch):
                    some = {key: pending[key] for key in rest[start : start + batch]}
                    known |= judge_batch(judge, archive, some)
                    phase.advance(len(some))
    return [known[key] for key in by_case]


def judge_batch(judge: Judge, archive: Archive, batch: Mapping[str, Case]) -> dict[str, Scores]:
    """Scores by key, one of each metric, as they are in force in the store.

    A missing score is not kept: the next run asks again.

    Raises:
        JudgeError: the judge failed as a whole, or became another one.
        StoreError: the store cannot be written.
    """
    identity = judge.fingerprint
    given = judged(judge, list(batch.values()))
    if judge.fingerprint != identity:
        # The keys are those of the judge that it was.
        raise JudgeError(
            f"the judge {judge.name!r} found its server changed while it judged; run again"
        )
    by_key = dict(zip(batch, given, strict=True))
    whole = {
        key: scores
        for key, scores in by_key.items()
        if all(score.status != "missing" for score in scores.values())
    }
    return by_key | archive.keep(SCORES, whole)


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
    by_case = [_key(judge, case) for case in cases]
    return dict(archive.load(SCORES, dict.fromkeys(by_case))), by_case


def _key(judge: Judge, case: Case) -> str:
    judged = keys.judged_fingerprint(case.example)
    passages = case.passages if judge.reads_passages else None
    return keys.score_key(judge.fingerprint, judge.metrics, judged, case.answer, passages)
