"""What is expected to stand on disk and does not: suites of a saved baseline or of a recording."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pytest_ragft.errors import BaselineError, SuiteError
from pytest_ragft.generation.recorded import RecordedGenerator
from pytest_ragft.run.run import Run
from pytest_ragft.suite.finding import misspelt, names_on_disk


def check_standing(run: Run, folders: Iterable[Path]) -> None:
    """Refuse a run in which a suite lacks by accident.

    Args:
        run: whose suites are known.
        folders: those under pytest's arguments.

    Raises:
        SuiteError: a file has nearly the name of a suite or of rules, and so is not read.
        BaselineError: the saved baseline holds a suite that is nowhere.
    """
    for folder in dict.fromkeys([*folders, *_rule_folders(run)]):
        for path, meant in misspelt(folder):
            raise SuiteError(f"{path}: is not read: its name is not {meant!r}; rename it")
    if run.saved is None:
        return
    lacking = _lacking(run, run.saved.suites)
    if gone := [name for name, path in lacking.items() if path is None]:
        raise BaselineError(
            f"baseline {run.saved.name!r} holds {_listed(gone)}, and no suite.toml below "
            f"{str(run.root)!r} has that name: what is gone decides nothing; restore it, or review "
            f"and save the baseline again with --ragft-save-baseline={run.saved.name}"
        )


def standing_remarks(run: Run) -> list[str]:
    """What the saved baseline or recorded answers hold beside the suites of this run."""
    remarks = []
    if run.saved is not None and (beside := _lacking(run, run.saved.suites)):
        remarks.append(
            f"the saved baseline {run.saved.name!r} also holds {_listed(beside)}, which no gate of "
            "this run asks"
        )
    recorded = {
        str(generator.path): generator.suites
        for generator in run.generators.values()
        if isinstance(generator, RecordedGenerator)
    }
    for file, names in recorded.items():
        beside = _lacking(run, names)
        gone = [name for name, path in beside.items() if path is None]
        there = [name for name in beside if name not in gone]
        if gone:
            remarks.append(f"{file} also answers {_listed(gone)}, which no suite.toml has")
        if there:
            remarks.append(f"{file} also answers {_listed(there)}, which this run does not ask")
    return remarks


def _lacking(run: Run, names: Iterable[str]) -> dict[str, Path | None]:
    """Those that are not suites of the run, with the place where they stand, if anywhere."""
    lacking = sorted(set(names) - run.suites.keys())
    if not lacking:
        return {}
    known: dict[str, Path] = {}
    for folder in (run.root, *_rule_folders(run)):
        known = names_on_disk(folder) | known
    return {name: known.get(name) for name in lacking}


def _rule_folders(run: Run) -> list[Path]:
    return [group.path.parent for group in run.groups if group.has_rules]


def _listed(names: Iterable[str]) -> str:
    shown = [repr(name) for name in names]
    return f"the suite {shown[0]}" if len(shown) == 1 else f"the suites {', '.join(shown)}"
