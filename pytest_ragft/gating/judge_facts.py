"""What a report says about the judge: how far it is validated, and what its calls have cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from pytest_ragft.calibration.saved import agreement_note, find_calibrations
from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.gating.endpoint_usage import endpoint_usage
from pytest_ragft.gating.environment import PRICES
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.judging.jury import Jury
from pytest_ragft.judging.port import Judge, notes_of
from pytest_ragft.judging.shipped_agreement import shipped_agreement
from pytest_ragft.records import EndpointUsage, GateResult


def judge_note(run: GatingRun, gates: Iterable[GateResult]) -> str:
    """How far the judge is validated, for a run in which it scored anything."""
    judge = run.services.judge
    judged = [gate for gate in gates if gate.gate.metric in judge.metrics]
    corrected = [gate for gate in judged if gate.correction is not None]
    metrics = ", ".join(dict.fromkeys(gate.gate.metric for gate in corrected))
    if not corrected:
        valid = "valid for the judge's score"
    elif len(corrected) == len(judged):
        valid = "the verdicts are corrected by human labels"
    else:
        valid = f"valid for the judge's score, except where human labels correct it ({metrics})"
    found = find_calibrations(run.plan.root, judge.name, judge.fingerprint)
    shipped = shipped_agreement(judge, _kinds(run))
    return "; ".join([valid, agreement_note(found), *filter(None, [shipped]), *notes_of(judge)])


def judge_usage(judge: Judge, environ: Mapping[str, str]) -> EndpointUsage | None:
    """The calls of a judge, or of all members of a jury; None when there were none.

    Raises:
        SpecError: RAGFT_JUDGE_PRICES is unusable.
    """
    return endpoint_usage(sum(_usages(judge), start=Usage()), environ, PRICES)


def _kinds(run: GatingRun) -> Counter[str]:
    """How many references are of each kind, as far as the scores of either arm tell."""
    found: dict[tuple[str, str], str] = {}
    for (_, suite), scores in run.evaluation.scores.items():
        for example, score in scores.items():
            kind = score["accuracy"].evidence.get("kind") if "accuracy" in score else None
            if isinstance(kind, str):
                found[suite, example] = kind
    return Counter(found.values())


def _usages(judge: Judge) -> Iterator[Usage]:
    for member in judge.members if isinstance(judge, Jury) else (judge,):
        usage = getattr(member, "usage", None)
        if isinstance(usage, Usage):
            yield usage
