"""What ``ragft index`` lists and prunes: what the tool made, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pytest_ragft.cli import main
from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.administration import list_indices, prunable, prune
from tests.elastic.opening import PASSAGES, managed_index
from tests.example import Example

LATER = datetime.now(UTC) + timedelta(days=400)


def ours(connection, suite):
    return [facts for facts in list_indices(connection) if facts.suite == suite]


@pytest.fixture
def built(elastic_connection, suite):
    index = managed_index(elastic_connection, suite)
    index.ensure()
    return index


@pytest.fixture
def unfinished(elastic_connection, suite, server):
    """As a process that is killed leaves it."""
    index = managed_index(elastic_connection, suite)
    server.indices.create(
        index=f"{index.alias}-0a1b2c3d",
        mappings={
            "_meta": {
                "tool": "pytest-ragft",
                "fingerprint": index.fingerprint,
                "suite": suite,
                "passages": len(PASSAGES),
                "version": "0.1.0",
            }
        },
    )


def test_listed(elastic_connection, suite, built):
    (facts,) = ours(elastic_connection, suite)
    assert facts.name.startswith(f"{built.alias}-")
    assert (facts.alias, facts.is_complete) == (built.alias, True)
    assert facts.passages == len(PASSAGES)
    assert facts.size > 0
    assert facts.age(datetime.now(UTC)) < timedelta(hours=1)


def test_an_unfinished_one_is_listed_as_such(elastic_connection, suite, unfinished):
    (facts,) = ours(elastic_connection, suite)
    assert not facts.is_complete
    assert facts.age(datetime.now(UTC)) < timedelta(hours=1)


def test_a_foreign_index_of_our_prefix_is_neither_listed_nor_deleted(
    elastic_connection, suite, server, built
):
    foreign = f"ragft-{suite}-mine"
    server.indices.create(index=foreign, mappings={"_meta": {"tool": "something else"}})
    (facts,) = ours(elastic_connection, suite)
    assert facts.alias == built.alias
    # Even when it takes the name of one that was listed.
    server.indices.delete(index=facts.name)
    server.indices.create(index=facts.name)
    with pytest.raises(RetrievalError, match="was not made by pytest-ragft; it is not deleted"):
        prune(elastic_connection, [facts])
    assert server.indices.exists(index=facts.name)
    assert server.indices.exists(index=foreign)


def test_an_alias_of_a_listed_name_does_not_lead_elsewhere(
    elastic_connection, suite, server, built
):
    (facts,) = ours(elastic_connection, suite)
    foreign = f"ragft-{suite}-mine"
    server.indices.delete(index=facts.name)
    server.indices.create(index=foreign, aliases={facts.name: {}})
    with pytest.raises(RetrievalError, match="it is not deleted"):
        prune(elastic_connection, [facts])
    assert server.indices.exists(index=foreign)


def test_what_may_go(elastic_connection, suite, built):
    found = ours(elastic_connection, suite)
    assert prunable(found) == ()
    assert prunable(found, now=LATER) == tuple(found)
    assert prunable(found, older_than=timedelta(0)) == tuple(found)
    assert prunable(found, now=LATER, keep=[built.alias]) == ()


def test_an_unfinished_one_may_go_after_a_day(elastic_connection, suite, unfinished):
    """Before that it may be under way on another machine, whatever is to go."""
    found = ours(elastic_connection, suite)
    (facts,) = found
    assert prunable(found) == ()
    assert prunable(found, older_than=timedelta(0)) == ()
    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    assert prunable(found, now=tomorrow) == tuple(found)
    # A suite at hand keeps what it searches, and this it does not.
    assert prunable(found, now=tomorrow, keep=[facts.alias]) == tuple(found)


def test_looking_deletes_nothing_and_pruning_what_was_looked_at(
    elastic_connection, suite, server, built
):
    found = prunable(ours(elastic_connection, suite), now=LATER)
    (facts,) = found
    assert server.indices.exists(index=facts.name)
    assert prune(elastic_connection, found) == (facts.name,)
    assert not server.indices.exists(index=facts.name)
    assert ours(elastic_connection, suite) == []
    assert prune(elastic_connection, found) == ()


def test_the_command_shows_both_and_keeps_what_a_suite_searches_or_may_be_under_way(
    elasticsearch_url, suite, unfinished, tmp_path, monkeypatch, capsys
):
    Example(tmp_path).suite(suite, documents=3)
    monkeypatch.chdir(tmp_path)

    def said(*arguments):
        place = ["--suites", "suites", "--root", ".", "--es-url", elasticsearch_url]
        assert main(["index", *arguments, *place]) == 0
        return [line for line in capsys.readouterr().out.splitlines() if suite in line]

    (built,) = said("build")
    states = {line.split()[-1]: line.split()[4] for line in said("list")}
    assert sorted(states.values()) == ["complete", "unfinished"]
    (complete,) = [name for name, state in states.items() if state == "complete"]
    assert complete.startswith(built.split()[-1])
    assert said("prune", "--older-than", "0") == []
