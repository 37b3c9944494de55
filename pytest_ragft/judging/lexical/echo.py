"""An answer without the question that it repeats."""

from __future__ import annotations

from dataclasses import replace

from pytest_ragft.judging.lexical.numbers import is_number
from pytest_ragft.judging.lexical.overlap import runs
from pytest_ragft.judging.lexical.target import Target
from pytest_ragft.judging.lexical.text import Text

# Words of a question from which repeating all of them in a row is no coincidence.
_SHORTEST = 4
_FILLING = frozenset({"answer", "question"})
# Stands where a word of the question stood: no word of any text, and a reference does not reach
# across it.
_BLANK = "\N{MIDDLE DOT}"


def without_echo(words: Text, target: Target) -> Text:
    """The answer `words` with each whole copy of the question blanked out.

    A question may hold what is right among other things ("A or B?"), and who repeats it has not
    answered. Yes/no questions are left alone, for there a repeated question speaks by its negation,
    and so is an answer that says nothing else.
    """
    size = len(target.question.stems)
    if target.polarity is not None or size < _SHORTEST:
        return words
    echoed = {at + step for at in runs(target.question, words) for step in range(size)}
    stems = tuple(_BLANK if at in echoed else stem for at, stem in enumerate(words.stems))
    said = set(words.content)
    content = tuple(stem for stem in stems if stem in said)
    if not echoed or not content:
        return words
    return replace(
        words,
        stems=stems,
        content=content,
        numbers=frozenset(stem for stem in stems if is_number(stem)),
    )


def says_more(words: Text, target: Target) -> bool:
    """Whether an answer says anything beyond the question, or anything of a reference.

    A reference's words count that the question does not hold, or all where it holds them all.
    """
    if not target.known.union(_FILLING).issuperset(words.content):
        return True
    said = frozenset(words.stems)
    return any(
        not said.isdisjoint((reference.keywords - target.known) or reference.keywords)
        for _, reference in target.keys
    )
