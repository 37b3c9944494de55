"""The results of a study as GitHub-flavoured Markdown. Pure."""

from __future__ import annotations

from urllib.parse import quote

from pytest_ragft.reporting.markdown_escaping import cell, prose
from pytest_ragft.reporting.markdown_escaping import table as lines_of
from pytest_ragft.reporting.study_figure import caption
from pytest_ragft.reporting.study_sections import Section, sections
from pytest_ragft.reporting.study_sentences import answer, lacking
from pytest_ragft.reporting.study_tables import Table
from pytest_ragft.study.records import StudyResult

MARK = "<!-- pytest-ragft study -->"
"""First line of every such report."""


def study_markdown(study: StudyResult, figure: str = "") -> str:
    """The whole report: the answer first, then tables.

    Args:
        study: as measured so far.
        figure: name of the picture's file beside it; empty where there is none.
    """
    first, *others = [*answer(study), *lacking(study)]
    blocks = [
        MARK,
        f"# Study {prose(study.plan.name)}",
        " ".join([f"**{prose(first)}**", *map(prose, others)]),
    ]
    if figure:
        blocks += [f"![Difference to the base by the number of pairs]({figure})", caption(study)]
    for of in sections(study):
        blocks += _section(of)
    return "\n\n".join(blocks) + "\n"


def _section(of: Section) -> list[str]:
    blocks = [f"## {of.title}"]
    if of.lines:
        blocks.append("\n".join(f"- {prose(line)}" for line in of.lines))
    for table in of.tables:
        blocks += _table(table)
    return blocks


def _table(of: Table) -> list[str]:
    notes = "\n".join(f"- {prose(note)}" for note in of.notes)
    link = f"[Every question of this run](runs/{quote(of.run)}.html)" if of.run else ""
    return list(filter(None, [f"**{prose(of.caption)}**", notes, _rows(of), link]))


def _rows(of: Table) -> str:
    rows = [
        [_cell(text, marked=(row, column) in of.marked) for column, text in enumerate(texts)]
        for row, texts in enumerate(of.rows)
    ]
    return "\n".join(lines_of([cell(text) for text in of.header], rows, of.align))


def _cell(text: str, *, marked: bool) -> str:
    return f"**{cell(text)}**" if marked else cell(text)
