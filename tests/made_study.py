"""Results of made-up studies for reports: no model, no files; verdicts and intervals are real ones.

Scores are drawn: a base is right with a probability that depends on what it is shown, and a cell
loses with its size, more without passages in training.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.gate import evaluate_gate
from pytest_ragft.records import (
    AnswerStyle,
    Comparison,
    Gate,
    GateResult,
    Interval,
    Knowledge,
    PairedScore,
    Refusals,
    Score,
)
from pytest_ragft.reporting.study_reading import every_gate
from pytest_ragft.stats.clusters import cluster_codes
from pytest_ragft.stats.multiplicity import any_of
from pytest_ragft.stats.simultaneous import two_sided_bounds
from pytest_ragft.study.records import (
    BaseResult,
    Cell,
    CellResult,
    DataSet,
    Increment,
    Kept,
    Luck,
    Measure,
    StudyPlan,
    StudyResult,
)
from pytest_ragft.study.spreads import spreads

BASE = "models/SmolLM2-135M-Instruct"
METRICS = ("accuracy", "completeness")
KINDS: tuple[Knowledge, ...] = ("none", "retrieved", "gold")
RETENTION = ("instructions", "refusal", "arithmetic", "german")
_RIGHT = {"none": 0.2, "retrieved": 0.55, "gold": 0.7}
_PER_DOCUMENT = 3


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a study is to be made of."""

    recipes: Sequence[Recipe] = (
        Recipe(size=200),
        Recipe(size=500),
        Recipe(size=200, form="retrieved"),
    )
    questions: Mapping[str, int] = None  # type: ignore[assignment]
    """Data sets with their sizes."""
    bases: Sequence[str] = (BASE,)
    knowledge: Sequence[Knowledge] = KINDS
    retention: Sequence[str] = RETENTION
    failed: Mapping[str, str] = None  # type: ignore[assignment]
    not_run: Sequence[str] = ()
    loss: float = 0.1
    """Share of right answers that a cell of 500 pairs without passages loses."""
    seed: int = 1


def made_study(of: Made | None = None, **changes: Any) -> StudyResult:
    """A study over its recipes, on each data set and base."""
    of = replace(of or Made(), **changes)
    questions = of.questions or {"bioasq": 300}
    cells = [
        Cell(name=_name(of, data, base, recipe), data=data, base=base, recipe=recipe)
        for data in questions
        for base in of.bases
        for recipe in of.recipes
    ]
    failed, out = dict(of.failed or {}), {*(of.failed or {}), *of.not_run}
    worlds = {
        (data, base): _World(of, base, data, n)
        for data, n in questions.items()
        for base in of.bases
    }
    bases = tuple(world.base_result() for world in worlds.values())
    results = tuple(
        worlds[cell.data, cell.base].cell_result(cell) for cell in cells if cell.name not in out
    )
    return StudyResult(
        plan=StudyPlan(
            name="own",
            file=Path("/somewhere/study.toml"),
            data={
                data: DataSet(
                    name=data,
                    gated=(Path(f"/somewhere/gated/{data}/suite.toml"),),
                    training=Path(f"/somewhere/training/{data}/suite.toml"),
                )
                for data in questions
            },
            cells=tuple(cells),
            bases=tuple(worlds),
            first_block=dict.fromkeys(worlds, 0),
            blocks=1,
            knowledge=tuple(of.knowledge),
            retention=tuple(Path(f"/somewhere/retention/{s}/suite.toml") for s in of.retention),
        ),
        bases=bases,
        cells=results,
        spreads=spreads(results, bases),
        luck=tuple(_luck(results, data, base) for data, base in worlds if results),
        not_run=tuple(of.not_run),
        failed=failed,
    )


def _name(of: Made, data: str, base: str, recipe: Recipe) -> str:
    parts = [data, *([base.rsplit("/", 1)[-1]] if len(of.bases) > 1 else []), recipe.method]
    parts += [recipe.form, *([recipe.target] if recipe.target != "people" else [])]
    return "-".join([*parts, str(recipe.size or "all"), f"s{recipe.seed}"])


