"""What a run does with saved baselines beside comparing: keep one, and hold it to its rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ragft.errors import BaselineError
from pytest_ragft.evaluation.baseline import baseline_path, load_baseline, save_baseline
from pytest_ragft.gating.weaker_rules import rule_notes, rules_of
from pytest_ragft.records import VariantFacts

if TYPE_CHECKING:
    from pytest_ragft.gating.run import GatingRun


def check_baselines(run: GatingRun) -> None:
    """Find out before any work what would keep a baseline from being saved, or compared with.

    Raises:
        BaselineError: the name is that of another model's baseline, or, with `--ragft-strict`,
            rules are weaker than those of the saved one.
    """
    if run.plan.settings.save_baseline is not None:
        variant = run.plan.variants[0].name
        own = [g.fingerprint for (name, _), g in run.services.generators.items() if name == variant]
        _expect_own(run, run.plan.settings.save_baseline, own)
    if run.plan.settings.strict and (lines := rule_notes(run.plan, run.services.saved)):
        raise BaselineError(
            "--ragft-strict: "
            + "; ".join(lines)
            + "; take that back, or review it and save the baseline again"
        )


def keep_baseline(run: GatingRun, facts: VariantFacts) -> Path:
    """Save the one variant, with the rules in force, under the name that was asked for.

    Raises:
        BaselineError: an answer or a score is missing, the file cannot be written, or it holds
            another model's baseline by now and `--ragft-replace` was not given.
    """
    name = run.plan.settings.save_baseline
    assert name is not None
    _expect_own(run, name, [facts.fingerprint])
    path = baseline_path(run.plan.root, name)
    judge = run.plan.settings.judge, run.services.judge.fingerprint
    suites = run.plan.suites.values()
    save_baseline(path, run.evaluation, suites, facts, judge, rules=rules_of(run.plan))
    return path


def _expect_own(run: GatingRun, name: str, fingerprints: list[str]) -> None:
    path = baseline_path(run.plan.root, name)
    if run.plan.settings.replace or not path.exists():
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
