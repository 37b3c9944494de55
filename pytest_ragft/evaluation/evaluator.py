"""Evaluate suites × variants: frozen hits, then answers, then scores; only what is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from pytest_ragft.errors import GenerationError, RetrievalError, described
from pytest_ragft.evaluation import keys
from pytest_ragft.evaluation.answering import Answering, Job, whole, why_empty
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.baseline import SavedBaseline, SavedSuite
from pytest_ragft.evaluation.codec import ANSWER
from pytest_ragft.evaluation.drawing import draw_notes, first_request
from pytest_ragft.evaluation.evaluation import RETRIEVAL, Arm, Evaluation
from pytest_ragft.evaluation.executor import Executor, InProcess
from pytest_ragft.evaluation.further import Further
from pytest_ragft.evaluation.ranking import deepest, index_notes, rank_scores
from pytest_ragft.evaluation.requests import SuiteRequests, moved, prompt_for, shown
from pytest_ragft.evaluation.retrieving import Retrieved, retrieve
from pytest_ragft.evaluation.scoring import Scoring
from pytest_ragft.generation.port import Concurrent, Generator, kept_under
from pytest_ragft.judging.port import Checkable, Judge
from pytest_ragft.progress import Progress
from pytest_ragft.records import BASELINE, CHECKS, Answer, Knowledge, Passage, QAExample
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.store import Store
from pytest_ragft.suite import Suite


class Evaluator:
    """Fills an `Evaluation` with what is asked for, computing only what the store lacks.

    Args:
        store: keeps hits, answers and scores.
        judge: scores the answers.
        suites: by name.
        generators: one for each arm; none for the arms of a saved baseline.
        retriever_of: gives the retriever of a suite, the same one each time.
        progress: shows long work.
        saved: the saved baseline, checked against `suites`.
        limit: ask only the first questions of each suite.
        offline: no model is loaded; what the store lacks is an error.
        retrieval: metrics of retrieval gates, by suite; they decide how deep hits are asked for.
        evaluation: what another process of the run has evaluated.
        executor: computes batches of answers; None: this process does.
        knowledge: what else than retrieved passages questions are asked with, where that is wanted.
    """

    def __init__(
        self,
        *,
        store: Store,
        judge: Judge,
        suites: Mapping[str, Suite],
        generators: Mapping[Arm, Generator],
        retriever_of: Callable[[Suite], Retriever],
        progress: Progress,
        saved: SavedBaseline | None = None,
        limit: int | None = None,
        offline: bool = False,
        retrieval: Mapping[str, Sequence[str]] | None = None,
        evaluation: Evaluation | None = None,
        executor: Executor | None = None,
        knowledge: Sequence[Knowledge] = (),
    ) -> None:
        self.suites = suites
        self.generators = generators
        self.evaluation = Evaluation() if evaluation is None else evaluation
        self.further = Further(knowledge, suites, self.examples)
        self._retriever_of = retriever_of
        self._saved = saved
        if saved is not None:
            self.evaluation.judge = saved.judge_fingerprint
        self._limit = limit
        self._offline = offline
        self._archive = Archive(store)
        self._judge = judge
        self._progress = progress
        self._answering = Answering(
            self._archive,
            {"retrieved": self.evaluation, **self.further.evaluations},
            progress,
            offline=offline,
            before=self._check_judge,
            executor=executor or InProcess(),
        )
        self._scoring = Scoring(judge, self._archive, self.evaluation, progress)
        self._requests: dict[str, SuiteRequests] = {}
        self._metrics = retrieval or {}
        self._today: dict[str, Retrieved | RetrievalError] = {}

    def evaluate(
        self, wanted: Mapping[Arm, frozenset[str] | None], *, further: Sequence[Arm] = ()
    ) -> Evaluation:
        """Answer and judge the wanted questions of each arm; None wants all of them.

        The arms of `RETRIEVAL` are scored by what was retrieved, then and today. What fails is
        kept in `Evaluation.errors`, and the rest goes on.

        Args:
            wanted: questions by arm.
            further: arms that are asked all their questions with other passages, too, for
                `Evaluator.further`. One load of an engine answers both.
        """
        for name in dict.fromkeys(suite for _, suite in wanted):
            with self.evaluation.catching(*(arm for arm in wanted if arm[1] == name)):
                self._requests_of(name)
        for arm in wanted:
            if arm[0] == RETRIEVAL and arm not in self.evaluation.errors:
                with self.evaluation.catching(arm):
                    self._score_retrieval(arm[1])
        jobs = self._jobs(wanted, self._judge)
        others = self._further_jobs(further)
        self._answering.run([*jobs, *others])
        for arm in wanted:
            if arm[0] == BASELINE and self.suites[arm[1]].judged:
                with self.evaluation.catching(arm):
                    self._expect_answers(arm[1])
        self._scoring.run(jobs)
        self._score_further(others)
        return self.evaluation

    def _further_jobs(self, arms: Sequence[Arm]) -> list[Job]:
        # What could not be asked with its retrieved passages is compared with nothing.
        able = [arm for arm in arms if arm in self.generators]
        return self.further.jobs([a for a in able if a not in self.evaluation.errors], self._made)

    def _score_further(self, jobs: Sequence[Job]) -> None:
        for knowledge, evaluation in self.further.evaluations.items():
            evaluation.judge = self.evaluation.judge
            scoring = Scoring(self._judge, self._archive, evaluation, self._progress)
            asked = [job for job in jobs if job.knowledge == knowledge]
            scoring.run([job for job in asked if job.arm not in self.evaluation.errors])

    def score_also(self, wanted: Mapping[Arm, frozenset[str] | None], judge: Judge) -> None:
        """Score answers that are there in further metrics: those that `judge` is asked for."""
        scoring = Scoring(judge, self._archive, self.evaluation, self._progress)
        scoring.run(self._jobs(wanted, judge))

    def examples(self, suite: str) -> tuple[QAExample, ...]:
        """The questions of a suite that this run asks."""
        return self.suites[suite].examples[: self._limit]

    def passages(self, suite: str, example_id: str) -> tuple[Passage, ...]:
        """The frozen passages that every variant sees with a question."""
        return self._requests_of(suite).passages(example_id)

    def ask(self, variant: str, suite: str, question: str) -> Answer:
        """A variant's answer to any question, over what the retriever finds; kept in the store.

        Raises:
            GenerationError: the variant cannot answer new questions, or the model failed.
            RetrievalError: the retriever failed.
            StoreError: the store cannot be used.
        """
        generator = self.generators.get((variant, suite))
        if generator is None or generator.engine is None:
            raise GenerationError(f"{variant!r} is recorded: it cannot answer a new question")
        of = self.suites[suite]
        retriever = self._retriever_of(of)
        (hits,) = retriever.retrieve([question], of.retrieval.k)
        texts = retriever.passages(hit.passage_id for hit in hits)
        prompt = prompt_for(of, question, shown(hits, texts, of))
        # Alone in its batch, as under a limit of 1, and so no answer of the suite's batches.
        request = first_request(suite, of.generation, prompt)
        printed = keys.prompt_fingerprint(prompt)
        limit = None if isinstance(generator.engine, Concurrent) else 1
        key = keys.answer_key(kept_under(generator), printed, limit, request)
        load = partial(self._archive.load, ANSWER, [key])
        if (found := load().get(key)) is not None:
            return found
        if self._offline:
            raise GenerationError(
                f"offline: {variant!r} has no stored answer to {question!r}; "
                "run once without --ragft-offline"
            )
        with self._archive.store.lock(generator.engine.key):
            if (found := load().get(key)) is not None:
                return found
            (answer,) = generator.generate([request])
            if answer.error is not None:
                raise GenerationError(f"{variant!r} did not answer {question!r}: {answer.error}")
            return self._archive.keep(ANSWER, {key: whole(answer)})[key]

    def _check_judge(self) -> None:
        """Better now than after all answers; what needs no answers asks the judge itself."""
        if isinstance(self._judge, Checkable):
            self._judge.check()
        if self.evaluation.judge is not None:
            self.evaluation.expect_judge(self._judge.name, self._judge.fingerprint)

    def _jobs(self, wanted: Mapping[Arm, frozenset[str] | None], judge: Judge) -> list[Job]:
        found = (self._job(arm, ids, judge.metrics) for arm, ids in wanted.items())
        return [job for job in found if job is not None]

    def _expect_answers(self, suite: str) -> None:
        """Refuse a baseline that says nothing, once all of it is there.

        Raises:
            GenerationError: most of its answers are empty.
        """
        answers = self.evaluation.every_answer((BASELINE, suite))
        asked = self._requests_of(suite).requests
        if len(answers) == len(asked) and (why := why_empty(answers.values())):
            raise GenerationError(f"the baseline on suite {suite!r}: {why}")

    def _job(self, arm: Arm, ids: frozenset[str] | None, metrics: Sequence[str]) -> Job | None:
        variant, suite = arm
        if self._saved is not None and variant == BASELINE:
            part = self._saved.suites[suite]
            self.evaluation.answers[arm] = dict(part.answers)
            self.evaluation.scores[arm] = dict(part.scores)
            self.evaluation.draws[arm] = {i: dict(of) for i, of in part.draws.items()}
            return None
        if arm not in self.generators or arm in self.evaluation.errors:
            return None
        with self.evaluation.catching(arm):
            requests = self._requests_of(suite)
            wanted = frozenset(e.id for e in requests.examples) if ids is None else ids
            known = self.evaluation.scores[arm].items()
            # No judge is asked about a question with checks.
            wanted -= {i for i, of in known if CHECKS in of or all(map(of.__contains__, metrics))}
            return self._made(arm, requests, wanted)
        return None

    def _made(self, arm: Arm, requests: SuiteRequests, wanted: frozenset[str]) -> Job | None:
        if not wanted:
            return None
        generator = self.generators[arm]
        answer_keys: list[str] = []
        if generator.engine is not None:
            who, limit = kept_under(generator), self._effective_limit(arm[1], generator)
            answer_keys = [
                keys.answer_key(who, prompt, limit, request)
                for prompt, request in zip(requests.prompts, requests.requests, strict=True)
            ]
        return Job(
            arm=arm,
            generator=generator,
            suite=requests,
            wanted=wanted,
            keys=answer_keys,
            knowledge=requests.knowledge,
        )

    def _effective_limit(self, suite: str, generator: Generator) -> int | None:
        """None where the limit leaves the suite whole, or batches mean nothing."""
        if isinstance(generator.engine, Concurrent):
            return None
        whole_suite = self._limit is None or self._limit >= len(self.suites[suite].examples)
        return None if whole_suite else self._limit

    def _requests_of(self, name: str) -> SuiteRequests:
        if name not in self._requests:
            suite, saved = self.suites[name], self._saved_suite(name)
            if name not in self.evaluation.hits:
                if saved is None:
                    found = self._retrieve(suite)
                    self.evaluation.hits[name] = found.shown(suite.retrieval.k)
                    self.evaluation.rankings[name] = rankings = found.rankings
                    self.evaluation.texts[name] = found.texts
                else:
                    self._compare_index(suite, saved)
                    self.evaluation.hits[name] = dict(saved.hits)
                    self.evaluation.rankings[name] = rankings = saved.rankings
                    self.evaluation.texts[name] = saved.texts
                self.evaluation.sources[name] = rankings.sources
            elif saved is not None:
                self.evaluation.texts[name] = saved.texts
            texts = self.evaluation.texts.setdefault(name, suite.passages)
            hits = self.evaluation.hits[name]
            requests = SuiteRequests(suite, self.examples(name), hits, texts)
            self.evaluation.notes[name] += draw_notes(suite.generation, requests.samples)
            self._requests[name] = requests
        return self._requests[name]

    def _saved_suite(self, name: str) -> SavedSuite | None:
        return None if self._saved is None else self._saved.suites[name]

    def _retrieve(self, suite: Suite) -> Retrieved:
        examples = self.examples(suite.name)
        depth = deepest(suite, self._metrics.get(suite.name, ()))
        return retrieve(suite, examples, self._retriever_of(suite), self._archive, depth)

    def _score_retrieval(self, name: str) -> None:
        """What the saved and today's rankings score in the metrics of the suite's gates.

        Raises:
            RetrievalError: today's index did not answer.
        """
        today, saved = self._today[name], self._saved_suite(name)
        assert saved is not None, "retrieval is compared with a saved baseline only"
        if isinstance(today, RetrievalError):
            raise RetrievalError(f"today's index did not answer: {today}")
        score = partial(rank_scores, self.suites[name], self.examples(name), self._metrics[name])
        self.evaluation.keep_retrieval(name, score(saved.rankings), score(today.rankings))

    def _compare_index(self, suite: Suite, saved: SavedSuite) -> None:
        """Say so where today's index is another, or would have shown other passages."""
        examples, notes = self.examples(suite.name), self.evaluation.notes[suite.name]
        try:
            found = self._retrieve(suite)
        except Exception as error:
            self._today[suite.name] = RetrievalError(described(error))
            notes.append(
                "all variants answered over the saved baseline's passages; what today's index "
                f"gives is unknown: {described(error)}"
            )
            return
        self._today[suite.name] = found
        today = SuiteRequests(suite, examples, found.shown(suite.retrieval.k), found.texts)
        then = SuiteRequests(suite, examples, saved.hits, saved.texts)
        notes += index_notes(
            then=saved.rankings.index,
            today=found.index,
            moved=moved(examples, today, then),
            questions=len(examples),
        )
