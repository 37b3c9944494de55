"""Each phrase of the data is found by an example that needs it; none can go unnoticed."""

import re
import tomllib
from pathlib import Path

import pytest

from pytest_ragft.judging.abstention import AbstentionRecogniser
from pytest_ragft.judging.abstention import phrases as shipped
from pytest_ragft.judging.abstention.clauses import ClauseKind, read_clauses
from pytest_ragft.judging.lexical.text import Reader

QUESTION = "What was the price of the house by the river?"
EXAMPLES = tomllib.loads(
    Path(__file__).with_name("abstention_phrases.toml").read_text(encoding="utf-8")
)
DECLINING = ("cannot", "silent", "untold")
BEGINNING = ("untold", "comment", "supposes", "elsewhere")
RECOGNISER = AbstentionRecogniser(Reader())


def each(*names: str) -> list[object]:
    return [
        pytest.param(name, at, example, id=f"{name} {at}: {example[:40]}")
        for name in names
        for at, example in enumerate(EXAMPLES[name])
    ]


def test_each_list_has_an_example_for_each_phrase() -> None:
    assert {name: len(examples) for name, examples in EXAMPLES.items()} == {
        name: len(shipped.phrases(name)) for name in shipped._read()["phrases"]
    }


@pytest.mark.parametrize(("name", "at", "example"), each(*DECLINING))
def test_a_phrase_declines_by_itself(name: str, at: int, example: str) -> None:
    *_, last = read_clauses(example)

    assert RECOGNISER.abstains(example, QUESTION)
    assert last.kind is ClauseKind[name.upper()], "another list recognises it"
    assert recognising(name, last.text) == [at]


@pytest.mark.parametrize(
    ("name", "at", "example"), each(*(name for name in EXAMPLES if name not in DECLINING))
)
def test_a_phrase_is_recognised(name: str, at: int, example: str) -> None:
    assert recognising(name, example) == [at]


def recognising(name: str, text: str) -> list[int]:
    """Which phrases of a list recognise a clause, looked for as `clauses` does."""
    find = re.match if name in BEGINNING else re.search
    return [at for at, phrase in enumerate(shipped.phrases(name)) if find(phrase, text)]


def test_each_list_of_words_is_part_of_a_phrase() -> None:
    data = shipped._read()
    used = {name for phrases in data["phrases"].values() for name in slots(*phrases)}
    used |= {name for piece in data["pieces"].values() for name in slots(piece)}
    assert used | {"hint"} == {*data["words"], *data["pieces"]}


def slots(*texts: str) -> list[str]:
    return [name for text in texts for name in re.findall(r"\{([a-z_]+)\}", text)]
