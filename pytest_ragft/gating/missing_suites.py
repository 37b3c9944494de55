"""What is expected to stand on disk and does not: suites of a saved baseline or of a recording."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pytest_ragft.errors import BaselineError, SuiteError
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.generation.recorded import RecordedGenerator
from pytest_ragft.suite.finding import misspelt, names_on_disk


def check_missing_suites(run: GatingRun, folders: Iterable[Path]) -> None:
    """Refuse a run in which a suite lacks by accident.

    Args:
        run: whose suites are known.
        folders: those under pytest's arguments.

    Raises:
        SuiteError: a file has nearly the name of a suite or of rules, and so is not read.
        BaselineError: the saved baseline holds a suite that is nowhere.
    """
    for folder in dict.fromkeys([*folders, *_rule_folders(run.plan)]):
        for path, meant in misspelt(folder):
            raise SuiteError(f"{path}: is not read: its name is not {meant!r}; rename it")
    if (saved := run.services.saved) is None:
        return
    lacking = _lacking(run.plan, saved.suites)
    if gone := [name for name, path in lacking.items() if path is None]:
        raise BaselineError(
            f"baseline {saved.name!r} holds {_listed(gone)}, and no suite.toml below "
            f"{str(run.plan.root)!r} has that name: what is gone decides nothing; restore it, or "
            f"review and save the baseline again with --ragft-save-baseline={saved.name}"
        )


def missing_suite_remarks(run: GatingRun) -> list[str]:
    """What the saved baseline or recorded answers hold beside the suites of this run."""
    remarks = []
    saved = run.services.saved
    if saved is not None and (beside := _lacking(run.plan, saved.suites)):
        remarks.append(
            f"the saved baseline {saved.name!r} also holds {_listed(beside)}, which no gate of "
            "this run asks"
        )
    recorded = {
        str(generator.path): generator.suites
        for generator in run.services.generators.values()
        if isinstance(generator, RecordedGenerator)
    }
    for file, names in recorded.items():
        beside = _lacking(run.plan, names)
        gone = [name for name, path in beside.items() if path is None]
        there = [name for name in beside if name not in gone]
        if gone:
            remarks.append(f"{file} also answers {_listed(gone)}, which no suite.toml has")
        if there:
            remarks.append(f"{file} also answers {_listed(there)}, which this run does not ask")
    return remarks


def _lacking(plan: Plan, names: Iterable[str]) -> dict[str, Path | None]:
    """Those that are not suites of the run, with the place where they stand, if anywhere."""
    lacking = sorted(set(names) - plan.suites.keys())
    if not lacking:
        return {}
    known: dict[str, Path] = {}
    for folder in (plan.root, *_rule_folders(plan)):
        known = names_on_disk(folder) | known
    return {name: known.get(name) for name in lacking}


def _rule_folders(plan: Plan) -> list[Path]:
    return [group.path.parent for group in plan.groups if group.has_rules]


def _listed(names: Iterable[str]) -> str:
    shown = [repr(name) for name in names]
    return f"the suite {shown[0]}" if len(shown) == 1 else f"the suites {', '.join(shown)}"
