"""Records of an answer's score, and of the decision that paired scores lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pytest_ragft.records.answering import Passage, QAExample

Role = Literal["primary", "guard"]
Outcome = Literal["PASS", "REGRESSION", "INCONCLUSIVE"]
Status = Literal["scored", "not_applicable", "missing"]


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
class Gate:
    """The rule that a comparison is held to."""

    metric: str
    role: Role
    margin: float = 0.05
    """Fraction of the metric's scale that a variant may lose, in (0, 1)."""
    margin_is_default: bool = True
    alpha: float = 0.05
    """One-sided error rate of a false PASS, and of a false REGRESSION."""
    looks: int | None = None
    """Announced number of looks at growing data; each spends alpha / looks. None: one assumed."""
    scale: float = 1.0
    """Width of the metric's scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedScore:
    """Baseline's and variant's score for one question."""

    suite: str
    id: str
    cluster: str
    baseline: Score
    variant: Score
    relevant_retrieved: bool | None = None
    """Whether a relevant passage was among the hits; None when none is named."""


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
    """Empty for PASS and REGRESSION, else ``missing``, ``limited``, ``floor``, ``worse`` or
    ``underpowered``."""
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
    """Per bound, after any split over looks and guards."""
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
    incomplete: int = 0
    """Drawn questions of which fewer than both answers are labelled: not among `pairs`."""
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
    """Drawn questions that are not labelled on both sides."""
    weight: float
    """Of the judge's differences, in [0, 1]; 0: the labels alone count."""
    bias: float
    """Mean of judged less labelled difference; positive where the judge favours the variant."""
    bias_lower: float
    bias_upper: float
    raters: int
    rater_alpha: float | None