def _luck(cells: Sequence[CellResult], data: str, base: str) -> Luck:
    own = [of for of in cells if (of.cell.data, of.cell.base) == (data, base)]
    return Luck(
        data=data,
        base=base,
        tried=len(own),
        passed=sum(not any(gate.blocks for gate in every_gate(of)) for of in own),
        chance=any_of(0.05, len(own)),
    )


class _World:
    """The questions of a data set, and a base's scores on them."""

    def __init__(self, made: Made, base: str, data: str, n: int) -> None:
        self.made, self.base, self.data, self.n = made, base, data, n
        self.rng = np.random.default_rng([made.seed, n, *data.encode(), len(base)])
        self.documents = [f"d{i // _PER_DOCUMENT}" for i in range(n)]
        self.codes = cluster_codes(self.documents, n)
        self.before = {
            (metric, kind): self._scores(metric, _RIGHT[kind])
            for metric in METRICS
            for kind in KINDS
        }

    def _scores(self, metric: str, share: float) -> np.ndarray:
        right = self.rng.random(self.n) < share
        if metric == "accuracy":
            return right.astype(float)
        return np.where(right, self.rng.integers(1, 4, self.n) / 3, 0.0)

    def ids(self) -> list[str]:
        return [f"{self.data}/q-{i:03}" for i in range(self.n)]

    def base_result(self) -> BaseResult:
        return BaseResult(
            data=self.data,
            base=self.base,
            means={
                (metric, kind): float(self.before[metric, kind].mean())
                for metric in METRICS
                for kind in self.made.knowledge
            },
            increments=tuple(self._increments(self.before, None)),
            questions=self.n,
            documents=len(set(self.documents)),
            words=31.4,
            clusters=dict(zip(self.ids(), self.documents, strict=True)),
            run=f"{self.data}-base" if self.data != "qasper" else "",
        )

    def cell_result(self, cell: Cell) -> CellResult:
        after = {key: self._after(cell.recipe, key, before) for key, before in self.before.items()}
        differences = {m: after[m, "retrieved"] - self.before[m, "retrieved"] for m in METRICS}
        return CellResult(
            cell=cell,
            facts=_facts(cell),
            gates=tuple(self._gates(cell, after)),
            measures=tuple(self._measures(after)),
            increments=tuple(self._increments(after, self.before)),
            style=AnswerStyle(
                variant=cell.name, n=self.n, baseline_words=31.4, variant_words=6.2, lower=-27.04,
                upper=-23.31, baseline_markup=0.02, variant_markup=0.0, notable=True,
            ),
            refusals=Refusals(
                variant=cell.name, answerable=self.n - 20, baseline_refused=3, variant_refused=9,
                unanswerable=20, baseline_abstained=4, variant_abstained=1,
            ),
            retention=tuple(self._kept(cell)),
            differences={
                m: dict(zip(self.ids(), map(float, of), strict=True))
                for m, of in differences.items()
            },
        )  # fmt: skip

    def _after(self, recipe: Recipe, key: tuple[str, str], before: np.ndarray) -> np.ndarray:
        size = 700 if recipe.size is None else recipe.size
        loss = self.made.loss * size / 500 * (0.2 if recipe.form == "retrieved" else 1.0)
        loss += 0.02 * (recipe.seed % 3)
        gain = 0.06 if key[1] == "none" else 0.03
        fell = self.rng.random(self.n) < 2 * loss
        rose = self.rng.random(self.n) < gain
        return np.clip(np.where(fell, 0.0, before) + np.where(rose, 1.0, 0.0), 0, 1)

    def _measures(self, after: Mapping[tuple[str, str], np.ndarray]) -> Iterator[Measure]:
        for metric in METRICS:
            for kind in self.made.knowledge:
                old, new = self.before[metric, kind], after[metric, kind]
                yield Measure(
                    metric=metric,
                    knowledge=kind,
                    base=float(old.mean()),
                    cell=float(new.mean()),
                    difference=self._interval(new - old),
                    missing=2 if kind == "gold" else 0,
                )

    def _increments(
        self,
        scores: Mapping[tuple[str, str], np.ndarray],
        base: Mapping[tuple[str, str], np.ndarray] | None,
    ) -> Iterator[Increment]:
        if "none" not in self.made.knowledge:
            return
        for metric in METRICS:
            without, shown = scores[metric, "none"], scores[metric, "retrieved"]
            change = None
            if base is not None:
                of_base = base[metric, "retrieved"] - base[metric, "none"]
                change = self._interval(shown - without - of_base, scale=2.0)
            yield Increment(
                metric=metric,
                without=float(without.mean()),
                retrieved=float(shown.mean()),
                difference=self._interval(shown - without),
                change=change,
            )

    def _interval(self, differences: np.ndarray, scale: float = 1.0) -> Interval:
        of = two_sided_bounds(differences, self.codes, scale=scale)
        return Interval(
            estimate=of.estimate, lower=of.lower, upper=of.upper, alpha=0.05, n=of.n,
            documents=of.clusters,
        )  # fmt: skip

    def _gates(
        self, cell: Cell, after: Mapping[tuple[str, str], np.ndarray]
    ) -> Iterator[GateResult]:
        for metric in METRICS:
            scores = self.before[metric, "retrieved"], after[metric, "retrieved"]
            yield _gate(cell.name, metric, self.data, self.ids(), self.documents, *scores)

    def _kept(self, cell: Cell) -> Iterator[Kept]:
        for number, suite in enumerate(self.made.retention):
            before = (np.arange(40) % 7 > number).astype(float)
            lost = self.rng.random(40) < 0.1 * number * (cell.recipe.size or 700) / 500
            after = np.where(lost, 0.0, before)
            names = [f"{suite}-{i}" for i in range(40)]
            gate = _gate(cell.name, "checks", suite, names, names, before, after, guard=True)
            yield Kept(
                suite=suite,
                metric="checks",
                base=float(before.mean()),
                cell=float(after.mean()),
                n=40,
                trained=suite == "instructions",
                gate=gate if number else None,
            )


