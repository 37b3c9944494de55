"""Records of the knowledge axis: what retrieval adds to a model's answers, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_ragft.records.answering import Knowledge

Effect = Literal["increment", "gap", "increment_difference", "baseline_difference"]
"""What of two means is compared, question by question:

``increment``: with retrieved passages less without any, of one variant; ``gap``: with gold passages
less with retrieved ones; ``increment_difference``: a variant's increment less the baseline's;
``baseline_difference``: a variant less the baseline, both with retrieved passages, as gates see it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean difference with two-sided bounds, clustered by document."""

    estimate: float
    lower: float
    upper: float
    alpha: float
    """Error rate of both bounds together: 0.05 for 95 %; smaller where many parts share it."""
    n: int
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEffect:
    """An effect in a part of the questions."""

    name: str
    before: float
    """Mean of what is subtracted."""
    after: float
    interval: Interval
    """Of a level at which the bounds of all parts that can be named hold together."""
    can_be_named: bool
    """Whether it has enough questions and documents to be called the worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeEffect:
    """A difference of two means over the questions that have a score for both."""

    variant: str
    metric: str
    effect: Effect
    before: float
    """Mean of what is subtracted; a mean increment for ``increment_difference``."""
    after: float
    interval: Interval
    """Two-sided 95 %."""
    missing: int
    """Questions that lack a score for either, which are not in it."""
    parts: tuple[PartEffect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstPart:
    """The part of the questions in which an effect is lowest, over all metrics."""

    variant: str
    effect: Effect
    metric: str
    name: str
    interval: Interval
    sure: bool
    """Whether it is surely below 0, with all parts that were compared paid for."""
    compared: int
    """Parts × metrics that alpha was shared among, by Bonferroni."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeScore:
    """A mean score with one kind of knowledge."""

    variant: str
    metric: str
    knowledge: Knowledge
    mean: float | None
    """None where nothing was scored."""
    n: int
    """Questions with a score."""
    missing: int
    not_applicable: int
    """Questions that the metric does not apply to, or that name no gold passage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeAxis:
    """Answers with other knowledge than gates see; nothing in it moves a verdict."""

    kinds: tuple[Knowledge, ...]
    suites: tuple[str, ...]
    scores: tuple[KnowledgeScore, ...]
    effects: tuple[KnowledgeEffect, ...]
    worst: tuple[WorstPart, ...]
    without_gold: int
    """Questions that name no relevant passage, and so have no gold passages."""
    notes: tuple[str, ...]
    errors: tuple[str, ...]
    """What was asked for and could not be measured; these are errors of the run, too."""
