"""Fits the semantic judge's last step: trees over log odds and features, weights of statements.

    RAGFT_DATA=… python -m studies.judge.fit_semantic [--held-out DIR --shipped DIR] [--out DIR]

``--held-out`` is the adapter trained on the first half of the questions: its log odds for the
second half are what a model says about questions that it never saw, so the trees are fitted on
them (without NQ301's questions), and the figures are those of five folds over that half.
``--shipped`` is the adapter that goes into the package, together with what is fitted here. Without
the two, the trees stay as they are and the weights of statements alone are fitted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from pytest_ragft.judging.lexical.match_features import DIRECTIONS
from pytest_ragft.judging.lexical.reading import AnswerReader, ReadAnswer
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.lexical.target import Target
from pytest_ragft.judging.lexical.trees import Trees
from pytest_ragft.judging.semantic.equivalence import SHIPPED
from pytest_ragft.judging.semantic.models import (
    COMBINATION,
    INPUTS,
    SIGNALS,
    SemanticModels,
    StatementWeights,
)
from pytest_ragft.judging.semantic.segments import segments
from pytest_ragft.judging.semantic.weighing import MeaningWeighs
from pytest_ragft.records import QAExample
from studies import ENCODER
from studies.judge.equivalence_rows import ORDERS, half, other_numbers, padded_with
from studies.judge.figures import best_threshold, interval, kappa, system_auc
from studies.judge.fit_reference import as_data, written_apart
from studies.judge.fit_reference import new_model as reference_model
from studies.judge.labelled import Labelled, Statement, evouna, kqa, nq301
from studies.judge.semantic_inputs import inputs_of, log_odds_in_batches
from studies.judge.training import Rows, listing, padded, passages
from studies.judge.windows import CACHE, labelled_rows

_FILES = (
    "adapter_config.json",
    "adapter_model.safetensors",
    "equivalence.json",
    "head.safetensors",
)
_COPIED = 0.3
_MISLED = 0.06
"""Share of the answers that are copied with an order to the judge, and with the question."""
_MISNUMBERED = 0.5
_MADE = ("padded", "listing", "misled")
_FOLDS = 5


def new_model() -> HistGradientBoostingClassifier:
    """The model before fitting: as the reference judge's, with the log odds, which only help."""
    return reference_model((1, -1, *DIRECTIONS), trees=150, rate=0.08)


def input_rows(items: Sequence[Labelled], folder: Path, base: Path, name: str) -> Rows:
    """Log odds and features of labelled answers that say something."""
    said = labelled_rows(list(items), base, CACHE / f"windows-{name}.json")
    system = [item.system for item in items if _says(item)]
    log_odds = log_odds_in_batches(said, folder, base)
    return Rows(
        features=inputs_of(said, log_odds),
        right=np.array([row.label > 0.5 for row in said]),
        group=np.array([row.group for row in said]),
        system=np.array(system),
    )


def _says(item: Labelled) -> bool:
    return bool(segments(item.answer))


def second_half(data: Path, folder: Path, base: Path) -> Rows:
    """The half of EVOUNA-NQ that `folder` did not learn from, and what is made of it on purpose."""
    items = [item for item in evouna(data) if half(item.group) == 1]
    rng = np.random.default_rng(20_263)
    texts = passages(data)
    part = [item for item in items if item.answer.strip() and rng.random() < _COPIED]
    extra = padded(part, texts, rng, before=True) + padded(part, texts, rng, before=False)
    extra += listing(items, rng) + misled(items, random.Random(20_264))
    return input_rows([*items, *extra], folder, base, "second")


def misled(items: Sequence[Labelled], rng: random.Random) -> list[Labelled]:
    """Right answers with other numbers, which are wrong, and answers that try to mislead."""
    made = []
    for item in items:
        references = " ".join(item.example.references)
        draw = rng.random()
        if draw < _MISLED:
            answer = padded_with(item.answer, rng.choice(ORDERS), rng)
        elif draw < 2 * _MISLED:
            answer = padded_with(item.answer, item.example.question, rng)
        elif item.right and draw < _MISNUMBERED:
            answer = other_numbers(item.answer, references, rng)
        else:
            continue
        changed = answer != item.answer
        if item.answer.strip() and changed:
            right = item.right and draw < 2 * _MISLED
            made.append(replace(item, answer=answer, right=right, system="misled"))
    return made


