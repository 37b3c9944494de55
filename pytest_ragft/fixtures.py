"""The pytest fixtures for hand-written test modules. Imported by every run: light.

They read the same evaluation, store and frozen hits as the items of suite.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import pytest

from pytest_ragft.errors import RagftError, SuiteError
from pytest_ragft.marks import marked_suite

if TYPE_CHECKING:
    from pytest_ragft.handwritten import AnsweredCase, ComparedVariant, System
    from pytest_ragft.judging.port import Judge
    from pytest_ragft.retrieval.port import Retriever
    from pytest_ragft.run.run import Run, Wanted
    from pytest_ragft.suite import Suite

RUN_KEY = pytest.StashKey["Run"]()
COMPARED = "ragft.compared"
"""Property of a test that got a comparison: the variant's name."""

_VARIANT = "_ragft_variant_name"
_EXAMPLE = "_ragft_example_id"


@pytest.fixture
def ragft_retriever(request: pytest.FixtureRequest) -> Retriever:
    """The retriever over the corpus of the marked suite."""
    with _failing():
        run = _run(request)
        return run.evaluator.open_retriever(_suite(request, run))


@pytest.fixture
def ragft_judge(request: pytest.FixtureRequest) -> Judge:
    """The judge of this run."""
    return _run(request).judge


@pytest.fixture
def ragft_baseline(request: pytest.FixtureRequest) -> System:
    """The baseline, to be asked about the marked suite."""
    from pytest_ragft.handwritten import System

    with _failing():
        run = _run(request)
        return System(run=run, suite=_suite(request, run), name="baseline")


@pytest.fixture
def _ragft_variant_name(request: pytest.FixtureRequest) -> str:
    _run(request)
    return str(request.param)


@pytest.fixture
def _ragft_example_id(request: pytest.FixtureRequest) -> str:
    _run(request)
    return str(request.param)


@pytest.fixture
def ragft_variant(request: pytest.FixtureRequest, _ragft_variant_name: str) -> System:
    """A variant, to be asked about the marked suite; the test runs once for each variant."""
    from pytest_ragft.handwritten import System

    with _failing():
        run = _run(request)
        return System(run=run, suite=_suite(request, run), name=_ragft_variant_name)


@pytest.fixture
def ragft_case(
    request: pytest.FixtureRequest, _ragft_variant_name: str, _ragft_example_id: str
) -> AnsweredCase:
    """An answered and judged question; the test runs once for each question × variant."""
    from pytest_ragft.handwritten import answered_case

    with _failing():
        run = _run(request)
        return answered_case(run, _suite(request, run), _ragft_variant_name, _ragft_example_id)


@pytest.fixture
def ragft_comparison(request: pytest.FixtureRequest, _ragft_variant_name: str) -> ComparedVariant:
    """A variant compared with the baseline on the marked suite, or on all without a mark."""
    from pytest_ragft.handwritten import compared_variant

    with _failing():
        run = _run(request)
        compared = compared_variant(run, _compared_suites(request.node, run), _ragft_variant_name)
    request.node.user_properties.append((COMPARED, _ragft_variant_name))
    return compared


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize tests over the variants, and over the questions of their suite."""
    run = metafunc.config.stash.get(RUN_KEY, None)
    if run is None or not run.variants:
        return
    if _VARIANT in metafunc.fixturenames:
        metafunc.parametrize(_VARIANT, [v.name for v in run.variants], indirect=True)
    if _EXAMPLE in metafunc.fixturenames:
        suite = _checked_suite(run, marked_suite(metafunc.definition))
        examples = suite.examples[: run.settings.limit]
        metafunc.parametrize(_EXAMPLE, [e.id for e in examples], indirect=True)


def wanted_by(run: Run, item: pytest.Item) -> Wanted:
    """What a hand-written test's fixtures will read."""
    names = getattr(item, "fixturenames", ())
    callspec = getattr(item, "callspec", None)
    if callspec is None or _VARIANT not in callspec.params:
        return {}
    variant = callspec.params[_VARIANT]
    if "ragft_case" in names:
        suite = run.suite(marked_suite(item))
        return run.arms(variant, [suite.name], frozenset([callspec.params[_EXAMPLE]]))
    if "ragft_comparison" in names:
        return run.arms(variant, [suite.name for suite in _compared_suites(item, run)])
    return {}


@contextmanager
def _failing() -> Iterator[None]:
    """A test that cannot have its fixture is an error of one message, without our traceback."""
    try:
        yield
    except (RagftError, pytest.UsageError) as error:
        pytest.fail(str(error), pytrace=False)


def _run(request: pytest.FixtureRequest) -> Run:
    run = request.config.stash.get(RUN_KEY, None)
    if run is None or not run.variants:
        pytest.skip(
            "no model was named: give --ragft-model=SPEC, RAGFT_MODEL, or ragft_model in the ini "
            "file"
        )
    return run


def _suite(request: pytest.FixtureRequest, run: Run) -> Suite:
    return _checked_suite(run, marked_suite(cast(pytest.Item, request.node)))


def _checked_suite(run: Run, name: str | None) -> Suite:
    try:
        return run.suite(name)
    except SuiteError as error:
        raise pytest.UsageError(str(error)) from error


def _compared_suites(item: pytest.Item, run: Run) -> list[Suite]:
    name = marked_suite(item)
    return list(run.suites.values()) if name is None else [_checked_suite(run, name)]
