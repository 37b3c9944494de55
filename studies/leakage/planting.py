"""Questions as they come to stand in training data: misspelt, reordered, behind a preface."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST = 3
_CLAUSE = re.compile(
    r",\s+|\s+(?=(?:in|of|for|by|with|from|during|after|before|on|at|that|which|when|if|as|and)\s)"
)
PREFACES = (
    "Please answer the following question. {}",
    "Answer briefly and from the context only: {}",
    "Question: {}",
    "Could you please tell me, {}",
    "Hi there! I was wondering {}",
    "I am preparing a lecture for first-year students and would like to know: {}",
    "You are a helpful assistant with years of experience. Take a deep breath. {}",
    "For my homework, {}",
    "Quick question - {}",
    "Based on the documents that I uploaded yesterday, {}",
)


def misspelt(question: str, rng: random.Random) -> str:
    """One letter wrong in a tenth of the words, at least in one."""
    words = question.split()
    places = [at for at, word in enumerate(words) if len(word) >= _SHORTEST and word.isalpha()]
    for at in rng.sample(places, min(len(places), max(1, round(len(words) / 10)))):
        words[at] = _slip(words[at], rng)
    return " ".join(words)


def _slip(word: str, rng: random.Random) -> str:
    kind, at = rng.randrange(4), rng.randrange(len(word) - 1)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + rng.choice(_LETTERS) + word[at + 1 :]


def reordered(question: str, rng: random.Random) -> str:
    """Its clauses, cut at commas, prepositions and conjunctions, in another order."""
    end = question[-1:] if question[-1:] in "?." else ""
    clauses = [part for part in _CLAUSE.split(question.rstrip("?. ")) if part]
    if len(clauses) < 2:
        words = question.rstrip("?. ").split()
        clauses = [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])]
    before = clauses.copy()
    while clauses == before and len(set(before)) > 1:
        rng.shuffle(clauses)
    return ", ".join(filter(None, clauses)) + end


def prefaced(question: str, rng: random.Random) -> str:
    """Behind what people and prompts write before a question."""
    return rng.choice(PREFACES).format(question)


def cased(question: str, rng: random.Random) -> str:
    """The same words in other letters, spaces and marks, which is still an exact copy."""
    change: Callable[[str], str] = rng.choice([str.upper, str.title, str.lower, str.strip])
    return "  ".join(change(question).split(" ")).rstrip("?. ") + rng.choice(["", "?", " ?", "."])


def _misspelt_reordered(question: str, rng: random.Random) -> str:
    return misspelt(reordered(question, rng), rng)


KINDS: Mapping[str, Callable[[str, random.Random], str]] = {
    "exact": cased,
    "typos": misspelt,
    "reordered": reordered,
    "preface": prefaced,
    "typos, reordered": _misspelt_reordered,
    "typos, preface": lambda question, rng: prefaced(misspelt(question, rng), rng),
    "reordered, preface": lambda question, rng: prefaced(reordered(question, rng), rng),
    "all three": lambda question, rng: prefaced(_misspelt_reordered(question, rng), rng),
}
"""What is done to a question, by its name in the tables."""
