"""Fits the reference judge's model and writes it as plain JSON.

    RAGFT_DATA=… python -m studies.judge.fit_reference [--out FILE]

Trained on EVOUNA-NQ without the questions of NQ301, so that NQ301 remains a test of what is
shipped. The cross-validated figures beside the model are those of five folds over its own
training questions; `studies.judge.evaluate` gives the full table.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

from pytest_ragft.judging.lexical.match_features import DIRECTIONS, FEATURES, FeatureReader
from pytest_ragft.judging.lexical.trees import Trees
from studies.judge.figures import system_auc
from studies.judge.labelled import evouna, nq301
from studies.judge.training import Rows, training_rows

_OUT = Path(__file__).parents[2] / "pytest_ragft" / "judging" / "data" / "reference.json"
_DIGITS = 6


def new_model(
    directions: Sequence[int] = DIRECTIONS, *, trees: int = 200, rate: float = 0.1
) -> HistGradientBoostingClassifier:
    """The model before fitting: boosted trees of four leaves, monotone where `directions` says."""
    return HistGradientBoostingClassifier(
        max_iter=trees,
        learning_rate=rate,
        max_leaf_nodes=4,
        min_samples_leaf=40,
        l2_regularization=5.0,
        monotonic_cst=directions,
        early_stopping=False,
        random_state=0,
    )


def fit(rows: Rows) -> HistGradientBoostingClassifier:
    """The model fitted to `rows`."""
    return new_model().fit(rows.features, rows.right)


def out_of_fold(rows: Rows, folds: int = 5) -> np.ndarray:
    """Each row's probability under a model that saw no row of its question."""
    given = np.zeros(len(rows.right))
    splitter = GroupKFold(folds, shuffle=True, random_state=0)
    for train, test in splitter.split(rows.features, rows.right, rows.group):
        keep = np.zeros(len(given), dtype=bool)
        keep[train] = True
        given[test] = fit(rows.only(keep)).predict_proba(rows.features[test])[:, 1]
    return given


def as_data(model: HistGradientBoostingClassifier) -> dict[str, Any]:
    """The fitted trees as lists of numbers, in the layout of `trees.Trees`."""
    nodes = [stage[0].nodes for stage in model._predictors]
    starts = np.cumsum([0, *(len(tree) for tree in nodes)])[:-1]
    joined = np.concatenate(nodes)
    shift = np.repeat(starts, [len(tree) for tree in nodes])
    leaf = joined["is_leaf"].astype(bool)
    return {
        "intercept": float(np.ravel(model._baseline_prediction)[0]),
        "roots": starts.tolist(),
        "feature": np.where(leaf, -1, joined["feature_idx"]).tolist(),
        "threshold": np.where(leaf, 0.0, joined["num_threshold"]).tolist(),
        "left": np.where(leaf, 0, joined["left"] + shift).tolist(),
        "right": np.where(leaf, 0, joined["right"] + shift).tolist(),
        "value": [float(f"{v:.{_DIGITS}g}") for v in np.where(leaf, joined["value"], 0.0)],
    }


def written_apart(trees: Trees, rows: Rows, model: HistGradientBoostingClassifier) -> float:
    """The largest difference between the written form's probabilities and scikit-learn's.

    Raises:
        SystemExit: it is more than rounding.
    """
    given = np.array([trees.probability(vector) for vector in rows.features[:2000]])
    apart = float(np.abs(given - model.predict_proba(rows.features[:2000])[:, 1]).max())
    if apart > 1e-3:
        raise SystemExit(f"the written trees differ from scikit-learn's by {apart}")
    return apart


def main(out: Path, data: Path) -> None:
    """Fits, checks the written form against scikit-learn, and writes."""
    tested = {row.group for row in nq301(data)}
    labelled = [row for row in evouna(data) if row.group not in tested]
    rows = training_rows(labelled, data, FeatureReader())
    people = np.arange(len(rows.right)) < len(labelled)
    held_out = out_of_fold(rows)
    model = fit(rows)
    figures = {
        "mean_auc_over_systems": system_auc(rows.only(people), held_out[people]),
        "brier": float(np.mean((held_out - rows.right)[people] ** 2)),
    }
    shipped = {
        "version": "reference/2",
        "features": list(FEATURES),
        "training": {
            "set": "EVOUNA-NQ without improper questions and without the questions of NQ301",
            "answers": len(labelled),
            "questions": len({row.group for row in labelled}),
            "padded_copies": int(np.sum(rows.system == "padded")),
            "listings_counted_as_wrong": int(np.sum(rows.system == "listing")),
            "swapped_names_counted_as_wrong": int(np.sum(rows.system == "swap")),
            "denials_counted_as_wrong": int(np.sum(rows.system == "denial")),
            "sentences_beside_counted_as_wrong": int(np.sum(rows.system == "beside")),
        },
        "cross_validated": {name: round(value, 4) for name, value in figures.items()},
        **as_data(model),
    }
    apart = written_apart(Trees(shipped, features=FEATURES), rows, model)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(shipped, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{out}: {figures}, written form within {apart:.1e}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=_OUT)
    main(parser.parse_args().out, Path(os.environ["RAGFT_DATA"]))
