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
from pytest_ragft.records import Case

BATCH = 256
"""Cases judged between two commits."""


def judge_cases(
    judge: Judge, archive: Archive, cases: Sequence[Case], progress: Progress
) -> list[Scores]:
    """Scores of any cases, in their order; equal cases are judged once.

    Each batch is kept when it is done, so that after a failure only the rest is asked for.

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
                for start in range(0, len(rest), BATCH):
                    batch = {key: pending[key] for key in rest[start : start + BATCH]}
                    known |= judge_batch(judge, archive, batch)
                    phase.advance(len(batch))
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


def _look_up(
    judge: Judge, archive: Archive, cases: Sequence[Case]
) -> tuple[dict[str, Scores], list[str]]:
    """The scores that are kept, by key, and the key of each case."""
    by_case = [_key(judge, case) for case in cases]
    return dict(archive.load(SCORES, dict.fromkeys(by_case))), by_case


def _key(judge: Judge, case: Case) -> str:
    judged = keys.judged_fingerprint(case.example)
    passages = case.passages if judge.reads_passages else None
    return keys.score_key(judge.fingerprint, judged, case.answer, passages)
