"""The reference judge: deterministic, offline, from references and facts alone.

First what no judge is needed for (`abstention.rule`): unanswerable questions, refusals, empty
answers. Then what the answer asserts is read (`assertion`): what it denies, asks, attributes,
contrasts or compares with is left out, and so is a copy of the question. What the references are
(`reference_kinds`) decides how accuracy is found:

- a number, a date or time, an identifier: right or wrong by value (`numeric_answers`, `dates`,
  `identifiers`), whatever words surround it; of a short answer the words order what is right among
  itself by at most 0.15;
- yes or no: by the polarity of the opening, or of the sentence that repeats the question's
  predicate (`polarity`); where references give reasons, other reasons cost up to 0.35 (0.6 where
  the reason is the longer part), other numbers 0.65;
- one of what the question offers: by what is chosen (`options`);
- a list: F1 over its elements (`elements`);
- a name or a few words: the probability that people would call the answer right, by a small model
  over `match_features`, fitted on human labels (`studies/judge`); 0 when nothing of a reference is
  found, lowered where the name is negated or another name (`naming`);
- a statement, or several: clause by clause, words weighed by how rare they are, a logistic of what
  the reference bears out of the answer and what the answer covers of it (`statements`); or the mean
  credit of the facts.

Accuracy is damped for answers that say everything (`penalties`): alternatives, bare enumerations,
content words beyond 150 and eight times the longest reference. Completeness, whether all of it is
there: the share of facts covered (see `overlap.cover`); without facts, the elements named, or the
clauses stated by weight. Not applicable to unanswerable questions. Neither length nor style is
rewarded.

English only. The first 100,000 characters of an answer are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version

from pytest_ragft.judging.abstention import scored_without_judge
from pytest_ragft.judging.lexical.accuracy import accuracy
from pytest_ragft.judging.lexical.completeness import completeness, cover_facts
from pytest_ragft.judging.lexical.match_features import FEATURES
from pytest_ragft.judging.lexical.reading import AnswerReader
from pytest_ragft.judging.lexical.target import Target
from pytest_ragft.judging.lexical.text import Text
from pytest_ragft.judging.lexical.trees import Trees, load_trees
from pytest_ragft.judging.lexical.weighing import Weighing, WordsWeigh
from pytest_ragft.judging.port import Scores, for_both
from pytest_ragft.records import Case, Score
from pytest_ragft.store import fingerprint

# Changes whenever any score may change.
_VERSION = "reference/4"
# Characters of an answer that are read: nobody answers at such length.
_FURTHEST = 100_000
# Another release of one may stem, parse or cut a text otherwise.
_LIBRARIES = ("PyStemmer", "python-dateutil", "sentencex")


class ReferenceJudge:
    """Judges by references and facts; see the module's text for the rules.

    Args:
        model: Takes the place of the shipped model, for measuring one that is fitted anew.
    """

    def __init__(self, model: Trees | None = None) -> None:
        self._answers = AnswerReader()
        self._model = model or load_trees("reference.json", FEATURES)
        self.weighing = WordsWeigh(self._model)
        """What it asks where rules do not tell."""

    @property
    def name(self) -> str:
        """As given by ``--ragft-judge``."""
        return "reference"

    @property
    def fingerprint(self) -> str:
        """The version, the fitted model and the libraries that read: all besides the case."""
        libraries = {name: version(name) for name in _LIBRARIES}
        return fingerprint(_VERSION, self._model.identity, libraries)

    @property
    def version(self) -> str:
        """Of rules and fitted model."""
        return _VERSION

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what it scores."""
        return ("accuracy", "completeness")

    @property
    def reads_passages(self) -> bool:
        """False: references and facts suffice."""
        return False

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """Scores in the order of `cases`; never raises for a text."""
        return [graded(case, self._answers, self.weighing) for case in cases]


def graded(case: Case, answers: AnswerReader, weighing: Weighing) -> Scores:
    """An answer's scores by the rules, and by `weighing` where they do not tell."""
    example = case.example
    scores = scored_without_judge(case)
    if scores is not None:
        return scores
    answer = case.answer[:_FURTHEST]
    target = answers.target(example)
    same = _identical(target, answer, answers.words(answer))
    read = answers.read(target, answer)
    silent = not read.words.stems and target.polarity is None and read.chosen is None
    if not any(same) and silent:
        reason = "says only what it takes back" if read.denied else "empty answer"
        return for_both(Score(metric="", value=0.0, reason=reason))
    facts = cover_facts(target, read, weighing)
    right = accuracy(target, read, facts, identical=any(same), weighing=weighing)
    return {
        "accuracy": replace(right, evidence={**right.evidence, "kind": target.kind}),
        "completeness": completeness(
            target,
            read,
            facts,
            identical=same[0] if target.open else any(same),
            accuracy=right.value or 0.0,
            weighing=weighing,
        ),
    }


def _identical(target: Target, answer: str, whole: Text) -> list[bool]:
    """For each reference whether the answer is it, word for word.

    Stems drop what tells one value from another: "$250" from "€250", "3.1" from "3.10".
    """
    exact = target.kind in ("number", "date", "identifier")
    return [
        answer.split() == text.split()
        or (exact and squeezed(whole.plain) == squeezed(reference.plain))
        or (not exact and bool(whole.stems) and whole.stems == reference.stems)
        for text, reference in target.references
    ]


_FORMATTING = re.compile(r"[\s°]|(?<=[0-9]),(?=[0-9]{3}\b)|[.!]$")


def squeezed(text: str) -> str:
    """A value's normalised text without blanks, degree signs and grouping: "5 mg" is "5mg"."""
    return _FORMATTING.sub("", text.strip())
