"""How the fixtures of hand-written tests are served from the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from pytest_ragft.errors import RagftError, SuiteError
from pytest_ragft.handwritten import (
    AnsweredCase,
    ComparedVariant,
    System,
    answered_case,
    compared_variant,
)
from pytest_ragft.marks import marked_suite
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.run.run import Run, Wanted
from pytest_ragft.suite import Suite
from pytest_ragft.unasked import NO_MODEL

_VARIANT = "_ragft_variant_name"
_EXAMPLE = "_ragft_example_id"


class Serving:
    """What a fixture of a test gets; it skips the test where no model was named anywhere.

    Args:
        request: the fixture's.
        run: None where no model was given.
    """

    def __init__(self, request: pytest.FixtureRequest, run: Run | None) -> None:
        if run is None or not run.variants:
            pytest.skip(NO_MODEL)
        self.run = run
        self._request = request

    def parameter(self) -> str:
        """What `parametrize` chose."""
        return str(self._request.param)

    def retriever(self) -> Retriever:
        """The retriever over the test's suite."""
        with _failing():
            return self.run.evaluator.open_retriever(self._suite)

    def system(self, name: str) -> System:
        """A variant, or the baseline, on the test's suite."""
        with _failing():
            return System(run=self.run, suite=self._suite, name=name)

    def case(self, variant: str, example_id: str) -> AnsweredCase:
        """An answered question of the test's suite."""
        with _failing():
            return answered_case(self.run, self._suite, variant, example_id)

    def comparison(self, variant: str) -> ComparedVariant:
        """A comparison over the test's suite, or over all where it is not marked."""
        with _failing():
            return compared_variant(self.run, _compared_suites(self._node, self.run), variant)

    @property
    def _node(self) -> pytest.Item:
        return cast(pytest.Item, self._request.node)

    @property
    def _suite(self) -> Suite:
        return _checked_suite(self.run, marked_suite(self._node))


def parametrize(metafunc: pytest.Metafunc, run: Run) -> None:
    """Let a test that asks for a variant run once for each, or for each question of its suite."""
    if not run.variants:
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


def _checked_suite(run: Run, name: str | None) -> Suite:
    try:
        return run.suite(name)
    except SuiteError as error:
        raise pytest.UsageError(str(error)) from error


def _compared_suites(item: pytest.Item, run: Run) -> list[Suite]:
    name = marked_suite(item)
    return list(run.suites.values()) if name is None else [_checked_suite(run, name)]
