"""The semantic judge's models, loaded: what reads, what embeds, what was fitted.

Whether an answer states a statement, words decide where they can: its words stand close together
(stated) or are negated (contradicted), or one of its numbers is nowhere in the answer (not stated).
Else it is weighed by the share of its words that the answer holds, how near the others come to the
answer's, and how much of it is said behind a negation. The weights are fitted on the physicians'
labels of K-QA (Manes et al. 2024) by ``studies/judge/fit_semantic.py``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.lexical.match_features import FEATURES, FeatureReader
from pytest_ragft.judging.lexical.reading import AnswerReader, ReadAnswer
from pytest_ragft.judging.lexical.statements import match_statements, split_statements
from pytest_ragft.judging.lexical.target import Target
from pytest_ragft.judging.lexical.trees import Trees
from pytest_ragft.judging.semantic.encoder import Encoder, load_encoder, load_vocabulary
from pytest_ragft.judging.semantic.equivalence import Equivalence, question_with_references
from pytest_ragft.judging.semantic.nearness import Nearness, WordReader, nearness
from pytest_ragft.judging.semantic.segments import (
    joined,
    other_year,
    segments_beyond_question,
    window,
)

COMBINATION = "combination.json"
INPUTS = ("log_odds", "other_year", *FEATURES)
"""What the combining trees are given, in order."""
SIGNALS = ("recall", "nearness", "contradicted")
"""What the weights of a statement are for, in order."""
# Embeddings that are kept: 1.5 kB each.
_KEPT = 20_000
# Texts whose words are kept: 1.5 kB a word.
_TEXTS_KEPT = 64
_DIGITS = 6
_SHARPNESS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the fitted models make of an answer."""

    value: float
    """The probability, sharpened, in [0, 1]."""
    probability: float
    """That people call it right."""
    log_odds: float
    """What the equivalence model alone says."""
    window: str
    """The part of the answer that was read."""


class StatementWeights:
    """The fitted weights of a statement's signals.

    Args:
        data: ``intercept`` and one weight for each of `SIGNALS`.

    Raises:
        KeyError: one of them is missing.
    """

    def __init__(self, data: Mapping[str, float]) -> None:
        self._intercept = float(data["intercept"])
        self._weights = np.array([float(data[name]) for name in SIGNALS])

    def probability(self, *, recall: float, nearness: float, contradicted: float) -> float:
        """The probability that physicians call a statement covered; all signals in [0, 1]."""
        signals = np.array([recall, nearness, contradicted])
        return logistic(self._intercept + float(self._weights @ signals))


def logistic(log_odds: float) -> float:
    """The probability with these log odds."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


def read_combination(folder: Path) -> tuple[Trees, StatementWeights]:
    """The fitted last step: trees over log odds and features, and weights of statements.

    Raises:
        JudgeError: the file is missing or broken, or was fitted on other features.
    """
    try:
        data = json.loads((folder / COMBINATION).read_text(encoding="utf-8"))
        return Trees(data["trees"], features=INPUTS), StatementWeights(data["statements"])
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


class SemanticModels:
    """What meaning says of answers; each text is read by itself.

    Args:
        base: The encoder's folder.
        folder: The adapter's, with the fitted last step.
        answers: Reads examples and answers; shares what it read with the judge.
    """

    def __init__(self, base: Path, folder: Path, answers: AnswerReader) -> None:
        self._trees, self.weights = read_combination(folder)
        model, tokenizer = load_encoder(base), load_vocabulary(base)
        self._encoder = Encoder(model, tokenizer)
        self._equivalence = Equivalence(base, folder)
        self._features = FeatureReader(answers)
        self._embedded = lru_cache(_KEPT)(lambda text: self._encoder.embed([text])[0])
        self._worded = lru_cache(_TEXTS_KEPT)(WordReader(model, tokenizer, answers.reader).read)

    def opinion(self, target: Target, references: Sequence[str], answer: str) -> Opinion:
        """Whether `answer`, which says something, gives one of the brief `references`."""
        read = self.window(target.asked, references, answer)
        log_odds = self._equivalence.log_odds(target.asked, references, read)
        _, seen = self._features.measured(target, read)
        probability = self._trees.probability(inputs(log_odds, read, references, seen.vector))
        return Opinion(
            value=round(sharpened(probability), _DIGITS),
            probability=round(probability, _DIGITS),
            log_odds=round(log_odds, _DIGITS),
            window=read,
        )

    def window(self, question: str, references: Sequence[str], answer: str) -> str:
        """The part of an answer that speaks to question and references; see `segments`."""
        pieces = segments_beyond_question(answer, question, references)
        if len(pieces) < 2:
            return joined(pieces)
        first = self._embedded(question_with_references(question, references, answer))
        cosines = np.array([float(self._embedded(piece) @ first) for piece in pieces])
        return joined(pieces[at] for at in window(pieces, cosines, references))

    def nearness(self, target: Target, statement: str, answer: str) -> Nearness:
        """How near an answer's words come to a statement's; see the module of that name."""
        return nearness(self._worded(statement), self._worded(answer), target.known)

    def signals(self, target: Target, statement: str, read: ReadAnswer) -> dict[str, float]:
        """What the weights of a statement are for, by the names in `SIGNALS`."""
        parts = split_statements(statement, self._features.reader)
        found = match_statements(parts, read.words, target.known)
        return {
            "recall": found.recall,
            "nearness": self.nearness(target, statement, read.text).recall,
            "contradicted": found.contradicted,
        }
