"""Names on the server, and the mark by which the tool knows its own."""

import pytest

from pytest_ragft.retrieval.elastic.naming import Mark, names_of

MARK = Mark(
    fingerprint="f" * 32,
    suite="s",
    passages=3,
    state="building",
    created="2026-01-02T03:04:05+00:00",
    version="0.1.0",
    owner="o",
    beat=2,
    done=1,
)


@pytest.mark.parametrize("suite", ["biomedical", "Bio.Medical_2-x", '-_+Ä/\\*?"<>| ,#:', "x" * 300])
def test_names_are_what_elasticsearch_allows(suite):
    names = names_of(suite, "0" * 32)
    for name in (names.alias, names.index, names.building):
        assert name.startswith("ragft-")
        assert name == name.lower()
        assert not set(name) & set('\\/*?"<>| ,#:')
        assert len(name.encode()) <= 255
    assert len({names.alias, names.index, names.building}) == 3


def test_names_follow_from_suite_and_content():
    assert names_of("a", "1") == names_of("a", "1")
    assert names_of("a", "1") != names_of("a", "2")
    assert names_of("a", "1") != names_of("b", "1")


def test_a_mark_survives_the_server():
    assert Mark.from_meta(MARK.to_meta()) == MARK


@pytest.mark.parametrize(
    "change",
    [
        {"tool": "other"},
        {"tool": None},
        {"state": "half"},
        {"passages": "3"},
        {"fingerprint": None},
        {"created": 5},
        {"owner": 5},
    ],
)
def test_what_is_not_the_mark_is_none(change):
    assert Mark.from_meta(MARK.to_meta() | change) is None


@pytest.mark.parametrize("meta", [None, {}, [], "pytest-ragft", {"tool": "pytest-ragft"}])
def test_no_mark(meta):
    assert Mark.from_meta(meta) is None
