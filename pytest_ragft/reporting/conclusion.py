"""What a run says about each variant in one word, and why. Pure; all renderers share it.

It fails closed: whatever is missing, deselected or lost takes PASS away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_ragft.evaluation.evaluation import RETRIEVAL
from pytest_ragft.numbers import NOTHING, count
from pytest_ragft.records import GateResult, RunResult

Decision = Literal["PASS", "WARN", "BLOCK", "NOT GATED", "ERROR"]
_MOST_NAMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """The last line of a report on one variant."""

    variant: str
    decision: Decision
    """``PASS`` ships. ``WARN``: not proven, and let through by `--ragft-on-inconclusive=warn`.
    ``BLOCK``: a gate stops it. ``NOT GATED``: gates were left out. ``ERROR``: a part was lost."""
    reasons: tuple[str, ...]
    """Never empty; the most important first."""
    blocks: bool
    """Whether the exit status must not be 0: also for ``NOT GATED``, unless the user asked for a
    part of the tests, or only guards are configured."""

    @property
    def text(self) -> str:
        """The one line, such as ``ft-ckpt: BLOCK - accuracy regressed``, with a true dash."""
        return f"{self.variant}: {self.decision} {NOTHING} {', '.join(self.reasons)}"


def gate_name(result: GateResult) -> str:
    """``accuracy (pooled, primary)`` for a pooled gate, else ``biomedical accuracy (guard)``.

    The name of a slice stands before its metric: ``safety/accuracy (pooled, guard)``.
    """
    if result.pooled:
        return f"{short_name(result)} (pooled, {result.gate.role})"
    return f"{short_name(result)} ({result.gate.role})"


def short_name(result: GateResult) -> str:
    """The same without its role."""
    gate = result.gate
    what = gate.metric if gate.name is None else f"{gate.name}/{gate.metric}"
    return what if result.pooled else f"{', '.join(result.suites)} {what}"


def stops(result: GateResult) -> bool:
    """Whether the gate keeps its variant from passing, however `blocks` was set.

    A regression, missing scores and a limited run are never let through.
    """
    verdict = result.verdict
    return (
        result.blocks or verdict.outcome == "REGRESSION" or verdict.reason in ("missing", "limited")
    )


def conclude(run: RunResult) -> tuple[Conclusion, ...]:
    """The conclusion on each variant, in the run's order."""
    return tuple(_conclude(run, name) for name in variant_names(run))


def variant_names(run: RunResult) -> tuple[str, ...]:
    """Variants under test, in the run's order; also those that only a gate names.

    Retrieval counts as one wherever it is gated.
    """
    named = [facts.name for facts in run.variants if facts.role == "variant"]
    retrieval = [RETRIEVAL] if run.retrieval_gates else []
    return tuple(dict.fromkeys([*named, *(result.variant for result in run.gates), *retrieval]))


def gates_lost(run: RunResult) -> int:
    """Gates that were configured and neither decided nor deselected."""
    return max(run.gates_configured - run.gates_deselected - len(run.gates), 0)


def is_limited(run: RunResult) -> bool:
    """Whether only the first questions were asked; a limit above every suite's size cuts none."""
    cut = run.limit is not None and any(suite.questions > run.limit for suite in run.suites)
    return cut or any(result.verdict.reason == "limited" for result in run.gates)


def _conclude(run: RunResult, name: str) -> Conclusion:
    gates = [result for result in run.gates if result.variant == name]
    decision, reasons, blocks = _decide(run, name, gates)
    return Conclusion(variant=name, decision=decision, reasons=tuple(reasons), blocks=blocks)


def _decide(
    run: RunResult, name: str, gates: Sequence[GateResult]
) -> tuple[Decision, list[str], bool]:
    concerning = _errors_for(run, name)
    errors = [count(concerning, "error")] if concerning else []
    stopping = [result for result in gates if stops(result)]
    limited = ["a limited run does not gate"] * is_limited(run)
    found = _findings([g for g in stopping if g.verdict.reason != "limited"])
    failed = _failed_alone(run, name)
    if stopping or failed:
        return "BLOCK", found + failed + (limited if stopping else []) + errors, True
    if errors:
        return "ERROR", errors, True
    absent = _absent(run, name, gates)
    if limited:
        absent[limited[0]] = not run.narrowed
    if absent:
        return "NOT GATED", list(absent), any(absent.values())
    soft = [g for g in gates if g.gate.role == "primary" and g.verdict.outcome != "PASS"]
    if soft:
        return "WARN", [*_findings(soft), "let through by --ragft-on-inconclusive=warn"], False
    return "PASS", _passed(gates) or _passed_by_hand(run, name), False


