"""Over a saved baseline's passages no retriever is needed, nor its package."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import pytest

from pytest_ragft.errors import MissingDependencyError
from pytest_ragft.gating.baselines import keep_baseline
from pytest_ragft.gating.facts import variant_facts
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.preflight import check
from pytest_ragft.gating.result import run_result
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.settings import Settings
from pytest_ragft.reporting.progress import progress_to
from tests.example import Example


def opened(example: Example, **settings: object) -> GatingRun:
    given = {"model": (str(example.folder / "variant.jsonl"),), "margin": {}} | settings
    suite = Path(example.folder, "suites", "demo", "suite.toml")
    run = GatingRun(Plan(Settings(**given), example.folder, [suite]), progress_to(StringIO()))
    check(run)
    return run


@pytest.mark.parametrize(
    ("settings", "package"),
    [
        ({"retriever": "elasticsearch", "es_url": "http://127.0.0.1:9"}, "elasticsearch"),
        ({}, "bm25s"), ({"retriever": "no_such_module:Retriever"}, "no_such_module"),
    ],
)  # fmt: skip
def test_a_saved_baseline_needs_no_retrievers_package(
    example: Example, settings: dict[str, str], package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    example.suite().recorded("variant.jsonl")
    first = opened(example, baseline="none", save_baseline="prod")
    first.evaluate(first.plan.everything())
    keep_baseline(first, variant_facts(first, "variant"))
    first.close()

    monkeypatch.setitem(sys.modules, package, None)
    (example.folder / ".ragft/store.sqlite").unlink()
    run = opened(example, baseline="saved:prod", **settings)
    run.evaluate(run.plan.everything())
    every = {(spec.path, name, spec.name): "id" for spec, name in run.plan.configured()}
    result = run_result(run, every)
    run.close()

    assert not result.errors
    (suite,) = result.suites
    assert "what today's index gives is unknown" in " ".join(suite.notes)
    assert suite.retrieval["recall@5"] == 1.0
    if settings.get("es_url"):
        with pytest.raises(MissingDependencyError):
            opened(example, baseline=str(example.folder / "variant.jsonl"), **settings)
