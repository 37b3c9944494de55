"""Records of an answer's score, and of the decision that paired scores lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pytest_ragft.records.answering import Answer, Passage, QAExample, QuestionType

Role = Literal["primary", "guard"]
Outcome = Literal["PASS", "REGRESSION", "INCONCLUSIVE"]
Status = Literal["scored", "not_applicable", "missing"]
MarginScale = Literal["judge", "people"]
ClusterScope = Literal["pool", "suite", "question"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A metric's value for one answer: a number in [0, 1], not applicable, or missing."""

    metric: str
    value: float | None
    """In [0, 1]; None unless `status` is ``scored``."""
    status: Status = "scored"
    reason: str = ""
    """Why the value is what it is, or why there is none."""
    evidence: Mapping[str, object] = field(default_factory=dict)
    """Plain values behind the score (matched reference, facts covered and missed, …)."""

    def __post_init__(self) -> None:
        if self.status == "scored":
            if self.value is None or not 0.0 <= self.value <= 1.0:
                raise ValueError(f"{self.metric}: a score is in [0, 1], got {self.value!r}")
        elif self.value is not None:
            raise ValueError(f"{self.metric}: a {self.status} score has no value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a judge sees: never which variant answered."""

    example: QAExample
    answer: str
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One of several answers to a question, with its scores."""

    sample: int
    """Which of them it is, from 0."""
    answer: Answer
    scores: Mapping[str, Score] = field(default_factory=dict)
    """By metric; empty before it is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of the questions: those for which everything that is set here holds."""

    tag: str | None = None
    type: QuestionType | None = None
    answerable: bool | None = None
    hit: bool | None = None
    """Whether a relevant passage was retrieved; a question that names none has neither."""

    def holds_for(self, question: QAExample | PairedScore, *, hit: bool | None = None) -> bool:
        """Whether a question belongs to it.

        Args:
            question: with its tags, its type and whether it is answerable.
            hit: whether a relevant passage was retrieved for it; None when none is named.
        """
        return (
            (self.tag is None or self.tag in question.tags)
            and (self.type is None or self.type == question.type)
            and (self.answerable is None or self.answerable is question.answerable)
            and (self.hit is None or self.hit is hit)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The rule that a comparison is held to."""

    metric: str
    role: Role
    name: str | None = None
    """Of a slice; None for a gate over all questions, which is called by its metric."""
    where: Slice | None = None
    """The questions that it is put to; None for all."""
    margin: float = 0.05
    """Fraction of the metric's scale that a variant may lose, in (0, 1)."""
    margin_is_default: bool = True
    alpha: float = 0.05
    """One-sided error rate of a false PASS, and of a false REGRESSION."""
    looks: tuple[int, ...] | None = None
    """Announced sizes of a growing pool, in questions (of labelled ones where labels decide); the
    looks share alpha. None: one look is assumed."""
    margin_scale: MarginScale = "judge"
    """Whose score the margin is a fraction of."""
    scale: float = 1.0
    """Width of the metric's scale."""

    @property
    def label(self) -> str:
        """The last part of its node id after ``gate-``: the slice's name, or the metric."""
        return self.metric if self.name is None else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A document, or a question that shares none."""

    name: str
    scope: ClusterScope = "pool"
    """Where `name` stands for one document: in every suite of a pool, in its suite, or nowhere else
    but at the question of that id."""

    def key(self, suite: str) -> tuple[str, ...]:
        """Equal for questions, each with its suite, that are not independent of each other."""
        return (self.name,) if self.scope == "pool" else (self.scope, suite, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedScore:
    """Baseline's and variant's score for one question."""

    suite: str
    id: str
    cluster: str
    """Source document; the question's id where it shares none."""
    baseline: Score
    variant: Score
    cluster_scope: ClusterScope = "pool"
    """Where `cluster` stands for one document; see `Cluster`."""
    relevant_retrieved: bool | None = None
    """Whether a relevant passage was among the hits; None when none is named."""
    draws: tuple[tuple[float, float], ...] = ()
    """Baseline's and variant's value of each draw, whose means the scores are; empty for one."""
    answerable: bool = True
    type: QuestionType | None = None
    tags: tuple[str, ...] = ()

    @property
    def document(self) -> tuple[str, ...]:
        """Equal for questions that are not independent of each other."""
        return Cluster(name=self.cluster, scope=self.cluster_scope).key(self.suite)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """Change of a judge's score for a change by 1 of people's; 1 for a judge that is people."""

    estimate: float
    lower: float
    """One-sided 95 % bound, as `upper`, clustered by question."""
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Paired scores of one metric on one suite or on a pool of suites."""

    metric: str
    baseline: str
    variant: str
    suites: tuple[str, ...]
    pairs: tuple[PairedScore, ...]
    limited: bool = False
    """Only the first questions of each suite were asked (`--ragft-limit`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision on one comparison, with the bounds that it rests on (score units)."""

    outcome: Outcome
    reason: str
    """Empty for PASS and REGRESSION, else ``missing``, ``limited``, ``looks``, ``floor``, ``worse``
    or ``underpowered``."""
    estimate: float
    """Question-weighted mean of variant − baseline."""
    lower: float
    upper: float
    n: int
    clusters: int
    kish_clusters: float
    margin: float
    """What PASS excludes a drop by."""
    regression_margin: float
    """What a drop exceeds in a REGRESSION; it is `margin` unless that is known as an interval."""
    alpha: float
    """Of each bound, after any split over looks, guards and variants."""
    standard_error: float
    design_effect: float
    independent: float
    """Independent questions that n clustered ones are worth, n / design effect."""
    questions_needed: int
    """n₀: with fewer independent questions no data at all can PASS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLabels:
    """Human labels for both answers of some questions, a random part of a comparison's pairs."""

    metric: str
    pairs: Mapping[tuple[str, str], tuple[float, float]]
    """Baseline's and variant's label in [0, 1], averaged over raters, by suite and question id."""
    unsure: Mapping[tuple[str, str], tuple[float | None, float | None]] = field(
        default_factory=dict
    )
    """The same where people cannot say for a side, which is None: such a pair is missing, at its
    worst."""
    incomplete: int = 0
    """Drawn questions in blocks of a sheet that are not filled whole, which do not count."""
    raters: int = 1
    rater_alpha: float | None = None
    """Krippendorff's alpha between raters (interval level); None where it is undefined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What human labels for a random part of the pairs say about a judge's verdict."""

    judged: Verdict
    """By the judge's scores alone; the verdict of the result is the one that decides."""
    corrected: Verdict
    """By the labels and the judge; n and clusters count the labelled questions."""
    decided_by: Literal["labels", "judge"]
    """``judge`` only where the judge found a REGRESSION and the labels are too few to object."""
    labelled: int
    others: int
    """Questions that only the judge has scored."""
    incomplete: int
    """Drawn questions in blocks of a sheet that are not filled whole."""
    weight: float
    """Of the judge's differences, in [0, 1]; 0: the labels alone count."""
    bias: float
    """Mean of judged less labelled difference; positive where the judge favours the variant."""
    bias_lower: float
    bias_upper: float
    raters: int
    rater_alpha: float | None
    unsure: int = 0
    """Questions of which people cannot say for a side."""
    baseline_mean: float | None = None
    """People's means, for all questions as the judge helps to tell: their difference is the
    estimate of `corrected`, so that either may lie beyond the scale by a little."""
    variant_mean: float | None = None
    judged_baseline_mean: float | None = None
    """The judge's means over the same questions."""
    judged_variant_mean: float | None = None