def _errors_for(run: RunResult, name: str) -> int:
    """Errors that concern a variant: its own, and those that are no other variant's alone."""
    own = run.errors_of.get(name, ())
    others = {e for other, errors in run.errors_of.items() for e in errors if other != name}
    return sum(error in own or error not in others for error in run.errors)


def _failed_alone(run: RunResult, name: str) -> list[str]:
    """What stops a variant beside the gates of the files."""
    reasons = []
    if below := run.below_floor.get(name, 0):
        reasons.append(f"{count(below, 'question')} below question_floor")
    failed = sum(test.variant == name and not test.passed for test in run.hand_written)
    if failed:
        reasons.append(f"{count(failed, 'hand-written comparison')} failed")
    return reasons


def _absent(run: RunResult, name: str, gates: Sequence[GateResult]) -> dict[str, bool]:
    """What keeps a variant from passing, and whether that is more than the user's own choice."""
    chosen = bool(run.narrowed)
    reasons = {}
    if run.gates_deselected:
        reasons[f"{count(run.gates_deselected, 'gate')} deselected"] = not chosen
    others = {facts.name for facts in run.variants if facts.role == "variant"} - {name}
    if lost := gates_lost(run) - sum(run.lost_of.get(other, 0) for other in others):
        reasons[f"{count(lost, 'gate')} without a verdict"] = True
    if run.retrieval_unput and name != RETRIEVAL:
        reasons[f"{', '.join(run.retrieval_unput)} (primary) could not be put"] = not chosen
    if not run.gates_configured:
        if not any(test.variant == name for test in run.hand_written):
            compared = any(facts.role == "baseline" for facts in run.variants) or not run.variants
            none = "no gate is configured" if compared else "there is no baseline to compare with"
            reasons[none] = not chosen
    elif not gates:
        reasons["no gate was evaluated"] = not chosen
    elif not any(result.gate.role == "primary" for result in gates):
        # No default stands behind the gates on retrieval: guards alone are enough, if one passes.
        if name != RETRIEVAL:
            reasons["no primary gate was evaluated"] = False
        elif not any(result.verdict.outcome == "PASS" for result in gates):
            reasons["no guard passed, and there is no primary gate"] = False
    return reasons


def _passed_by_hand(run: RunResult, name: str) -> list[str]:
    tests = sum(test.variant == name for test in run.hand_written)
    return [f"{count(tests, 'hand-written comparison')} passed"]


def _passed(gates: Sequence[GateResult]) -> list[str]:
    primary = sum(result.gate.role == "primary" for result in gates)
    guards = len(gates) - primary
    open_guards = sum(result.verdict.outcome != "PASS" for result in gates)
    reasons = [f"{primary} of {count(primary, 'primary gate')} passed"] if primary else []
    if guards:
        lame = sum(result.gate.role == "guard" and not result.can_veto for result in gates)
        facts = [f"{open_guards} inconclusive"] if open_guards else []
        facts += [f"{lame} cannot veto"] if lame else []
        aside = f" ({', '.join(facts)})" if facts else ""
        reasons.append(f"no guard vetoed{aside}")
    return reasons


def _findings(gates: Sequence[GateResult]) -> list[str]:
    """Gates that ended alike in one phrase; regressions first."""
    names: dict[str, list[str]] = {}
    for result in sorted(gates, key=lambda g: g.verdict.outcome != "REGRESSION"):
        names.setdefault(_how(result), []).append(short_name(result))
    return [
        f"{_listed(who)} {how if len(who) == 1 else how.replace('is ', 'are ', 1)}"
        for how, who in names.items()
    ]


def _how(result: GateResult) -> str:
    verdict = result.verdict
    if verdict.outcome == "REGRESSION":
        return "regressed"
    return f"is inconclusive ({verdict.reason})"


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    if len(names) <= _MOST_NAMES:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[: _MOST_NAMES - 1])} and {len(names) - _MOST_NAMES + 1} more"
