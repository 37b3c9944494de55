"""What every retriever keeps, whatever is behind it."""

from collections.abc import Callable

import pytest

from pytest_ragft.records import Passage
from pytest_ragft.retrieval.embedded import EmbeddedRetriever
from pytest_ragft.retrieval.port import Retriever

PASSAGES = (
    Passage(id="cat", title="Cats", text="The cat sleeps on the mat."),
    Passage(id="dog", title="Dogs", text="A dog chases the cat around the garden."),
    Passage(id="twin-1", text="Volcanoes erupt molten rock."),
    Passage(id="twin-2", text="Volcanoes erupt molten rock."),
    Passage(id="greek", title="Ελλάδα", text="Η Αθήνα είναι η πρωτεύουσα, naïve café 東京."),
    Passage(id="silent", text="the of and"),
)
Open = Callable[[tuple[Passage, ...]], Retriever]


@pytest.fixture(params=[EmbeddedRetriever], ids=["embedded"])
def open_(request) -> Open:
    return request.param


def ids(retriever: Retriever, query: str, k: int = 10) -> list[str]:
    return [hit.passage_id for hit in retriever.retrieve([query], k)[0]]


def test_in_the_order_of_the_queries(open_):
    found = open_(PASSAGES).retrieve(["volcano", "dog", "zebra", "dog"], 3)
    assert [h[0].passage_id if h else None for h in found] == ["twin-1", "dog", None, "dog"]
    assert found[1] == found[3]


def test_best_first_and_at_most_k(open_):
    retriever = open_(PASSAGES)
    for k in (1, 2, 3, 1000):
        hits = retriever.retrieve(["cat dog volcanoes"], k)[0]
        assert len(hits) == min(k, 4)
        assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert ids(retriever, "cat dog volcanoes")[0] == "dog"


def test_no_matching_term_is_no_hit(open_):
    assert set(ids(open_(PASSAGES), "cat")) == {"cat", "dog"}


@pytest.mark.parametrize("query", ["", "   ", "the of and", "?!", "zebra", "\x00", "\n"])
def test_nothing_to_look_for(open_, query):
    assert open_(PASSAGES).retrieve([query], 3) == [()]


def test_no_queries(open_):
    assert open_(PASSAGES).retrieve([], 3) == []


@pytest.mark.parametrize("corpus", [(), PASSAGES[-1:]], ids=["empty", "stop words only"])
def test_corpus_without_terms(open_, corpus):
    assert open_(corpus).retrieve(["cat", "the"], 3) == [(), ()]


def test_ties_keep_the_order_of_the_corpus(open_):
    assert ids(open_(PASSAGES), "molten") == ["twin-1", "twin-2"]
    assert ids(open_(PASSAGES), "molten", 1) == ["twin-1"]
    assert ids(open_(PASSAGES[::-1]), "molten", 1) == ["twin-2"]


def test_title_counts_as_text(open_):
    corpus = (Passage(id="a", title="Krypton", text="x"), Passage(id="b", text="y"))
    assert ids(open_(corpus), "krypton") == ["a"]


@pytest.mark.parametrize("query", ["ΑΘΉΝΑ", "Ελλάδα", "NAÏVE", "ｃａｆé", "東京"])
def test_unicode(open_, query):
    assert ids(open_(PASSAGES), query) == ["greek"]


def test_inflected_words_match(open_):
    found = ids(open_(PASSAGES), "sleeping erupted chased dogs")
    assert found[0] == "dog"
    assert set(found) == {"dog", "cat", "twin-1", "twin-2"}


def test_long_query(open_):
    assert ids(open_(PASSAGES), "cat " * 2500) == ["cat", "dog"]
    assert ids(open_(PASSAGES), "x" * 10_000) == []


def test_k_below_one(open_):
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        open_(PASSAGES).retrieve(["cat"], 0)


def test_same_corpus_same_hits_and_fingerprint(open_):
    one, other = open_(PASSAGES), open_(tuple(PASSAGES))
    assert one.fingerprint == other.fingerprint
    queries = ["cat dog", "volcano rock", "garden"]
    assert one.retrieve(queries, 4) == other.retrieve(queries, 4)


@pytest.mark.parametrize(
    "corpus",
    [
        PASSAGES[:-1],
        PASSAGES[::-1],
        (*PASSAGES[:-1], Passage(id="silent", text="the of")),
        (*PASSAGES[:-1], Passage(id="silent", text="the of and", title="x")),
        (*PASSAGES[:-1], Passage(id="quiet", text="the of and")),
    ],
    ids=["shorter", "order", "text", "title", "id"],
)
def test_another_corpus_has_another_fingerprint(open_, corpus):
    assert open_(corpus).fingerprint != open_(PASSAGES).fingerprint


def test_silent(open_, capfd):
    open_(PASSAGES).retrieve(["cat"], 3)
    assert capfd.readouterr() == ("", "")


def test_described(open_):
    assert open_(PASSAGES).description
