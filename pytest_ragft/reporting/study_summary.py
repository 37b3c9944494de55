"""What the command of a study says at its end. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_ragft.reporting.study_reading import (
    Group,
    groups,
    metrics_of,
)
from pytest_ragft.reporting.study_sentences import (
    answer,
    difference_text,
    floors,
    lacking,
    standings,
)
from pytest_ragft.reporting.text import clean, table, wrap
from pytest_ragft.study.records import CellResult, StudyResult

_WIDTH = 100


def study_summary(study: StudyResult) -> list[str]:
    """The answer, each model in a line, and what failed or is not there."""
    lines = [clean(text) for text in (*answer(study), *lacking(study), *study.notes)]
    wrapped = [row for text in lines for row in wrap(text, _WIDTH)]
    of_groups = (_group(study, group) for group in groups(study) if group.cells)
    failed = [clean(f"{name}: failed: {why}") for name, why in study.failed.items()]
    return [*wrapped, *(line for of in of_groups for line in of), *failed]


def _group(study: StudyResult, group: Group) -> Iterator[str]:
    metrics = metrics_of(study)
    yield ""
    yield clean(group.title)
    rows = [("model", *metrics, "in all"), *(_row(of, metrics) for of in group.cells)]
    cells = [tuple(clean(text) for text in row) for row in rows]
    yield from (f"  {line}" for line in table(cells, "<" + "<" * len(metrics) + "<"))
    for note in floors(group):
        yield from wrap(clean(note), _WIDTH, first="  ")


def _row(of: CellResult, metrics: tuple[str, ...]) -> tuple[str, ...]:
    return (of.cell.name, *(difference_text(of, metric) for metric in metrics), standings(of))
