"""Cleaning, cutting and laying out text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.records import Mover, Stratum
from pytest_ragft.reporting.text import (
    beside,
    can_show,
    clean,
    cut,
    map_strings,
    rule,
    table,
    transliterate,
    width_of,
    wrap,
)


@pytest.mark.parametrize(
    ("dirty", "shown"),
    [
        ("plain – “text”", "plain – “text”"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\u202eb", "a\\u202eb"),
        ("bell\x07", "bell\\x07"),
        ("half \ud800 of a pair", "half \\ud800 of a pair"),
        ("Größe", "Größe"),
        ("\x9b31m", "\\x9b31m"),
    ],
)
def test_nothing_steers_the_terminal(dirty: str, shown: str) -> None:
    assert clean(dirty) == shown


def test_ascii_only_keeps_what_has_an_ascii_form() -> None:
    assert transliterate(clean("−0.1 → Größe", ascii_only=True)) == "-0.1 > Gr\\xf6\\xdfe"


@given(st.text())
def test_clean_text_is_printable_and_stays_so(text: str) -> None:
    assert clean(text).isprintable()
    assert clean(clean(text)) == clean(text)
    assert transliterate(clean(text, ascii_only=True)).isascii()


@pytest.mark.parametrize(
    ("encoding", "shows"),
    [("utf-8", True), ("ascii", False), ("cp1252", False), (None, False), ("no-such", False)],
)
def test_encodings(encoding: str | None, shows: bool) -> None:
    assert can_show(encoding) is shows


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("fits", 4, "fits"),
        ("biomedical::q-017", 11, "biome…q-017"),
        ("日本語の質問", 7, "日本…問"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_cut_keeps_both_ends(text: str, width: int, short: str) -> None:
    assert cut(text, width) == short


@given(st.text(), st.integers(0, 40))
def test_cut_never_exceeds_the_width(text: str, width: int) -> None:
    assert width_of(cut(text, width)) <= width


def test_wide_and_combining_characters_keep_columns_aligned() -> None:
    rows = table([("日本", "1"), ("e\u0301", "22"), ("abcd", "333")], "<>")
    assert rows == ["日本    1", "e\u0301      22", "abcd  333"]


def test_a_path_is_never_broken() -> None:
    path = "/a/very/long/path/" + "x" * 60
    assert any(path in row for row in wrap(f"it is in {path} somewhere", 40))


def test_blocks_stand_beside_each_other() -> None:
    assert beside(["a", "bb"], ["c"], gap=2) == ["a   c", "bb"]
    assert beside(["a"], ["c", "d"], gap=2) == ["a  c", "   d"]


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1), st.integers(80, 200)
)
def test_a_rule_fills_the_width(title: str, width: int) -> None:
    assert width - 1 <= width_of(rule(title, width, "=")) <= width


def test_strings_are_changed_wherever_they_are() -> None:
    value = (
        Mover(suite="a", id="b", baseline=0.0, variant=0.5, difference=0.5),
        {"k": (Stratum(name="c", n=1, baseline=0.1, variant=0.2), None)},
    )
    movers, strata = map_strings(value, str.upper)
    assert movers == Mover(suite="A", id="B", baseline=0.0, variant=0.5, difference=0.5)
    assert strata == {"K": (Stratum(name="C", n=1, baseline=0.1, variant=0.2), None)}
