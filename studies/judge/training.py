"""Training rows of the reference judge: labelled answers, and copies changed on purpose."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pytest_ragft.judging.lexical.match_features import FeatureReader
from studies.judge.labelled import Labelled, question_key
from studies.judge.on_topic import beside
from studies.natural_questions import gold_passages

PADDING_WORDS = 100
_LISTED = 7
"""Most candidates that a listing answer names, the right one among them."""
_OPENINGS = ("", "", "It is ", "It could be ", "The answer is one of these: ")
_COPIED = 0.3
"""Share of rows that get a padded copy before and behind."""
_LISTS, _DENIED = 0.2, 0.1
"""Share of questions that get a listing, and of short right answers that get a denial."""
_SHORT_WORDS = 6
_SWAPPED = 0.1
"""Share of right answers with a name that get a copy with another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Features with labels; `group` is the question."""

    features: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    group: npt.NDArray[np.str_]
    system: npt.NDArray[np.str_]

    def only(self, keep: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Rows:
        """The rows where `keep` holds, or those at its positions."""
        return Rows(
            features=self.features[keep],
            right=self.right[keep],
            group=self.group[keep],
            system=self.system[keep],
        )


def read_rows(labelled: Sequence[Labelled], reader: FeatureReader) -> Rows:
    """One row for each labelled answer, in order."""
    return Rows(
        features=np.array([reader.vector(row.example, row.answer) for row in labelled]),
        right=np.array([row.right for row in labelled]),
        group=np.array([row.group for row in labelled]),
        system=np.array([row.system for row in labelled]),
    )


def passages(data: Path) -> list[tuple[str, str]]:
    """The gold passages of Natural Questions that are long enough to pad with, by question."""
    texts = [(question_key(gold.question), gold.text.split()) for gold in gold_passages(data)]
    return [
        (key, " ".join(words[:PADDING_WORDS]))
        for key, words in texts
        if len(words) >= PADDING_WORDS
    ]


def padded(
    labelled: Sequence[Labelled],
    texts: Sequence[tuple[str, str]],
    rng: np.random.Generator,
    *,
    before: bool,
) -> list[Labelled]:
    """`labelled` with 100 words of another question's passage before or behind each answer."""
    rows = []
    for row in labelled:
        others = (texts[at] for at in rng.integers(len(texts), size=100))
        text = next(text for key, text in others if key != row.group)
        answer = f"{text} {row.answer}" if before else f"{row.answer} {text}"
        rows.append(replace(row, answer=answer, system="padded"))
    return rows


def listing(labelled: Sequence[Labelled], rng: np.random.Generator) -> list[Labelled]:
    """Answers that name many candidates, the right one among them; they count as wrong.

    The others are references of questions that begin with the same word.
    """
    examples = {row.group: row.example for row in labelled}
    begun: dict[str, list[str]] = {}
    for key, example in examples.items():
        begun.setdefault(key.split(" ")[0], []).extend(example.references[:1])
    rows = []
    for key, example in examples.items():
        pool = begun[key.split(" ")[0]]
        if len(pool) > _LISTED and rng.random() < _LISTS:
            size = int(rng.integers(2, _LISTED + 1))
            named = [pool[at] for at in rng.choice(len(pool), size - 1, replace=False)]
            named.insert(int(rng.integers(size)), example.references[0])
            joint = (", ", " or ", ", or ", "; ", " and ")[int(rng.integers(3 if size < 4 else 5))]
            rows.append(
                Labelled(
                    example=example,
                    answer=_OPENINGS[int(rng.integers(len(_OPENINGS)))] + joint.join(named),
                    right=False,
                    system="listing",
                    group=key,
                )
            )
    return rows


def denials(labelled: Sequence[Labelled], rng: np.random.Generator) -> list[Labelled]:
    """Short right answers, denied; they count as wrong."""
    forms = ("It is not {}.", "It was not {}.", "Not {}", "It is not {}, as many believe.")
    return [
        replace(
            row,
            answer=forms[int(rng.integers(len(forms)))].format(row.answer.rstrip(". ")),
            right=False,
            system="denial",
        )
        for row in labelled
        if row.right and len(row.answer.split()) <= _SHORT_WORDS and rng.random() < _DENIED
    ]


def swaps(labelled: Sequence[Labelled], rng: np.random.Generator) -> list[Labelled]:
    """Right answers with one word of a name replaced by one of another's; they count as wrong."""
    names = [name.split() for row in labelled for name in row.example.references[:1]]
    words = [name[0] for name in names if len(name) == 2 and name[0].isalpha()]
    rows = []
    for row in labelled:
        held = [r for r in row.example.references if r in row.answer and _is_name(r)]
        if row.right and len(held) == 1 and rng.random() < _SWAPPED:
            parts = held[0].split()
            parts[int(rng.integers(len(parts)))] = words[int(rng.integers(len(words)))]
            answer = row.answer.replace(held[0], " ".join(parts))
            rows.append(replace(row, answer=answer, right=False, system="swap"))
    return rows


def _is_name(reference: str) -> bool:
    words = reference.split()
    return len(words) in (2, 3) and all(word[:1].isupper() and word.isalpha() for word in words)


def training_rows(labelled: Sequence[Labelled], data: Path, reader: FeatureReader) -> Rows:
    """`labelled` with padded copies, listings, denials and swaps of part of it, always the same."""
    rng = np.random.default_rng(20_240_601)
    texts = passages(data)
    part = [row for row in labelled if rng.random() < _COPIED]
    extra = padded(part, texts, rng, before=True) + padded(part, texts, rng, before=False)
    made = listing(labelled, rng) + denials(labelled, rng) + swaps(labelled, rng)
    made += beside(labelled, data, random.Random(20_240_602))
    return read_rows([*labelled, *extra, *made], reader)
