"""Answers that repeat the question."""

import pytest

from pytest_ragft.judging.lexical.echo import says_more, without_echo
from pytest_ragft.judging.lexical.polarity import PolarityReader
from pytest_ragft.judging.lexical.target import read_target
from pytest_ragft.judging.lexical.text import Reader
from pytest_ragft.records import QAExample

READER = Reader()


def target(question, *references, **fields):
    example = QAExample(id="q", question=question, references=references, **fields)
    return read_target(example, READER, PolarityReader(READER))


RIVER = target("Which river is longer, the Aare or the Rhine?", "Rhine")
BAND = target("Which band made the rock opera?", "The Who")
METAL = target("Which metal coats the lighthouse?", "The lighthouse is coated with zinc.", "zinc")
YES = target("Is the Aare longer than the Rhine?", "No", type="yesno")


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        (METAL, "A metal coats the lighthouse.", False),
        (METAL, "The answer is: which metal coats the lighthouse?", False),
        (METAL, "It is.", False),
        (METAL, "Zinc", True),
        (METAL, "The lighthouse is coated with tin.", True),
        (RIVER, "The longer river is the Aare", False),
        (RIVER, "The longer river is the Rhine", True),
        (BAND, "The band is The Who.", True),
    ],
)
def test_says_more(asked, answer, expected):
    assert says_more(READER.read(answer), asked) is expected


def test_a_copy_of_the_question_is_blanked_where_it_stands():
    words = READER.read("Which river is longer, the Aare or the Rhine? The Aare, 288 km.")
    left = without_echo(words, RIVER)
    assert len(left.stems) == len(words.stems)
    assert [stem for stem in left.stems if stem.isalnum()] == ["aar", "288", "km"]
    assert left.numbers == {"288"}
    assert set(left.content) == {"aar", "288", "km"}


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (RIVER, "Which river is longer, the Aare or the Rhine?"),
        (RIVER, "the Aare or the Rhine"),
        (YES, "Is the Aare longer than the Rhine? It is not."),
        (BAND, ""),
    ],
)
def test_what_says_nothing_else_or_answers_yes_or_no_is_left_alone(asked, answer):
    words = READER.read(answer)
    assert without_echo(words, asked) is words
