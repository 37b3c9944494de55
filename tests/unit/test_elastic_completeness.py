"""Answers that are not whole are refused, whatever they hold."""

import copy

import pytest

from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.completeness import whole
from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.faults import IncompleteError, RequestError
from tests.elastic.proxy import Proxy, answering

SEARCH = {
    "took": 1,
    "timed_out": False,
    "_shards": {"total": 3, "successful": 3, "skipped": 1, "failed": 0},
    "hits": {"total": {"value": 0, "relation": "eq"}, "hits": []},
}
FAILED = [{"shard": 0, "reason": {"type": "circuit_breaking_exception", "reason": "too large"}}]


def changed(**changes):
    return {**copy.deepcopy(SEARCH), **changes}


def shards(**changes):
    return changed(_shards={**SEARCH["_shards"], **changes})


@pytest.mark.parametrize(
    "answer",
    [
        SEARCH,
        {"responses": [{**SEARCH, "status": 200}, SEARCH]},
        {"count": 3, "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0}},
        # A refresh with a replica that has nowhere to be.
        {"_shards": {"total": 2, "successful": 1, "failed": 0}},
        {"acknowledged": True},
        changed(_clusters={"total": 2, "successful": 2, "skipped": 0}),
        None,
        [1],
    ],
)
def test_a_whole_answer_is_handed_on_itself(answer):
    assert whole(answer) is answer


INCOMPLETE = [
    (changed(timed_out=True), "timed_out", True),
    (changed(terminated_early=True), "terminated_early", False),
    (shards(failed=1, successful=2, failures=FAILED), "1 of 3 shards failed", True),
    (shards(failed=1, failures=FAILED), "circuit_breaking_exception: too large", True),
    (shards(failed=1), "no reason given", True),
    (shards(successful=2), "2 of 3 shards answered", True),
    (shards(total=0, successful=0), "no shard was searched", False),
    (changed(_clusters={"total": 2, "successful": 1, "skipped": 1}), "not every cluster", True),
    ({"count": 0, "_shards": {"total": 0, "successful": 0, "failed": 0}}, "no shard", False),
]


@pytest.mark.parametrize(("answer", "said", "passing"), INCOMPLETE)
def test_an_incomplete_answer_is_refused(answer, said, passing):
    with pytest.raises(IncompleteError, match=said) as raised:
        whole(answer)
    assert raised.value.fault.passing is passing


@pytest.mark.parametrize(("answer", "said", "passing"), INCOMPLETE)
def test_an_incomplete_part_is_refused(answer, said, passing):
    with pytest.raises(IncompleteError, match=f"search 2 of 2: .*{said}") as raised:
        whole({"responses": [SEARCH, {"hits": {}, **answer}]})
    assert raised.value.fault.passing is passing


@pytest.mark.parametrize(
    ("part", "said", "passing"),
    [
        ({"error": {"type": "t", "reason": "r"}, "status": 400}, "t: r", False),
        ({"error": {"type": "rejected", "reason": "r"}, "status": 429}, "rejected: r", True),
        ({"error": "text", "status": 503}, "text", True),
        ({"status": 404}, "no answer", False),
        (None, "no answer", False),
    ],
)
def test_a_part_that_failed_is_refused(part, said, passing):
    with pytest.raises(IncompleteError, match=f"search 1 of 2: {said}") as raised:
        whole({"responses": [part, SEARCH]})
    assert raised.value.fault.passing is passing


@pytest.mark.parametrize("count", [1, 3])
def test_a_multi_search_has_as_many_parts_as_asked_for(count):
    with pytest.raises(IncompleteError, match=f"2 answers to {count} searches"):
        whole({"responses": [SEARCH, SEARCH]}, expected=count)


def connection(url: str) -> Connection:
    return Connection(connection_settings(url, {}), sleep=lambda seconds: None)


def searched(connected: Connection):
    return connected.call("searching index 'x'", lambda client: client.search(index="x"))


def test_a_connection_asks_again_for_what_may_pass_and_hands_out_only_whole_answers():
    with Proxy(otherwise=answering(200, SEARCH)) as proxy, connection(proxy.url) as connected:
        proxy.inject(answering(200, changed(timed_out=True)), times=2)
        assert searched(connected).body == SEARCH
        assert len(proxy.seen()) == 3


def test_a_connection_refuses_what_will_not_pass():
    answer = answering(200, changed(terminated_early=True))
    with Proxy(otherwise=answer) as proxy, connection(proxy.url) as connected:
        with pytest.raises(RequestError, match=r"searching index 'x': .*terminated_early"):
            searched(connected)
        assert len(proxy.seen()) == 1
