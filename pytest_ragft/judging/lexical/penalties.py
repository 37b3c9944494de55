"""What an answer that says everything keeps of its accuracy."""

from __future__ import annotations

import re
from math import prod

from pytest_ragft.judging.lexical.assertion import sentences
from pytest_ragft.judging.lexical.listing import beside_or, listing
from pytest_ragft.judging.lexical.target import Target
from pytest_ragft.judging.lexical.text import Text

# Whoever says everything says what is right, too: content beyond this costs in proportion.
_BUDGET_WORDS = 150
_BUDGET_FACTOR = 8
_RIVALS = 4
_OTHER_NUMBERS = 3
# Words that one of several options has at most.
_OPTION = 5
# Whoever names two things of which one is right is a little more than half right.
_BET = 1.2
# Words around a match in which other numbers count; far from it they are other matters.
_NEAR = 12


def penalty(
    target: Target, words: Text, match: range | None, *, numbers: bool = True
) -> tuple[float, str]:
    """The factor, in (0, 1], and why it is below 1.

    Args:
        target: What was asked for.
        words: The answer.
        match: Where in the answer a reference stands; None when the value rests on all of it.
        numbers: Whether other numbers speak against a statement.
    """
    longest = max(len(reference.content) for _, reference in target.references)
    budget = max(_BUDGET_WORDS, _BUDGET_FACTOR * longest)
    dampings: list[tuple[float, str]] = []
    if len(words.content) > budget:
        dampings.append((budget / len(words.content), "long"))
    if not target.open:
        dampings += _hedges(target, words, match)
        # The model weighs other numbers itself.
        if numbers and not target.short:
            dampings += _numerous(target, words, match)
    return prod(share for share, _ in dampings), ", ".join(why for _, why in dampings)


def _hedges(target: Target, words: Text, match: range | None) -> list[tuple[float, str]]:
    dampings: list[tuple[float, str]] = []
    row = listing(words, match, accepted=target.accepted, known=target.known)
    # A bare "A or B" bets; whoever adds an "or" to a sentence explains more often than not. With
    # all of them damped κ on NQ301 was .584 (studies/judge/README.md, what was left out).
    bets = row.bare or "either" in words.stems
    if match and bets and beside_or(words, match) and "or" not in target.question.stems:
        dampings.append((0.5, "offers an alternative"))
    if (options := _options(target, words, match)) > 1:
        dampings.append((_BET / options, f"one of {options} that it names"))
    if row.bare and row.rivals >= _RIVALS and row.rivals > 2 * row.held:
        dampings.append((2 / row.items, f"enumerates {row.items} items"))
    return dampings


def _numerous(target: Target, words: Text, match: range | None) -> list[tuple[float, str]]:
    asked = target.question.numbers
    named = asked.union(*(reference.numbers for _, reference in target.references))
    others = len(_numbers(words, match) - named)
    if named > asked and others > _OTHER_NUMBERS:
        return [(_OTHER_NUMBERS / others, f"{others} other numbers")]
    return []


_MAYBE = re.compile(
    r"\b(?:may|might|could) (?:\w+ )?(?:be|have been)\b|\b(?:maybe|perhaps|possibly)\b"
)
_PARTS = re.compile(r"[.;,\n]\s*")
_SLASH = re.compile(r"\s*/\s*")
_PAIR = 2
_MOST_OPTIONS = 50
_ALTERNATIVES = re.compile(r",? or |, (?:and )?")
_GUESS = re.compile(
    r"\b(?:either|perhaps|possibly|maybe|might be|may be|could be|could have been|not sure"
    r" (?:if|whether)|guess)\b"
)


def _options(target: Target, words: Text, match: range | None) -> int:
    """Among how many options that a sentence leaves open a reference is one; 1 where it is sure.

    They end a sentence, the last behind an "or", and the sentence guesses, or says little else; or
    they stand between slashes, or each in a clause of what may be.
    """
    if match is None or "or" in target.question.stems:
        return 1
    keys = [key.plain.strip(" .\"'") for _, key in target.keys]
    return max(_behind_or(words, keys), _slashed(words, keys), _guesses(words, keys))


def _guesses(words: Text, keys: list[str]) -> int:
    """How many clauses of an answer each say what may be, where one of them names a reference."""
    found = [
        rest
        for part in _PARTS.split(words.plain)
        if (maybe := _MAYBE.search(part)) and (rest := part[maybe.end() :].strip())
    ][:_MOST_OPTIONS]
    distinct = set(found)
    return len(distinct) if any(_is_one(option, keys) for option in distinct) else 1


def _slashed(words: Text, keys: list[str]) -> int:
    """How many options an answer sets side by side with slashes and says nothing else."""
    if "/" not in words.plain or any("/" in key for key in keys):
        return 1
    options = _SLASH.split(words.plain.strip(" ."))
    # "54 Mbit/s" and "1979/80" are one thing.
    spaced = " /" in words.plain or "/ " in words.plain or len(options) > _PAIR
    if not spaced or len(options) > _MOST_OPTIONS or any(len(o.split()) > _OPTION for o in options):
        return 1
    right = sum(_is_one(option, keys) for option in options)
    return len(options) if 0 < right < len(options) else 1


def _behind_or(words: Text, keys: list[str]) -> int:
    if "or" not in words.stems:
        return 1
    for sentence in sentences(words.plain):
        if " or " not in sentence:
            continue
        lead, *parts = _ALTERNATIVES.split(sentence.rstrip(" .!\"'"))
        while parts and any(len(part.split()) > _OPTION for part in parts):
            lead, parts = parts[0], parts[1:]
        sure = not _GUESS.search(sentence) and len(lead.split()) > _OPTION
        named = lead.endswith(tuple(keys)) or any(_is_one(part, keys) for part in parts)
        if parts and named and not sure and (len(parts) > 1 or "either" in sentence):
            return len(parts) + 1
    return 1


def _is_one(option: str, keys: list[str]) -> bool:
    return any(key in option and len(option.split()) <= len(key.split()) + 2 for key in keys)


def _numbers(words: Text, match: range | None) -> frozenset[str]:
    if match is None:
        return words.numbers
    near = words.stems[max(0, match.start - _NEAR) : match.stop + _NEAR]
    return words.numbers.intersection(near)
