"""Questions that offer what to choose from ("the Aare or the Rhine?"), and what is chosen."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_ragft.judging.lexical.overlap import denied
from pytest_ragft.judging.lexical.text import Reader, Text

_OFFER = re.compile(
    r"(?P<before>[^,;:?.()]{1,80}(?:, [^,;:?.()]{1,60})*),? or (?P<after>[^,;:?.()]{1,80})"
)
_AMONG = re.compile(
    r"\b(?:among|between|of) (?:the )?(?:two |three |four )?(?P<items>[^?;:.()]{3,160}?(?:,?"
    r" (?:and|or) )[^?;:,.()]{2,80})"
)
_CHOOSES = re.compile(r"\b(?:which|who|whose)\b")
# Words of content that an option has at most.
_LONGEST = 3
# Words of a reference from which it explains more than it chooses.
_EXPLAINED = 20
_ASKS = re.compile(r"\b(?:which|who|whose|whom|what|where|when)\b")
_NO_WORD = re.compile(r"\W+")
_TWO = 2
# Places of an option that are looked at.
_MOST = 50
_NOT_OFFERED = frozenset({"more", "less", "not", "later", "earlier", "so", "other", "both"})


# Words that grade, and those that grade the other way.
_GRADES = (
    ("old older oldest", "young younger youngest new newer newest"),
    ("long longer longest", "short shorter shortest"),
    (
        "large larger largest big bigger biggest great greater greatest",
        "small smaller smallest little",
    ),
    ("heavy heavier heaviest", "light lighter lightest"),
    ("tall taller tallest", "short shorter shortest"),
    ("high higher highest", "low lower lowest"),
    ("early earlier earliest first", "late later latest last"),
    ("fast faster fastest quick quicker quickest", "slow slower slowest"),
    ("hot hotter hottest warm warmer warmest", "cold colder coldest cool cooler coolest"),
    ("near nearer nearest close closer closest", "far farther further"),
    ("more most", "less least fewer fewest"),
    ("strong stronger strongest", "weak weaker weakest"),
    ("deep deeper deepest", "shallow shallower shallowest"),
    ("wide wider widest", "narrow narrower narrowest"),
    ("expensive dear dearer", "cheap cheaper cheapest"),
    ("rich richer richest", "poor poorer poorest"),
    ("good better best", "bad worse worst"),
    ("hard harder hardest", "soft softer softest easy easier easiest"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is right of what a question offers, and what else it offers."""

    right: frozenset[str]
    others: tuple[frozenset[str], ...]
    compared: frozenset[str] = frozenset()
    """Stems of comparatives that say the opposite of the question's: "younger" of "older"."""
    graded: frozenset[str] = frozenset()
    """Stems of those that grade as the question does."""


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
    graded, compared = _grades(question, reader) if len(options) == _TWO else ((), ())
    return Choice(
        right=right - frozenset().union(*others) or right,
        others=others,
        compared=frozenset(compared).difference(question.stems),
        graded=frozenset(graded),
    )


_COMPARATIVE = re.compile(
    r"\b(?!(?:other|either|whether|after|over|under|never|number|water)\b)[a-z]{3,}(?:er|est)\b"
)


def _grades(question: Text, reader: Reader) -> tuple[Sequence[str], Sequence[str]]:
    """Stems that grade as `question` does, and those that grade the other way."""
    along: list[str] = []
    against: list[str] = []
    asked = set(_NO_WORD.split(question.plain))
    for one, other in _GRADES:
        for words, opposite in ((one, other), (other, one)):
            if not asked.isdisjoint(words.split()):
                along += reader.read(words).stems
                against += reader.read(opposite).stems
    if not along and _COMPARATIVE.search(question.plain):
        against += reader.read("less least").stems
    return along, against


def _offered(question: str, reader: Reader) -> list[frozenset[str]]:
    """The options' words of content, in order; empty where nothing is offered."""
    match = _OFFER.search(question)
    if match is not None:
        after = _content(match["after"], reader)[:_LONGEST]
        before = match["before"].split(", ")
        if len(before) > 1 and _ASKS.search(before[0]):
            del before[0]
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
    article = re.search(r"\b(?:the|an?) ((?:(?!(?:the|an?) )\S+ ?){1,3})$", left)
    behind = re.match(r"(?:the|an?) ", right)
    if article and behind:
        return max(1, min(len(article[1].split()), _LONGEST))
    return 1 if len(before) > 1 else min(len(before), len(after))


def _content(text: str, reader: Reader) -> list[str]:
    return list(reader.read(text).content)


def chosen(choice: Choice, words: Text, synonyms: Callable[[str], frozenset[str]]) -> float | None:
    """1 for the right option, 0 for another one, 0.5 for both; None where none is named.

    Of two that are named the first counts, which is what the answer speaks of. Where two are
    offered, whoever rules one out chooses the other, and so does who grades the other way ("A is
    younger" where the older is asked for).

    Args:
        choice: What is right, and what is not.
        words: What the answer asserts.
        synonyms: Gives the stems of the same direction as a stem.
    """
    # Whoever names both has named the right one, and the wrong one.
    if "both" in words.stems:
        return 0.5
    if not _ALIKE.isdisjoint(words.stems):
        return 0.0
    places = [_Places.of(option, words, synonyms) for option in (choice.right, *choice.others)]
    right, others = places[0], places[1:]
    affirmed = [option.affirmed for option in others if option.affirmed is not None]
    if right.affirmed is None and not affirmed:
        options = choice.right.union(*choice.others)
        return _by_exclusion(right, others, says_more=not options.issuperset(words.content))
    chooses = right.affirmed is not None and all(right.affirmed < other for other in affirmed)
    first = min(affirmed if right.affirmed is None else (right.affirmed, *affirmed))
    return float(chooses != _grades_against(choice, words, first))


_ALIKE = frozenset({"equal", "neither"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where an answer names an option."""

    affirmed: int | None
    """The first place that nothing negates and no "or" only offers."""
    negated: bool
    offered: bool

    @classmethod
    def of(
        cls, option: frozenset[str], words: Text, synonyms: Callable[[str], frozenset[str]]
    ) -> _Places:
        alike = option.union(*map(synonyms, option))
        places = [at for at, stem in enumerate(words.stems) if stem in alike][:_MOST]
        offered = [at for at in places if _offers(words, at)]
        negated = [at for at in places if at not in offered and denied(words, at, at + 1)]
        affirmed = [at for at in places if at not in offered and at not in negated]
        return cls(
            affirmed=affirmed[0] if affirmed else None,
            negated=bool(negated),
            offered=bool(offered),
        )


def _grades_against(choice: Choice, words: Text, at: int) -> bool:
    """Whether the sentence that names an option at `at` grades it the other way than is asked."""
    sentence = words.sentences[at]
    start, stop = bisect_left(words.sentences, sentence), bisect_right(words.sentences, sentence)
    stems = words.stems[start:stop]
    return not choice.compared.isdisjoint(stems) and choice.graded.isdisjoint(stems)


def _by_exclusion(right: _Places, others: Sequence[_Places], *, says_more: bool) -> float | None:
    """What an answer chooses that affirms no option."""
    if right.negated:
        return 0.0
    if len(others) == 1 and others[0].negated:
        return 1.0
    offers = right.offered and any(other.offered for other in others)
    return 0.5 if offers and not says_more else None


def _offers(words: Text, at: int) -> bool:
    """Whether an "or" beside the word only repeats what is offered."""
    return "or" in words.stems[max(0, at - 3) : at + 4]
