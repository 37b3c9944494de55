"""What every retriever keeps, whatever is behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.testing import check_retriever
from tests.contracts.retrievers import RETRIEVERS, Case

pytestmark = pytest.mark.newest

PASSAGES = (
    Passage(id="cat", title="Cats", text="The cat sleeps on the mat."),
    Passage(id="dog", title="Dogs", text="A dog chases the cat around the garden."),
    Passage(id="twin-1", text="Volcanoes erupt molten rock."),
    Passage(id="twin-2", text="Volcanoes erupt molten rock."),
    Passage(id="greek", title="Ελλάδα", text="Η Αθήνα είναι η πρωτεύουσα, naïve café 東京."),
    Passage(id="code", title='a <tag> {x} "y"', text="Braces {query} and \\ backslashes, AND* OR?"),
    Passage(id="part#1", parent="part", document="doc", text="Glaciers carve deep valleys."),
    Passage(id="weird id/ü", text="Penguins huddle through antarctic winters."),
    Passage(id="silent", text="the of and"),
)
ITEMS = {
    "who sleeps on the mat": "cat",
    "dog that chases around the garden": "dog",
    "erupt molten rock": "twin-1",
    "Αθήνα πρωτεύουσα": "greek",
    "braces and backslashes": "code",
    "what do glaciers carve": "part#1",
    "penguins in antarctic winters": "weird id/ü",
}
ODD = [
    "",
    "?!",
    "the of and",
    "cat AND dog",
    '"unbalanced',
    "cat* ~dog^2 (garden",
    "{cat} [mat] \\ / :",
    "title:cat _exists_:text",
    "<script>cat</script> &amp;",
    "NAÏVE ｃａｆé 東京 🦉 \u202e",
    "half a pair \ud800 cat",
    "\x00 nul",
]
WRAPS = [
    '"{}" AND *',
    "({}) OR {{x}}",
    "{}~2 \\",
    "<b>{}</b>",
    "+{} -",
    "[{} TO *]",
    '{{"{}": "\\"}}',
]
OpenWhole = Callable[[tuple[Passage, ...]], Retriever]


def opener(case: Case, request: pytest.FixtureRequest) -> Iterator[OpenWhole]:
    opened: list[Retriever] = []

    def open_(passages: tuple[Passage, ...]) -> Retriever:
        opened.append(case.open(passages, request))
        return opened[-1]

    yield open_
    for retriever in opened:
        retriever.close()


@pytest.fixture(params=RETRIEVERS, ids=lambda case: case.name)
def open_(request) -> Iterator[OpenWhole]:
    yield from opener(request.param, request)


@pytest.fixture(params=[c for c in RETRIEVERS if c.mode == "bm25"], ids=lambda case: case.name)
def lexical(request) -> Iterator[OpenWhole]:
    """Only those that look for words."""
    yield from opener(request.param, request)


@pytest.fixture(
    params=[c for c in RETRIEVERS if c.mode == "bm25" and c.stems], ids=lambda case: case.name
)
def stemming(request) -> Iterator[OpenWhole]:
    """Only those that look for stems of words."""
    yield from opener(request.param, request)


def ids(retriever: Retriever, query: str, k: int = 10) -> list[str]:
    return [hit.passage_id for hit in retriever.retrieve([query], k)[0]]


def test_it_keeps_the_port(open_):
    check_retriever(open_(PASSAGES), queries=list(ITEMS), k=4)


def test_known_items_are_found_first(open_):
    found = open_(PASSAGES).retrieve(list(ITEMS), 3)
    firsts = {query: hits[0].passage_id for query, hits in zip(ITEMS, found, strict=True)}
    assert firsts == ITEMS


def test_a_batch_is_as_one_by_one(open_):
    retriever = open_(PASSAGES)
    queries = [*ITEMS, *ODD, *ITEMS]
    batch = retriever.retrieve(queries, 4)
    assert len(batch) == len(queries)
    assert batch == [retriever.retrieve([query], 4)[0] for query in queries]
    assert batch[: len(ITEMS)] == batch[-len(ITEMS) :]


def test_best_first_and_at_most_k(open_):
    retriever = open_(PASSAGES)
    every = retriever.retrieve(["cat dog volcanoes"], 1000)[0]
    assert len({h.passage_id for h in every}) == len(every) <= len(PASSAGES)
    scores = [h.score for h in every]
    assert scores == sorted(scores, reverse=True)
    assert all(math.isfinite(score) for score in scores)
    assert len(every) >= 4
    for k in (1, 2, 3, 10):
        assert retriever.retrieve(["cat dog volcanoes"], k)[0] == every[:k]


@pytest.mark.parametrize("query", ["", "   ", "\n\t"])
def test_nothing_to_look_for(open_, query):
    assert open_(PASSAGES).retrieve([query, "cat", query], 3)[::2] == [(), ()]


def test_empty_corpus(open_):
    assert open_(()).retrieve(["cat", "the", ""], 3) == [(), (), ()]


def test_ties_keep_the_order_of_the_corpus(open_):
    assert ids(open_(PASSAGES), "molten", 2) == ["twin-1", "twin-2"]
    assert ids(open_(PASSAGES), "molten", 1) == ["twin-1"]
    assert ids(open_(PASSAGES[::-1]), "molten", 1) == ["twin-2"]


def test_many_ties_are_cut_in_the_order_of_the_corpus(open_):
    names = [f"p{(i * 7) % 40:02}" for i in range(40)]
    corpus = tuple(Passage(id=name, text="Comets have tails of dust.") for name in names)
    retriever = open_((*PASSAGES, *corpus))
    assert ids(retriever, "tails of comets", 12) == names[:12]
    assert ids(retriever, "tails of comets", 40) == names


@pytest.mark.parametrize("k", [1, 3])
def test_any_query_is_answered(open_, k):
    found = open_(PASSAGES).retrieve(ODD, k)
    assert [len(hits) <= k for hits in found] == [True] * len(ODD)


def test_syntax_is_text(open_):
    """Characters of query languages, templates and markup neither break nor steer a query."""
    retriever = open_(PASSAGES)
    for wrap in WRAPS:
        found = retriever.retrieve([wrap.format(query) for query in ITEMS], 3)
        firsts = {query: hits[0].passage_id for query, hits in zip(ITEMS, found, strict=True)}
        assert firsts == ITEMS, wrap


def test_long_query(open_):
    retriever = open_(PASSAGES)
    assert ids(retriever, "glaciers carve valleys " * 435)[0] == "part#1"
    assert len(ids(retriever, "x" * 10_000)) <= len(PASSAGES)


def test_k_below_one(open_):
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        open_(PASSAGES).retrieve(["cat"], 0)


def test_texts_of_what_was_found(open_):
    retriever = open_(PASSAGES)
    hits = retriever.retrieve([*ITEMS, "a"], 10)
    names = list(dict.fromkeys(hit.passage_id for found in hits for hit in found))
    texts = retriever.passages(names)
    assert set(texts) == set(names) > {"part#1", "weird id/ü"}
    whole = {passage.id: passage for passage in PASSAGES}
    for name in names:
        known, found = whole[name], texts[name]
        assert (found.id, found.title, found.text) == (known.id, known.title, known.text)
        assert (found.source, found.document) == (known.source, known.document)
    assert retriever.passages([]) == {}


def test_the_text_of_what_is_not_there(open_):
    retriever = open_(PASSAGES)
    retriever.retrieve(["cat"], 3)
    with pytest.raises(RetrievalError, match="'nowhere'"):
        retriever.passages(["nowhere"])


def test_same_corpus_same_hits_and_fingerprint(open_):
    one, other = open_(PASSAGES), open_(tuple(PASSAGES))
    assert one.fingerprint == other.fingerprint
    queries = ["cat dog", "volcano rock", "garden"]
    first = one.retrieve(queries, 4)
    assert first == other.retrieve(queries, 4)
    assert first == one.retrieve(queries, 4)


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


def test_closed_it_opens_again(open_):
    retriever = open_(PASSAGES)
    before = retriever.retrieve(["cat"], 3)
    retriever.close()
    retriever.close()
    assert retriever.retrieve(["cat"], 3) == before


def test_checked_before_any_work(open_):
    retriever = open_(PASSAGES)
    assert retriever.check() is None
    assert ids(retriever, "penguins", 1) == ["weird id/ü"]


def test_described(open_):
    retriever = open_(PASSAGES)
    assert retriever.description
    assert all(isinstance(note, str) and note for note in retriever.notes)


def test_silent(open_, capfd):
    open_(PASSAGES).retrieve(["cat"], 3)
    assert capfd.readouterr() == ("", "")


def test_no_matching_term_is_no_hit(lexical):
    retriever = lexical(PASSAGES)
    assert set(ids(retriever, "cat")) == {"cat", "dog"}
    assert ids(retriever, "zebra") == []
    assert ids(retriever, "?!") == []
    assert ids(retriever, "x" * 10_000) == []


def test_stop_words_are_nothing_to_look_for(stemming):
    assert stemming(PASSAGES).retrieve(["the of and"], 3) == [()]
    assert stemming(PASSAGES[-1:]).retrieve(["cat", "the"], 3) == [(), ()]


def test_title_counts_as_text(lexical):
    corpus = (Passage(id="a", title="Krypton", text="x"), Passage(id="b", text="y"))
    assert ids(lexical(corpus), "krypton") == ["a"]


@pytest.mark.parametrize("query", ["ΑΘΉΝΑ", "Ελλάδα", "NAÏVE", "東京"])
def test_unicode(lexical, query):
    assert ids(lexical(PASSAGES), query) == ["greek"]


def test_inflected_words_match(stemming):
    found = ids(stemming(PASSAGES), "sleeping erupted chased dogs")
    assert found[0] == "dog"
    assert set(found) == {"dog", "cat", "twin-1", "twin-2"}


def test_a_repeated_term_changes_nothing_alone(lexical):
    assert ids(lexical(PASSAGES), "cat " * 2500) == ids(lexical(PASSAGES), "cat")
