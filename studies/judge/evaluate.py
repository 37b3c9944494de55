"""How far the reference judge agrees with people, out of sample; prints a Markdown table.

    RAGFT_DATA=… python -m studies.judge.evaluate

EVOUNA-NQ: five folds by question, each judged by the whole judge with a model that was fitted on
the other four. NQ301: the shipped model, which saw none of its questions; its threshold is the
best one on the held-out scores of EVOUNA-NQ's other questions. K-QA: no fitted part; the
threshold of each fold is the best one of the other four. Intervals are percentile bootstraps over
whole questions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.model_selection import GroupKFold

from pytest_ragft.judging.lexical.match_features import FEATURES, FeatureReader
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.lexical.trees import Trees
from pytest_ragft.records import Case, QAExample
from studies.judge.figures import Values, best_threshold, interval, kappa, system_auc
from studies.judge.fit_reference import as_data, fit
from studies.judge.labelled import EVOUNA_SYSTEMS, Labelled, Statement, evouna, kqa, nq301
from studies.judge.training import Rows, padded, passages, training_rows

_FOLDS = 5
_PADDED = 0.2
"""Share of the answers whose padded copies are judged."""


def accuracies(judge: ReferenceJudge, labelled: Sequence[Labelled]) -> Values:
    """The judge's accuracy of each answer."""
    scores = judge.judge([Case(example=row.example, answer=row.answer) for row in labelled])
    return np.array([score["accuracy"].value for score in scores], dtype=np.float64)


def padding(
    judge: ReferenceJudge, labelled: Sequence[Labelled], given: Values, data: Path
) -> dict[str, float]:
    """Mean absolute change of `given` with 100 off-topic words, by label and place."""
    rng = np.random.default_rng(11)
    part = np.flatnonzero(rng.random(len(labelled)) < _PADDED)
    rows, texts = [labelled[at] for at in part], passages(data)
    right = np.array([row.right for row in rows])
    changes = {}
    for place, before in (("before", True), ("behind", False)):
        change = np.abs(accuracies(judge, padded(rows, texts, rng, before=before)) - given[part])
        changes[f"right, {place}"] = float(change[right].mean())
        changes[f"wrong, {place}"] = float(change[~right].mean())
    return changes


def statement_scores(statements: Sequence[Statement]) -> Values:
    """The judge's completeness of each answer, with the statement as a summary's reference."""
    cases = [
        Case(
            example=QAExample(
                id="s", question=row.question, references=(row.statement,), type="summary"
            ),
            answer=row.answer,
        )
        for row in statements
    ]
    scores = ReferenceJudge().judge(cases)
    return np.array([score["completeness"].value for score in scores], dtype=np.float64)


def _shown(figure: float, bounds: tuple[float, float]) -> str:
    return f"{figure:.3f} [{bounds[0]:.3f}, {bounds[1]:.3f}]"


def evouna_held_out(data: Path, labelled: Sequence[Labelled]) -> tuple[Rows, Values]:
    """The labelled rows, and each one's score by a judge whose model saw no row of its question."""
    reader = FeatureReader()
    rows = training_rows(labelled, data, reader)
    people = rows.only(np.arange(len(rows.right)) < len(labelled))
    given = np.zeros(len(labelled))
    splitter = GroupKFold(_FOLDS, shuffle=True, random_state=0)
    for _, test in splitter.split(people.features, people.right, people.group):
        train = ~np.isin(rows.group, people.group[test])
        model = {"features": FEATURES, **as_data(fit(rows.only(train)))}
        judge = ReferenceJudge(Trees(model, features=FEATURES))
        given[test] = accuracies(judge, [labelled[at] for at in test])
    return people, given


def kqa_predictions(statements: Sequence[Statement], given: Values) -> np.ndarray:
    """Covered or not, with the threshold of the other folds."""
    covered = np.array([row.covered for row in statements])
    questions = np.array([row.question for row in statements])
    said = np.zeros(len(covered), dtype=bool)
    splitter = GroupKFold(_FOLDS, shuffle=True, random_state=0)
    for train, test in splitter.split(given, covered, questions):
        said[test] = given[test] >= best_threshold(covered[train], given[train])
    return said


def table(data: Path) -> Iterator[str]:
    """The lines of the table."""
    labelled = evouna(data)
    people, given = evouna_held_out(data, labelled)
    threshold = best_threshold(people.right, given)
    yield "| set | figure | measured |\n| --- | --- | --- |"

    def auc(at: np.ndarray) -> float:
        return system_auc(people.only(at), given[at])

    shown = _shown(auc(np.arange(len(given))), interval(people.group, auc, repeats=200))
    yield f"| EVOUNA-NQ, {len(given)} answers, five folds | mean AUC over systems | {shown} |"
    for system in EVOUNA_SYSTEMS:
        at = np.flatnonzero(people.system == system)
        each = kappa(people.right[at], given[at] >= threshold)
        yield f"| – {system} | κ at {threshold:.2f} | {each:.3f} |"
    bins = np.digitize(given, np.linspace(0, 1, 11)[1:-1])
    gaps = [
        (np.sum(bins == b), abs(given[bins == b].mean() - people.right[bins == b].mean()))
        for b in np.unique(bins)
    ]
    yield f"| – | Brier score | {np.mean((given - people.right) ** 2):.3f} |"
    yield f"| – | calibration error, ten bins | {sum(n * g for n, g in gaps) / len(given):.3f} |"

    judge, other = ReferenceJudge(), nq301(data)
    unseen = ~np.isin(people.group, [row.group for row in other])
    threshold = best_threshold(people.right[unseen], given[unseen])
    scores = accuracies(judge, other)
    right, groups = np.array([r.right for r in other]), np.array([r.group for r in other])
    for at_least in (threshold, 0.5):
        said = scores >= at_least
        bounds = interval(groups, lambda at, said=said: kappa(right[at], said[at]))
        shown = _shown(kappa(right, said), bounds)
        yield f"| NQ301, {len(other)} answers, shipped model | κ at {at_least:.2f} | {shown} |"
    for name, change in padding(judge, other, scores, data).items():
        yield f"| NQ301 with 100 off-topic words | mean change, {name} | {change:.3f} |"

    statements = kqa(data)
    said = kqa_predictions(statements, statement_scores(statements))
    covered = np.array([row.covered for row in statements])
    questions = np.array([row.question for row in statements])
    bounds = interval(questions, lambda at: kappa(covered[at], said[at]))
    yield f"| K-QA, {len(statements)} statements | κ | {_shown(kappa(covered, said), bounds)} |"


if __name__ == "__main__":
    for line in table(Path(os.environ["RAGFT_DATA"])):
        print(line, flush=True)
