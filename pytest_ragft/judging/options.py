"""Questions that offer what to choose from ("the Aare or the Rhine?"), and what an answer chooses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_ragft.judging.text import Reader, Text

_OFFER = re.compile(
    r"(?P<before>[^,;:?.()]{1,80}(?:, [^,;:?.()]{1,60})*),? or (?P<after>[^,;:?.()]{1,80})"
)
_AMONG = re.compile(r"\b(?:among|between|of) (?:the )?(?:two |three |four )?(?P<items>[^?;:.()]{3,160}?(?:,? (?:and|or) )[^?;:,.()]{2,80})")
_CHOOSES = re.compile(r"\b(?:which|who|whose)\b")
_LONGEST = 3
"""Words of content that an option has at most."""
_EXPLAINED = 20
"""Words of a reference from which it explains more than it chooses."""
_NOT_OFFERED = frozenset({"more", "less", "not", "later", "earlier", "so", "other", "both"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is right of what a question offers, and what else it offers."""

    right: frozenset[str]
    others: tuple[frozenset[str], ...]


def read_choice(question: Text, reference: Text, reader: Reader) -> Choice | None:
    """The choice between two or more options of which `reference` names exactly one.

    Args:
        question: As it was read.
        reference: As it was read.
        reader: For the options' words.
    """
    bare_number = reference.numbers - question.numbers and not reference.content[1:]
    if bare_number or len(reference.content) > _EXPLAINED:
        return None
    options = _offered(question.plain, reader)
    said = frozenset(reference.stems)
    named = [option for option in options if option <= said]
    if len(options) < 2 or len(named) != 1:
        return None
    right = named[0]
    others = tuple(option - right for option in options if option - right and option != right)
    if not others:
        return None
    return Choice(right=right - frozenset().union(*others) or right, others=others)


def _offered(question: str, reader: Reader) -> list[frozenset[str]]:
    """The options' words of content, in order; empty where nothing is offered."""
    match = _OFFER.search(question)
    if match is not None:
        after = _content(match["after"], reader)[:_LONGEST]
        before = [part for part in match["before"].split(", ")]
        heads = [_content(part, reader) for part in before]
        if not after or after[0] in _NOT_OFFERED or not heads[-1]:
            return []
        size = _size(heads[-1], after, match["before"], match["after"])
        options = [frozenset(head[-size:]) for head in heads if head]
        return [*options, frozenset(after[:size])]
    match = _AMONG.search(question)
    if match is None or not _CHOOSES.search(question):
        return []
    parts = re.split(r", (?:and |or )?| and | or ", match["items"])
    return [frozenset(words[-_LONGEST:]) for part in parts if (words := _content(part, reader))]


def _size(before: Sequence[str], after: Sequence[str], left: str, right: str) -> int:
    """How many words an option has: as many as stand alike on both sides of the "or"."""
    article = re.search(r"\b(?:the|an?) ((?:\S+ ?){1,3})$", left)
    behind = re.match(r"(?:the|an?) ", right)
    if article and behind:
        return max(1, min(len(article[1].split()), _LONGEST))
    return 1 if len(before) > 1 else min(len(before), len(after))


def _content(text: str, reader: Reader) -> list[str]:
    return list(reader.read(text).content)


def chosen(choice: Choice, words: Text, synonyms: Callable[[str], frozenset[str]]) -> float | None:
    """1 for the right option, 0 for another one, 0.5 for both; None where none is named.

    Of two that are named the first counts, which is what the answer speaks of.

    Args:
        choice: What is right, and what is not.
        words: What the answer asserts.
        synonyms: Gives the stems of the same direction as a stem.
    """
    if "both" in words.stems or "equal" in words.stems or "neither" in words.stems:
        return 0.5 if "both" in words.stems else 0.0
    right = _first(choice.right, words, synonyms)
    other = min(
        (at for other in choice.others if (at := _first(other, words, synonyms)) is not None),
        default=None,
    )
    if right is None:
        return None if other is None else 0.0
    return 1.0 if other is None or right < other else 0.0


def _first(
    option: frozenset[str], words: Text, synonyms: Callable[[str], frozenset[str]]
) -> int | None:
    alike = option.union(*map(synonyms, option))
    places = [
        at
        for at, stem in enumerate(words.stems)
        if stem in alike and not _negated(words, at) and not _offers(words, at)
    ]
    return places[0] if places else None


def _negated(words: Text, at: int) -> bool:
    return any(
        words.clauses[place] == words.clauses[at] and at - 4 <= place < at
        for place in words.negations
    )


def _offers(words: Text, at: int) -> bool:
    """Whether an "or" beside the word only repeats what is offered."""
    return "or" in words.stems[max(0, at - 3) : at + 4]
