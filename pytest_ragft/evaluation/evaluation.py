"""What has been evaluated: hits, answers and scores as data, and comparisons over them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pytest_ragft.errors import JudgeError, described
from pytest_ragft.evaluation import codec
from pytest_ragft.evaluation.ranking import Rankings
from pytest_ragft.records import BASELINE, Answer, Comparison, Hit, PairedScore, Passage, Score
from pytest_ragft.retrieval.metrics import relevant_retrieved
from pytest_ragft.suite import Suite

RETRIEVAL = "retrieval"
"""Stands for a variant where today's retrieval alone is compared with a saved baseline's."""

# No variant can have this name, as it holds a space.
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
    scores: dict[Arm, dict[str, Mapping[str, Score]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
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

    def add_scores(self, arm: Arm, example_id: str, scores: Mapping[str, Score]) -> None:
        """Keep the scores of an answer beside those that it has in other metrics."""
        known = self.scores[arm].get(example_id)
        self.scores[arm][example_id] = {**known, **scores} if known else scores

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
        for example, baseline, of_variant in zip(examples, *sides, strict=True):
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
        return [scores.get(i, missing).get(metric) or missing[metric] for i in ids]

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
        for variant, suite, message in plain["errors"]:
            evaluation.errors[variant, suite] = message
        return evaluation
