"""A fitted ensemble of decision trees as plain data: read from JSON, evaluated with numpy."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_ragft.store import fingerprint

_LEAF = -1


class Trees:
    """Boosted trees that give the probability of the positive class.

    Nodes of all trees stand in one row of arrays. An inner node sends a value at or below its
    threshold to the left; the sum of the leaves' values and the intercept is the log-odds.

    Args:
        model: ``features`` (names in order), ``intercept``, ``roots`` and the nodes' ``feature``
            (−1 for a leaf), ``threshold``, ``left``, ``right`` and ``value``.
        features: Names of the values that will be given, in order.

    Raises:
        ValueError: the model was fitted on other features, or its nodes do not fit together.
    """

    def __init__(self, model: Mapping[str, Any], *, features: Sequence[str]) -> None:
        if tuple(model["features"]) != tuple(features):
            raise ValueError(
                f"the model was fitted on the features {model['features']!r}, this version "
                f"reads {list(features)!r}; fit it again"
            )
        self.identity = fingerprint(json.dumps(model, sort_keys=True))
        """Differs for models that may give other probabilities."""
        self._intercept = float(model["intercept"])
        self._roots = np.array(model["roots"], dtype=np.intp)
        self._feature = np.array(model["feature"], dtype=np.intp)
        self._threshold = np.array(model["threshold"], dtype=np.float64)
        self._children = np.array([model["left"], model["right"]], dtype=np.intp)
        self._value = np.array(model["value"], dtype=np.float64)
        if len({len(self._feature), len(self._threshold), len(self._value)}) != 1:
            raise ValueError("the model's nodes do not fit together: rows of different length")

    def probability(self, vector: npt.NDArray[np.float64]) -> float:
        """The probability in (0, 1) for one `vector` of features."""
        at = self._roots
        inner = self._feature[at] != _LEAF
        while inner.any():
            right = vector[self._feature[at]] > self._threshold[at]
            at = np.where(inner, self._children[right.astype(np.intp), at], at)
            inner = self._feature[at] != _LEAF
        return 1 / (1 + math.exp(-self._intercept - float(self._value[at].sum())))


def load_trees(name: str, features: Sequence[str]) -> Trees:
    """The model of the package's data file `name`; raises as `Trees` does."""
    text = resources.files("pytest_ragft.judging").joinpath("data", name).read_text("utf-8")
    return Trees(json.loads(text), features=features)
