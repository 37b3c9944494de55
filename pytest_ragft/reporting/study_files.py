"""The files that show what a study found."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from pytest_ragft.atomic import write_atomically
from pytest_ragft.errors import RagftError, reason_of
from pytest_ragft.reporting.html import require_jinja
from pytest_ragft.reporting.html.study import study_page
from pytest_ragft.reporting.study_figure import draw, require_matplotlib
from pytest_ragft.reporting.study_markdown import study_markdown
from pytest_ragft.reporting.study_rows import to_csv
from pytest_ragft.study.records import StudyResult

PAGE, TEXT, ROWS = "index.html", "results.md", "results.csv"
FIGURE = "figure.svg"
PRINTED = "figure.pdf"


def require_study() -> None:
    """See that all files can be made, before any training.

    Raises:
        MissingDependencyError: naming the extra that is not installed.
    """
    require_jinja()
    require_matplotlib()


def write_study(study: StudyResult, out: Path) -> tuple[Path, ...]:
    """Write all of them; the same result makes the same bytes.

    Args:
        study: as measured so far.
        out: a folder; it is made where it is missing.

    Returns:
        What was written, the most readable first.

    Raises:
        MissingDependencyError: the extra ``study`` is not installed.
        RagftError: one cannot be written.
    """
    written = []
    for name, data in _rendered(study).items():
        path = out / name
        try:
            out.mkdir(parents=True, exist_ok=True)
            if data is None:
                path.unlink(missing_ok=True)
                continue
            write_atomically(path, data)
        except OSError as error:
            raise RagftError(
                f"{str(path)!r} cannot be written: {reason_of(error)}; free the place, and the "
                "same command writes the results without training anything again"
            ) from error
        written.append(path)
    return tuple(written)


def _rendered(study: StudyResult) -> Mapping[str, bytes | None]:
    """All files by name; None for a figure of nothing, which an earlier result may have left."""
    measured = any(of.measures for of in study.cells)
    figure = draw(study, "svg") if measured else None
    return {
        PAGE: study_page(study, figure, version("pytest-ragft")).encode(),
        TEXT: study_markdown(study, FIGURE if measured else "").encode(),
        ROWS: to_csv(study).encode(),
        FIGURE: figure,
        PRINTED: draw(study, "pdf") if measured else None,
    }
