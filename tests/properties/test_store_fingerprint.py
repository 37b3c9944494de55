"""Fingerprints: equal values have equal digests, different values different ones."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_ragft.store import fingerprint

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, -0.0, 1.0, 2.0, 1e16, 0.1])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.sampled_from(["", "1", "1.0", "true", "null", "[]", "a", ",", '"', "\\", "\0"])
    | st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def shape(value: Any) -> Any:
    """`value` with its types, such that two are equal only if they are the same in every part."""
    if isinstance(value, dict):
        return ("dict", frozenset((key, shape(part)) for key, part in value.items()))
    if isinstance(value, list | tuple):
        return ("list", tuple(shape(part) for part in value))
    return (type(value).__name__, repr(value))


@given(values, values)
def test_different_values_differ(one: Any, other: Any) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (shape(one) == shape(other))


@st.composite
def variations(draw: st.DrawFn) -> tuple[Any, Any]:
    """A value, and the same with one part put in another place or type."""
    value = draw(st.lists(values, min_size=1, max_size=4))
    at = draw(st.integers(0, len(value) - 1))
    part = value[at]
    changed = draw(
        st.sampled_from([[part], {"": part}, str(part), repr(part), [part, None], part is None])
    )
    return value, [*value[:at], changed, *value[at + 1 :]]


@given(variations())
def test_small_differences_count(pair: tuple[Any, Any]) -> None:
    one, other = pair
    assume(shape(one) != shape(other))

    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(*one) != fingerprint(*other)


@given(st.dictionaries(st.text(max_size=3), values, max_size=5), st.randoms())
def test_the_order_of_a_dict_does_not_matter(value: dict[str, Any], random: Any) -> None:
    items = list(value.items())
    random.shuffle(items)

    assert fingerprint(dict(items)) == fingerprint(value)
    assert fingerprint([dict(items)]) == fingerprint([value])


@given(st.lists(values, max_size=4))
def test_a_tuple_is_a_list(value: list[Any]) -> None:
    assert fingerprint(tuple(value)) == fingerprint(value)


@given(st.text(max_size=6), st.text(max_size=6), st.integers(0, 12))
def test_neighbours_do_not_run_together(one: str, other: str, at: int) -> None:
    joined = one + other
    assume((joined[:at], joined[at:]) != (one, other))

    assert fingerprint(one, other) != fingerprint(joined[:at], joined[at:])


def test_numbers_truth_and_text_are_apart() -> None:
    apart = [1, 1.0, True, "1", "1.0", "true", [1], {"1": 1}, None, "null", "", [], {}, 0, False]

    assert len({fingerprint(value) for value in apart}) == len(apart)
    assert len({fingerprint({"key": value}) for value in apart}) == len(apart)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError):
        fingerprint({"a": [number]})


@pytest.mark.parametrize(
    "value", [{1, 2}, b"bytes", object(), 1j, {1: "a"}, [{"a": ({None: 1},)}], {True: "a"}]
)
def test_what_is_not_plain_is_refused(value: object) -> None:
    """A dict with the key 1 would else be that with the key "1"."""
    with pytest.raises(TypeError):
        fingerprint(value)


def test_another_process_gives_the_same_digest() -> None:
    """Also with another seed of Python's own hashes."""
    code = """
from pytest_ragft.store import fingerprint
print(fingerprint({"b": [1, 2.5, None], "a": "Ü🦎\\ud83e"}, (True, "")))
"""
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert digests == {fingerprint({"a": "Ü🦎\ud83e", "b": [1, 2.5, None]}, (True, "")) + "\n"}
