"""The user's own index: read as production does, at one point in time, and never written."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from tests.elastic.connecting import opened
from tests.elastic.own_index import MAPPING, create, encoder, fill
from tests.elastic.proxy import Proxy, answering, changing


def ids(retriever, query, k=10):
    return [hit.passage_id for hit in retriever.retrieve([query], k)[0]]


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
def test_found_with_their_texts(open_own, mode):
    retriever = open_own(mode=mode)
    retriever.check()
    assert ids(retriever, "cat", 2) == ["cat", "dog"]
    assert retriever.passages(["cat"]) == {
        "cat": Passage(id="cat", title="Cats", text="The cat sleeps on the mat.")
    }
    with pytest.raises(RetrievalError, match="'nowhere' has not been retrieved"):
        retriever.passages(["nowhere"])


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
def test_ties_are_ordered_by_the_id(open_own, mode):
    retriever = open_own(mode=mode)
    assert retriever.notes == ()
    assert ids(retriever, "molten", 2) == ["twin-1", "twin-2"]
    assert ids(retriever, "molten", 1) == ["twin-1"]


def test_without_an_id_field_it_says_so(open_own, server, own_name):
    retriever = open_own(id_field=None)
    own = {hit["_id"] for hit in server.search(index=own_name)["hits"]["hits"]}
    assert set(ids(retriever, "cat molten")) == own
    assert retriever.notes == ("ties are unordered: [retrieval] id_field is not set",)


def test_a_batch_is_as_one_by_one(open_own):
    retriever = open_own(mode="hybrid")
    queries = ["cat", "molten", "", "?!", 'AND "*{', "{query}", "\x00 \ud800", "x" * 10_000]
    batch = retriever.retrieve(queries, 3)
    assert batch == [retriever.retrieve([query], 3)[0] for query in queries]
    assert batch[2:4] == [(), ()]
    assert retriever.retrieve([], 3) == []
    with pytest.raises(ValueError, match="k must be at least 1"):
        retriever.retrieve(["cat"], 0)


def test_weights_of_fields(open_own):
    assert ids(open_own(fields={"title": 3.0, "text": 1.0}), "dogs")[0] == "dog"
    # Title and text count as one without weights; the text alone has weights of its own.
    assert ids(open_own(), "cats")[0] == "cat"
    assert ids(open_own(title_field=None, fields={"text": 1.0}), "cats") != []


def test_a_filter(open_own):
    german = json.dumps({"term": {"about.language": "de"}})
    for mode in ("bm25", "dense", "hybrid"):
        assert ids(open_own(mode=mode, filter=german), "molten") == ["twin-1"]
    template = json.dumps({"query": {"match": {"body": "{query}"}}})
    assert ids(open_own(filter=german, query=template), "molten") == ["twin-1"]


def test_a_query_template(open_own):
    template = json.dumps({"query": {"match": {"head": {"query": "{query}"}}}, "size": 1})
    retriever = open_own(query=template)
    assert ids(retriever, "cats dogs") == ["cat", "dog"]
    assert ids(retriever, 'molten"}}, "x": {') == []


def test_a_query_template_with_a_vector(open_own):
    near = {"field": "near", "query_vector": "{vector}", "k": 4, "num_candidates": 4}
    template = json.dumps({"query": {"match": {"body": "{query}"}}, "knn": near})
    retriever = open_own(query=template, mode="hybrid")
    (hits,) = retriever.retrieve(["cat"], 4)
    assert hits[0].passage_id == "cat"
    assert hits[0].score > 1
    assert len(hits) == 4


def test_a_template_that_sorts_by_itself(open_own):
    template = json.dumps({"query": {"match": {"body": "{query}"}}, "sort": [{"key": "desc"}]})
    retriever = open_own(query=template)
    (hits,) = retriever.retrieve(["cat"], 4)
    assert [hit.passage_id for hit in hits] == ["dog", "cat"]
    assert all(hit.score > 0 for hit in hits)


def test_explained(open_own):
    found = open_own().explain("garden", 2)
    assert [hit.passage_id for hit, _ in found] == ["dog"]
    assert "garden" in found[0][1][0]


def test_an_alias_and_a_pattern(open_own, server, own_name):
    server.indices.put_alias(index=own_name, name=f"{own_name}-alias")
    fingerprints = set()
    for index in (f"{own_name}-alias", f"{own_name[:-1]}*"):
        retriever = open_own(index=index)
        assert ids(retriever, "molten") == ["twin-1", "twin-2"]
        fingerprints.add(retriever.fingerprint)
    assert None not in fingerprints


def test_one_point_in_time(open_own, server, own_name):
    retriever = open_own(mode="hybrid")
    state = retriever.fingerprint
    before = retriever.retrieve(["cat"], 9)
    fill(server, own_name, [("new", "cat", "cat cat cat", [1, 0, 0], "en")])
    assert retriever.retrieve(["cat"], 9) == before
    assert retriever.fingerprint == state
    retriever.close()
    assert "new" in ids(retriever, "cat")
    assert retriever.fingerprint != state


def change(server, name):
    """The ways in which an index changes without having more or fewer passages."""
    hit = server.search(index=name, query={"term": {"key": "cat"}})["hits"]["hits"][0]
    server.index(index=name, id=hit["_id"], document={**hit["_source"], "head": "x"}, refresh=True)


def rebuild(server, name):
    server.indices.delete(index=name)
    create(server, name)


def shrink(server, name):
    hit = server.search(index=name, query={"term": {"key": "cat"}})["hits"]["hits"][0]
    server.delete(index=name, id=hit["_id"], refresh=True)


def analyze_otherwise(server, name):
    """No document changes, and all that is found does."""
    server.indices.close(index=name)
    words = {"analyzer": {"default_search": {"type": "standard", "max_token_length": 1}}}
    server.indices.put_settings(index=name, settings={"analysis": words})
    server.indices.open(index=name)
    server.cluster.health(index=name, wait_for_status="green")


def score_otherwise(server, name):
    server.indices.close(index=name)
    flat = {"default": {"type": "BM25", "b": 0.0}}
    server.indices.put_settings(index=name, settings={"index": {"similarity": flat}})
    server.indices.open(index=name)
    server.cluster.health(index=name, wait_for_status="green")


def search_otherwise(server, name):
    body = MAPPING["body"] | {"search_analyzer": "whitespace"}
    server.indices.put_mapping(index=name, properties={"body": body})


@pytest.mark.parametrize(
    "act", [change, shrink, rebuild, analyze_otherwise, score_otherwise, search_otherwise]
)
def test_a_changed_index_has_another_fingerprint(open_own, server, own_name, act):
    one, other = open_own(), open_own()
    assert one.fingerprint == other.fingerprint
    act(server, own_name)
    other.close()
    assert one.fingerprint != other.fingerprint


def test_what_is_asked_has_its_own_fingerprint(open_own):
    match = json.dumps({"query": {"match": {"body": "{query}"}}})
    retrievers = [
        open_own(),
        open_own(mode="dense"),
        open_own(mode="hybrid"),
        open_own(query=match),
        open_own(filter=match.replace("{query}", "x")),
        open_own(title_field=None),
        open_own(id_field=None),
        open_own(fields={"title": 2.0, "text": 1.0}),
        open_own(
            mode="dense", make=lambda: SimpleNamespace(**{**vars(encoder()), "fingerprint": "f"})
        ),
    ]
    assert len({retriever.fingerprint for retriever in retrievers}) == len(retrievers)


@pytest.mark.parametrize("status", [400, 403])
def test_a_state_that_cannot_be_read(elasticsearch_url, open_own, status):
    refused = answering(status, {"error": {"type": "security_exception", "reason": "no"}})
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(refused, times=9, path=r"^/_search")
        retriever = open_own(connection)
        assert retriever.fingerprint is None
        assert "index identity unverified" in retriever.notes
        assert ids(retriever, "molten") == ["twin-1", "twin-2"]
        retriever.close()


def test_a_uuid_that_may_not_be_read(elasticsearch_url, open_own):
    refused = answering(403, {"error": {"type": "security_exception", "reason": "no"}})
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(refused, times=9, path="_settings")
        retriever = open_own(connection)
        assert retriever.fingerprint is not None
        assert any("uuid" in note for note in retriever.notes)
        retriever.close()


def test_nothing_is_written(elasticsearch_url, open_own, server, own_name):
    before = server.indices.get(index=own_name).body
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        retriever = open_own(connection, mode="hybrid")
        retriever.check()
        retriever.retrieve(["cat"], 3)
        retriever.close()
        writes = {
            (request.method, request.path.split("?")[0].rsplit("/", 1)[-1])
            for request in proxy.seen()
            if request.method != "GET"
        }
    assert writes <= {
        ("POST", "_msearch"),
        ("POST", "_search"),
        ("POST", "_pit"),
        ("DELETE", "_pit"),
        ("POST", "_field_caps"),
    }
    assert server.indices.get(index=own_name).body == before


def test_the_point_in_time_is_closed_at_the_end(open_own, own_name, server):
    def contexts():
        stats = server.indices.stats(index=own_name, metric="search")
        return stats["_all"]["total"]["search"]["open_contexts"]

    retriever = open_own()
    before = contexts()
    retriever.retrieve(["cat"], 1)
    assert contexts() > before
    retriever.close()
    assert contexts() == before


def test_a_point_in_time_that_is_gone_is_an_error(elasticsearch_url, open_own, server):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        retriever = open_own(connection)
        seen = []
        proxy.inject(changing(lambda content: seen.append(content["id"])), path="_pit")
        before = retriever.retrieve(["cat"], 2)
        server.close_point_in_time(id=seen[0])
        with pytest.raises(RetrievalError, match=r"the point in time of index .* is gone"):
            retriever.retrieve(["cat"], 2)
        with pytest.raises(RetrievalError, match=r"the point in time of index .* is gone"):
            retriever.retrieve(["cat"], 2)
        retriever.close()
        assert retriever.retrieve(["cat"], 2) == before
        retriever.close()


def test_deleted_during_the_run(elasticsearch_url, open_own, server, own_name):
    with opened(elasticsearch_url) as connection:
        retriever = open_own(connection)
        retriever.retrieve(["cat"], 1)
        server.indices.delete(index=own_name)
        with pytest.raises(RetrievalError, match="was deleted during the run"):
            retriever.retrieve(["cat"], 1)
        retriever.close()


def test_a_passage_without_a_score_is_no_hit(elasticsearch_url, open_own):
    def without(content):
        content["responses"][0]["hits"]["hits"][0]["_score"] = None

    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        retriever = open_own(connection)
        proxy.inject(changing(without), path="_msearch")
        assert [hit.passage_id for hit in retriever.retrieve(["cat"], 5)[0]] == ["dog"]
        retriever.close()
