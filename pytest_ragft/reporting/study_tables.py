"""The tables of a study as cells of text, which Markdown and the page lay out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_ragft.numbers import NOTHING, count, fixed, verdict_texts
from pytest_ragft.reporting.gate_table import verdict_text
from pytest_ragft.reporting.study_reading import (
    Group,
    arm_label,
    by_curve,
    by_size,
    can_pass,
    curve_label,
    field_text,
    gate_on,
    groups,
    loss_of,
    measure_of,
    metrics_of,
    pairs_of,
    size_order,
    size_text,
    varied,
)
from pytest_ragft.reporting.study_sentences import (
    bounds_note,
    floors,
    interval_text,
    standings,
    title_of,
)
from pytest_ragft.study.records import Cell, CellResult, Measure, SeedSpread, StudyResult

TWO_SIDED = "two-sided 95 %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells with what they are about."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str
    """``<`` or ``>`` for each column."""
    marked: frozenset[tuple[int, int]] = frozenset()
    """Row and column of what is to be seen first; its text says why."""
    notes: tuple[str, ...] = ()
    """What must be known to read it."""
    run: str = ""
    """Name of the run's reports that it is made of, without folder and ending."""


def base_table(study: StudyResult) -> Table:
    """The bases by themselves."""
    kinds = study.plan.knowledge
    rows = tuple(
        (
            of.data,
            of.base,
            count(of.questions),
            count(of.documents),
            metric,
            *(fixed(of.means.get((metric, kind))) for kind in kinds),
            fixed(of.words, 1),
        )
        for of in study.bases
        for metric in metrics_of(study)
    )
    header = ("data", "base", "questions", "documents", "metric", *kinds, "words an answer")
    return Table(
        caption="The bases by themselves, mean scores by knowledge",
        header=header,
        rows=rows,
        align="<<>><" + ">" * (len(kinds) + 1),
    )


def cell_table(study: StudyResult, group: Group) -> Table:
    """Every model of a base on a data set."""
    fields, metrics = varied(study.plan.cells), metrics_of(study)
    ruled = {metric: _has_verdicts(group, metric) for metric in metrics}
    in_all = any(ruled.values())
    header = ["model", *(["in all"] if in_all else []), "pairs", *fields]
    align = "<" + "<" * in_all + ">" + "<" * len(fields)
    for metric in metrics:
        header += [
            f"{metric}: base → model",
            f"difference, {'bounds' if ruled[metric] else TWO_SIDED}",
            *(["verdict"] if ruled[metric] else []),
        ]
        align += ">>" + "<" * ruled[metric]
    rows = []
    for of in group.cells:
        pairs = pairs_of(of)
        row = [of.cell.name, *([standings(of)] if in_all else [])]
        row += [NOTHING if pairs is None else count(pairs)]
        row += [field_text(of.cell.recipe, name) for name in fields]
        for metric in metrics:
            row += _ruled(of, metric) if ruled[metric] else measured(measure_of(of, metric))
        rows.append(tuple(row))
    return Table(
        caption=f"{group.title}: each model beside its base, with retrieved passages",
        header=tuple(header),
        rows=tuple(rows),
        align=align,
        notes=(*floors(group), *(bounds_note(group) if in_all else [])),
        run=group.result.run if group.result else "",
    )


def _has_verdicts(group: Group, metric: str) -> bool:
    found = [gate for of in group.cells if (gate := gate_on(of, metric)) is not None]
    return any(map(can_pass, found))


def _ruled(of: CellResult, metric: str) -> list[str]:
    gate = gate_on(of, metric)
    if gate is None:
        return [*measured(measure_of(of, metric)), NOTHING]
    lower, estimate, upper = verdict_texts(gate.verdict)
    means = f"{fixed(gate.baseline_mean)} → {fixed(gate.variant_mean)}"
    return [means, f"{estimate} [{lower}, {upper}]", verdict_text(gate)]


def measured(of: Measure | None) -> list[str]:
    """Means and difference of a measure, as two cells."""
    if of is None:
        return [NOTHING, NOTHING]
    missing = f" ({count(of.missing)} missing)" if of.missing else ""
    return [f"{fixed(of.base)} → {fixed(of.cell)}", interval_text(of.difference) + missing]


def curve_tables(study: StudyResult) -> Iterator[Table]:
    """Mean differences over sizes, one table a group; none where no curve has two sizes."""
    fields = varied(study.plan.cells)
    for group in groups(study):
        curves = by_curve(group.cells)
        sizes = sorted({of.cell.recipe.size for of in group.cells}, key=size_order)
        if all(len({of.cell.recipe.size for of in cells}) < 2 for cells in curves.values()):
            continue
        rows = []
        for cells in curves.values():
            label = curve_label(cells[0].cell.recipe, fields)
            for metric in metrics_of(study):
                found = dict(by_size(cells))
                shown = (_point(study, found.get(size, []), metric) for size in sizes)
                rows.append((label, metric, *shown))
        yield Table(
            caption=f"{group.title}: difference to the base by the number of pairs",
            header=("recipe", "metric", *map(size_text, sizes)),
            rows=tuple(rows),
            align="<<" + ">" * len(sizes),
        )


def _point(study: StudyResult, cells: Sequence[CellResult], metric: str) -> str:
    """A difference, or its mean over seeds as the table of seeds has it."""
    losses = [loss for of in cells if (loss := loss_of(of, metric)) is not None]
    if not losses:
        return NOTHING
    spread = spread_of(study, cells, metric)
    if spread is not None:
        return f"{fixed(spread.mean, signed=True)} ({count(len(spread.cells), 'seed')})"
    return fixed(sum(losses) / len(losses), signed=True)


def spread_of(study: StudyResult, cells: Sequence[CellResult], metric: str) -> SeedSpread | None:
    """Of cells that differ in their seed alone; None of one by itself."""
    arms = {of.cell.arm for of in cells}
    for of in study.spreads:
        if of.metric == metric and {of.arm} == arms:
            return of
    return None


def seed_table(study: StudyResult) -> Table:
    """How far trainings are apart that differ in their seed alone."""
    cells = {of.cell.name: of.cell for of in study.cells}
    return Table(
        caption="Difference to the base over seeds, with retrieved passages",
        header=(
            "on", "recipe", "metric", "seeds", "n", "lowest to highest", "mean",
            "spread of seeds", "mean effect", "one further seed",
        ),
        rows=tuple(_seed_row(study, of, cells[of.cells[0]]) for of in study.spreads),
        align="<<<>>>>>>>",
    )  # fmt: skip


def _seed_row(study: StudyResult, of: SeedSpread, cell: Cell) -> tuple[str, ...]:
    low, high = fixed(of.lowest, signed=True), fixed(of.highest, signed=True)
    return (
        title_of(study, cell.data, cell.base),
        arm_label(cell, varied(study.plan.cells)),
        of.metric,
        count(len(of.cells)),
        count(of.n),
        f"{low} to {high}",
        fixed(of.mean, signed=True),
        fixed(of.between),
        NOTHING if of.interval is None else interval_text(of.interval),
        NOTHING if of.further is None else interval_text(of.further),
    )
