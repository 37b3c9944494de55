"""Which metrics of answers a run has judged: those that its gates are about."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_ragft.errors import SuiteError
from pytest_ragft.judging.factory import judges_of
from pytest_ragft.judging.port import Judge
from pytest_ragft.run.groups import GateSpec, Group
from pytest_ragft.run.settings import Settings
from pytest_ragft.suite import METRICS


def metrics_asked(
    specs: Iterable[GateSpec], groups: Iterable[Group], settings: Settings
) -> frozenset[str]:
    """The metrics of answers that gates and floors read.

    A saved baseline holds the common ones besides, for gates to come, and a run without any gate
    on answers shows them.
    """
    asked = {spec.gate.metric for spec in specs if not spec.retrieval}
    if any(suite.question_floor is not None for group in groups for suite in group.suites):
        asked.add("accuracy")
    if settings.save_baseline is not None or not asked:
        asked.update(METRICS)
    return frozenset(asked)


def check_offered(specs: Iterable[GateSpec], judge: Judge) -> None:
    """Refuse gates on metrics that the judge does not score.

    Raises:
        SuiteError: naming the gate and judges that do.
    """
    for spec in specs:
        metric = spec.gate.metric
        if not spec.retrieval and metric not in judge.metrics:
            raise SuiteError(
                f"{spec.path}: {spec.name}: the judge {judge.name!r} does not score {metric!r}; "
                f"give one that does with --ragft-judge: {judges_of(metric)}"
            )
