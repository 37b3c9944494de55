"""What a study comes to, in sentences. Pure; no number of theirs is made otherwise in a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil

from pytest_ragft.numbers import NOTHING, count, exact, fixed, level, span_texts, verdict_texts
from pytest_ragft.records import GateResult, Interval
from pytest_ragft.reporting.conclusion import short_name
from pytest_ragft.reporting.study_reading import (
    Group,
    Standing,
    can_pass,
    every_gate,
    gate_on,
    groups,
    loss_of,
    measure_of,
    metrics_of,
    primary_gates,
    standing,
)
from pytest_ragft.stats.noninferiority import NEGLIGIBLE
from pytest_ragft.stats.planning import PASS_CLUSTERS
from pytest_ragft.stats.seeds import LEAST_SEEDS
from pytest_ragft.study.records import CellResult, Luck, StudyResult

_ARE: Sequence[tuple[Standing, str, str]] = (
    ("passed", "passed", "passed"),
    ("regression", "is a regression", "are regressions"),
    ("undecided", "is undecided", "are undecided"),
    ("no verdict", "can have no verdict", "can have no verdict"),
)


def answer(study: StudyResult) -> list[str]:
    """What a reader in a hurry needs: how many passed, which lost most, whether any gained."""
    if not study.cells:
        return ["No model has been trained and measured."]
    return [_counted(study), *_most_lost(study), *_most_lost_besides(study), _better(study)]


def _counted(study: StudyResult) -> str:
    found = Counter(standing(of) for of in study.cells)
    parts = [
        f"{count(found[of])} {one if found[of] == 1 else several}"
        for of, one, several in _ARE
        if found[of] or of == "passed"
    ]
    return f"Of {count(len(study.cells), 'model')}, {_listed(parts)}."


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _most_lost(study: StudyResult) -> Iterator[str]:
    """The largest mean loss of all models and metrics, with what its gate says of it."""
    losses = [
        (loss, of, metric)
        for of in study.cells
        for metric in metrics_of(study)
        if (loss := loss_of(of, metric)) is not None
    ]
    if not losses:
        return
    loss, of, metric = min(losses, key=lambda each: each[0])
    if loss >= -NEGLIGIBLE:
        yield f"No model lost anything on average in {' or '.join(metrics_of(study))}."
        return
    yield f"Most lost {of.cell.name}: {metric} {moved(of, metric)} on {of.cell.data}."


def _most_lost_besides(study: StudyResult) -> Iterator[str]:
    """The largest loss in a suite that nothing was trained for."""
    lost = [
        (kept.cell - kept.base, of, kept)
        for of in study.cells
        for kept in of.retention
        if not kept.trained and kept.cell < kept.base - NEGLIGIBLE
    ]
    if lost:
        loss, of, kept = min(lost, key=lambda each: each[0])
        yield (
            f"Besides, {of.cell.name} lost most in {kept.suite}: {fixed(kept.base)} → "
            f"{fixed(kept.cell)} ({fixed(loss, signed=True)})."
        )


def moved(of: CellResult, metric: str) -> str:
    """Means and difference with its bounds: the gate's where there is a verdict."""
    gate, measure = gate_on(of, metric), measure_of(of, metric)
    if gate is not None and can_pass(gate):
        means = f"{fixed(gate.baseline_mean)} → {fixed(gate.variant_mean)}"
        return f"{means}, {difference_text(of, metric)} (one-sided)"
    if measure is None:
        return difference_text(of, metric)
    means = f"{fixed(measure.base)} → {fixed(measure.cell)}"
    return f"{means}, {difference_text(of, metric)} (two-sided)"


def difference_text(of: CellResult, metric: str) -> str:
    """A difference with its bounds: the gate's where there is a verdict, else two-sided ones."""
    gate, measure = gate_on(of, metric), measure_of(of, metric)
    if gate is not None and can_pass(gate):
        lower, estimate, upper = verdict_texts(gate.verdict)
        return f"{estimate} [{lower}, {upper}]"
    return NOTHING if measure is None else interval_text(measure.difference)


def interval_text(of: Interval) -> str:
    """An estimate with its bounds, none of which shows another sign than it has."""
    lower, estimate, upper = span_texts(of.lower, of.estimate, of.upper, 0.0)
    return f"{estimate} [{lower}, {upper}]"


