"""What of suites that are to be gated stands in training pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_ragft.checking.asked import questions_of
from pytest_ragft.checking.leakage import Leakage
from pytest_ragft.checking.matching import QuestionIndex
from pytest_ragft.datasets.training import TrainingPair as Taught
from pytest_ragft.finetuning.pairs import TrainingPair
from pytest_ragft.suite import Suite


def overlaps(pairs: Sequence[TrainingPair], gated: Sequence[Suite]) -> Mapping[str, list[str]]:
    """Ids of pairs by the kind of finding of `ragft check`, such as ``training-question``.

    Args:
        pairs: Questions are looked for in what they ask and teach, and where that is not told apart
            from what they show, in all of it: a passage that states what a question asks is no
            question. Passages and references are looked for in all that a model would see.
        gated: Suites with names that differ.
    """
    if not gated:
        return {}
    questions = [question for suite in gated for question in questions_of(suite)]
    index = QuestionIndex([question.example.question for question in questions])
    leakage = Leakage(questions, index, {suite.name: suite.passages for suite in gated})
    for pair in pairs:
        seen = "\n".join(m["content"] for m in pair.messages if m["role"] != "system")
        asked, shown = (pair.question, seen) if pair.question else (seen, "")
        leakage.look(Taught(where=pair.id, asked=asked, taught=pair.answer, shown=shown))
    found: dict[str, dict[str, None]] = {}
    for finding in leakage.findings():
        if finding.other is not None:
            found.setdefault(finding.kind, {})[finding.other.where] = None
    return {kind: list(ids) for kind, ids in found.items()}
