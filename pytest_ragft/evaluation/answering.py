"""Answers: what the store lacks, in batches, with one load of an engine for all arms on it.

Which batches there are and what is kept of them is decided here, who computes them by an executor.

Batches are cut from the complete suite × variant, whatever part of it was asked for, so that a
resumed or narrowed run gives the answers of a whole one. Each batch is committed when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import groupby

from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.codec import ANSWER
from pytest_ragft.evaluation.evaluation import Arm, Evaluation, catching
from pytest_ragft.evaluation.executor import Batch, Computed, Executor, expect_all
from pytest_ragft.evaluation.requests import SuiteRequests
from pytest_ragft.foreign import mended
from pytest_ragft.generation.port import Engine, Generator
from pytest_ragft.progress import Phase, Progress
from pytest_ragft.reasoning import split_reasoning
from pytest_ragft.records import Answer, Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An arm with work to do."""

    arm: Arm
    generator: Generator
    suite: SuiteRequests
    wanted: frozenset[str]
    """Questions that are asked for and not judged yet."""
    keys: Sequence[str]
    """Of the answers, in the order of the requests; empty where nothing is kept."""
    knowledge: Knowledge = "retrieved"
    """What `suite` shows, and so which evaluation is filled."""


class Answering:
    """Answers jobs into evaluations.

    Args:
        archive: where answers are kept.
        evaluations: that are filled, one for all that a job may show.
        progress: shows the work.
        offline: nothing is computed; answers that are missing are errors.
        before: called before answers are computed; its error is that of the arms.
        executor: computes the batches.
    """

    def __init__(
        self,
        archive: Archive,
        evaluations: Mapping[Knowledge, Evaluation],
        progress: Progress,
        *,
        offline: bool,
        before: Callable[[], None],
        executor: Executor,
    ) -> None:
        self._archive = archive
        self._evaluations = evaluations
        self._progress = progress
        self._offline = offline
        self._before = before
        self._executor = executor

    def run(self, jobs: Sequence[Job]) -> None:
        """Answer what is wanted. What fails is kept in the evaluations' errors."""
        by_engine: dict[str, tuple[Engine, list[Job]]] = {}
        for job in jobs:
            with self._catching(job):
                engine = job.generator.engine
                if engine is None:
                    self._take_recorded(job)
                else:
                    self._load(job)
                    by_engine.setdefault(engine.key, (engine, []))[1].append(job)
        for engine, group in by_engine.values():
            if any(map(self._missing, group)):
                self._compute(engine, group)

    def _into(self, of: Job | Batch) -> Evaluation:
        return self._evaluations[of.knowledge]

    def _catching(self, *of: Job | Batch) -> AbstractContextManager[None]:
        return catching(*((self._into(each), each.arm) for each in of))

    def _take_recorded(self, job: Job) -> None:
        answers = job.generator.generate(job.suite.requests)
        expect_all(job.arm, answers, job.suite.requests)
        for request, answer in zip(job.suite.requests, answers, strict=True):
            self._into(job).add_answer(job.arm, request, whole(answer))

    def _load(self, job: Job) -> None:
        if not self._missing(job):
            return
        found = self._archive.load(ANSWER, job.keys)
        for request, key in zip(job.suite.requests, job.keys, strict=True):
            if key in found:
                self._into(job).add_answer(job.arm, request, found[key])

    def _missing(self, job: Job) -> set[int]:
        """Positions that have to be answered."""
        if job.arm in self._into(job).errors:
            return set()
        answered = self._into(job).answer_to
        return {
            position
            for position, request in enumerate(job.suite.requests)
            if request.id in job.wanted and answered(job.arm, request) is None
        }

    def _compute(self, engine: Engine, jobs: Sequence[Job]) -> None:
        with self._catching(*jobs):
            if self._offline:
                for job in jobs:
                    self._refuse(job)
                return
            with self._archive.store.lock(engine.key):
                try:
                    self._work_off(self._pending(jobs))
                finally:
                    engine.release()

    def _refuse(self, job: Job) -> None:
        if missing := self._missing(job):
            variant, suite = job.arm
            self._into(job).errors[job.arm] = (
                f"offline: {len(missing)} of {self._asked(job)} answers of {variant!r} on suite "
                f"{suite!r} are not in the store {str(self._archive.store.path)!r}; "
                "run once without --ragft-offline"
            )

    def _asked(self, job: Job) -> int:
        return sum(request.id in job.wanted for request in job.suite.requests)

    def _pending(self, jobs: Sequence[Job]) -> list[Batch]:
        """The batches that hold a question which is still missing."""
        pending: list[Batch] = []
        # All of an arm after each other: an engine changes its adapter at each arm.
        arms = list(dict.fromkeys(job.arm[0] for job in jobs))
        for job in sorted(jobs, key=lambda job: arms.index(job.arm[0])):
            with self._catching(job):
                self._load(job)  # another process may have answered while this one waited
                if missing := self._missing(job):
                    pending += [_batch(job, at) for at in _cut(job) if not missing.isdisjoint(at)]
        return pending

    def _work_off(self, pending: Sequence[Batch]) -> None:
        if not pending:
            return
        self._before()
        title = "answering with " + ", ".join(dict.fromkeys(batch.arm[0] for batch in pending))
        total = sum(len(batch.requests) for batch in pending)
        with self._progress.phase(title, total, "answers") as phase:
            for computed in self._executor.execute(self._still_useful(pending, phase)):
                with self._catching(computed.batch):
                    phase.advance(self._keep(computed))

    def _still_useful(self, pending: Sequence[Batch], phase: Phase) -> Iterator[Batch]:
        """An arm that has failed needs no further batch."""
        for batch in pending:
            if batch.arm not in self._into(batch).errors:
                phase.advance(0, " on ".join(batch.arm))
                yield batch

    def _keep(self, computed: Computed) -> int:
        """Keep the answers of a batch; how many there are besides errors."""
        batch, evaluation = computed.batch, self._into(computed.batch)
        if computed.error is not None:
            evaluation.errors.setdefault(batch.arm, computed.error)
            return 0
        answers = [whole(answer) for answer in computed.answers]
        # An error is not kept: the next run asks again.
        fresh = {k: a for k, a in zip(batch.keys, answers, strict=True) if a.error is None}
        kept = self._archive.keep(ANSWER, fresh)
        for request, key, answer in zip(batch.requests, batch.keys, answers, strict=True):
            # An answer that was there stays, so that edits elsewhere in a suite change nothing.
            if evaluation.answer_to(batch.arm, request) is None:
                evaluation.add_answer(batch.arm, request, kept.get(key, answer))
                evaluation.computed[batch.arm] += 1
        return sum(answer.error is None for answer in answers)


