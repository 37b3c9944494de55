"""What has been evaluated: hits, answers and scores as data, and comparisons over them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from pytest_ragft.errors import JudgeError, described
from pytest_ragft.evaluation import codec
from pytest_ragft.evaluation.drawing import mean_scores, paired
from pytest_ragft.evaluation.ranking import Rankings
from pytest_ragft.records import (
    BASELINE,
    CHECKS,
    Answer,
    Comparison,
    Draw,
    Hit,
    PairedScore,
    Passage,
    Request,
    Score,
)
from pytest_ragft.retrieval.metrics import relevant_retrieved
from pytest_ragft.suite import Suite

RETRIEVAL = "retrieval"
"""Stands for a variant where today's retrieval alone is compared with a saved baseline's."""

# No variant can have this name, as it holds a space.
_NO_CHECKS = Score(metric=CHECKS, value=None, status="not_applicable", reason="it has no checks")
_SAVED_RETRIEVAL = "saved retrieval"

Arm: TypeAlias = tuple[str, str]
"""A variant's name and a suite's name."""


@contextmanager
def catching(*places: tuple[Evaluation, Arm]) -> Iterator[None]:
    """`Evaluation.catching` for arms of several evaluations."""
    try:
        yield
    except (Exception, SystemExit) as error:
        for evaluation, arm in places:
            evaluation.errors.setdefault(arm, described(error))


RetrievalScores: TypeAlias = Mapping[str, Mapping[str, Score]]
"""By question id and metric."""


@dataclass(slots=True)
class Evaluation:
    """Products of a run by arm and question id. Filled by the evaluator; read by everyone else."""

    hits: dict[str, dict[str, tuple[Hit, ...]]] = field(default_factory=dict)
    """Those that are shown to every variant, by suite and question id."""
    rankings: dict[str, Rankings] = field(default_factory=dict)
    """By suite: what `hits` are the first of. Not for other processes."""
    sources: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """By suite: `Passage.source` by passage id, of hits that were cut from longer lines."""
    texts: dict[str, Mapping[str, Passage]] = field(default_factory=dict)
    """The passages that the hits stand for, by suite and passage id."""
    answers: dict[Arm, dict[str, Answer]] = field(default_factory=lambda: defaultdict(dict))
    """The first of each question, where there are several."""
    scores: dict[Arm, dict[str, Mapping[str, Score]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    """The means over a question's answers, where there are several."""
    draws: dict[Arm, dict[str, dict[int, Draw]]] = field(default_factory=lambda: defaultdict(dict))
    """By sample: the answers of the questions that are asked more than once."""
    judge: str | None = None
    """Fingerprint of the judge whose scores these are; None before there are any."""
    errors: dict[Arm, str] = field(default_factory=dict)
    """Why an arm could not be evaluated completely."""
    computed: dict[Arm, int] = field(default_factory=lambda: defaultdict(int))
    """Answers that this run computed; the others were there."""
    notes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What a report must say about how a suite was evaluated."""

    @contextmanager
    def catching(self, *arms: Arm) -> Iterator[None]:
        """Keep whatever is raised as the error of `arms`, and let the rest of the run go on.

        Models, templates, judges and retrievers are foreign code: what one of them raises must
        not take the verdicts of others away. An arm's first error stays. Ctrl-C passes.
        """
        with catching(*((self, arm) for arm in arms)):
            yield

    def expect_judge(self, name: str, fingerprint: str) -> None:
        """Let no score stand beside those of another judge: it may be on another scale.

        Args:
            name: of the judge that is about to score.
            fingerprint: its identity, with what its server grants.

        Raises:
            JudgeError: it is another one than that of the scores that are there.
        """
        self.judge = self.judge or fingerprint
        if self.judge != fingerprint:
            raise JudgeError(
                f"the judge {name!r} is {fingerprint[:8]}…, the scores to compare with are of "
                f"{self.judge[:8]}…: its server grants something else than when they were given, "
                "and the two do not mix; run again, and save a saved baseline again"
            )

    def answer_to(self, arm: Arm, request: Request) -> Answer | None:
        """An arm's answer to a request; None where it is not there."""
        if request.samples == 1:
            return self.answers[arm].get(request.id)
        draw = self.draws[arm].get(request.id, {}).get(request.sample)
        return None if draw is None else draw.answer

    def add_answer(self, arm: Arm, request: Request, answer: Answer) -> None:
        """Keep an answer, unless there is one."""
        if request.samples > 1:
            draw = Draw(sample=request.sample, answer=answer)
            self.draws[arm].setdefault(request.id, {}).setdefault(request.sample, draw)
        if request.sample == 0:
            self.answers[arm].setdefault(request.id, answer)

    def drawn(self, arm: Arm, example_id: str) -> tuple[Draw, ...]:
        """The draws of a question in their order; none where it has one answer."""
        draws = self.draws.get(arm, {}).get(example_id, {})
        return tuple(draws[sample] for sample in sorted(draws))

    def every_answer(self, arm: Arm) -> dict[tuple[str, int], Answer]:
        """An arm's answers by question and sample."""
        found = {(i, 0): answer for i, answer in self.answers.get(arm, {}).items()}
        for example_id, draws in self.draws.get(arm, {}).items():
            found |= {(example_id, sample): draw.answer for sample, draw in draws.items()}
        return found

    def every_score(self, arm: Arm) -> Iterator[tuple[str, Mapping[str, Score]]]:
        """The scores of each of an arm's answers, with the question."""
        for example_id, scores in self.scores.get(arm, {}).items():
            draws = self.drawn(arm, example_id)
            yield from ((example_id, of) for of in ([d.scores for d in draws] or [scores]))

    def add_scores(self, arm: Arm, request: Request, scores: Mapping[str, Score]) -> None:
        """Keep the scores of an answer beside those that it has in other metrics.

        A question has scores once all of its draws have some.
        """
        if request.samples > 1:
            draws = self.draws[arm][request.id]
            draw = draws[request.sample]
            draws[request.sample] = replace(draw, scores={**draw.scores, **scores})
            if len(draws) < request.samples or not all(of.scores for of in draws.values()):
                return
            scores = mean_scores([draws[sample] for sample in sorted(draws)])
        known = self.scores[arm].get(request.id)
        self.scores[arm][request.id] = {**known, **scores} if known else scores

    def forget_scores(self, arm: Arm, example_id: str) -> None:
        """Let the scores of a question be those of no judge."""
        self.scores[arm].pop(example_id, None)
        draws = self.draws[arm].get(example_id, {})
        draws.update({sample: replace(draw, scores={}) for sample, draw in draws.items()})

    def comparison(
        self, metric: str, variant: str, suites: Sequence[Suite], *, limit: int | None
    ) -> Comparison:
        """Pair the baseline's and the variant's scores of `metric` over all questions of `suites`.

        A question without scores on either side becomes a pair with a missing score: nothing
        that should have been measured drops out.
        """
        return Comparison(
            metric=metric,
            baseline=BASELINE,
            variant=variant,
            suites=tuple(suite.name for suite in suites),
            pairs=tuple(
                pair for suite in suites for pair in self._pairs(metric, variant, suite, limit)
            ),
            limited=any(limit is not None and limit < len(s.examples) for s in suites),
        )

    def keep_retrieval(self, suite: str, saved: RetrievalScores, today: RetrievalScores) -> None:
        """Keep what retrieval alone scores, for comparisons of the variant `RETRIEVAL`."""
        self.scores[_SAVED_RETRIEVAL, suite] = dict(saved)
        self.scores[RETRIEVAL, suite] = dict(today)

    def _pairs(
        self, metric: str, variant: str, suite: Suite, limit: int | None
    ) -> Iterator[PairedScore]:
        hits, sources = self.hits.get(suite.name, {}), self.sources.get(suite.name)
        against = _SAVED_RETRIEVAL if variant == RETRIEVAL else BASELINE
        examples = suite.examples[:limit]
        ids = [example.id for example in examples]
        sides = (self._scored((name, suite.name), ids, metric) for name in (against, variant))
        drawn = [self.draws.get((name, suite.name), {}) for name in (against, variant)]
        for example, baseline, of_variant in zip(examples, *sides, strict=True):
            if metric == CHECKS and not example.checks:
                baseline = of_variant = _NO_CHECKS
            draws: tuple[tuple[float, float], ...] = ()
            if any(example.id in of for of in drawn):
                baseline, of_variant, draws = paired(
                    baseline, of_variant, *(of.get(example.id, {}) for of in drawn)
                )
            found = hits.get(example.id)
            retrieved = None
            if found is not None:
                retrieved = relevant_retrieved(example, found, sources)
            cluster = suite.cluster_of(example)
            yield PairedScore(
                suite=suite.name,
                id=example.id,
                cluster=cluster.name,
                cluster_scope=cluster.scope,
                baseline=baseline,
                variant=of_variant,
                relevant_retrieved=retrieved,
                draws=draws,
                answerable=example.answerable,
                type=example.type,
                tags=example.tags,
            )

    def score(self, arm: Arm, example_id: str, metric: str) -> Score:
        """A score, or a missing one with the reason."""
        found = self.scores.get(arm, {}).get(example_id, {}).get(metric)
        return found or self._scored(arm, [example_id], metric)[0]

    def _scored(self, arm: Arm, ids: Sequence[str], metric: str) -> list[Score]:
        scores = self.scores.get(arm, {})
        reason = self.errors.get(arm) or f"not evaluated for {arm[0]!r}"
        missing = {metric: Score(metric=metric, value=None, status="missing", reason=reason)}
        outside = Score(
            metric=metric,
            value=None,
            status="not_applicable",
            reason="the question's checks decide alone",
        )
        found = (scores.get(i, missing) for i in ids)
        return [of.get(metric) or (outside if CHECKS in of else missing[metric]) for of in found]

    def to_plain(self, *, texts_of: Iterable[str] = ()) -> dict[str, Any]:
        """All of it as JSON-able values, for another process of the same run.

        `texts_of` are the suites whose texts that process cannot read from a corpus.
        """
        return {
            "hits": {
                suite: {i: codec.hits_to_plain(h) for i, h in hits.items()}
                for suite, hits in self.hits.items()
            },
            "sources": {suite: dict(sources) for suite, sources in self.sources.items()},
            "texts": {
                suite: codec.passages_to_plain(self.texts[suite])
                for suite in texts_of
                if suite in self.texts
            },
            "answers": [
                [*arm, {i: codec.answer_to_plain(a) for i, a in answers.items()}]
                for arm, answers in self.answers.items()
            ],
            "scores": [
                [*arm, {i: codec.scores_to_plain(s) for i, s in scores.items()}]
                for arm, scores in self.scores.items()
            ],
            "draws": [
                [*arm, {i: codec.draws_to_plain(of) for i, of in draws.items()}]
                for arm, draws in self.draws.items()
            ],
            "judge": self.judge,
            "errors": [[*arm, message] for arm, message in self.errors.items()],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Evaluation:
        """What `to_plain` wrote."""
        evaluation = cls(judge=plain["judge"], sources=dict(plain["sources"]))
        for suite, hits in plain["hits"].items():
            evaluation.hits[suite] = {i: codec.hits_from(h) for i, h in hits.items()}
        for suite, texts in plain["texts"].items():
            evaluation.texts[suite] = codec.passages_from(texts)
        for variant, suite, answers in plain["answers"]:
            evaluation.answers[variant, suite] = {
                i: codec.answer_from(a) for i, a in answers.items()
            }
        for variant, suite, scores in plain["scores"]:
            evaluation.scores[variant, suite] = {i: codec.scores_from(s) for i, s in scores.items()}
        for variant, suite, draws in plain["draws"]:
            evaluation.draws[variant, suite] = {i: codec.draws_from(of) for i, of in draws.items()}
        for variant, suite, message in plain["errors"]:
            evaluation.errors[variant, suite] = message
        return evaluation
