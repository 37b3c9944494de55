"""Names on the server, and the mark by which the tool knows its own."""

import pytest

from pytest_ragft.retrieval.elastic.naming import Mark, alias_of

MARK = Mark(
    fingerprint="f" * 32,
    suite="s",
    passages=3,
    version="0.1.0",
)


@pytest.mark.parametrize("suite", ["biomedical", "Bio.Medical_2-x", '-_+Ä/\\*?"<>| ,#:', "x" * 300])
def test_names_are_what_elasticsearch_allows(suite):
    name = alias_of(suite, "0" * 32)
    assert name.startswith("ragft-")
    assert name == name.lower()
    assert not set(name) & set('\\/*?"<>| ,#:')
    # What is built has a longer name.
    assert len(name.encode()) <= 200


def test_names_follow_from_suite_and_content():
    assert alias_of("a", "1") == alias_of("a", "1")
    assert alias_of("a", "1") != alias_of("a", "2")
    assert alias_of("a", "1") != alias_of("b", "1")


def test_a_mark_survives_the_server():
    assert Mark.from_meta(MARK.to_meta()) == MARK


def test_what_earlier_versions_wrote_into_it_besides_is_no_matter():
    assert Mark.from_meta(MARK.to_meta() | {"state": "complete", "owner": None, "beat": 2}) == MARK


@pytest.mark.parametrize(
    "change",
    [
        {"tool": "other"},
        {"tool": None},
        {"passages": "3"},
        {"fingerprint": None},
        {"version": 5},
    ],
)
def test_what_is_not_the_mark_is_none(change):
    assert Mark.from_meta(MARK.to_meta() | change) is None


@pytest.mark.parametrize("meta", [None, {}, [], "pytest-ragft", {"tool": "pytest-ragft"}])
def test_no_mark(meta):
    assert Mark.from_meta(meta) is None
