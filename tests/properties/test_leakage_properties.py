"""What a copy of a question may go through and still be found, and what changes nothing."""

from __future__ import annotations

import random
import string

from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.checking.asked import AskedQuestion
from pytest_ragft.checking.leakage import Leakage
from pytest_ragft.checking.matching import NEAR, QuestionIndex, stretches
from pytest_ragft.checking.vocabulary import Vocabulary, edits
from pytest_ragft.checking.wording import (
    Asked,
    likeness,
    sentences_of,
    words_of,
)
from pytest_ragft.datasets.training import TrainingPair
from pytest_ragft.records import QAExample
from studies.leakage.planting import PREFACES, misspelt, reordered

QUESTIONS = (
    "Which enzyme cuts starch in the mouth of a mammal?",
    "When was the harbour of Fernwick opened to steam ships?",
    "How many keepers does the northern lighthouse have in winter?",
    "Who painted the ceiling of the town hall, and for which mayor?",
    "Is celecoxib effective for amyotrophic lateral sclerosis?",
    "What was the net revenue of the company in fiscal year 2018?",
)
INDEX = QuestionIndex(QUESTIONS)
asked = st.integers(0, len(QUESTIONS) - 1)
randoms = st.integers(0, 2**32).map(random.Random)


def found(text: str) -> dict[int, float]:
    sentences = [words for part in sentences_of(text) if (words := words_of(part))]
    hits: dict[int, float] = {}
    for words in stretches(sentences, INDEX.stretch, INDEX.spans):
        for at, like in INDEX.matches(words):
            hits[at] = max(like, hits.get(at, 0.0))
    return hits


@given(asked, st.randoms(use_true_random=False), st.sampled_from(["", "?", "!!", " …", "."]))
def test_case_punctuation_and_white_space_change_nothing(
    at: int, rng: random.Random, end: str
) -> None:
    letters = [rng.choice((str.upper, str.lower))(letter) for letter in QUESTIONS[at].rstrip("?")]
    text = rng.choice(("  ", "\t", " \u00a0")).join("".join(letters).split(" ")) + end
    assert words_of(text) == words_of(QUESTIONS[at])
    assert found(f"First line\n\n{text}\n")[at] == 1.0


@given(asked, randoms)
def test_a_copy_with_slips_is_found(at: int, rng: random.Random) -> None:
    assert at in found(misspelt(QUESTIONS[at], rng))


@given(asked, randoms)
def test_a_copy_in_another_order_is_found(at: int, rng: random.Random) -> None:
    assert found(reordered(QUESTIONS[at], rng))[at] >= NEAR


@given(asked, st.sampled_from(PREFACES), randoms)
def test_a_copy_behind_a_preface_is_found(at: int, preface: str, rng: random.Random) -> None:
    assert at in found(preface.format(QUESTIONS[at]))
    assert at in found(preface.format(reordered(QUESTIONS[at], rng)))


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    for like in found(text).values():
        assert NEAR <= like <= 1.0


texts = st.lists(st.sampled_from(" ".join(QUESTIONS).split()), max_size=30).map(" ".join)


@given(texts, asked)
def test_a_likeness_is_a_share(text: str, at: int) -> None:
    of = Asked.of(words_of(QUESTIONS[at]))
    vocabulary = Vocabulary(of.counts)
    assert 0.0 <= likeness(of, words_of(text), vocabulary) <= 1.0 + 1e-9
    assert abs(likeness(of, of.words, vocabulary) - 1.0) < 1e-9


@given(st.lists(texts | st.sampled_from(QUESTIONS), max_size=8), randoms)
def test_the_order_of_rows_changes_nothing(rows: list[str], rng: random.Random) -> None:
    def leaked(order: list[str]) -> set[tuple[str, float | None]]:
        questions = [
            AskedQuestion(
                suite="s",
                example=QAExample(id=str(at), question=text, references=("a",)),
                where="q.jsonl",
                cluster=(str(at),),
            )
            for at, text in enumerate(QUESTIONS)
        ]
        leakage = Leakage(questions, INDEX, {})
        for row in order:
            leakage.look(TrainingPair(where="t", asked=row))
        return {(finding.here.id, finding.likeness) for finding in leakage.findings()}

    shuffled = rows.copy()
    rng.shuffle(shuffled)
    assert leaked(rows) == leaked(shuffled)


words = st.text(string.ascii_lowercase[:4], min_size=1, max_size=7)


@given(words, words)
def test_edits_are_the_literal_definition(one: str, other: str) -> None:
    def distance(a: str, b: str) -> int:
        if not a or not b:
            return len(a) + len(b)
        ways = [
            distance(a[1:], b) + 1,
            distance(a, b[1:]) + 1,
            distance(a[1:], b[1:]) + (a[0] != b[0]),
        ]
        if len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0]:
            ways.append(distance(a[2:], b[2:]) + 1)
        return min(ways)

    far = distance(one[:5], other[:5])
    assert edits(one[:5], other[:5], 2) == (far if far <= 2 else None)


@given(st.lists(words, max_size=6), words)
def test_a_vocabulary_holds_what_is_known_first(known: list[str], word: str) -> None:
    near = Vocabulary(known).near(word)
    assert set(near) <= set(known)
    assert (word in known) == (near[:1] == (word,))
