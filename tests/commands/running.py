"""The `ragft` command, and sheets filled in by people that are rules."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_ragft.cli import main
from tests import warm
from tests.example import clean_environment


@dataclass(frozen=True)
class Done:
    """How the command ended and what it printed."""

    code: int
    out: str
    err: str


def ragft(folder: Path, *arguments: str) -> Done:
    """Run the command in this process, which is fast."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    told = []
    for stream in (out, err):
        stream.flush()
        told.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return Done(code, *told)


def ragft_process(
    folder: Path, *arguments: str, stdin: str | None = None, env: Mapping[str, str] | None = None
) -> Done:
    """Run the command as a user does; any warning is an error."""
    done = Done(
        *warm.cold(
            ["-W", "error", "-m", "pytest_ragft", *arguments],
            cwd=folder,
            env=clean_environment() | dict(env or {}),
            stdin=stdin,
        )
    )
    assert "Traceback" not in done.err, done.err
    return done


def read_sheet(path: Path) -> list[dict[str, str]]:
    """As a spreadsheet shows it."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def write_sheet(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read_key(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The head, and the rows by opaque id."""
    head, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return head, {row["id"]: row for row in rows}


def fill(path: Path, label: Callable[[dict[str, str]], object], to: Path | None = None) -> None:
    """Write what `label` says of each row into its column; None leaves it empty."""
    rows = read_sheet(path)
    for row in rows:
        value = label(row)
        row["label"] = "" if value is None else str(value)
    write_sheet(to or path, rows)


def right(row: dict[str, str]) -> float:
    """A person who looks for the reference in the answer."""
    return float(row["references"] in row["answer"])
