"""Evaluate suites × variants: everything the store lacks, grouped by what is loaded together.

Batches are cut from the complete suite × variant, whatever part of it was asked for, so that a
resumed or narrowed run gives the answers of a whole one. Each batch is committed when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import groupby

from pytest_ragft.errors import GenerationError, RagftError
from pytest_ragft.evaluation import codec, keys
from pytest_ragft.evaluation.baseline import SavedBaseline
from pytest_ragft.evaluation.evaluation import BASELINE, Arm, Evaluation
from pytest_ragft.evaluation.progress import Progress
from pytest_ragft.generation.port import Generator
from pytest_ragft.judging.port import Judge, Scores
from pytest_ragft.records import Answer, Case, Hit, Passage, Prompt, QAExample, Request, Score
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.store import Store, fingerprint
from pytest_ragft.suite import Suite

JUDGE_BATCH = 256
"""Answers judged between two commits."""


@dataclass(frozen=True, slots=True)
class _Job:
    """An arm with work to do: its requests, their keys, and which of them are wanted."""

    arm: Arm
    generator: Generator
    requests: list[Request]
    keys: list[str]
    wanted: frozenset[str]


@dataclass(slots=True)
class Evaluator:
    """Fills an `Evaluation` with what is asked for, computing only what the store lacks."""

    store: Store
    judge: Judge
    suites: Mapping[str, Suite]
    generators: Mapping[Arm, Generator]
    """A generator for each arm; none for the arms of a saved baseline."""
    open_retriever: Callable[[Suite], Retriever]
    progress: Progress
    saved: SavedBaseline | None = None
    limit: int | None = None
    offline: bool = False
    evaluation: Evaluation = field(default_factory=Evaluation)

    def evaluate(self, wanted: Mapping[Arm, frozenset[str] | None]) -> Evaluation:
        """Answer and judge the wanted questions of each arm; None wants all of them.

        What fails is kept in `Evaluation.errors`, and the rest goes on.
        """
        for suite in sorted({suite for _, suite in wanted}):
            self._freeze_hits(suite, [arm for arm in wanted if arm[1] == suite])
        self._take_saved(wanted)
        jobs = [job for arm, ids in wanted.items() if (job := self._job(arm, ids)) is not None]
        by_engine = sorted(jobs, key=lambda job: _engine_key(job.generator))
        for engine_key, group in groupby(by_engine, key=lambda job: _engine_key(job.generator)):
            self._answer(engine_key, list(group))
        self._judge(jobs)
        return self.evaluation

    def examples(self, suite: str) -> tuple[QAExample, ...]:
        """The questions of a suite that this run asks."""
        return self.suites[suite].examples[: self.limit]

    def passages(self, suite: str, example_id: str) -> tuple[Passage, ...]:
        """The frozen passages that every variant sees with a question."""
        if self.saved is not None and suite in self.saved.suites:
            return self.saved.suites[suite].passages(example_id)
        corpus = self.suites[suite].passages
        return tuple(corpus[hit.passage_id] for hit in self.evaluation.hits[suite][example_id])

    def request(self, suite: str, example: QAExample) -> Request:
        """What every variant is asked about a question."""
        passages = self.passages(suite, example.id)
        prompt = self._prompt(self.suites[suite], example.question, passages)
        return Request(suite=suite, id=example.id, prompt=prompt)

    def ask(self, variant: str, suite: str, question: str) -> Answer:
        """A variant's answer to any question, over what the retriever finds; kept in the store.

        Raises:
            GenerationError: the variant cannot answer new questions, or the model failed.
            RetrievalError: the retriever failed.
        """
        generator = self.generators.get((variant, suite))
        if generator is None or generator.engine is None:
            raise GenerationError(f"{variant!r} is recorded: it cannot answer a new question")
        of = self.suites[suite]
        (hits,) = self.open_retriever(of).retrieve([question], of.retrieval.k)
        prompt = self._prompt(of, question, tuple(of.passages[hit.passage_id] for hit in hits))
        key = keys.answer_key(generator.fingerprint, prompt, None)
        if key not in (found := self.store.get([key])):
            if self.offline:
                raise GenerationError(
                    f"offline: {variant!r} has no stored answer to {question!r}; "
                    "run once without --ragft-offline"
                )
            with self._lock(generator.engine.key):
                request = Request(suite=suite, id="", prompt=prompt)
                (answer,) = generator.generate([request])
            if answer.error is not None:
                raise GenerationError(f"{variant!r} did not answer {question!r}: {answer.error}")
            self.store.put("answer", {key: codec.dumps(codec.to_plain(answer))})
            return answer
        return codec.answer_from(codec.loads(found[key]))

    def _prompt(self, suite: Suite, question: str, passages: tuple[Passage, ...]) -> Prompt:
        return Prompt(
            system=suite.prompt.system,
            user=suite.prompt.user,
            question=question,
            passages=passages,
        )

    def _freeze_hits(self, name: str, arms: Sequence[Arm]) -> None:
        if name in self.evaluation.hits:
            return
        try:
            todays = self._hits(self.suites[name])
        except RagftError as error:
            self.evaluation.errors.update(dict.fromkeys(arms, str(error)))
            return
        saved = self.saved.suites.get(name) if self.saved is not None else None
        self.evaluation.hits[name] = todays if saved is None else dict(saved.hits)
        if saved is not None and (moved := _moved(todays, saved.hits)):
            self.evaluation.notes.append(
                f"{name}: today's index gives other passages for {moved} of {len(todays)} "
                "questions than the saved baseline's, over which all variants answered"
            )

    def _hits(self, suite: Suite) -> dict[str, tuple[Hit, ...]]:
        examples = self.examples(suite.name)
        retriever = self.open_retriever(suite)
        queries = [example.question for example in examples]
        key = keys.hits_key(retriever.fingerprint, queries, suite.retrieval.k)
        found = self.store.get([key])
        if key in found:
            ranked = [codec.hits_from(plain) for plain in codec.loads(found[key])]
        else:
            ranked = retriever.retrieve(queries, suite.retrieval.k)
            text = codec.dumps([codec.hits_to_plain(hits) for hits in ranked])
            self.store.put("hits", {key: text})
        return {e.id: hits for e, hits in zip(examples, ranked, strict=True)}

    def _take_saved(self, wanted: Mapping[Arm, object]) -> None:
        if self.saved is None:
            return
        for variant, suite in wanted:
            if variant == BASELINE:
                part = self.saved.suites[suite]
                self.evaluation.answers[variant, suite] = dict(part.answers)
                self.evaluation.scores[variant, suite] = dict(part.scores)

    def _job(self, arm: Arm, ids: frozenset[str] | None) -> _Job | None:
        generator = self.generators.get(arm)
        if generator is None or arm in self.evaluation.errors:
            return None
        examples = self.examples(arm[1])
        wanted = frozenset(e.id for e in examples) if ids is None else ids
        wanted -= self.evaluation.scores[arm].keys()
        requests = [self.request(arm[1], example) for example in examples]
        identity = generator.fingerprint
        answer_keys = [keys.answer_key(identity, r.prompt, self.limit) for r in requests]
        return _Job(arm, generator, requests, answer_keys, wanted)

    def _answer(self, engine_key: str, jobs: Sequence[_Job]) -> None:
        if not engine_key:
            for job in jobs:
                with self._arm_errors(job.arm):
                    answers = job.generator.generate(job.requests)
                    self._keep(job, range(len(answers)), answers, store=False)
            return
        for job in jobs:
            with self._arm_errors(job.arm):
                self._load(job)
        if not any(self._missing(job) for job in jobs):
            return
        if self.offline:
            for job in jobs:
                self._refuse_offline(job)
            return
        with self._lock(engine_key):
            try:
                self._generate(jobs)
            finally:
                engine = jobs[0].generator.engine
                assert engine is not None
                engine.release()

    def _generate(self, jobs: Sequence[_Job]) -> None:
        work: list[tuple[_Job, list[int]]] = []
        for job in jobs:
            with self._arm_errors(job.arm):
                self._load(job)  # another process may have answered while this one waited
                if missing := self._missing(job):
                    batches = job.generator.cut(job.requests)
                    work += [(job, batch) for batch in batches if not missing.isdisjoint(batch)]
        title = "answering with " + ", ".join(dict.fromkeys(job.arm[0] for job, _ in work))
        total = sum(len(batch) for _, batch in work)
        with self.progress.phase(title, total, "answers") as phase:
            for job, batch in work:
                if job.arm not in self.evaluation.errors:
                    phase.advance(0, " on ".join(job.arm))
                    with self._arm_errors(job.arm):
                        requests = [job.requests[i] for i in batch]
                        self._keep(job, batch, job.generator.generate(requests), store=True)
                phase.advance(len(batch))

    def _keep(
        self, job: _Job, positions: Sequence[int], answers: Sequence[Answer], *, store: bool
    ) -> None:
        if len(answers) != len(positions):
            raise GenerationError(
                f"{job.arm[0]!r} gave {len(answers)} answers to {len(positions)} requests"
            )
        known = self.evaluation.answers[job.arm]
        fresh: dict[str, str] = {}
        for position, answer in zip(positions, answers, strict=True):
            # An answer that was there stays, so that edits elsewhere in a suite change nothing.
            known.setdefault(job.requests[position].id, answer)
            if answer.error is None:
                fresh[job.keys[position]] = codec.dumps(codec.to_plain(answer))
        if store:
            self.evaluation.computed[job.arm] += len(answers)
            self.store.put("answer", fresh)

    def _load(self, job: _Job) -> None:
        found = self.store.get(job.keys)
        known = self.evaluation.answers[job.arm]
        for request, key in zip(job.requests, job.keys, strict=True):
            if key in found:
                known.setdefault(request.id, codec.answer_from(codec.loads(found[key])))

    def _missing(self, job: _Job) -> set[int]:
        known = self.evaluation.answers[job.arm]
        if job.arm in self.evaluation.errors:
            return set()
        return {
            i for i, r in enumerate(job.requests) if r.id in job.wanted and r.id not in known
        }

    def _refuse_offline(self, job: _Job) -> None:
        if missing := self._missing(job):
            self.evaluation.errors[job.arm] = (
                f"offline: {len(missing)} of {len(job.wanted)} answers of {job.arm[0]!r} on suite "
                f"{job.arm[1]!r} are not in the store {str(self.store.path)!r}; "
                "run once without --ragft-offline"
            )

    def _judge(self, jobs: Sequence[_Job]) -> None:
        pending: list[tuple[Arm, str, Case, str]] = []
        for job in jobs:
            with self._arm_errors(job.arm):
                pending += self._unscored(job)
        if not pending:
            return
        with self.progress.phase(f"judging ({self.judge.name})", len(pending), "answers") as phase:
            for start in range(0, len(pending), JUDGE_BATCH):
                batch = pending[start : start + JUDGE_BATCH]
                self._judge_batch(batch)
                phase.advance(len(batch))

    def _judge_batch(self, batch: Sequence[tuple[Arm, str, Case, str]]) -> None:
        arms = {arm for arm, *_ in batch}
        try:
            judged = self.judge.judge([case for *_, case, _ in batch])
            entries: dict[str, str] = {}
            for (arm, example_id, _, key), scores in zip(batch, judged, strict=True):
                self.evaluation.scores[arm][example_id] = scores
                # A missing score is asked for again by the next run.
                if all(score.status != "missing" for score in scores.values()):
                    entries[key] = codec.dumps(codec.scores_to_plain(scores))
            self.store.put("score", entries)
        except RagftError as error:
            for arm in arms:
                self.evaluation.errors.setdefault(arm, str(error))

    def _unscored(self, job: _Job) -> Iterator[tuple[Arm, str, Case, str]]:
        examples = {e.id: e for e in self.examples(job.arm[1])}
        cases: dict[str, tuple[Case, str]] = {}
        for example_id in (r.id for r in job.requests):
            answer = self.evaluation.answers[job.arm].get(example_id)
            if answer is None or example_id not in job.wanted:
                continue
            if answer.error is not None:
                self.evaluation.scores[job.arm][example_id] = self._unjudged(answer.error)
                continue
            case = Case(
                example=examples[example_id],
                answer=answer.text,
                passages=self.passages(job.arm[1], example_id),
            )
            key = keys.score_key(self.judge.fingerprint, self.judge.reads_passages, case)
            cases[example_id] = case, key
        found = self.store.get([key for _, key in cases.values()])
        for example_id, (case, key) in cases.items():
            if key in found:
                scores = codec.scores_from(codec.loads(found[key]))
                self.evaluation.scores[job.arm][example_id] = scores
            else:
                yield job.arm, example_id, case, key

    def _unjudged(self, error: str) -> Scores:
        return {
            metric: Score(
                metric=metric, value=None, status="missing", reason=f"no answer to judge: {error}"
            )
            for metric in self.judge.metrics
        }

    @contextmanager
    def _arm_errors(self, arm: Arm) -> Iterator[None]:
        try:
            yield
        except RagftError as error:
            self.evaluation.errors.setdefault(arm, str(error))

    def _lock(self, engine_key: str) -> AbstractContextManager[object]:
        if self.store.mode == "ro":
            return nullcontext()
        from filelock import FileLock

        folder = self.store.path.parent / "locks"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RagftError(
                f"the folder {str(folder)!r} for locks cannot be made: {error}; "
                "make it writable, or read the store with --ragft-cache=ro"
            ) from error
        return FileLock(folder / f"{fingerprint(engine_key)}.lock")


def _engine_key(generator: Generator) -> str:
    return "" if generator.engine is None else generator.engine.key


def _moved(todays: Mapping[str, tuple[Hit, ...]], saved: Mapping[str, tuple[Hit, ...]]) -> int:
    def ids(hits: tuple[Hit, ...]) -> list[str]:
        return [hit.passage_id for hit in hits]

    return sum(ids(hits) != ids(saved.get(i, ())) for i, hits in todays.items())