def _gate(
    variant: str,
    metric: str,
    suite: str,
    ids: Sequence[str],
    documents: Sequence[str],
    before: np.ndarray,
    after: np.ndarray,
    *,
    guard: bool = False,
) -> GateResult:
    pairs = tuple(
        PairedScore(
            suite=suite,
            id=name,
            cluster=document,
            baseline=Score(metric=metric, value=float(old), status="scored", reason=""),
            variant=Score(metric=metric, value=float(new), status="scored", reason=""),
            relevant_retrieved=bool(number % 4),
            tags=("rare",) if number % 5 == 0 else ("common",),
        )
        for number, (name, document, old, new) in enumerate(
            zip(ids, documents, before, after, strict=True)
        )
    )
    return evaluate_gate(
        Gate(metric=metric, role="guard" if guard else "primary"),
        Comparison(
            metric=metric, baseline="baseline", variant=variant, suites=(suite,), pairs=pairs
        ),
        node_id=f"suites/{suite}/suite.toml::{variant}::gate-{metric}",
        pooled=not guard,
    )


def _facts(cell: Cell) -> dict[str, object]:
    pairs = cell.recipe.size or 712
    return {
        "base": {"name": cell.base, "weights": "3f2a" * 8},
        "recipe": cell.recipe.plain(),
        "data": {
            "source": cell.data,
            "pairs": pairs,
            "development": pairs // 10,
            "fingerprint": "9c01" * 8,
            "notes": [],
            "familiarity": {"perplexity": 14.25, "self_aligned": 9.5},
        },
        "training": {
            "recipe": cell.recipe.fingerprint,
            "steps": 3 * pairs // 8,
            "planned": 3 * pairs // 8,
            "kept_step": 3 * pairs // 8,
            "loss_start": 2.8113,
            "loss_end": 1.7142,
        },
    }
