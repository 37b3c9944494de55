"""Many searches at once: in order, and never an incomplete answer for a whole one."""

from __future__ import annotations

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from tests.elastic.connecting import opened, waits
from tests.elastic.opening import managed
from tests.elastic.proxy import Proxy, answering, changing, dropping_answer, truncating

CORPUS = [Passage(id=f"p{i}", text=f"word{i} of all") for i in range(130)]
QUERIES = [f"word{i}" for i in reversed(range(130))]
LIMIT = 1.5
"""Seconds in all; nothing is waited for, so that this is what a fault that stays costs."""


@pytest.fixture(scope="module")
def proxy(elasticsearch_url):
    with Proxy(elasticsearch_url) as between:
        yield between


@pytest.fixture(scope="module")
def built(elasticsearch_url, elastic_suite):
    """The index of these tests, so that they only search."""
    with opened(elasticsearch_url) as connection:
        managed(connection, elastic_suite, CORPUS).retrieve(["all"], 1)


@pytest.fixture
def retriever(proxy, elastic_suite, built):
    with opened(proxy.url) as connection:
        yield managed(connection, elastic_suite, CORPUS)


def test_in_order_over_several_requests(proxy, retriever):
    before = len(proxy.seen("_msearch"))
    found = retriever.retrieve(QUERIES, 1)
    assert [hits[0].passage_id for hits in found] == [f"p{i}" for i in reversed(range(130))]
    assert len(proxy.seen("_msearch")) - before == 3


def test_only_what_is_needed_is_asked_for(proxy, retriever):
    retriever.retrieve(["word1"], 1)
    body = proxy.seen("_msearch")[-1].body
    assert b'"track_total_hits":false' in body
    assert b'"_source":false' in body


def shards(part):
    part["_shards"] = {
        "total": 2,
        "successful": 1,
        "failed": 1,
        "failures": [{"reason": {"type": "circuit_breaking", "reason": "too hot"}}],
    }


INCOMPLETE = {
    "shards": lambda content: shards(content["responses"][7]),
    "timed out": lambda content: content["responses"][7].update(timed_out=True),
    "one failed": lambda content: content["responses"].__setitem__(
        7, {"error": {"type": "x", "reason": "y"}, "status": 503}
    ),
    "one missing": lambda content: content["responses"].pop(7),
    "no hits": lambda content: content["responses"][7].pop("hits"),
}


@pytest.mark.parametrize("name", [name for name in INCOMPLETE if name != "one missing"])
def test_incomplete_once_is_asked_again(proxy, retriever, name):
    expected = retriever.retrieve(QUERIES[:20], 3)
    before = len(proxy.seen("_msearch"))
    proxy.inject(changing(INCOMPLETE[name]), path="_msearch")
    assert retriever.retrieve(QUERIES[:20], 3) == expected
    assert len(proxy.seen("_msearch")) - before == 2


SAID = {
    "shards": "1 of 2 shards failed .*too hot",
    "timed out": "timed_out",
    "one failed": "search 8 of 20: x: y",
    "one missing": "19 answers to 20 searches",
    "no hits": "without hits",
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_incomplete_for_good_is_an_error(elasticsearch_url, elastic_suite, built, name):
    with (
        Proxy(elasticsearch_url) as proxy,
        opened(proxy.url, total_timeout=LIMIT, request_timeout=20) as connection,
    ):
        proxy.inject(changing(INCOMPLETE[name]), times=10**9, path="_msearch")
        retriever = managed(connection, elastic_suite, CORPUS)
        with pytest.raises(RetrievalError, match=SAID[name]):
            retriever.retrieve(QUERIES[:20], 3)


def test_a_fault_in_one_of_several_requests_is_an_error(elasticsearch_url, elastic_suite, built):
    refused = answering(400, {"error": {"type": "parsing_exception", "reason": "odd"}})
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        retriever = managed(connection, elastic_suite, CORPUS)
        retriever.retrieve(["all"], 1)
        proxy.inject(refused, path="_msearch")
        with pytest.raises(RetrievalError, match="parsing_exception: odd"):
            retriever.retrieve(QUERIES, 1)


@pytest.mark.parametrize(
    "action",
    [answering(429, retry_after=2), answering(503), dropping_answer(), truncating(200)],
    ids=["429", "503", "lost", "cut"],
)
def test_a_passing_fault_is_gone_on_from(elasticsearch_url, elastic_suite, built, action):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        retriever = managed(connection, elastic_suite, CORPUS)
        retriever.retrieve(["all"], 1)
        proxy.inject(action, times=2, path="_msearch")
        found = retriever.retrieve(QUERIES, 1)
        assert [hits[0].passage_id for hits in found] == [f"p{i}" for i in reversed(range(130))]
        assert len(waits(connection)) >= 2


def test_more_different_words_than_the_server_takes(retriever):
    question = " ".join(f"w{i}" for i in range(40_000))
    with pytest.raises(RetrievalError, match="more different words than the server takes"):
        retriever.retrieve([question], 1)


def test_the_same_word_any_number_of_times(retriever):
    (once, often) = retriever.retrieve(["word7", "word7 " * 40_000], 1)
    assert [hit.passage_id for hit in once] == [hit.passage_id for hit in often] == ["p7"]
    assert often[0].score == pytest.approx(40_000 * once[0].score, rel=1e-5)
