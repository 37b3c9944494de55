"""A study's report as sections of sentences and tables, which Markdown and the page share. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.numbers import count
from pytest_ragft.reporting.study_details import (
    increment_table,
    knowledge_tables,
    part_table,
    retention_tables,
    style_table,
    training_table,
)
from pytest_ragft.reporting.study_reading import (
    can_pass,
    curve_label,
    field_text,
    groups,
    primary_gates,
    spoken,
    varied,
)
from pytest_ragft.reporting.study_sentences import (
    answer,
    luck,
    seeds_note,
    title_of,
)
from pytest_ragft.reporting.study_tables import (
    Table,
    base_table,
    cell_table,
    curve_tables,
    seed_table,
)
from pytest_ragft.study.records import StudyResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the report."""

    name: str
    """Of its anchor and in the list of parts: one short word."""
    title: str
    lines: tuple[str, ...] = ()
    """Sentences, without a full stop where they are items of a list."""
    tables: tuple[Table, ...] = ()


def headline(study: StudyResult) -> str:
    """The answer's first sentence."""
    return answer(study)[0]


def sections(study: StudyResult) -> list[Section]:
    """Everything but the answer, in the order of a reader in a hurry; without empty parts."""
    every = groups(study)
    models = [group for group in every if group.cells]
    found = [
        Section(
            name="models",
            title="Models beside their bases",
            tables=tuple(cell_table(study, group) for group in models),
        ),
        Section(name="sizes", title="By the number of pairs", tables=tuple(curve_tables(study))),
        Section(
            name="seeds",
            title="Over seeds",
            lines=tuple(seeds_note(study)),
            tables=(seed_table(study),) if study.spreads else (),
        ),
        Section(
            name="luck",
            title="What passing is worth",
            lines=tuple(_luck(study)),
        ),
        Section(
            name="knowledge",
            title="What the models know, and what retrieval adds",
            tables=(
                *(table for group in models for table in knowledge_tables(study, group)),
                *_made(increment_table(group) for group in every),
            ),
        ),
        Section(
            name="style",
            title="Length and refusals",
            tables=tuple(_made(style_table(group) for group in models)),
        ),
        Section(
            name="parts",
            title="Where they lost most",
            lines=("no verdict rests on these means; they tell where to look",),
            tables=tuple(_made(part_table(study, group) for group in models)),
        ),
        Section(
            name="retention",
            title="What else was lost",
            lines=(
                "difference to the base with the model's mean in brackets; a loss in a suite "
                "without any training data is a side effect",
            ),
            tables=tuple(t for group in models for t in retention_tables(study, group)),
        ),
        Section(
            name="bases",
            title="The bases",
            tables=(base_table(study),) if study.bases else (),
        ),
        Section(
            name="training",
            title="Training",
            tables=tuple(_made(iter([training_table(study)]))),
        ),
        Section(name="missing", title="Failed, and not run", lines=tuple(_missing(study))),
        Section(name="settings", title="Settings", lines=tuple(_settings(study))),
    ]
    # The sentences of all other parts are about their tables.
    alone = ("luck", "missing", "settings")
    return [of for of in found if of.tables or (of.lines and of.name in alone)]


def _luck(study: StudyResult) -> Iterator[str]:
    """What passing is worth, where any model can pass."""
    able = {
        (of.cell.data, of.cell.base)
        for of in study.cells
        if (gates := primary_gates(of)) and all(map(can_pass, gates))
    }
    for of in study.luck:
        if (of.data, of.base) in able:
            yield luck(of, title_of(study, of.data, of.base))


def _made(tables: Iterator[Table | None]) -> Iterator[Table]:
    return (table for table in tables if table is not None)


def _missing(study: StudyResult) -> Iterator[str]:
    for name, reason in study.failed.items():
        yield f"{name}: failed: {reason}"
    if study.not_run:
        yield f"not run: {', '.join(study.not_run)}"


def _settings(study: StudyResult) -> Iterator[str]:
    plan = study.plan
    yield f"study {plan.name}, {count(len(plan.cells), 'model')} planned"
    yield f"judge {plan.judge}; questions are shown with: {', '.join(plan.knowledge)}"
    for of in study.bases:
        yield (
            f"{title_of(study, of.data, of.base)}: {count(of.questions, 'question')} in "
            f"{count(of.documents, 'document')}; base {of.base}"
        )
    if plan.retention:
        yield f"retention: {', '.join(path.parent.name for path in plan.retention)}"
    yield from _recipes(study)
    yield from study.notes


def _recipes(study: StudyResult) -> Iterator[str]:
    """What all recipes have in common, and what each has beside it that its name does not tell."""
    recipes = [cell.recipe for cell in study.plan.cells]
    if not recipes:
        return
    plain = [recipe.plain() for recipe in recipes]
    first, fields = plain[0], varied(study.plan.cells)
    shared = [name for name in first if all(of.get(name) == first[name] for of in plain)]
    yield f"every recipe: {_fields(recipes[0], shared)}"
    told = {*shared, *fields, "method", "form", "target"}
    lines = {
        f"{curve_label(recipe, fields)}: {own}": None
        for recipe in recipes
        if (own := _fields(recipe, [name for name in recipe.plain() if name not in told]))
    }
    yield from lines


def _fields(recipe: Recipe, names: Sequence[str]) -> str:
    texts = ((name, field_text(recipe, name)) for name in names if name not in ("size", "seed"))
    return ", ".join(f"{spoken(name)} {text}" for name, text in texts if text)
