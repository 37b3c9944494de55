"""Yes or no: what a polar question asks, and which of the two a text answers.

A text answers by its opening ("No, …"), else by the sentence that repeats the question's
predicate, affirmed or negated, in its words or in those that say the opposite ("increased",
"fell").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pytest_ragft.judging.lexical.assertion import sentences
from pytest_ragft.judging.lexical.polarity_words import (
    ASKING,
    BRIEF,
    CONCLUDES,
    ELLIPSIS,
    FILLERS,
    HEAD,
    INSTEAD,
    LESS,
    MORE,
    NEVER,
    NOT_PREFIXED,
    OPPOSITES,
    POLAR,
    PREFIXES,
    PRONOUN,
    SAYS,
    SHORTEST_PREFIXED,
    SHUNS,
    STRONG,
    TRUE_FALSE,
    TRUTH,
    TURNS_DOWN,
    TURNS_UP,
    WONDERS,
    YES_NO,
)
from pytest_ragft.judging.lexical.text import Reader, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNoQuestion:
    """A question that wants a yes or a no."""

    clause: Text
    """The part that asks."""
    content: frozenset[str]
    negated: bool
    """Whether what it asks about is itself negated: "are there any that do not …"."""
    directions: frozenset[tuple[int, bool]]
    """Which pairs of opposites it names, and which side of each."""


def asks_polar(question: str) -> str | None:
    """The clause of a normalised question that wants a yes or a no; None where none does."""
    if (truth := TRUTH.match(question)) is not None:
        return truth["clause"] or truth["before"] or truth["fact"]
    for sentence in sentences(question):
        if not sentence.rstrip(' "”)').endswith("?") and len(sentences(question)) > 1:
            continue
        match = POLAR.search(sentence)
        if match is None or ASKING.search(sentence[: match.start()]):
            continue
        return sentence[match.start() :].lstrip(",:; ")
    return None


def opening_polarity(text: str) -> bool | None:
    """The yes or no that a normalised text opens with; None for neither."""
    if NEVER.match(text):
        return None
    if (says := SAYS.match(text)) is not None:
        return says["word"] != "no" and not (says["not"] or says["never"] or says["false"])
    match = YES_NO.match(text)
    if match is not None:
        return match["word"].startswith("y")
    match = TRUE_FALSE.match(text)
    if match is None:
        return None
    return not match["word"].endswith("not") and match["word"] not in (
        "false", "incorrect", "negative", "not at all"
    )  # fmt: skip


# Whatever follows it, where a yes or a no is asked for.
_YES = re.compile(r"\W*yes\b(?! and no\b)")


class PolarityReader:
    """Reads which of yes and no a text says.

    Args:
        reader: For words and stems.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._sides: dict[str, list[tuple[int, bool]]] = {}
        for pair, sides in enumerate(OPPOSITES):
            for up, words in zip((True, False), sides, strict=True):
                for stem in set(reader.read(words).stems):
                    self._sides.setdefault(stem, []).append((pair, up))

    def synonyms(self, stem: str) -> frozenset[str]:
        """Stems of the same direction as `stem`, itself included; empty for a word of none."""
        sides = set(self._sides.get(stem, ()))
        return frozenset(s for s, of in self._sides.items() if not sides.isdisjoint(of))

    def polar(self, question: str) -> YesNoQuestion | None:
        """A normalised question as one for yes or no; None where it asks for something else."""
        clause = asks_polar(question)
        if clause is None:
            return None
        # What stands behind the asking sentence's first comma is mostly a condition or a source.
        clause = re.sub(r"\([^()]*\)", " ", clause)
        return self.whole(
            self._reader.read(re.split(r"\?|\bif (?:not|so|the|\w+ is not)\b", clause)[0])
        )

    def whole(self, words: Text) -> YesNoQuestion:
        """A text all of which asks for a yes or a no."""
        return YesNoQuestion(
            clause=words,
            content=frozenset(words.content).difference(FILLERS) or frozenset(words.content),
            negated=sum(at >= HEAD for at in words.negations) % 2 == 1,
            directions=self._directions(words),
        )

    def replaces(self, text: str, polar: YesNoQuestion, reason: frozenset[str]) -> bool:
        """Whether a text says in place of what is asked what a reference's "no" gives instead.

        "Mozart was born in Salzburg" says no to Vienna, where the reference says so.

        Args:
            text: Normalised.
            polar: What is asked.
            reason: Content of the reference beyond the question's.
        """
        if not reason:
            return False
        for sentence in sentences(text):
            words = self._reader.read(sentence)
            held = reason.intersection(words.content)
            if (
                len(held) >= INSTEAD * len(reason)
                and not words.negations
                and not polar.content.issubset(words.content)
            ):
                return True
        return False

    def said(self, text: str, polar: YesNoQuestion) -> bool | None:
        """Yes (True), no (False) or neither, by opening or by the sentence that decides.

        Args:
            text: Normalised.
            polar: What is asked.
        """
        opened = opening_polarity(text)
        if opened is not None or _YES.match(text):
            return opened is not False
        votes = [
            (sentence, vote)
            for sentence in sentences(text)
            if not sentence.endswith("?")
            and not WONDERS.search(sentence)
            and (vote := self._vote(sentence, polar)) is not None
        ]
        if not votes:
            return None
        # Repeating the question decides; else the conclusion does, else what was said first.
        if self._shared(votes[0][0], polar) >= STRONG:
            return votes[0][1]
        concluded = [vote for sentence, vote in votes if CONCLUDES.search(sentence)]
        return concluded[-1] if concluded else votes[0][1]

    def _shared(self, sentence: str, polar: YesNoQuestion) -> float:
        """Share of the question's content that a sentence repeats."""
        said = polar.content.intersection(self._reader.read(sentence).content)
        return len(said) / max(1, len(polar.content))

    def _vote(self, sentence: str, polar: YesNoQuestion) -> bool | None:
        opened = opening_polarity(sentence)
        if opened is not None:
            return opened
        if (ellipsis := ELLIPSIS.match(sentence)) is not None:
            return not ellipsis["not"]
        words = _denying(self._reader.read(sentence), polar)
        shared = polar.content.intersection(words.content)
        fresh = [pair for pair, _ in polar.directions]
        sides = self._directions(words)
        same = any(side in polar.directions for side in sides)
        opposite = any((pair, not up) in polar.directions for pair, up in sides)
        plain = polar.content - {
            stem
            for stem in polar.content
            if any(pair in fresh for pair, _ in self._sides.get(stem, ()))
        }
        about = shared & plain
        negated = self._negated(words, polar) != _swapped(words, polar.clause)
        brief = len(words.stems) <= BRIEF and (
            PRONOUN.match(sentence) is not None or polar.content.issuperset(words.content)
        )
        # The predicate's direction in any word for it, or the opposite one.
        if polar.directions and (same != opposite) and (about or brief or not plain):
            return (same != negated) != polar.negated
        if polar.directions and not same and not opposite and len(plain) < len(polar.content):
            # The predicate is a direction, and the sentence names none.
            return None
        # The predicate itself, affirmed or negated.
        if (len(shared) >= max(1.0, 0.5 * len(polar.content)) or (brief and shared)) and not (
            same and opposite
        ):
            return negated == polar.negated
        return None

    def _directions(self, words: Text) -> frozenset[tuple[int, bool]]:
        turned = {
            (0, up)
            for up, pattern in ((True, TURNS_UP), (False, TURNS_DOWN))
            if pattern.search(words.plain)
        }
        return frozenset(turned).union(
            side for stem in words.stems for side in self._sides.get(stem, ())
        )

    def _negated(self, words: Text, polar: YesNoQuestion) -> bool:
        """Whether an odd number of negations governs what the sentence shares with the question."""
        at = [
            place
            for place, stem in enumerate(words.stems)
            if stem in polar.content
            or any(
                pair in {p for p, _ in polar.directions} for pair, _ in self._sides.get(stem, ())
            )
        ]
        if not at:
            return False
        clauses = {words.clauses[place] for place in at}
        denials = sum(
            words.clauses[negation] in clauses and negation <= at[-1]
            for negation in words.negations
            # "neither … nor" is one negation.
            if words.stems[negation] != "nor"
        )
        return denials % 2 == 1