def _cut(job: Job) -> Iterator[list[int]]:
    """Batches, each of one draw, so that the first draws are those of a suite without others."""
    for _, group in groupby(enumerate(job.suite.requests), key=lambda pair: pair[1].sample):
        positions, requests = zip(*group, strict=True)
        for batch in job.generator.cut(requests):
            yield [positions[i] for i in batch]


def _batch(job: Job, positions: Sequence[int]) -> Batch:
    return Batch(
        arm=job.arm,
        generator=job.generator,
        requests=[job.suite.requests[position] for position in positions],
        keys=[job.keys[position] for position in positions],
        knowledge=job.knowledge,
    )


def whole(answer: Answer) -> Answer:
    """The answer with its reasoning apart, and halves of surrogate pairs replaced by U+FFFD.

    A server that cuts an answer between two UTF-16 units sends such a half. It is no text: no
    file, tokenizer or socket takes it.
    """
    if not (answer.reasoning or answer.reasoning_cut):
        parts = split_reasoning(answer.text)
        answer = replace(
            answer, text=parts.text, reasoning=parts.reasoning, reasoning_cut=parts.cut
        )
    try:
        answer.text.encode()
        answer.reasoning.encode()
    except UnicodeEncodeError:
        return replace(answer, text=mended(answer.text), reasoning=mended(answer.reasoning))
    return answer


def why_empty(answers: Iterable[Answer]) -> str | None:
    """What is wrong with a baseline most of whose answers are empty; None for any other.

    Nothing could be worse than it, so that a variant that says nothing either would pass.
    """
    given = [answer for answer in answers if answer.error is None]
    empty = [answer for answer in given if not answer.text.strip()]
    if 2 * len(empty) <= len(given):
        return None
    thought = sum(bool(answer.reasoning or answer.reasoning_cut) for answer in empty)
    why = f", {thought} of them as the model only thought" if thought else ""
    return (
        f"{len(empty)} of its {len(given)} answers are empty{why}, so that nothing could be worse; "
        'raise max_new_tokens, which thinking uses, too, or set thinking = "off" under [generation]'
    )
