"""References with what exports and web pages leave in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.datasets.cleaning import clean_examples, cleaned
from pytest_ragft.records import QAExample


@pytest.mark.parametrize(
    ("dirty", "clean", "found"),
    [
        ("The cafÃ© closed", "The café closed", "a broken encoding"),
        ("the firm\u00e2\u0080\u0099s debt", "the firm\u2019s debt", "a broken encoding"),
        ("<p>The <b>Tisza</b></p>", "The Tisza", "HTML"),
        ("H<sub>2</sub>O", "H2O", "HTML"),
        ("10<sup>6</sup> cells", "10^6 cells", "HTML"),
        ("iron<br/>zinc", "iron\nzinc", "HTML"),
        ("salt &amp; pepper", "salt & pepper", "HTML"),
        ("Hydro\u00adgen", "Hydrogen", "invisible characters"),
        ("It froze (Source: town records, 1881)", "It froze", "a note on the source"),
        ("It froze. Source: https://example.org/a", "It froze.", "a note on the source"),
        ("It froze [citation needed]", "It froze", "a note on the source"),
    ],
)
def test_what_no_answer_holds_is_taken_out_and_named(dirty, clean, found):
    assert cleaned(dirty) == (clean, (found,))


@pytest.mark.parametrize(
    "text",
    [
        "to <verb>", "List<int> & Map<a, b>", "x < 5 and y > 3", "AT&T; R&D", "G1P[8]", "São Paulo",
        "Âge d'or", "the source of the Nile", "Sources: coal and gas", "(Source)", "&c.", "<p>",
        "Freely (source code must be published)",
        "Blade Runner (adapted from a novel)", "Press the button. Source: HDMI 2",
        "<b> or <strong>", "Option<I>", "a<b>c", "if a <b and c> d", "&quote;", "&notit;",
        "Please cite. Reference: INV-2024-17",
    ],
)  # fmt: skip
def test_what_an_answer_may_hold_stays(text):
    assert cleaned(text) == (text, ())


def test_a_question_about_markup_or_sources_keeps_its_references():
    asked = QAExample(id="a", question="Which tag makes it bold?", references=("<b>x</b>",))
    assert clean_examples([asked]) == ((asked,), {})
    other = QAExample(id="a", question="Which river is it?", references=("<b>Tisza</b>",))
    (clean,), found = clean_examples([other])
    assert clean.references == ("Tisza",)
    assert found == {"HTML": ("a",)}


@given(st.text(max_size=60))
def test_cleaning_is_done_once_and_leaves_something(text):
    clean, _ = cleaned(text)
    assert bool(clean.strip()) == bool(text.strip())
    assert cleaned(clean)[0] == clean or len(cleaned(clean)[0]) < len(clean)
