"""The reference judge: deterministic, offline, from references and facts alone.

Accuracy, whether what the answer says is right:

- an unanswerable question: 1 for an abstention, else 0; an answerable one: 0 for an abstention;
- an answer that is a reference word for word, or contains one of five or more words beyond the
  question's as a run that is not negated: 1;
- yes/no: 1 when the polarity of the answer's opening is the reference's, else 0. Without a yes or
  no, a first sentence that repeats half of the question speaks by its negation; failing that, the
  answer is scored as text, by what goes beyond the question;
- short answers (factoid, number, date and untyped questions whose shortest reference has at most
  eight words of content, with at most one fact): the probability that people would call it right,
  by a small model over the features of `features`, fitted on human labels of such answers
  (`studies/judge`); 0 when nothing of a reference is found, and for numbers and dates when none
  of the reference's numbers is;
- all others, which no labels of that kind speak for, by rules: the mean credit of the facts (1
  covered, 0 contradicted or with wrong numbers, in between half the share of words found);
  without facts, the reference is split into statements, and recall over them and F1 with the
  answer's relevant sentences are averaged, times the share of the numbers found;
- times a damping, for answers that say everything: unless a list or a summary is asked for, a
  bare "A or B", a bare enumeration with four or more other candidates and, where the model does
  not weigh them itself, more than three other numbers; and content words beyond 150 and eight
  times the longest reference.

Completeness, whether all of it is there: the share of facts covered (see `overlap.cover`); without
facts, the mean share of each statement that the answer states, of the first reference for lists
and summaries, of the best one otherwise. Not applicable to unanswerable questions.

A whole copy of the question inside the answer counts for nothing, but for yes/no questions, and a
reference that holds a shorter one counts only word for word. Neither length, brevity nor style is
rewarded: all but the last damping look at the stretch of the answer that speaks of the matter, and
text elsewhere counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version

from pytest_ragft.judging.abstention import ruled
from pytest_ragft.judging.features import FEATURES
from pytest_ragft.judging.grading import accuracy, completeness, told
from pytest_ragft.judging.port import Scores
from pytest_ragft.judging.reading import AnswerReader
from pytest_ragft.judging.trees import Trees, load_trees
from pytest_ragft.records import Case, QAExample, Score
from pytest_ragft.store import fingerprint

_VERSION = "reference/3"
"""Changes whenever any score may change."""
_FURTHEST = 100_000
"""Characters of an answer that are read: nobody answers at such length."""
_LIBRARIES = ("PyStemmer", "python-dateutil", "sentencex")


class ReferenceJudge:
    """Judges by references and facts; see the module's text for the rules.

    Args:
        model: Takes the place of the shipped model, for measuring one that is fitted anew.
    """

    def __init__(self, model: Trees | None = None) -> None:
        self._answers = AnswerReader()
        self._model = model or load_trees("reference.json", FEATURES)

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
    def metrics(self) -> tuple[str, ...]:
        """Names of what it scores."""
        return ("accuracy", "completeness")

    @property
    def reads_passages(self) -> bool:
        """False: references and facts suffice."""
        return False

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """Scores in the order of `cases`; never raises for a text."""
        return [self._judge(case.example, case.answer) for case in cases]

    def _judge(self, example: QAExample, answer: str) -> Scores:
        scores = ruled(example, answer)
        if scores is not None:
            return scores
        if not example.references:
            return _same(Score(metric="", value=None, status="missing", reason="no reference"))
        answer = answer[:_FURTHEST]
        target = self._answers.target(example)
        whole = self._answers.reader.read(answer)
        # Stems drop what tells one value from another: "$250" from "€250", "3.1" from "3.10".
        exact = target.kind in ("number", "date", "identifier")
        same = [
            answer.split() == text.split()
            or (exact and squeezed(whole.plain) == squeezed(reference.plain))
            or (not exact and whole.stems and whole.stems == reference.stems)
            for text, reference in target.references
        ]
        read = self._answers.read(target, answer)
        silent = not read.words.stems and target.polarity is None and read.chosen is None
        if not any(same) and silent:
            reason = "says only what it takes back" if read.denied else "empty answer"
            return _same(Score(metric="", value=0.0, reason=reason))
        facts = told(target, read)
        return {
            "accuracy": accuracy(target, read, facts, identical=any(same), model=self._model),
            "completeness": completeness(
                target, read, facts, identical=bool(same[0] if target.open else any(same))
            ),
        }


_FORMATTING = re.compile(r"[\s°]|(?<=[0-9]),(?=[0-9]{3}\b)|[.!]$")


def squeezed(text: str) -> str:
    """A value's normalised text without blanks, degree signs and grouping: "5 mg" is "5mg"."""
    return _FORMATTING.sub("", text.strip())


def _same(score: Score) -> Scores:
    """`score` for both metrics."""
    return {
        metric: Score(
            metric=metric,
            value=score.value,
            status=score.status,
            reason=score.reason,
            evidence=score.evidence,
        )
        for metric in ("accuracy", "completeness")
    }
