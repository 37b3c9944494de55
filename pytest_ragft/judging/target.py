"""What an example's answers are held against, read once for all variants."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_ragft.judging.abstention import AbstentionRecogniser
from pytest_ragft.judging.overlap import cover
from pytest_ragft.judging.text import Reader, Text
from pytest_ragft.records import QAExample

POLARITIES: dict[tuple[str, ...], bool] = {("ye",): True, ("yes",): True, ("no",): False}
"""Stems of a text that is just a yes or a no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A must-have statement."""

    text: str
    words: Text
    strict: bool
    """False where the first reference states the fact only without the limits of `cover`."""
    polarity: bool | None
    """For facts that are just a yes or a no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The question, the references and the facts as the judge reads them."""

    question: Text
    known: frozenset[str]
    references: tuple[tuple[str, Text], ...]
    keys: tuple[tuple[str, Text], ...]
    """The shortest references: those that hold the answer and little else."""
    facts: tuple[Fact, ...]
    polarity: bool | None
    """What is right, for yes/no questions; None for all others."""
    open: bool
    """A list or a summary is asked for."""
    may_abstain: bool
    """A reference itself reads as an abstention, so that an abstention may be right."""


def read_target(example: QAExample, reader: Reader, abstention: AbstentionRecogniser) -> Target:
    """The target of an answerable example with at least one reference."""
    references = tuple((text, reader.read(text)) for text in example.references)
    first = references[0][1]
    facts = [(text, reader.read(text)) for text in example.facts]
    open_ended = example.type in ("list", "summary")
    question = reader.read(example.question)
    yesno = example.type == "yesno" or (
        example.type is None and all(text.polarity is not None for _, text in references)
    )
    return Target(
        question=question,
        known=frozenset(question.content),
        references=references,
        keys=references if open_ended else _shortest(references),
        # A fact without a word cannot be stated.
        facts=tuple(_fact(text, words, first) for text, words in facts if words.stems),
        polarity=first.polarity if yesno else None,
        open=open_ended,
        may_abstain=any(abstention.abstains(text) for text in example.references),
    )


def _shortest(references: tuple[tuple[str, Text], ...]) -> tuple[tuple[str, Text], ...]:
    least = min(len(words.content) for _, words in references)
    limit = max(2 * least, least + 2)
    return tuple(r for r in references if len(r[1].content) <= limit)


def _fact(text: str, words: Text, first: Text) -> Fact:
    strict = cover(words, first).covered or not cover(words, first, strict=False).covered
    return Fact(text=text, words=words, strict=strict, polarity=POLARITIES.get(words.stems))
