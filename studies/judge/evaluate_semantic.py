"""How far the shipped semantic judge agrees with people, beside the reference judge.

    RAGFT_DATA=… RAGFT_STUDY_ENCODER=DIR python -m studies.judge.evaluate_semantic [--part NAME …]

All of it is out of sample for the shipped adapter, which saw no question of NQ301: NQ301's rows,
the answers that EVOUNA-NQ has to NQ301's questions, both with 100 words of other questions'
passages, and wrong answers of NQ301 inside the attacks of the tests. Intervals are percentile
bootstraps over whole questions. The figures on the rest of EVOUNA-NQ and on K-QA, which need
models that are fitted anew, come from ``studies.judge.fit_semantic``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.port import Judge
from pytest_ragft.judging.semantic.judge import SemanticJudge
from pytest_ragft.records import Case
from studies.judge.figures import Values, interval, kappa, system_auc
from studies.judge.labelled import Labelled, evouna, nq301
from studies.judge.on_topic import beside, echoes
from studies.judge.training import Rows, padded, passages
from tests.attacks import attacks, question_attacks

_PADDED = 300
_ATTACKED = 25
_WRONG = 0.45
"""Answers that the plain judge scores below this are put into attacks."""


@cache
def judges() -> Mapping[str, Judge]:
    """The two, under their names."""
    return {
        "reference": ReferenceJudge(),
        "semantic": SemanticJudge(os.environ["RAGFT_STUDY_ENCODER"]),
    }


def accuracies(judge: Judge, labelled: Sequence[Labelled]) -> Values:
    """The judge's accuracy of each answer."""
    scores = judge.judge([Case(example=row.example, answer=row.answer) for row in labelled])
    return np.array([score["accuracy"].value for score in scores], dtype=np.float64)


def seen_nowhere(data: Path) -> list[Labelled]:
    """EVOUNA-NQ's answers to NQ301's questions."""
    tested = {row.group for row in nq301(data)}
    return [row for row in evouna(data) if row.group in tested]


def agreement(labelled: Sequence[Labelled]) -> dict[str, Any]:
    """κ at 0.5, with the difference between the judges, and AUC."""
    right = np.array([row.right for row in labelled])
    group = np.array([row.group for row in labelled])
    given = {name: accuracies(judge, labelled) for name, judge in judges().items()}
    said = {name: values >= 0.5 for name, values in given.items()}
    found: dict[str, Any] = {"answers": len(labelled), "questions": len(set(group))}
    for name in given:
        values = said[name]
        low, high = interval(group, lambda at, v=values: kappa(right[at], v[at]))
        found[name] = {
            "kappa": round(kappa(right, values), 4),
            "interval": [round(low, 4), round(high, 4)],
            "agreement": round(float((right == values).mean()), 4),
            "auc": round(_auc(labelled, right, group, given[name]), 4),
        }
    low, high = interval(
        group,
        lambda at: kappa(right[at], said["semantic"][at]) - kappa(right[at], said["reference"][at]),
    )
    found["difference"] = [round(low, 4), round(high, 4)]
    return found


def _auc(labelled: Sequence[Labelled], right: Any, group: Any, given: Values) -> float:
    system = np.array([row.system for row in labelled])
    if len(set(system)) == 1:
        from sklearn.metrics import roc_auc_score

        return float(roc_auc_score(right, given))
    return system_auc(Rows(features=given[:, None], right=right, group=group, system=system), given)


def padding(labelled: Sequence[Labelled], data: Path) -> dict[str, Any]:
    """Mean absolute change with 100 off-topic words, by judge, label and place."""
    rng = np.random.default_rng(11)
    some = [row for row in labelled if row.answer.strip()]
    some = [some[at] for at in rng.choice(len(some), min(_PADDED, len(some)), replace=False)]
    right, texts = np.array([row.right for row in some]), passages(data)
    found: dict[str, Any] = {"answers": len(some)}
    for place, before in (("before", True), ("behind", False)):
        longer = padded(some, texts, rng, before=before)
        for name, judge in judges().items():
            change = np.abs(accuracies(judge, longer) - accuracies(judge, some))
            found[f"{name}, right, {place}"] = round(float(change[right].mean()), 4)
            found[f"{name}, wrong, {place}"] = round(float(change[~right].mean()), 4)
    return found


def on_topic(data: Path) -> dict[str, Any]:
    """The share of wrong answers on the right matter that each judge calls right."""
    unseen, rng = seen_nowhere(data), random.Random(13)
    found: dict[str, Any] = {}
    for kind, made in (("echo", echoes(unseen, rng)), ("beside", beside(unseen, data, rng))):
        group = np.array([row.group for row in made])
        found[f"{kind}, answers"] = len(made)
        for name, judge in judges().items():
            said = accuracies(judge, made) >= 0.5
            low, high = interval(group, lambda at, v=said: float(v[at].mean()))
            found[f"{kind}, {name}"] = [round(v, 4) for v in (float(said.mean()), low, high)]
    return found


def attacked(labelled: Sequence[Labelled]) -> dict[str, Any]:
    """The largest rise of a wrong answer's accuracy in an attack, and what turned right."""
    rng = np.random.default_rng(12)
    wrong = [row for row in labelled if not row.right and row.answer.strip()]
    wrong = [wrong[at] for at in rng.permutation(len(wrong))[: 2 * _ATTACKED]]
    found: dict[str, Any] = {}
    for name, judge in judges().items():
        plain = accuracies(judge, wrong)
        rises: list[tuple[float, float, str, str]] = []
        for at in np.flatnonzero(plain < _WRONG)[:_ATTACKED]:
            row = wrong[at]
            made = attacks(row.answer, " ".join(row.example.references))
            made += question_attacks(row.answer, row.example.question)
            scores = judge.judge([Case(example=row.example, answer=text) for _, text in made])
            rises += [
                (
                    float((score["accuracy"].value or 0.0) - plain[at]),
                    float(plain[at]),
                    attack,
                    row.answer,
                )
                for (attack, _), score in zip(made, scores, strict=True)
            ]
        found[name] = {
            "attacks": len(rises),
            "turned_right": sum(bool(rise + before >= 0.5) for rise, before, *_ in rises),
            "rose_by_more": sum(bool(rise > 0.05) for rise, *_ in rises),
            "largest": [(round(r, 3), round(p, 3), a, w) for r, p, a, w in sorted(rises)[-5:]],
        }
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints each part as JSON."""
    data = Path(os.environ["RAGFT_DATA"])
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "nq301": lambda: agreement(nq301(data)),
        "evouna-unseen": lambda: agreement(seen_nowhere(data)),
        "padding-nq301": lambda: padding(nq301(data), data),
        "padding-evouna": lambda: padding(seen_nowhere(data), data),
        "on-topic": lambda: on_topic(data),
        "attacks": lambda: attacked(nq301(data)),
    }
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--part", action="append", choices=tuple(parts))
    options = parser.parse_args(arguments)
    for name in options.part or parts:
        print(json.dumps({name: parts[name]()}, indent=2, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
