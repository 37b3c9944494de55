"""What a run does with saved baselines beside comparing: keep one, and hold it to its rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ragft.errors import BaselineError
from pytest_ragft.evaluation.baseline import baseline_path, load_baseline, save_baseline
from pytest_ragft.records import VariantFacts
from pytest_ragft.run.weakening import rule_notes, rules_of

if TYPE_CHECKING:
    from pytest_ragft.run.run import Run


def check_baselines(run: Run) -> None:
    """Find out before any work what would keep a baseline from being saved, or compared with.

    Raises:
        BaselineError: the name is that of another model's baseline, or, with `--ragft-strict`,
            rules are weaker than those of the saved one.
    """
    if run.settings.save_baseline is not None:
        variant = run.variants[0].name
        own = [g.fingerprint for (name, _), g in run.generators.items() if name == variant]
        _expect_own(run, run.settings.save_baseline, own)
    if run.settings.strict and (lines := rule_notes(run)):
        raise BaselineError(
            "--ragft-strict: "
            + "; ".join(lines)
            + "; take that back, or review it and save the baseline again"
        )


def keep_baseline(run: Run, facts: VariantFacts) -> Path:
    """Save the one variant, with the rules in force, under the name that was asked for.

    Raises:
        BaselineError: an answer or a score is missing, the file cannot be written, or it holds
            another model's baseline by now and `--ragft-replace` was not given.
    """
    name = run.settings.save_baseline
    assert name is not None
    _expect_own(run, name, [facts.fingerprint])
    path = baseline_path(run.root, name)
    judge = run.settings.judge, run.judge.fingerprint
    suites = run.suites.values()
    save_baseline(path, run.evaluation, suites, facts, judge, rules=rules_of(run))
    return path


def _expect_own(run: Run, name: str, fingerprints: list[str]) -> None:
    path = baseline_path(run.root, name)
    if run.settings.replace or not path.exists():
        return
    try:
        saved = load_baseline(path).variant
        why = f"is that of another model, {saved.name!r} ({saved.spec})"
    except BaselineError as error:
        saved, why = None, f"cannot be told from another model's: {error}"
    if saved is None or saved.fingerprint not in fingerprints:
        raise BaselineError(
            f"--ragft-save-baseline={name}: the baseline of that name {why}; choose another name, "
            "or replace it with --ragft-replace"
        )
