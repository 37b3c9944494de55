"""What an example's answers are held against, read once for all variants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from pytest_ragft.judging.lexical.assertion import denies
from pytest_ragft.judging.lexical.elements import asks_list, enumerates, read_elements
from pytest_ragft.judging.lexical.naming import is_numbered
from pytest_ragft.judging.lexical.options import Choice, read_choice
from pytest_ragft.judging.lexical.overlap import cover
from pytest_ragft.judging.lexical.polarity import PolarityReader, YesNoQuestion, opening_polarity
from pytest_ragft.judging.lexical.reference_kinds import ReferenceKind, kind_of
from pytest_ragft.judging.lexical.statements import Statement, split_statements, without_marks
from pytest_ragft.judging.lexical.text import Reader, Text
from pytest_ragft.records import QAExample, QuestionType

POLARITIES: dict[tuple[str, ...], bool] = {("ye",): True, ("yes",): True, ("no",): False}
"""Stems of a text that is just a yes or a no."""
_EXAMPLES_KEPT = 4096
# Words of content up to which a reference is short.
_SHORT = 8


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

    asked: str
    """The question as it was written."""
    question: Text
    known: frozenset[str]
    """Content of the question."""
    accepted: frozenset[str]
    """Content of all references."""
    references: tuple[tuple[str, Text], ...]
    keys: tuple[tuple[str, Text], ...]
    """The shortest references: those that hold the answer and little else."""
    statements: tuple[tuple[str, tuple[Statement, ...]], ...]
    """What an answer is complete with, sentence by sentence: the first reference of a list or a
    summary, any reference otherwise."""
    facts: tuple[Fact, ...]
    polarity: bool | None
    """What is right, for yes/no questions; None for all others."""
    polar: YesNoQuestion | None
    """How a yes/no question asks."""
    choice: Choice | None
    elements: tuple[tuple[Text, ...], ...]
    """Of the references that are lists, where one is asked for."""
    stems: frozenset[str]
    """All words of the references."""
    denies: bool
    """A reference itself says that something is not so."""
    type: QuestionType | None
    kind: ReferenceKind
    """What the shortest references are, by their form."""
    open: bool
    """A list or a summary is asked for."""
    short: bool
    """The answer is a name, a number or a few words: what the fitted model knows."""

    def repeated_by(self, statement: Text) -> bool:
        """Whether a statement says no more than the question does."""
        return self.known.issuperset(statement.content)


def target_reader(reader: Reader, polarity: PolarityReader) -> Callable[[QAExample], Target]:
    """`read_target` that keeps what it last read: an example comes back with each variant."""
    return lru_cache(_EXAMPLES_KEPT)(lambda example: read_target(example, reader, polarity))


def read_target(
    example: QAExample,
    reader: Reader,
    polarity: PolarityReader,
) -> Target:
    """The target of an answerable example with at least one reference."""
    references = tuple((text, reader.read(without_marks(text))) for text in example.references)
    first = references[0][1]
    # A fact without a word cannot be stated.
    facts = tuple(
        _fact(text, words, first)
        for text, words in ((text, reader.read(text)) for text in example.facts)
        if words.stems
    )
    question = reader.read(example.question)
    known = frozenset(question.content)
    texts = [words for _, words in references]
    polar = polarity.polar(question.plain)
    yesno = _is_polar(example, polar, texts)
    if yesno and polar is None:
        polar = polarity.whole(question)
    right = polarity.said(first.plain, polar) if yesno and polar is not None else None
    choice = None if yesno or example.type == "summary" else _choice(question, texts, reader)
    elements = _elements(example, question, texts, known, reader)
    open_ended = example.type in ("list", "summary") or (bool(elements) and choice is None)
    keys = references if open_ended else _shortest(references)
    kind = kind_of(
        question,
        [words for _, words in keys],
        example.type,
        polar=right is not None,
        choice=choice is not None,
        listed=bool(elements),
        numbered=all(is_numbered(text) for text, _ in keys),
    )
    short = not (open_ended or yesno) and len(facts) <= 1 and _few_words(keys)
    short = short and kind != "statement"
    if short:
        keys += tuple((fact.text, fact.words) for fact in facts)
    return Target(
        asked=example.question,
        question=question,
        known=known,
        accepted=frozenset[str]().union(*(words.keywords for _, words in (*references, *keys))),
        references=references,
        keys=keys,
        statements=tuple(
            (text, split_statements(text, reader))
            for text, _ in (references[:1] if open_ended else references)
        ),
        facts=facts,
        polarity=right,
        polar=polar if yesno else None,
        choice=choice,
        elements=elements,
        stems=frozenset[str]().union(*(words.stems for words in texts)),
        denies=any(denies(words.plain) for words in texts),
        type=example.type,
        kind=kind,
        open=open_ended,
        short=short,
    )


def _is_polar(example: QAExample, polar: YesNoQuestion | None, references: list[Text]) -> bool:
    """Whether the references are a yes or a no, with or without reasons, and are asked for."""
    if example.type == "yesno":
        return True
    return (
        example.type is None
        and polar is not None
        and all(opening_polarity(words.plain) is not None for words in references)
    )


def _choice(question: Text, references: list[Text], reader: Reader) -> Choice | None:
    choices = [read_choice(question, words, reader) for words in references]
    return choices[0] if all(choice == choices[0] for choice in choices) else None


def _elements(
    example: QAExample,
    question: Text,
    references: list[Text],
    known: frozenset[str],
    reader: Reader,
) -> tuple[tuple[Text, ...], ...]:
    asked = example.type == "list" or (
        example.type is None
        and (
            asks_list(question.plain)
            or all(enumerates(words.plain, question.plain) for words in references)
        )
    )
    if not asked:
        return ()
    found = (read_elements(words, known, reader) for words in references)
    return tuple(elements for elements in found if elements)


def _few_words(keys: tuple[tuple[str, Text], ...]) -> bool:
    return min(len(words.content) for _, words in keys) <= _SHORT


def _shortest(references: tuple[tuple[str, Text], ...]) -> tuple[tuple[str, Text], ...]:
    least = min(len(words.content) for _, words in references)
    limit = max(2 * least, least + 2)
    short = tuple(r for r in references if len(r[1].content) <= limit)
    # "He thought of a separate condenser" beside "separate condenser" adds words that anybody says.
    return tuple(r for r in short if not any(_within(o[1], r[1]) for o in short))


def _within(one: Text, other: Text) -> bool:
    return bool(one.content) and set(one.content) < set(other.content)


def _fact(text: str, words: Text, first: Text) -> Fact:
    strict = cover(words, first).covered or not cover(words, first, strict=False).covered
    return Fact(text=text, words=words, strict=strict, polarity=POLARITIES.get(words.stems))
