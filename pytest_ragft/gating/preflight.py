"""Every mistake that can be found before any work, found while it still is a usage error."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pytest_ragft.calibration.filled_sheets import check_names, check_one_answer
from pytest_ragft.errors import SuiteError
from pytest_ragft.evaluation.evaluation import RETRIEVAL
from pytest_ragft.gate.levels import level_of
from pytest_ragft.gating.baselines import check_baselines
from pytest_ragft.gating.gates import GateSpec, retrieval_metrics
from pytest_ragft.gating.margins import check_margin
from pytest_ragft.gating.missing_suites import check_missing_suites
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.services import Services
from pytest_ragft.generation.port import Negotiating
from pytest_ragft.generation.recorded import RecordedGenerator
from pytest_ragft.judging.checks import require_checkers
from pytest_ragft.judging.factory import judges_of
from pytest_ragft.judging.port import Judge, negotiated, notes_of
from pytest_ragft.records import CHECKS
from pytest_ragft.suite import METRICS


def check(run: GatingRun, folders: Iterable[Path] = (), *, asks: bool = True) -> None:
    """Find every mistake that can be found before any work.

    Args:
        run: that is about to begin.
        folders: those under pytest's arguments.
        asks: whether served models are asked what they are, as they are before they answer.

    Raises:
        RagftError: a model, an adapter, a recording, the store, the judge or the baseline cannot
            be used, or a suite lacks by accident; the message gives the remedy.
    """
    plan, services = run.plan, run.services
    if plan.idle:
        return
    if not plan.suites:
        raise SuiteError(
            "--ragft-model: there is nothing to gate on: no suite.toml lies under the given "
            f"paths or under rootdir {str(plan.rootdir)!r}, or all that do are ignored "
            "(`--ignore`, `collect_ignore`); write one, or give its folder"
        )
    services.store.check()
    if plan.variants:
        names = [variant.name for variant in plan.variants]
        check_names(services.labels, names, plan.suites)
        if services.labels:
            check_one_answer(plan.suites.values())
        _check_offered(plan.specs, services.judge)
        require_checkers(e for suite in plan.suites.values() for e in suite.examples)
        _check_saved_answers(plan, services)
    _check_saved_rankings(plan, services)
    _check_gates(run)
    check_baselines(run)
    _check_retrievers(plan, services)
    for (_, suite), generator in services.generators.items():
        generator.check(suite, [example.id for example in plan.suites[suite].examples])
        if asks and isinstance(generator, Negotiating):
            generator.negotiate()
    _check_knowledge(plan, services)
    check_missing_suites(run, folders)


def _check_knowledge(plan: Plan, services: Services) -> None:
    """Refuse a knowledge axis that cannot be measured."""
    if not plan.further or not plan.variants:
        return
    option = f"--ragft-knowledge={','.join(plan.settings.knowledge)}"
    if not plan.axis_metrics:
        raise SuiteError(
            f"{option}: it is measured in {' and '.join(METRICS)}, and no gate asks the judge for "
            "either; gate one of them, or leave the option out"
        )
    for suite in plan.axis_suites:
        named = {example.id: example.relevant for example in suite.examples}
        if "gold" in plan.further and any(named.values()) and not suite.passages:
            raise SuiteError(
                f"{option}: {suite.path}: gold passages are taken from the suite's corpus, and an "
                "index of your own has none; leave gold out of the list"
            )
        for (_, name), generator in services.generators.items():
            if name == suite.name and isinstance(generator, RecordedGenerator):
                for kind in plan.further:
                    asked = [i for i, ids in named.items() if ids or kind != "gold"]
                    generator.check_knowledge(name, asked, kind)


def _check_offered(specs: Iterable[GateSpec], judge: Judge) -> None:
    """Refuse gates on metrics that the judge does not score."""
    for spec in specs:
        metric = spec.gate.metric
        if not spec.retrieval and metric != CHECKS and metric not in judge.metrics:
            raise SuiteError(
                f"{spec.path}: {spec.name}: the judge {judge.name!r} does not score {metric!r}; "
                f"give one that does with --ragft-judge: {judges_of(metric)}"
            )


def _check_saved_answers(plan: Plan, services: Services) -> None:
    """Refuse a saved baseline of another judge, or of other questions than the suites'."""
    saved, judge = services.saved, services.judge
    if saved is None:
        return
    # What its server grants may be unknown here, as on a new machine, or outdated.
    if saved.judge_fingerprint != judge.fingerprint:
        negotiated(judge)
    # The scores of checks stand where there are checks, and the questions are compared before.
    gated = [s.gate.metric for s in plan.specs if not s.retrieval and s.gate.metric != CHECKS]
    saved.check(plan.suites.values(), judge.fingerprint, notes_of(judge), gated)


def _check_saved_rankings(plan: Plan, services: Services) -> None:
    if services.saved is None:
        return
    decided = [spec for spec, name in plan.configured() if name == RETRIEVAL]
    for suite, metrics in retrieval_metrics(decided).items():
        services.saved.check_rankings(plan.suites[suite], metrics)


def _check_gates(run: GatingRun) -> None:
    """Refuse gates that are known to decide nothing: their margin, or the size of their pool.

    Where human labels are given, they may settle it; that shows once answers are there.
    """
    if run.plan.settings.labels:
        return
    for spec, _ in run.plan.configured():
        check_margin(run, spec)
        hit = None if spec.gate.where is None else spec.gate.where.hit
        if hit is None and not run.plan.settings.limit:
            level_of(spec.gate, guards=spec.guards, size=_size(run.plan, spec))


def _size(plan: Plan, spec: GateSpec) -> int:
    where = spec.gate.where
    questions = (example for name in spec.suites for example in plan.suites[name].examples)
    return sum(where is None or where.holds_for(example) for example in questions)


def _check_retrievers(plan: Plan, services: Services) -> None:
    """Over a saved baseline's passages none is needed: a report then notes its faults."""
    if services.saved is None and not plan.settings.offline:
        for suite in plan.suites.values():
            services.retriever(suite).check()
