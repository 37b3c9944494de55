"""The pytest fixtures for hand-written test modules. Imported by every run, so hardly anything.

They read the same evaluation, store and frozen hits as the items of suite.toml; `fixture_values`
does the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_ragft.fixture_values import ComparedVariant, FixtureValues, System
    from pytest_ragft.gating.run import GatingRun
    from pytest_ragft.judging.port import Judge
    from pytest_ragft.records import AnsweredCase
    from pytest_ragft.retrieval.port import Retriever

RUN_KEY: pytest.StashKey[GatingRun] = pytest.StashKey()
COMPARED = "ragft.compared"
"""Property of a test that got a comparison: the variant's name."""


@pytest.fixture
def ragft_retriever(request: pytest.FixtureRequest) -> Retriever:
    """The retriever over the corpus of the marked suite."""
    return _values(request).retriever()


@pytest.fixture
def ragft_judge(request: pytest.FixtureRequest) -> Judge:
    """The judge of this run, with all that it scores."""
    return _values(request).run.services.whole_judge


@pytest.fixture
def ragft_baseline(request: pytest.FixtureRequest) -> System:
    """The baseline, to be asked about the marked suite."""
    return _values(request).system("baseline")


@pytest.fixture
def _ragft_variant_name(request: pytest.FixtureRequest) -> str:
    return _values(request).parameter()


@pytest.fixture
def _ragft_example_id(request: pytest.FixtureRequest) -> str:
    return _values(request).parameter()


@pytest.fixture
def ragft_variant(request: pytest.FixtureRequest, _ragft_variant_name: str) -> System:
    """A variant, to be asked about the marked suite; the test runs once for each variant."""
    return _values(request).system(_ragft_variant_name)


@pytest.fixture
def ragft_case(
    request: pytest.FixtureRequest, _ragft_variant_name: str, _ragft_example_id: str
) -> AnsweredCase:
    """An answered and judged question; the test runs once for each question × variant."""
    return _values(request).case(_ragft_variant_name, _ragft_example_id)


@pytest.fixture
def ragft_comparison(request: pytest.FixtureRequest, _ragft_variant_name: str) -> ComparedVariant:
    """A variant compared with the baseline on the marked suite, or on all without a mark."""
    compared = _values(request).comparison(_ragft_variant_name)
    told = (COMPARED, _ragft_variant_name)
    if told not in request.node.user_properties:  # an earlier try of the same test
        request.node.user_properties.append(told)
    return compared


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize tests over the variants, and over the questions of their suite."""
    run = metafunc.config.stash.get(RUN_KEY, None)
    if run is not None:
        from pytest_ragft.fixture_values import parametrize

        parametrize(metafunc, run)


def _values(request: pytest.FixtureRequest) -> FixtureValues:
    from pytest_ragft.fixture_values import FixtureValues

    return FixtureValues(request, request.config.stash.get(RUN_KEY, None))