def _denying(words: Text, polar: YesNoQuestion) -> Text:
    """`words` with "insoluble" read as "not soluble", and "fails to" as "does not".

    Args:
        words: A sentence.
        polar: The question; only its words are looked for behind a prefix.
    """
    asked = polar.content
    graded = not MORE.isdisjoint(polar.clause.stems)
    stems = list(words.stems)
    negations = set(words.negations)
    opposite = {_bare(stem): stem for stem in asked if _bare(stem) != stem}
    for at, stem in enumerate(stems):
        bare = stem if stem in asked else _bare(stem)
        if stem in opposite or (bare != stem and bare in asked):
            stems[at] = opposite.get(stem, bare)
            negations.add(at)
        elif _shuns(stem, stems[at + 1 : at + 2], asked) or (
            stem in LESS and graded and not asked.isdisjoint(stems[at + 1 : at + 2])
        ):
            negations.add(at)
    if len(negations) == len(words.negations):
        return words
    content = tuple(dict.fromkeys((*words.content, *asked.intersection(stems))))
    return replace(words, stems=tuple(stems), negations=frozenset(negations), content=content)


def _shuns(stem: str, after: list[str], asked: frozenset[str]) -> bool:
    needed = SHUNS.get(stem)
    if needed is None or stem in asked:
        return False
    return not needed or (bool(after) and after[0] in needed)


def _swapped(words: Text, asked: Text) -> bool:
    """Whether a sentence compares the other way round: "B is longer than A"."""
    if "than" not in words.stems or "than" not in asked.stems:
        return False
    first, second = _beside_than(asked)
    before, after = _beside_than(words)
    return bool((first - second) & after and (second - first) & before)


def _beside_than(words: Text) -> tuple[frozenset[str], frozenset[str]]:
    at = words.stems.index("than")
    content = frozenset(words.content)
    return content.intersection(words.stems[:at]), content.intersection(words.stems[at:])


def _bare(stem: str) -> str:
    """A stem without a prefix that turns it round; itself where it has none."""
    if stem in NOT_PREFIXED:
        return stem
    prefix = next((prefix for prefix in PREFIXES if stem.startswith(prefix)), "")
    return stem[len(prefix) :] if len(stem) >= len(prefix) + SHORTEST_PREFIXED else stem
