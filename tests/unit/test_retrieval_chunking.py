"""Long passages cut at sentence ends."""

import pytest

from pytest_ragft.records import Passage
from pytest_ragft.retrieval.chunking import chunk

FIVE = "One two three. Four five six. Seven eight nine. Ten eleven twelve. Thirteen."


def texts(text: str, **settings: int) -> list[str]:
    return [part.text for part in chunk([Passage(id="p", text=text)], **settings)]


def test_sentences_fill_passages_and_overlap():
    assert texts(FIVE, words=6, overlap=1) == [
        "One two three. Four five six.",
        "Four five six. Seven eight nine.",
        "Seven eight nine. Ten eleven twelve.",
        "Ten eleven twelve. Thirteen.",
    ]


def test_without_overlap():
    assert texts(FIVE, words=7, overlap=0) == [
        "One two three. Four five six.",
        "Seven eight nine. Ten eleven twelve. Thirteen.",
    ]


def test_an_overlap_gives_way_to_what_is_new():
    assert texts(FIVE, words=3, overlap=2) == [
        "One two three.",
        "Four five six.",
        "Seven eight nine.",
        "Ten eleven twelve.",
        "Thirteen.",
    ]
    parts = texts(FIVE, words=10, overlap=5)
    assert parts[0].startswith("One")
    assert parts[-1].endswith("Thirteen.")


def test_a_long_sentence_is_cut_between_words():
    text = "A b c d e f g h i j. Kl."
    assert texts(text, words=4, overlap=0) == ["A b c d", "e f g h", "i j. Kl."]


def test_abbreviations_do_not_end_sentences():
    text = "Dr. Smith gave 3.5 mg. The patient slept well."
    assert texts(text, words=5, overlap=0) == ["Dr. Smith gave 3.5 mg.", "The patient slept well."]


def test_ids_parents_and_the_rest():
    whole = Passage(id="doc", title="Title", text=FIVE, document="d1")
    parts = chunk([whole], words=9, overlap=0)
    assert [part.id for part in parts] == ["doc#1", "doc#2"]
    assert {(p.parent, p.source, p.title, p.document) for p in parts} == {
        ("doc", "doc", "Title", "d1")
    }


def test_short_passages_stay_as_they_are_and_in_place():
    short = [
        Passage(id="a", text="Short  one."),
        Passage(id="c", text=""),
        Passage(id="d", text=" "),
    ]
    long = Passage(id="b", text=FIVE)
    parts = chunk([short[0], long, *short[1:]], words=13, overlap=1)
    assert parts == (short[0], long, *short[1:])
    cut = chunk([short[0], long, *short[1:]], words=12, overlap=0)
    assert [p.id for p in cut] == ["a", "b#1", "b#2", "c", "d"]
    assert (cut[0], cut[3], cut[4]) == tuple(short)


def test_defaults():
    sentence = "This sentence has exactly six words. "
    parts = texts(sentence * 60)
    assert [len(part.split()) for part in parts] == [198, 168]
    assert parts == texts(sentence * 60, words=200, overlap=1)


@pytest.mark.parametrize("neighbour", ["doc#1", "doc#2"])
def test_an_id_that_is_there_already(neighbour):
    corpus = [Passage(id=neighbour, text="x"), Passage(id="doc", text=FIVE)]
    with pytest.raises(ValueError, match=f"'{neighbour}', which is there already"):
        chunk(corpus, words=9, overlap=0)


@pytest.mark.parametrize(("words", "overlap"), [(0, 1), (-1, 0), (5, -1)])
def test_out_of_range(words, overlap):
    with pytest.raises(ValueError, match="words must be at least 1"):
        chunk([], words=words, overlap=overlap)


@pytest.mark.parametrize("space", ["\u00a0", "\u2028", "\u3000", "\x85", "\u2003"])
def test_white_space_of_several_bytes(space):
    """Such as PubMed's texts hold; the splitter fails on it unless it is kept from it."""
    text = f"Vitamin A{space}. And{space}B. " * 5
    parts = texts(text, words=4, overlap=0)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_half_a_pair_and_other_scripts():
    text = "Half \ud800 a pair. 東京。 🦉 owls. Ünï."
    assert "".join(texts(text, words=2, overlap=0)).replace(" ", "") == text.replace(" ", "")