def _better(study: StudyResult) -> str:
    metrics = metrics_of(study)
    names = [
        of.cell.name
        for of in study.cells
        if any(
            measure.difference.lower > 0
            for metric in metrics
            if (measure := measure_of(of, metric)) is not None
        )
    ]
    who = ", ".join(names) if len(names) <= 3 else f"{len(names)} of {len(study.cells)}"
    return (
        f"Surely better than its base in {' or '.join(metrics)} (two-sided 95 %, each by itself): "
        f"{who or 'none'}."
    )


def lacking(study: StudyResult) -> Iterator[str]:
    """How many models of the plan are not in the results; nothing where all are."""
    parts = []
    if study.failed:
        parts.append(f"{count(len(study.failed))} failed")
    if study.not_run:
        of = len(study.not_run)
        parts.append(f"{count(of)} {'was' if of == 1 else 'were'} not run")
    if parts:
        yield f"Of {count(len(study.plan.cells), 'planned model')}, {' and '.join(parts)}."


def floors(group: Group) -> list[str]:
    """Where a group has too few questions or documents for any model to pass, and how many."""
    found: dict[str, dict[str, None]] = {}
    for of in group.cells:
        for gate in primary_gates(of):
            if not can_pass(gate):
                found.setdefault(_least(gate), {})[short_name(gate)] = None
    lines = [
        f"{' and '.join(names)}: no verdict can be reached ({why})" for why, names in found.items()
    ]
    if not all(map(primary_gates, group.cells)):
        lines.append("no primary gate was put to some of its models, so that they cannot pass")
    regressed = [
        f"{of.cell.name} ({_regressions(of)})"
        for of in group.cells
        if lines and standing(of) == "regression"
    ]
    if regressed:
        lines.append(f"a regression takes fewer questions, and was found in {', '.join(regressed)}")
    return lines


def _least(gate: GateResult) -> str:
    of = gate.verdict
    if of.n < of.questions_needed:
        return f"{count(of.n, 'question')}, {count(of.questions_needed)} are the least for a pass"
    return (
        f"{count(of.clusters, 'document')}, worth {fixed(of.kish_clusters, 1)} of equal size; "
        f"{PASS_CLUSTERS} are the least for a pass"
    )


def bounds_note(group: Group) -> list[str]:
    """Of what kind the bounds are that stand beside verdicts."""
    gates = [gate for of in group.cells for gate in primary_gates(of)]
    if not gates:
        return []
    margins = sorted({gate.verdict.margin for gate in gates})
    levels = sorted({level(gate.verdict.alpha) for gate in gates})
    return [
        f"bounds beside a verdict are the gate's own, one-sided ({' or '.join(levels)} each), "
        f"against a margin of {' or '.join(map(exact, margins))}; all others are two-sided 95 %"
    ]


def standings(of: CellResult) -> str:
    """Where a model stands, and by which gates where it regressed."""
    where = standing(of)
    if where != "regression":
        return where
    return f"regression: {_regressions(of)}"


def _regressions(of: CellResult) -> str:
    return ", ".join(short_name(g) for g in every_gate(of) if g.verdict.outcome == "REGRESSION")


def luck(of: Luck, title: str) -> str:
    """What passing is worth where several were tried."""
    # Rounded up, as it is an upper bound.
    chance = fixed(ceil(of.chance * 1000 - 1e-9) / 1000)
    if of.tried < 2:
        return (
            f"{title}: 1 model was tried on these questions; at the margin it passes with "
            f"probability at most {chance}. {_passed(of.passed)}."
        )
    return (
        f"{title}: {count(of.tried, 'model')} were tried on these questions; with each at the "
        f"margin, one of them passes with probability at most {chance}. {_passed(of.passed)}."
    )


def _passed(number: int) -> str:
    return f"{count(number)} passed" if number else "None passed"


def seeds_note(study: StudyResult) -> list[str]:
    """What may be said of how seeds differ."""
    numbers = {len(of.cells) for of in study.spreads}
    lines = []
    if any(number < LEAST_SEEDS for number in numbers):
        lines.append(
            f"below {LEAST_SEEDS} seeds only their range is told: it is no interval, and grows "
            "with every further seed"
        )
    if any(number >= LEAST_SEEDS for number in numbers):
        lines.append(
            "the mean effect is that of the recipe, seeds and questions both drawn anew; one "
            "further seed's effect lies in the wider interval (both two-sided 95 %)"
        )
    return lines


def title_of(study: StudyResult, data: str, base: str) -> str:
    """How a group is called in the study's report."""
    for group in groups(study):
        if (group.data, group.base) == (data, base):
            return group.title
    return f"{data}, {base}"
