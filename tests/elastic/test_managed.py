"""The managed index: what lies on the server, and what is found in it."""

from __future__ import annotations

import pytest
from elasticsearch import Elasticsearch

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.bm25 import BM25Retriever
from pytest_ragft.retrieval.settings import RetrievalSettings
from tests.elastic.connecting import opened
from tests.elastic.opening import PASSAGES, managed, managed_index, tfidf
from tests.elastic.proxy import Proxy


def ids(retriever, query, k=10):
    return [hit.passage_id for hit in retriever.retrieve([query], k)[0]]


def only(server: Elasticsearch, suite: str) -> tuple[str, dict]:
    ((name, found),) = server.indices.get(index=f"ragft-{suite}*").body.items()
    return name, found


def test_what_lies_on_the_server(elastic_connection, suite, server):
    managed(elastic_connection, suite).retrieve(["cat"], 1)
    name, found = only(server, suite)
    (alias,) = found["aliases"]
    assert name.startswith(f"{alias}-")
    mapping, settings = found["mappings"], found["settings"]["index"]
    assert mapping["dynamic"] == "strict"
    assert (settings["number_of_shards"], settings["number_of_replicas"]) == ("1", "0")
    mark = mapping["_meta"]
    assert (mark["tool"], mark["suite"]) == ("pytest-ragft", suite)
    assert mark["passages"] == len(PASSAGES)
    assert mark["fingerprint"] in alias
    sources = [hit["_source"] for hit in server.search(index=name)["hits"]["hits"]]
    assert sorted(source["passage_id"] for source in sources) == sorted(p.id for p in PASSAGES)


def test_nothing_can_be_written_into_a_complete_index(elastic_connection, suite, server):
    managed(elastic_connection, suite).retrieve(["cat"], 1)
    name, _ = only(server, suite)
    answer = server.bulk(operations=[{"index": {"_index": name}}, {"content": "cat"}])
    assert answer["items"][0]["index"]["status"] == 403


@pytest.mark.parametrize("mode", ["bm25", "hybrid"])
def test_an_unchanged_corpus_is_never_indexed_again(elasticsearch_url, suite, mode):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        first = managed(connection, suite, mode=mode).retrieve(["cat", "molten"], 3)
        sent = len(proxy.seen("_bulk"))
        assert sent > 0
        again = managed(connection, suite, tuple(PASSAGES), mode=mode)
        assert again.retrieve(["cat", "molten"], 3) == first
        assert len(proxy.seen("_bulk")) == sent


@pytest.mark.parametrize(
    "change",
    [{"analyzer": "standard"}, {"k1": 0.5}, {"b": 0.1}, {"fields": {"text": 1.0}}],
    ids=lambda change: next(iter(change)),
)
def test_another_mapping_is_another_index(elastic_connection, change):
    settings = RetrievalSettings(**change)
    alias = managed_index(elastic_connection, "s", settings=settings).alias
    assert alias != managed_index(elastic_connection, "s").alias


def test_how_it_is_searched_is_no_reason_to_index_again(elastic_connection):
    one = managed_index(elastic_connection, "s", settings=RetrievalSettings(k=7))
    assert one.alias == managed_index(elastic_connection, "s").alias
    vectors = [RetrievalSettings(mode=mode) for mode in ("dense", "hybrid")]
    dense, hybrid = (managed_index(elastic_connection, "s", settings=v) for v in vectors)
    assert dense.alias == hybrid.alias != one.alias


@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (0.4, 0.0), (3.0, 1.0)])
def test_scores_are_those_of_bm25(elastic_connection, suite, k1, b):
    corpus = [
        Passage(id="a", text="sugar feeds plants"),
        Passage(id="b", text="sugar sugar sugar melts in water and light"),
        Passage(id="c", text="light " * 9 + "travels"),
        Passage(id="d", text="plants need water"),
    ]
    queries = ["sugar", "light water", "plants sugar light"]
    server = managed(elastic_connection, suite, corpus, k1=k1, b=b).retrieve(queries, 4)
    # Lucene stores lengths in one byte, exact up to 40, and leaves the factor k1 + 1 in.
    embedded = BM25Retriever(corpus, k1=k1, b=b).retrieve(queries, 4)
    for ours, theirs in zip(server, embedded, strict=True):
        assert [hit.passage_id for hit in ours] == [hit.passage_id for hit in theirs]
        assert [h.score for h in ours] == pytest.approx(
            [h.score * (k1 + 1) for h in theirs], rel=1e-5
        )


def test_weights_of_fields_decide(elastic_connection, suite):
    corpus = [
        Passage(id="titled", title="krypton", text="a gas of no colour"),
        Passage(id="told", title="gases", text="krypton krypton glows"),
    ]
    for weights, first in (({"title": 9.0, "text": 1.0}, "titled"), ({"text": 1.0}, "told")):
        retriever = managed(elastic_connection, suite, corpus, fields=weights)
        assert ids(retriever, "krypton")[0] == first


