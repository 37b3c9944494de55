"""What people say about a run's answers: labels that correct gates, the judge's agreement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pytest_ragft.calibration.filled_sheets import pair_labels
from pytest_ragft.calibration.saved import agreement_note, find_calibrations
from pytest_ragft.judging.port import notes_of
from pytest_ragft.judging.shipped_agreement import shipped_agreement
from pytest_ragft.records import GateResult, PairLabels
from pytest_ragft.run.groups import GateSpec
from pytest_ragft.run.run import Run


def labels_for(run: Run, spec: GateSpec, variant: str) -> PairLabels | None:
    """The human labels that bear on a gate; None where there are none.

    Raises:
        InputError: they are about other questions or answers than those of this run.
    """
    return pair_labels(
        run.labels,
        metric=spec.gate.metric,
        variant=variant,
        suites=[run.suites[name] for name in spec.suites],
        evaluation=run.evaluation,
    )


def judge_note(run: Run, gates: Iterable[GateResult]) -> str:
    """How far the judge is validated, for a run in which it scored anything."""
    judge = run.judge
    judged = [gate for gate in gates if gate.gate.metric in judge.metrics]
    corrected = [gate for gate in judged if gate.correction is not None]
    metrics = ", ".join(dict.fromkeys(gate.gate.metric for gate in corrected))
    if not corrected:
        valid = "valid for the judge's score"
    elif len(corrected) == len(judged):
        valid = "the verdicts are corrected by human labels"
    else:
        valid = f"valid for the judge's score, except where human labels correct it ({metrics})"
    found = find_calibrations(run.root, judge.name, judge.fingerprint)
    shipped = shipped_agreement(judge, _kinds(run))
    return "; ".join([valid, agreement_note(found), *filter(None, [shipped]), *notes_of(judge)])


def _kinds(run: Run) -> Counter[str]:
    """How many references are of each kind, as far as the scores of either arm tell."""
    found: dict[tuple[str, str], str] = {}
    for (_, suite), scores in run.evaluation.scores.items():
        for example, score in scores.items():
            kind = score["accuracy"].evidence.get("kind") if "accuracy" in score else None
            if isinstance(kind, str):
                found[suite, example] = kind
    return Counter(found.values())