def out_of_fold(rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probability of each row under trees that saw no row of its question, and the verdict.

    The verdict is held against the threshold with the highest κ on the training folds.
    """
    given, verdict = np.zeros(len(rows.right)), np.zeros(len(rows.right), dtype=bool)
    splitter = GroupKFold(_FOLDS, shuffle=True, random_state=0)
    for train, test in splitter.split(rows.features, rows.right, rows.group):
        model = new_model().fit(rows.features[train], rows.right[train])
        given[test] = model.predict_proba(rows.features[test])[:, 1]
        people = train[np.isin(rows.system[train], _MADE, invert=True)]
        fitted = model.predict_proba(rows.features[people])[:, 1]
        verdict[test] = given[test] >= best_threshold(rows.right[people], fitted)
    return given, verdict


def report(rows: Rows) -> dict[str, Any]:
    """Figures on the labelled answers of the half that the adapter did not see."""
    given, verdict = out_of_fold(rows)
    people = np.isin(rows.system, _MADE, invert=True)
    only = rows.only(people)

    def auc(values: NDArray[np.float64]) -> dict[str, Any]:
        def figure(at: NDArray[np.intp]) -> float:
            return system_auc(only.only(at), values[at])

        low, high = interval(only.group, figure, repeats=200)
        return {
            "auc": round(system_auc(only, values), 4),
            "interval": [round(low, 4), round(high, 4)],
        }

    return {
        "answers": int(people.sum()),
        "questions": len(set(only.group)),
        "equivalence_alone": auc(only.features[:, 0]),
        "with_features": auc(given[people]),
        "kappa": round(kappa(only.right, verdict[people]), 4),
        "kappa_at_half": round(kappa(only.right, given[people] >= 0.5), 4),
        "threshold": round(best_threshold(only.right, given[people]), 2),
    }


class Statements:
    """K-QA's statements as facts, weighed as the judge weighs them.

    Args:
        data: The folder of labelled data.
        scheme: Its weights are replaced.
    """

    def __init__(self, data: Path, scheme: SemanticModels, answers: AnswerReader) -> None:
        self._scheme = scheme
        by_words = ReferenceJudge().weighing
        self._weighing = MeaningWeighs(lambda: scheme, answers, by_words)
        self._cases = [_as_fact(item, answers) for item in kqa(data)]
        self.covered = np.array([item.covered for item in kqa(data)])
        self.groups = np.array([item.question for item in kqa(data)])
        self.signals = np.array(
            [
                list(scheme.signals(target, target.facts[0].text, read).values())
                for target, read in self._cases
            ]
        )

    def weights(self, at: NDArray[np.intp]) -> dict[str, float]:
        """Weights of the signals, fitted on the rows `at`, those that rules decide included."""
        model = LogisticRegression(C=10.0, max_iter=1000)
        model.fit(self.signals[at], self.covered[at])
        weights = dict(zip(SIGNALS, map(float, model.coef_[0]), strict=True))
        return {"intercept": float(model.intercept_[0]), **weights}

    def stated(self, at: NDArray[np.intp], fitted: StatementWeights) -> list[bool]:
        """Which of the rows `at` the judge calls stated under the fitted weights."""
        self._scheme.weights = fitted
        return [
            self._weighing.fact(target, read, target.facts[0]).covered
            for target, read in (self._cases[row] for row in at)
        ]


def _as_fact(item: Statement, answers: AnswerReader) -> tuple[Target, ReadAnswer]:
    example = QAExample(
        id="kqa", question=item.question, references=(item.statement,), facts=(item.statement,)
    )
    target = answers.target(example)
    return target, answers.read(target, item.answer)


def kqa_report(rows: Statements) -> dict[str, Any]:
    """κ with the physicians' majority, five folds by question."""
    said = np.zeros(len(rows.covered), dtype=bool)
    splitter = GroupKFold(_FOLDS, shuffle=True, random_state=0)
    for train, test in splitter.split(rows.groups, None, rows.groups):
        said[test] = rows.stated(test, StatementWeights(rows.weights(train)))
    low, high = interval(rows.groups, lambda at: kappa(rows.covered[at], said[at]))
    return {
        "statements": len(said),
        "kappa": round(kappa(rows.covered, said), 4),
        "interval": [round(low, 4), round(high, 4)],
    }


def fitted_trees(data: Path, held_out: Path, base: Path) -> dict[str, Any]:
    """The trees over log odds and features, with their figures."""
    rows = second_half(data, held_out, base)
    figures = {"evouna": report(rows)}
    print(json.dumps(figures, indent=2), flush=True)
    tested = {row.group for row in nq301(data)}
    kept = rows.only(np.isin(rows.group, list(tested), invert=True))
    model = new_model().fit(kept.features, kept.right)
    trees = {"features": list(INPUTS), **as_data(model)}
    written_apart(Trees(trees, features=INPUTS), kept, model)
    return {"trees": trees, "statements": _NO_WEIGHTS, "figures": figures}


def main(arguments: Sequence[str] | None = None) -> None:
    """Fits, writes and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--held-out", type=Path, help="without it the trees in --out stay")
    parser.add_argument("--shipped", type=Path, help="without it the adapter in --out stays")
    parser.add_argument("--base", type=Path, default=ENCODER)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args(arguments)
    data = Path(os.environ["RAGFT_DATA"])
    options.out.mkdir(parents=True, exist_ok=True)
    if options.shipped:
        for name in _FILES:
            shutil.copyfile(options.shipped / name, options.out / name)
    if options.held_out:
        combination = fitted_trees(data, options.held_out, options.base)
        _write(options.out, combination)
    else:
        combination = json.loads((options.out / COMBINATION).read_text(encoding="utf-8"))
    answers = AnswerReader()
    rows = Statements(data, SemanticModels(options.base, options.out, answers), answers)
    combination["figures"]["kqa"] = kqa_report(rows)
    combination["statements"] = rows.weights(np.arange(len(rows.covered)))
    _write(options.out, combination)
    print(json.dumps({key: combination[key] for key in ("figures", "statements")}, indent=2))


_NO_WEIGHTS = {"intercept": 0.0, **dict.fromkeys(SIGNALS, 0.0)}


def _write(out: Path, combination: dict[str, Any]) -> None:
    text = json.dumps(combination, separators=(",", ":"))
    (out / COMBINATION).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