def test_exact_and_approximate_vectors_find_the_same(elastic_connection, suite):
    queries = ["cat", "molten rock", "garden dogs", "zebra"]
    exact, near = (
        managed(elastic_connection, suite, mode="dense", vectors=vectors).retrieve(queries, 3)
        for vectors in ("flat", "int8_hnsw")
    )
    for one, other in zip(exact, near, strict=True):
        assert [h.passage_id for h in one] == [h.passage_id for h in other]
        assert [h.score for h in one] == pytest.approx([h.score for h in other], abs=1e-5)
    assert exact[3] == ()


def test_dense_scores_are_cosines(elastic_connection, suite):
    retriever = managed(elastic_connection, suite, mode="dense", vectors="flat")
    vectors = tfidf(PASSAGES)().encode(["cat", "Cats\nThe cat sleeps on the mat."])
    hit = retriever.retrieve(["cat"], 1)[0][0]
    assert hit.passage_id == "cat"
    assert hit.score == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-5)


def test_explained(elastic_connection, suite):
    retriever = managed(elastic_connection, suite)
    found = retriever.explain("cat garden", 3)
    assert [hit for hit, _ in found] == list(retriever.retrieve(["cat garden"], 3)[0])
    text = "\n".join(found[0][1])
    assert "idf" in text
    assert "content:garden" in text


def test_more_hits_than_the_server_gives(elastic_connection, suite):
    corpus = [Passage(id=str(i), text="x") for i in range(10_001)]
    with pytest.raises(RetrievalError, match=r"\[retrieval\] k = 20000: .* at most 10000"):
        managed(elastic_connection, suite, corpus).retrieve(["x"], 20_000)


@pytest.mark.parametrize("act", [lambda r: r.check(), lambda r: r.retrieve(["cat"], 1)])
def test_an_unknown_analyzer(elastic_connection, suite, server, act):
    retriever = managed(elastic_connection, suite, analyzer="klingon")
    with pytest.raises(RetrievalError, match=r"^\[retrieval\] analyzer = 'klingon': .*'english'"):
        act(retriever)
    assert not server.indices.exists(index=f"ragft-{suite}*", allow_no_indices=False)


@pytest.mark.parametrize("twice", [PASSAGES[0], Passage(id="", text="x")], ids=["twice", "none"])
def test_a_corpus_with_a_wrong_id(elastic_connection, suite, server, twice):
    with pytest.raises(RetrievalError, match=r"corpus, passage 6: "):
        managed(elastic_connection, suite, (*PASSAGES, twice)).retrieve(["cat"], 1)
    assert not server.indices.exists(index=f"ragft-{suite}*", allow_no_indices=False)


def test_ids_of_any_length(elastic_connection, suite):
    corpus = [Passage(id=letter * 40_000, text=f"word {letter}") for letter in "pq"]
    assert ids(managed(elastic_connection, suite, corpus), "q") == ["q" * 40_000]


def test_its_fingerprint_needs_no_server():
    with opened("http://127.0.0.1:9") as connection:
        for mode in ("bm25", "dense", "hybrid"):
            assert managed(connection, "s", mode=mode).fingerprint


@pytest.mark.parametrize("kind", ["index", "alias"])
def test_a_foreign_index_of_our_name_is_left_alone(elastic_connection, suite, server, kind):
    alias = managed_index(elastic_connection, suite).alias
    foreign = alias if kind == "index" else f"ragft-{suite}-foreign"
    server.indices.create(index=foreign)
    server.index(index=foreign, document={"content": "cat"}, refresh=True)
    if kind == "alias":
        server.indices.put_alias(index=foreign, name=alias)
    with pytest.raises(RetrievalError, match="which pytest-ragft has not made; it is neither"):
        managed(elastic_connection, suite).retrieve(["cat"], 1)
    assert server.count(index=foreign)["count"] == 1
    assert "_meta" not in server.indices.get_mapping(index=foreign)[foreign]["mappings"]


def test_an_alias_that_stands_for_the_index_of_another_corpus(elastic_connection, suite, server):
    managed(elastic_connection, suite, PASSAGES[1:]).retrieve(["cat"], 1)
    name, _ = only(server, suite)
    server.indices.put_alias(index=name, name=managed_index(elastic_connection, suite).alias)
    with pytest.raises(RetrievalError, match="which pytest-ragft has not made; it is neither"):
        managed(elastic_connection, suite).retrieve(["cat"], 1)


def test_an_index_that_something_else_wrote_into(elastic_connection, suite, server):
    managed(elastic_connection, suite).retrieve(["cat"], 1)
    name, _ = only(server, suite)
    server.indices.put_settings(index=name, settings={"index.blocks.write": False})
    server.index(index=name, document={"content": "cat"}, refresh=True)
    with pytest.raises(RetrievalError, match=r"holds 6 passages, .* has 5; .*delete that"):
        managed(elastic_connection, suite).retrieve(["cat"], 1)


def test_deleted_during_the_run(elastic_connection, suite, server):
    retriever = managed(elastic_connection, suite)
    assert ids(retriever, "cat") == ["cat", "dog"]
    server.indices.delete(index=only(server, suite)[0])
    with pytest.raises(RetrievalError, match="was deleted during the run; run again"):
        retriever.retrieve(["cat"], 1)
    retriever.close()
    assert ids(retriever, "cat") == ["cat", "dog"]
