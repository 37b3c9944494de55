"""What is found of a corpus before it is indexed, and its documents."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic.mapping import documents, index_body
from pytest_ragft.retrieval.settings import RetrievalSettings
from tests.elastic.connecting import opened
from tests.elastic.opening import managed_index

A, B = Passage(id="a", title="t", text="x"), Passage(id="b", text="y")


def identity(*passages):
    """The fingerprint of a corpus's index; nothing is sent for it."""
    with opened("http://127.0.0.1:9") as connection:
        return managed_index(connection, "s", passages).fingerprint


def test_the_order_and_every_text_of_a_corpus_decide():
    assert identity(A, B) == identity(A, B)
    others = [
        (B, A),
        (A,),
        (A, Passage(id="b", text="z")),
        (A, Passage(id="b", text="y", title="t")),
        (A, Passage(id="c", text="y")),
        (Passage(id="a", title="tx", text=""), B),
    ]
    assert len({identity(*corpus) for corpus in [(A, B), *others]}) == 7


def test_the_index_of_an_unchanged_corpus_keeps_its_name_from_version_to_version():
    assert identity(A, B) == "6387a3167d5489a5238abbb418c5dba5"


def test_an_id_that_stands_twice():
    corpus = [A, B, Passage(id="a", text="other")]
    with pytest.raises(RetrievalError, match=r"passage 3: the id 'a' is already that of passage 1"):
        identity(*corpus)


def test_an_id_that_is_missing():
    with pytest.raises(RetrievalError, match=r"passage 2: has no id; give it an _id"):
        identity(A, Passage(id="", text="x"))


def test_odd_text_has_an_identity():
    assert identity(Passage(id="\ud800", text="\x00 \ud83d \U0001f989"))


def sources(passages, encoder=None, **settings):
    found = list(documents(passages, RetrievalSettings(**settings), encoder))
    assert [document["position"] for document in found] == list(range(len(passages)))
    return found


def test_title_and_text_are_one_field():
    assert sources([A, B]) == [
        {"passage_id": "a", "position": 0, "content": "t\nx"},
        {"passage_id": "b", "position": 1, "content": "y"},
    ]


def test_title_and_text_are_apart_where_they_are_weighed():
    assert sources([A], fields={"title": 2.0, "text": 1.0}) == [
        {"passage_id": "a", "position": 0, "title": "t", "text": "x"}
    ]


def test_what_json_cannot_carry():
    (source,) = sources([Passage(id="\ud800", text="half \udc00 whole \U0001f989", title="\ud83d")])
    assert source["content"] == "\ufffd\nhalf \ufffd whole \U0001f989"
    assert json.dumps(source, ensure_ascii=False).encode("utf-8")


def test_zero_vectors_are_left_out():
    encoder = SimpleNamespace(
        encode=lambda texts: np.array([[1, 0] if "x" in t else [0, 0] for t in texts], np.float32)
    )
    first, second = sources([A, B], encoder)
    assert first["vector"] == [1.0, 0.0]
    assert "vector" not in second


def test_encoded_a_few_hundred_at_a_time():
    batches = []

    def encode(texts):
        batches.append(len(texts))
        return np.ones((len(texts), 1), np.float32)

    corpus = [Passage(id=str(i), text="x") for i in range(600)]
    assert len(sources(corpus, SimpleNamespace(encode=encode))) == 600
    assert sum(batches) == 600
    assert max(batches) <= 256


def test_the_mapping_is_explicit():
    settings = RetrievalSettings(analyzer="german", k1=0.9, b=0.4)
    body = index_body(settings, None)
    assert body["mappings"]["dynamic"] == "strict"
    assert set(body["mappings"]["properties"]) == {"passage_id", "position", "content"}
    assert body["mappings"]["properties"]["content"]["analyzer"] == "german"
    assert body["settings"]["index"]["similarity"]["default"] == {
        "type": "BM25",
        "k1": 0.9,
        "b": 0.4,
    }
    assert body["settings"]["index"]["number_of_shards"] == 1
    assert body["settings"]["index"]["number_of_replicas"] == 0


@pytest.mark.parametrize("vectors", ["int8_hnsw", "flat"])
def test_vectors_are_mapped_as_set(vectors):
    field = index_body(RetrievalSettings(vectors=vectors), 7)["mappings"]["properties"]["vector"]
    assert (field["dims"], field["index_options"]["type"]) == (7, vectors)
