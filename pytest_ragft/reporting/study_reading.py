"""What the renderers of a study read out of its records: names, gates, standings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.records import GateResult, Knowledge
from pytest_ragft.reporting.conclusion import stops
from pytest_ragft.stats.planning import PASS_CLUSTERS
from pytest_ragft.study.records import BaseResult, Cell, CellResult, Measure, StudyResult

Standing = Literal["passed", "regression", "undecided", "no verdict"]
"""``passed``: every primary gate passes and no guard stops it. ``regression``: a gate, of any role,
found one. ``no verdict``: there are too few questions for any model to pass."""

# What a recipe is called by, whatever else varies.
_NAMED = ("method", "form", "target")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A base on a data set, with the models that were trained of it."""

    data: str
    base: str
    result: BaseResult | None
    cells: tuple[CellResult, ...]
    title: str
    """Unique in the study."""


def groups(study: StudyResult) -> tuple[Group, ...]:
    """In the order of the plan, without those that nothing is known of."""
    results = {(of.data, of.base): of for of in study.bases}
    names = _base_names(study.plan.bases)
    found = [
        Group(
            data=data,
            base=base,
            result=results.get((data, base)),
            cells=tuple(c for c in study.cells if (c.cell.data, c.cell.base) == (data, base)),
            title=f"{data}, {names[base]}" if len(names) > 1 else data,
        )
        for data, base in study.plan.bases
    ]
    return tuple(of for of in found if of.result is not None or of.cells)


def _base_names(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The last part of each SPEC where that tells all bases apart, else the SPEC itself."""
    short = {base: base.rstrip("/").rsplit("/", 1)[-1] for _, base in pairs}
    return short if len(set(short.values())) == len(short) else {base: base for base in short}


def metrics_of(study: StudyResult) -> tuple[str, ...]:
    """Metrics of answers in the order of the records."""
    of_bases = (metric for base in study.bases for metric, _ in base.means)
    of_cells = (measure.metric for cell in study.cells for measure in cell.measures)
    return tuple(dict.fromkeys([*of_bases, *of_cells]))


def measure_of(of: CellResult, metric: str, knowledge: Knowledge = "retrieved") -> Measure | None:
    """A cell's mean beside its base's, where both were measured."""
    for measure in of.measures:
        if (measure.metric, measure.knowledge) == (metric, knowledge):
            return measure
    return None


def every_gate(of: CellResult) -> tuple[GateResult, ...]:
    """All gates that were put to a model, those of retention among them, each once."""
    kept = (kept.gate for kept in of.retention if kept.gate is not None)
    return tuple({gate.node_id: gate for gate in (*of.gates, *kept)}.values())


def primary_gates(of: CellResult) -> list[GateResult]:
    """The gates that must pass."""
    return [gate for gate in every_gate(of) if gate.gate.role == "primary"]


def gate_on(of: CellResult, metric: str) -> GateResult | None:
    """The primary gate on all questions in one metric; the pooled one where there are several."""
    found = [g for g in primary_gates(of) if g.gate.metric == metric and g.gate.where is None]
    return max(found, key=lambda gate: gate.pooled, default=None)


def can_pass(gate: GateResult) -> bool:
    """Whether its questions and documents are enough for any model at all to pass."""
    of = gate.verdict
    return of.n >= of.questions_needed and of.kish_clusters >= PASS_CLUSTERS


def standing(of: CellResult) -> Standing:
    """Where a model stands by all of its gates; never ``passed`` where something is lacking."""
    gates, primary = every_gate(of), primary_gates(of)
    if any(gate.verdict.outcome == "REGRESSION" for gate in gates):
        return "regression"
    if not primary or not all(can_pass(gate) for gate in primary):
        return "no verdict"
    if all(g.verdict.outcome == "PASS" for g in primary) and not any(map(stops, gates)):
        return "passed"
    return "undecided"


def loss_of(of: CellResult, metric: str) -> float | None:
    """A model's mean difference to its base with retrieved passages, as its gate sees it."""
    gate = gate_on(of, metric)
    if gate is not None:
        return gate.verdict.estimate
    measure = measure_of(of, metric)
    return None if measure is None else measure.difference.estimate


def varied(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Fields of recipes in which cells differ, as `Recipe.plain` has them, without the size.

    What a method or a form has beside others, such as its learning rate, is told by its name.
    """
    plain = [cell.recipe.plain() for cell in cells]
    fields = dict.fromkeys(name for of in plain for name in of)
    return tuple(name for name in fields if name != "size" and _differs(plain, name))


def _differs(plain: Sequence[Mapping[str, object]], name: str) -> bool:
    values: dict[tuple[str, ...], set[str]] = {}
    for of in plain:
        alike = () if name in _NAMED else tuple(str(of[field]) for field in _NAMED)
        values.setdefault(alike, set()).add(str(of.get(name)))
    return any(len(of) > 1 for of in values.values())


def field_text(recipe: Recipe, name: str) -> str:
    """A field of a recipe; empty where it bears on nothing."""
    value = recipe.plain().get(name)
    given = getattr(recipe, name)
    if isinstance(given, str) and value != given and Path(given).suffix:
        # A file is known by what it holds, and called by its name.
        return Path(given).name
    if isinstance(value, tuple | list):
        return "/".join(map(str, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def spoken(name: str) -> str:
    """A field's name in a sentence; what it holds is left as it is."""
    return name.replace("_", " ")


def curve_label(recipe: Recipe, fields: Sequence[str]) -> str:
    """What a curve is called by: the fields in which the study's recipes differ.

    Args:
        recipe: of any cell of the curve.
        fields: as `varied` gives them; the seed is left out.
    """
    shown = [name for name in fields if name != "seed"] or _NAMED[:2]
    named = (name if name in _NAMED else "" for name in shown)
    texts = (
        text if known else f"{spoken(name)} {text}"
        for name, known in zip(shown, named, strict=True)
        if (text := field_text(recipe, name))
    )
    return ", ".join(texts)


def arm_label(cell: Cell, fields: Sequence[str]) -> str:
    """The same with the size."""
    return f"{curve_label(cell.recipe, fields)}, {size_text(cell.recipe.size)}"


def size_text(size: int | None) -> str:
    """A size as a column or a tick."""
    return "all" if size is None else f"{size:,}"


def size_order(size: int | None) -> tuple[bool, int]:
    """All pairs come last."""
    return size is None, size or 0


def fact(facts: Mapping[str, object], *path: str) -> object:
    """What a `ragft.json` says at a path; None where it says nothing."""
    value: object = facts
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def pairs_of(of: CellResult) -> int | None:
    """Pairs that a model was trained on."""
    pairs = fact(of.facts, "data", "pairs")
    return pairs if isinstance(pairs, int) else of.cell.recipe.size


def by_curve(cells: Iterable[CellResult]) -> dict[str, list[CellResult]]:
    """Cells that differ in size and seed alone, in the order of the first of each."""
    found: dict[str, list[CellResult]] = {}
    for of in cells:
        found.setdefault(of.cell.curve, []).append(of)
    return found


def by_size(cells: Iterable[CellResult]) -> Iterator[tuple[int | None, list[CellResult]]]:
    """Cells of each size, the smallest first."""
    found: dict[int | None, list[CellResult]] = {}
    for of in cells:
        found.setdefault(of.cell.recipe.size, []).append(of)
    yield from sorted(found.items(), key=lambda of: size_order(of[0]))
