"""The page of a study, out of the same sections as its Markdown. Pure."""

from __future__ import annotations

import base64
from dataclasses import replace

from pytest_ragft.reporting.html.legible import legible
from pytest_ragft.reporting.html.rendering import part, render
from pytest_ragft.reporting.study_figure import caption
from pytest_ragft.reporting.study_sections import sections
from pytest_ragft.reporting.study_sentences import answer, lacking
from pytest_ragft.reporting.text import map_strings
from pytest_ragft.study.records import StudyResult


def study_page(study: StudyResult, figure: bytes | None, version: str) -> str:
    """The whole page.

    Args:
        study: as measured so far.
        figure: SVG, which becomes a part of the page; None where nothing can be drawn.
        version: of this package.

    Raises:
        MissingDependencyError: the extra ``report`` is not installed.
    """
    # A plan holds paths and recipes, which are not texts of others.
    failed = {legible(name): legible(why) for name, why in study.failed.items()}
    shown = replace(study, failed=failed, notes=tuple(map(legible, study.notes)))
    first, *others = answer(shown)
    return render(
        "study.html.jinja",
        style=part("report.css") + part("study.css"),
        title=first,
        version=version,
        answer=others,
        lacking=[*lacking(shown), *shown.notes],
        sections=map_strings(tuple(sections(shown)), legible),
        figure=figure and f"data:image/svg+xml;base64,{base64.b64encode(figure).decode()}",
        figure_text=f"{caption(shown)} Its numbers stand in the tables below.",
        caption=caption(shown),
    )
