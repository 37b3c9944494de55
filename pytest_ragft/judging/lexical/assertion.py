"""What an answer asserts: its text without what it denies, asks, contrasts or only compares with.

A reference that stands in an answer is not yet said: "it is false that …", "… This is wrong.",
"not in Paris but in Utrecht", "longer than the Rhine". Texts are normalised (`text.plain`); what
is left out here is negated as a whole. A plain negation inside a clause stays, for a reference
may hold one, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from pytest_ragft.judging.lexical.denial_words import (
    ABBREVIATED,
    AFFIRMED,
    ATTRIBUTED,
    BARE,
    BARE_TURN,
    BEFORE,
    BEHIND,
    BYGONE,
    BYGONE_STEMS,
    COMPARED,
    CONCEDES,
    CONTRAST,
    CREDITED,
    EXCEPT,
    FALSE_STEMS,
    INSTEAD,
    ITSELF,
    LIKENED,
    MISTAKENLY,
    NEGATIONS,
    NOT_BUT,
    NOT_TAIL,
    PREVIOUS,
    RUNNER_UP,
    SENTENCE,
    SUPPOSED,
    THAN,
    TURN,
    VERB,
    WHOLE,
    WRONG_AHEAD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asserted:
    """What an answer says, and whether it took something back."""

    text: str
    denied: str
    """What it denies as a whole; empty where nothing is."""


def sentences(text: str) -> list[str]:
    """The sentences of a normalised text, stripped."""
    found: list[list[str]] = []
    for part in SENTENCE.split(text):
        part = part.strip()
        if not part:
            continue
        if found and _goes_on(found[-1][-1], part):
            found[-1].append(part)
        else:
            found.append([part])
    return [" ".join(parts) for parts in found]


def _goes_on(before: str, part: str) -> bool:
    """Whether the full stop that ends `before` only abbreviates."""
    return bool(ABBREVIATED.search(before)) and not PREVIOUS.match(part.rstrip(" .!"))


def denies(text: str) -> bool:
    """Whether a sentence of a normalised reference is "it is not" before a whole statement."""
    return any(_denies(sentence, ("not",)) for sentence in sentences(text))


def _denies(sentence: str, wanted: Collection[str]) -> bool:
    """Whether a sentence is "it is not" before what is denied.

    Where references hold a negation of their own, only before a whole statement.
    """
    match = WHOLE.match(sentence)
    if match is None:
        return not NEGATIONS.intersection(wanted) and BARE.match(sentence) is not None
    return not NEGATIONS.intersection(wanted) or _clause(sentence[match.end() :])


def asserted(
    text: str,
    wanted: Collection[str] = (),
    *,
    asked: Collection[str] = (),
    contrasts: bool = True,
    may_deny: bool = False,
) -> Asserted:
    """What the normalised `text` asserts.

    Args:
        text: An answer.
        contrasts: Whether to leave out parts of sentences, too: what is contrasted or compared.
        may_deny: Whether a reference itself `denies`.
        wanted: Words of the references: where one of them compares or contrasts itself, an
            answer may, too.
        asked: Words of the question, which may ask for what is false, similar or bygone.
    """
    said: list[str] = []
    denied: list[str] = []
    parts = sentences(text)
    for at, sentence in enumerate(parts):
        bare = sentence.rstrip(" .!")
        if PREVIOUS.match(bare) and said:
            back = said[-1:] if _attributes(said[-1]) or at + 1 < len(parts) else said[:]
            denied += back
            said = said[: len(said) - len(back)]
            continue
        if sentence.endswith("?") and len(parts) > 1:
            denied.append(sentence)
            continue
        if _attributes(sentence) and at + 1 < len(parts) and CONTRAST.match(parts[at + 1]):
            denied.append(sentence)
            continue
        if not may_deny and not AFFIRMED.match(sentence) and _denies(sentence, wanted):
            whole = WHOLE.match(sentence) is not None
            rest = (WHOLE if whole else BARE).sub("", sentence)
            head, *tail = (TURN if whole else BARE_TURN).split(rest, maxsplit=1)
            denied.append(head)
            said += tail
            continue
        kept, cut = _within(AFFIRMED.sub("", sentence), wanted, asked, contrasts=contrasts)
        denied += cut
        if kept:
            said.append(kept)
    return Asserted(text="\n".join(said), denied="\n".join(denied))


def _attributes(sentence: str) -> bool:
    return bool(ATTRIBUTED.match(sentence))


def _within(
    sentence: str, wanted: Collection[str], asked: Collection[str], *, contrasts: bool
) -> tuple[str, list[str]]:
    """What a sentence asserts, and what it denies."""
    claim, _, rest = sentence.partition("; ")
    if _is_false(claim, wanted, asked):
        return rest, [claim]
    denied: list[str] = []
    if contrasts and (match := WRONG_AHEAD.match(sentence)) is not None:
        return "", [sentence[match.end() :]]
    if (match := SUPPOSED.match(sentence)) is not None:
        return sentence[match.end() :], [match[0]]
    if _attributes(sentence) and (turn := re.search(r",? but (?!also\b)", sentence)) is not None:
        return sentence[turn.end() :], [sentence[: turn.start()]]
    if _attributes(sentence) and CONCEDES.match(sentence) and ", " in sentence:
        head, _, sentence = sentence.partition(", ")
        denied.append(head)
    if (match := BEFORE.search(sentence)) is not None:
        rest = sentence[match.end() :]
        end = re.search(r"[;,:] (?:but|rather|instead|in fact|actually)\b", rest)
        stop = end.start() if end else len(rest)
        denied.append(rest[:stop])
        sentence = sentence[: match.start()] + " " + rest[stop:]
    if contrasts:
        sentence = _contrasted(sentence, wanted, asked, denied)
    return sentence.strip(), denied


def _is_false(claim: str, wanted: Collection[str], asked: Collection[str]) -> bool:
    """Whether a claim is called false in its own sentence; not where that is what is asked for."""
    if not FALSE_STEMS.isdisjoint((*wanted, *asked)):
        return False
    if BEHIND.search(claim) or ITSELF.match(claim):
        return True
    return _attributes(claim) and MISTAKENLY.search(claim) is not None


def _contrasted(
    sentence: str, wanted: Collection[str], asked: Collection[str], denied: list[str]
) -> str:
    """A sentence without what it contrasts or compares; that is added to `denied`."""
    if BYGONE_STEMS.isdisjoint((*wanted, *asked)):
        sentence = _cut(BYGONE, sentence, denied)
    sentence = _cut(EXCEPT, sentence, denied)
    sentence = _cut(CREDITED, sentence, denied)
    if "follow" not in wanted and _superlative(asked):
        sentence = _cut(RUNNER_UP, sentence, denied)
    if not {"like", "similar", "compar", "akin"}.intersection((*wanted, *asked)):
        sentence = _cut(LIKENED, sentence, denied)
    if not NEGATIONS.intersection(wanted):
        sentence = _cut(NOT_BUT, sentence, denied)
        sentence = _cut(NOT_TAIL, sentence, denied)
    sentence = _cut(INSTEAD, sentence, denied)
    if "than" not in wanted:
        sentence = _cut(THAN, sentence, denied)
    if not {"compared", "than", "versus", "vs"}.intersection(wanted):
        sentence = _cut(COMPARED, sentence, denied)
    return sentence


def _superlative(asked: Collection[str]) -> bool:
    """Whether a question asks for the one that is most of something."""
    return not any(map(str.isdecimal, asked)) and any(
        stem in ("most", "first", "best") or (stem.endswith("est") and len(stem) > len("best"))
        for stem in asked
    )


def _clause(rest: str) -> bool:
    """Whether "it is not" stands before a whole statement: one with a verb of its own."""
    head = re.split(
        r"[,;:] |\b(?:that|which|who|because|but|when|where|whether|how|if|why|until|to)\b", rest
    )[0]
    return bool(VERB.search(head) or re.match(r"(?:yes|no)\b", rest))


def _cut(pattern: re.Pattern[str], sentence: str, denied: list[str]) -> str:
    denied += (match[0] for match in pattern.finditer(sentence))
    return pattern.sub(lambda match: f" {match.groupdict().get('grade') or ''} ", sentence)
