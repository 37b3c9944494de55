"""How models were fitted, and what was measured on real data."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("RAGFT_STUDY_CACHE") or _ROOT / ".cache")
"""Where windows, log odds and vectors are kept between runs."""
ENCODER = _ROOT / ".cache" / "models" / "all-MiniLM-L6-v2"


def put_tables(readme: Path, by: str, tables: str) -> None:
    """Put tables in the place of those that stand between the two marks of `by` in a file."""
    start, end = f"<!-- tables: written by {by} -->", "<!-- end of tables -->"
    before, _, rest = readme.read_text(encoding="utf-8").partition(start)
    after = rest.partition(end)[2]
    readme.write_text(f"{before}{start}\n\n{tables}\n\n{end}{after}", encoding="utf-8")


def called(
    command: Callable[[list[str]], int], arguments: Sequence[object], accepted: Sequence[int]
) -> None:
    """Run a command in this process, with its output on standard error."""
    with redirect_stdout(sys.stderr):
        code = command([str(argument) for argument in arguments])
    if code not in accepted:
        sys.exit(f"it ended with {code}")
