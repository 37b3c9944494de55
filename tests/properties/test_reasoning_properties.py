"""Reasoning and answer come back as they were put together, and no word of either is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.reasoning import split_reasoning

PAIRS = [
    ("<think>", "</think>"),
    ("<THINKING>", "</thinking>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<|channel>", "<channel|>"),
    ("<unused94>", "<unused95>"),
    (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
]
PAIR = st.sampled_from(PAIRS)
ANY = st.text(st.characters(exclude_categories=["Cs"]))
UNMARKED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<>[]◁▷|"))
SAID = UNMARKED.map(str.strip).filter(bool)
SPACE = st.sampled_from(["", " ", "\n", "\n\n"])


@given(ANY)
def test_any_text_without_a_marker_stays_as_it_is(text: str) -> None:
    text = re.sub(
        r"think|thought|reason|scratchpad|inner_|channel|unused|final", "", text, flags=re.I
    )
    parts = split_reasoning(text)
    assert (parts.text, parts.reasoning, parts.cut) == (text, "", False)


@given(PAIR, UNMARKED, SAID, SPACE, SPACE)
def test_reasoning_and_answer_come_back(
    pair: tuple[str, str], thought: str, said: str, before: str, after: str
) -> None:
    text = f"{before}{pair[0]}\n{thought}\n{pair[1]}{after}{said}"
    parts = split_reasoning(text)
    assert (parts.text, parts.reasoning, parts.cut) == (said, thought.strip(), False)


@given(PAIR, UNMARKED, SAID, SPACE)
def test_so_they_do_when_the_prompt_opened_it(
    pair: tuple[str, str], thought: str, said: str, after: str
) -> None:
    parts = split_reasoning(f"{thought}{pair[1]}{after}{said}", opened=pair[0])
    expected = thought.strip()
    if pair[0] in ("<|channel>", "<unused94>"):
        expected = re.sub(r"^thought\b", "", thought).strip()
    assert (parts.text, parts.reasoning, parts.cut) == (said, expected, False)


@given(PAIR, UNMARKED, SPACE)
def test_reasoning_that_never_ends_is_no_answer(
    pair: tuple[str, str], thought: str, before: str
) -> None:
    parts = split_reasoning(f"{before}{pair[0]} {thought}")
    assert (parts.text, parts.cut) == ("", True)


@given(PAIR, SAID, SAID)
def test_code_and_quotes_are_text(pair: tuple[str, str], before: str, after: str) -> None:
    before, after = before.replace("`", "'"), after.replace("`", "'")
    for text in (f"{before} `{pair[0]}x{pair[1]}` {after}", f'{before} "{pair[0]}" {after}'):
        if "<|start|>" not in text:
            assert split_reasoning(text).text == text


MARKS = st.sampled_from([mark for pair in PAIRS[:-1] for mark in pair])
GLUE = st.sampled_from(["", " ", "\n", ". ", ", ", "`", '"', "```\n", " - "])


@given(st.lists(st.tuples(GLUE, MARKS, GLUE), max_size=12), MARKS | st.just(""))
def test_every_word_is_said_or_thought_once(marks: list[tuple[str, str, str]], opened: str) -> None:
    pieces = [f"w{i}{before}{mark}{after}" for i, (before, mark, after) in enumerate(marks)]
    text = "".join(pieces) + "last"
    parts = split_reasoning(text, opened=opened)
    found = re.findall(r"w\d+|last", f"{parts.text} {parts.reasoning}")
    assert sorted(found) == sorted([f"w{i}" for i in range(len(marks))] + ["last"])
    assert not (parts.cut and parts.text)


FRAGMENTS = st.sampled_from(
    [
        *(mark for pair in PAIRS for mark in pair),
        *("<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<answer>", "</answer>"),
        *("analysis", "assistantfinal", "Here is my thought process:", "Here is my response:"),
        *("`", "```", '"', "\n", " ", "a", "<", "</", "\0", "\ud83e"),
    ]
)


@given(st.lists(FRAGMENTS | ANY, max_size=30).map("".join), MARKS | st.just(""))
def test_nothing_makes_it_raise(text: str, opened: str) -> None:
    parts = split_reasoning(text, opened=opened)
    assert len(parts.text) + len(parts.reasoning) <= 3 * (len(text) + len(opened))


LONG = 5_000_000


@pytest.mark.parametrize(
    "piece",
    ["think ", "</think> a", "the <think> tag ", "`<think> b ", "<think>a</think>", "[THINK"],
)
@pytest.mark.parametrize("head", ["", "a ```\n`x "], ids=["", "after code"])
def test_five_megabytes_take_time_in_proportion(head: str, piece: str) -> None:
    """Quadratic time would be hours."""
    text = head + piece * (LONG // len(piece))
    parts = split_reasoning(text)
    assert len(parts.text) + len(parts.reasoning) <= 2 * LONG
