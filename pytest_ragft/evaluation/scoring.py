"""Scores: what the store lacks, kept as it comes. Equal cases are judged once and share scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pytest_ragft.evaluation import keys
from pytest_ragft.evaluation.answering import Job
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.codec import SCORES
from pytest_ragft.evaluation.evaluation import Arm, Evaluation
from pytest_ragft.evaluation.judging_cases import BATCH, Keeper, Take, as_answered
from pytest_ragft.garbage import no_collection
from pytest_ragft.judging.checks import check_score
from pytest_ragft.judging.guarding import no_scores
from pytest_ragft.judging.port import Judge, Scores, missing_score, negotiated
from pytest_ragft.progress import Progress
from pytest_ragft.records import CHECKS, Case, Request


@dataclass(frozen=True, slots=True)
class _Pending:
    """A case to be judged, and all whose score that will be."""

    case: Case
    of: list[tuple[Arm, Request]] = field(default_factory=list)


class Scoring:
    """Judges the answers of jobs into an evaluation.

    Args:
        judge: blind to the variant.
        archive: where scores are kept.
        evaluation: that is filled.
        progress: shows the work.
    """

    def __init__(
        self, judge: Judge, archive: Archive, evaluation: Evaluation, progress: Progress
    ) -> None:
        self._judge = judge
        self._archive = archive
        self._evaluation = evaluation
        self._progress = progress

    def run(self, jobs: Sequence[Job]) -> None:
        """Judge every answer that is wanted. What fails is kept in the evaluation's errors."""
        pending = self._collect(jobs)
        if pending and self._judge_changed(jobs):
            # Nor do scores count that the store has of the judge as it was.
            self._forget(jobs)
            pending = self._collect(jobs)
        if not self._is_one_judge(jobs):
            self._forget(jobs)
            return
        if not pending:
            return
        with (
            self._evaluation.catching(*_arms(pending.values())),
            self._archive.store.lock(f"judge {self._judge.fingerprint}"),
        ):
            # Another process may have judged while this one waited.
            for key, scores in self._archive.load(SCORES, pending).items():
                self._take(pending.pop(key), scores)
            if pending:
                self._work_off(pending)

    @no_collection()
    def _collect(self, jobs: Sequence[Job]) -> dict[str, _Pending]:
        """Take the scores that are there; the others are pending."""
        pending: dict[str, _Pending] = {}
        for job in jobs:
            with self._evaluation.catching(job.arm):
                cases = list(self._cases(job))
                found = self._archive.load(SCORES, [key for key, _, _ in cases])
                for key, request, case in cases:
                    if key in found:
                        self._give(job.arm, request, found[key])
                    else:
                        pending.setdefault(key, _Pending(case)).of.append((job.arm, request))
        return pending

    def _judge_changed(self, jobs: Sequence[Job]) -> bool:
        with self._evaluation.catching(*(job.arm for job in jobs)):
            return negotiated(self._judge)
        return False

    def _is_one_judge(self, jobs: Sequence[Job]) -> bool:
        """Whether these are no scores of another judge than those that are there."""
        with self._evaluation.catching(*(job.arm for job in jobs)):
            if jobs:
                self._evaluation.expect_judge(self._judge.name, self._judge.fingerprint)
            return True
        return False

    def _forget(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            for example_id in job.wanted:
                self._evaluation.forget_scores(job.arm, example_id)

    def _cases(self, job: Job) -> Iterator[tuple[str, Request, Case]]:
        reads_passages, judge = self._judge.reads_passages, self._judge.fingerprint
        metrics = self._judge.metrics
        questions = dict(zip(job.suite.samples, range(len(job.suite.examples)), strict=True))
        for request in job.suite.requests:
            answer = self._evaluation.answer_to(job.arm, request)
            if answer is None or request.id not in job.wanted:
                continue
            at = questions[request.id]
            example, judged = job.suite.examples[at], job.suite.judged[at]
            if answer.error is not None:
                reason = f"no answer to judge: {answer.error}"
                missing = no_scores(self._judge, reason)
                if example.checks:
                    missing = {CHECKS: missing_score(CHECKS, reason)}
                self._evaluation.add_scores(job.arm, request, missing)
                continue
            if example.checks:
                # Found again in no time, so that nothing is kept: a key would go stale.
                found = check_score(example, answer.text, unanswered=answer.unanswered)
                self._evaluation.add_scores(job.arm, request, {CHECKS: found})
                continue
            passages = job.suite.passages(example.id)
            read = passages if reads_passages else None
            key = keys.score_key(judge, metrics, judged, answer.text, read)
            yield key, request, Case(example=example, answer=answer.text, passages=passages)

    def _work_off(self, pending: dict[str, _Pending]) -> None:
        failed: set[Arm] = set()
        every = list(pending.items())
        keeper = Keeper(self._judge, self._archive)
        with self._progress.phase(f"judging ({self._judge.name})", len(every), "answers") as phase:

            def take(key: str, scores: Scores) -> None:
                self._take(pending[key], scores)
                phase.advance(1)

            for start in range(0, len(every), BATCH):
                some = every[start : start + BATCH]
                batch = {key: of for key, of in some if not failed.issuperset(_arms([of]))}
                failed |= self._try_batch(keeper, batch, take)

    def _try_batch(self, keeper: Keeper, batch: dict[str, _Pending], take: Take) -> set[Arm]:
        """Judge a batch; the arms that failed, where the judge cannot judge at all."""
        arms = _arms(batch.values())
        with self._evaluation.catching(*arms):
            keeper.judge({key: pending.case for key, pending in batch.items()}, take)
            return set()
        return set(arms)

    def _take(self, pending: _Pending, scores: Scores) -> None:
        for arm, request in pending.of:
            self._give(arm, request, scores)

    def _give(self, arm: Arm, request: Request, scores: Scores) -> None:
        # Arms share the scores of an empty text, each of which is empty for a reason of its own.
        answer = self._evaluation.answer_to(arm, request)
        assert answer is not None, "it was judged"
        self._evaluation.add_scores(arm, request, as_answered(answer.unanswered, scores))


def _arms(pending: Iterable[_Pending]) -> list[Arm]:
    return list(dict.fromkeys(arm for case in pending for arm, _ in case.of))
