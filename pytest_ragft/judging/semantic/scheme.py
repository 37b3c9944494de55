"""The semantic judge's parts, loaded: what reads, what embeds, what was fitted."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.lexical.damping import damping
from pytest_ragft.judging.lexical.echo import says_more
from pytest_ragft.judging.lexical.features import FEATURES, FeatureReader, Measured
from pytest_ragft.judging.lexical.target import Target
from pytest_ragft.judging.lexical.text import Reader
from pytest_ragft.judging.lexical.trees import Trees
from pytest_ragft.judging.semantic.coverage import Stated, Weights, stated_in
from pytest_ragft.judging.semantic.encoder import Encoder, load_encoder, load_vocabulary
from pytest_ragft.judging.semantic.equivalence import Equivalence
from pytest_ragft.judging.semantic.pairs import known
from pytest_ragft.judging.semantic.segments import (
    clean,
    joined,
    other_year,
    segments,
    spoken,
    window,
)
from pytest_ragft.records import QAExample

COMBINATION = "combination.json"
INPUTS = ("log_odds", "other_year", *FEATURES)
"""What the combining trees are given, in order."""
_KEPT = 20_000
"""Embeddings that are kept: 1.5 kB each."""
_DIGITS = 6
_SHARPNESS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the fitted models make of an answer."""

    value: float
    """The probability, damped and sharpened, in [0, 1]."""
    probability: float
    """That people call it right."""
    log_odds: float
    """What the equivalence model alone says."""
    window: str
    """The part of the answer that was read."""
    damped: str
    """Why the value was lowered; empty where it was not."""


def read_combination(folder: Path) -> tuple[Trees, Weights]:
    """The fitted last step: trees over log odds and features, and weights of statements.

    Raises:
        JudgeError: the file is missing or broken, or was fitted on other features.
    """
    try:
        data = json.loads((folder / COMBINATION).read_text(encoding="utf-8"))
        return Trees(data["trees"], features=INPUTS), Weights(data["statements"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JudgeError(
            f"semantic judge: {str(folder / COMBINATION)!r} cannot be used: {error}; install "
            "pytest-ragft again, or make it again with studies/judge/fit_semantic.py"
        ) from error


def short_references(target: Target) -> tuple[str, ...]:
    """The references that the equivalence model is shown: the shortest ones, and a single fact.

    A whole sentence repeats the question, and so would an answer that says nothing else.
    """
    return tuple(dict.fromkeys(text for text, _ in target.keys))


def sharpened(probability: float) -> float:
    """A probability on three times its log odds: nearer to a verdict, with 0.5 where it was.

    The last doubts of a model about a wrong answer hang on its wording, and so on text around it;
    they must not buy score. Order and verdicts stay what they are.
    """
    yes, no = math.pow(probability, _SHARPNESS), math.pow(1 - probability, _SHARPNESS)
    return yes / (yes + no)


def inputs(
    log_odds: float, read: str, references: Sequence[str], features: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The values that `INPUTS` names, for the window `read` of an answer."""
    return np.array([log_odds, float(other_year(read, references)), *features])


class Scheme:
    """Opinions on answers and statements; each text is read by itself.

    Args:
        base: The encoder's folder.
        folder: The adapter's, with the fitted last step.
        reader: Reads words.
        features: Reads features; shares what it read of the examples with the judge.
    """

    def __init__(self, base: Path, folder: Path, reader: Reader, features: FeatureReader) -> None:
        self._trees, self._weights = read_combination(folder)
        self._encoder = Encoder(load_encoder(base), load_vocabulary(base))
        self._equivalence = Equivalence(base, folder)
        self._reader = reader
        self._features = features
        self._embedded = lru_cache(_KEPT)(lambda text: self._encoder.embed([text])[0])

    def opinion(self, target: Target, question: str, answer: str) -> Opinion:
        """Whether `answer`, which says something, answers a short question rightly."""
        return self._opinion(target, short_references(target), question, answer)

    def _opinion(
        self, target: Target, references: Sequence[str], question: str, answer: str
    ) -> Opinion:
        read = self.window(question, references, answer)
        log_odds = self._equivalence.log_odds(question, references, read)
        text, seen = self._features.measured(target, read)
        probability = self._trees.probability(inputs(log_odds, read, references, seen.vector))
        if self._misses(target, answer, seen):
            probability = 0.0
        factor, why = damping(target, text, seen.match)
        return Opinion(
            value=round(sharpened(probability * factor), _DIGITS),
            probability=round(probability, _DIGITS),
            log_odds=round(log_odds, _DIGITS),
            window=read,
            damped=why,
        )

    def _misses(self, target: Target, answer: str, seen: Measured) -> bool:
        """Whether words suffice to tell that an answer is wrong.

        It only repeats the question, or has none of the numbers of the number or date asked for.
        """
        if target.type in ("number", "date") and not seen["numbers_right"]:
            return True
        return not says_more(self._reader.read(answer), target)

    def window(self, question: str, references: Sequence[str], answer: str) -> str:
        """The part of an answer that speaks to question and references; see `segments`."""
        pieces = spoken(answer, question, references)
        if len(pieces) < 2:
            return joined(pieces)
        first = self._embedded(known(question, references, answer))
        cosines = np.array([float(self._embedded(piece) @ first) for piece in pieces])
        return joined(pieces[at] for at in window(pieces, cosines, references))

    def stated(self, question: str, statement: str, answer: str) -> Stated:
        """How far `answer`, which says something, states `statement`."""
        example = _asked(question, statement)
        found = stated_in(
            statement,
            self._features.vector(example, answer),
            self._weights,
            cosine=lambda: self.nearest(statement, answer),
            probability=lambda: self.statement_probability(question, statement, answer),
        )
        if not found.credit or not says_more(
            self._reader.read(answer), self._features.target(example)
        ):
            return Stated(credit=0.0, contradicted=found.contradicted)
        return Stated(credit=round(sharpened(found.credit), _DIGITS))

    def statement_probability(self, question: str, statement: str, answer: str) -> float:
        """That people would call the answer right if the statement were the only reference."""
        target = self._features.target(_asked(question, statement))
        return self._opinion(target, [statement], question, answer).probability

    def nearest(self, statement: str, answer: str) -> float:
        """The largest cosine of a statement with a segment of the answer, or two neighbours."""
        pieces = segments(answer)
        pairs = [f"{one} {other}" for one, other in pairwise(pieces)]
        wanted: NDArray[np.float32] = self._embedded(clean(statement))
        return max(float(self._embedded(piece) @ wanted) for piece in (*pieces, *pairs))


def _asked(question: str, statement: str) -> QAExample:
    return QAExample(id="statement", question=question, references=(statement,))
