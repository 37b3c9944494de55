"""What a study is made of, and what came out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.records import (
    AnswerStyle,
    GateResult,
    Interval,
    Knowledge,
    Refusals,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """Questions to train on, and those that what was trained is gated on."""

    name: str
    gated: tuple[Path, ...]
    """Files suite.toml, without a question of `training`."""
    training: Path
    """A suite.toml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A training of a study: one model, which is gated against its base."""

    name: str
    """Of the variant and of its folder; unique in the study."""
    data: str
    """Of a `DataSet`."""
    base: str
    """SPEC of the full model, as the study file gives it; folders are seen from there."""
    recipe: Recipe
    block: int = 0
    """Which ``[[cells]]`` of the file it stands in first; they are run in their order."""

    @property
    def arm(self) -> str:
        """Equal for cells that differ in their seed alone."""
        return f"{self.data} {self.base} {replace(self.recipe, seed=0).fingerprint}"

    @property
    def curve(self) -> str:
        """Equal for cells that differ in their seed and size alone."""
        return f"{self.data} {self.base} {replace(self.recipe, seed=0, size=None).fingerprint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """All that a study file says, expanded."""

    name: str
    file: Path
    data: Mapping[str, DataSet]
    cells: tuple[Cell, ...]
    """In the order in which they are run."""
    bases: tuple[tuple[str, str], ...]
    """Data set and base, each pair once; measured even where no cell is trained on it."""
    knowledge: tuple[Knowledge, ...]
    """``retrieved`` among it."""
    first_block: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By pair of `bases`, in which block it is measured first; 0 where it is not there."""
    blocks: int = 1
    """So many ``[[cells]]`` the file has."""
    retention: tuple[Path, ...] = ()
    """Files suite.toml of what a model may lose besides; asked of every base and cell."""
    judge: str = "reference"
    familiarity: bool = False
    """Whether it is measured, before each training, how familiar its targets are to the base."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A mean score with one kind of knowledge beside the base's, over the same questions."""

    metric: str
    knowledge: Knowledge
    base: float
    cell: float
    difference: Interval
    """Cell less base, two-sided 95 %."""
    missing: int
    """Questions that lack a score of either, which are not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Increment:
    """What retrieved passages add to a model's answers without any."""

    metric: str
    without: float
    retrieved: float
    difference: Interval
    """Two-sided 95 %."""
    change: Interval | None = None
    """Of a cell: its increment less its base's, over the questions that have all four scores,
    two-sided 95 %; None of a base."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a model kept of one retention suite."""

    suite: str
    metric: str
    base: float
    cell: float
    n: int
    trained: bool
    """Whether the training data are of this suite's kind; where not, a loss is a side effect."""
    gate: GateResult | None
    """The suite's own guard; None where only a pooled one looks at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseResult:
    """A base by itself on one data set."""

    data: str
    base: str
    means: Mapping[tuple[str, Knowledge], float]
    """By metric and knowledge."""
    increments: tuple[Increment, ...]
    questions: int
    documents: int
    words: float
    """Mean of its answers with retrieved passages."""
    clusters: Mapping[str, str]
    """By question, as `CellResult.differences` names it: equal for questions on one document."""
    run: str = ""
    """Name of its run's reports in the folder ``runs``, without ending; empty where none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResult:
    """What became of one training."""

    cell: Cell
    facts: Mapping[str, object]
    """Its `ragft.json`: base, recipe, data with counts and familiarity, training with losses."""
    gates: tuple[GateResult, ...]
    """Every gate of the run on this variant, with retrieved passages; strata among them."""
    measures: tuple[Measure, ...]
    increments: tuple[Increment, ...]
    style: AnswerStyle | None
    refusals: Refusals | None
    retention: tuple[Kept, ...]
    differences: Mapping[str, Mapping[str, float]]
    """By metric, then question (``SUITE/ID``): cell less base with retrieved passages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSpread:
    """One recipe over several seeds, in one metric, with retrieved passages."""

    arm: str
    """See `Cell.arm`."""
    cells: tuple[str, ...]
    metric: str
    n: int
    """Questions that every cell has a difference for; all that follows is over them."""
    lowest: float
    highest: float
    """Of the cells' mean differences."""
    mean: float
    between: float | None
    """Standard deviation of seeds beyond what the questions explain; None below four seeds."""
    interval: Interval | None
    """Of the recipe's mean effect, seeds and questions both drawn anew, two-sided 95 %; None below
    four seeds."""
    further: Interval | None
    """Of the effect that one further seed has over questions of this kind, two-sided 95 %; None
    below four seeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Luck:
    """What passing is worth when several models were tried on the same questions."""

    data: str
    base: str
    tried: int
    passed: int
    chance: float
    """Upper bound of the probability that one of as many models, each at the margin, passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """All of a study that has been run so far."""

    plan: StudyPlan
    bases: tuple[BaseResult, ...]
    cells: tuple[CellResult, ...]
    spreads: tuple[SeedSpread, ...]
    luck: tuple[Luck, ...]
    not_run: tuple[str, ...]
    """Names of cells."""
    failed: Mapping[str, str]
    """Why, by cell."""
    notes: tuple[str, ...] = ()
