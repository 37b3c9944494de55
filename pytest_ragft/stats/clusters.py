"""Checked differences and cluster labels; labels become codes, codes become totals."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

# Integer labels in a range up to this many times the rows are counted without being sorted.
_DENSE = 4


def checked_values(values: Any, *, name: str, limit: float) -> Floats:
    """A one-dimensional array of finite numbers, as float64.

    Args:
        values: Array-like of shape [n]; numbers only, no masked entries.
        name: What the values are, for the message.
        limit: Largest absolute value allowed.

    Raises:
        ValueError: Not one-dimensional, not numeric, not finite, or beyond `limit`.
    """
    if np.ma.is_masked(values):
        raise ValueError(f"{name}: masked entries have no value; leave their questions out")
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name}: expected one dimension, got shape {array.shape!r}")
    if array.size and array.dtype.kind not in "iufO":
        raise ValueError(f"{name}: expected numbers, got values of type {array.dtype.name!r}")
    try:
        result = array.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name}: expected numbers: {error}") from error
    bad = ~np.isfinite(result)
    if bad.any():
        raise ValueError(f"{name}: {_first(result, bad)} is not a finite number")
    bad = np.abs(result) > limit
    if bad.any():
        raise ValueError(f"{name}: {_first(result, bad)} lies outside [-{limit!r}, {limit!r}]")
    return result


def cluster_codes(labels: Any, n: int) -> Codes:
    """Labels to integer codes >= 0, equal exactly where the labels are; some may be unused.

    Args:
        labels: Integers, strings or other hashables, shape [n].
        n: Number of rows that need a label.

    Raises:
        ValueError: Wrong number or shape of labels, a missing one (None or NaN), or one that
            cannot be hashed.
    """
    if isinstance(labels, str | bytes) or np.ma.is_masked(labels):
        raise ValueError(f"clusters: expected one label a question, got {labels!r}")
    plain_integers = isinstance(labels, list | tuple) and set(map(type, labels)) == {int}
    if plain_integers or hasattr(labels, "__array__"):
        array = np.asarray(labels)
        if array.ndim != 1:
            raise ValueError(f"clusters: expected one dimension, got shape {array.shape!r}")
        _check_length(array.size, n)
        if array.dtype.kind in "iu" and n:
            return _integer_codes(array)
        if not plain_integers:
            labels = array.tolist()
    # No other list is made an array: numpy would turn ["a", nan] into "nan", and 1 into "1".
    return _hashed_codes(labels, n)


def cluster_totals(values: Floats, codes: Codes | None) -> tuple[Floats, Floats]:
    """Sum of the values and number of rows in each cluster, shapes [G]; None: one row each."""
    if codes is None:
        return values, np.ones_like(values)
    sizes: Floats = np.bincount(codes).astype(np.float64)
    sums: Floats = np.bincount(codes, weights=values).astype(np.float64, copy=False)
    used = sizes > 0
    return sums[used], sizes[used]


def _check_length(found: int, n: int) -> None:
    if found != n:
        raise ValueError(f"clusters: {found!r} labels for {n!r} differences; give one for each")


def _first(values: Floats, bad: NDArray[np.bool_]) -> str:
    index = int(np.argmax(bad))
    return f"value {float(values[index])!r} at position {index}"


def _integer_codes(labels: NDArray[Any]) -> Codes:
    low = int(labels.min())
    if int(labels.max()) - low <= _DENSE * labels.size:
        # Widened first: -128 and 127 lie too far apart for their own int8.
        wide = labels.astype(np.int64, copy=False) if labels.dtype.kind == "i" else labels
        return (wide - low).astype(np.intp)
    return np.unique(labels, return_inverse=True)[1]


def _hashed_codes(labels: Iterable[Hashable], n: int) -> Codes:
    known: dict[Hashable, int] = {}
    try:
        codes = [known.setdefault(label, len(known)) for label in labels]
        missing = [label for label in known if _is_missing(label)]
    except TypeError as error:
        raise ValueError(f"clusters: a label must be hashable and present: {error}") from error
    if missing:
        raise ValueError(f"clusters: label {missing[0]!r} is missing; give every question one")
    _check_length(len(codes), n)
    return np.array(codes, dtype=np.intp)


def _is_missing(label: Hashable) -> bool:
    # NaN and pandas' NaT differ from themselves; pandas' NA cannot say (TypeError).
    return label is None or bool(label != label)
