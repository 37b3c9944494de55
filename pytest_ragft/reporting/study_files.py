"""The files that show what a study found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_ragft.atomic import write_atomically
from pytest_ragft.errors import RagftError, reason_of
from pytest_ragft.reporting.study_markdown import study_markdown
from pytest_ragft.reporting.study_rows import to_csv
from pytest_ragft.study.records import StudyResult


def write_study(study: StudyResult, out: Path) -> tuple[Path, ...]:
    """Write all of them; the same result makes the same bytes.

    Args:
        study: as measured so far.
        out: a folder; it is made where it is missing.

    Returns:
        What was written, the most readable first.

    Raises:
        RagftError: one cannot be written.
    """
    forms: Mapping[str, Callable[[], bytes]] = {
        "results.md": lambda: study_markdown(study).encode(),
        "results.csv": lambda: to_csv(study).encode(),
    }
    written = []
    for name, render in forms.items():
        data, path = render(), out / name
        try:
            out.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
        except OSError as error:
            raise RagftError(
                f"{str(path)!r} cannot be written: {reason_of(error)}; free the place, and the "
                "same command writes the results without training anything again"
            ) from error
        written.append(path)
    return tuple(written)
