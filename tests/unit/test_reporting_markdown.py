"""The Markdown report: read by people in a pull request, whatever an answer or a name holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pytest_ragft.records import RunResult
from pytest_ragft.reporting.advice import advice
from pytest_ragft.reporting.conclusion import conclude
from pytest_ragft.reporting.markdown import MARK, MOST_BYTES, to_markdown
from pytest_ragft.reporting.markdown_escaping import cell, changes, code, prose
from tests.hostile import HOSTILE
from tests.unit.reported_cases import WORDS, answered, hostile_run, with_cases
from tests.unit.test_reporting_examples import (
    DESELECTED,
    EXAMPLES,
    FULL,
    LOST,
    OPEN,
    PASSING,
    REGRESSED,
    gate,
    run,
)

# As GitHub reads it, with HTML let through: what is none of ours shows.
GITHUB = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = {
    "heading", "paragraph", "inline", "bullet_list", "list_item", "table", "thead", "tbody", "tr",
    "th", "td", "strong", "s", "code_inline", "text", "html_block", "softbreak",
}  # fmt: skip
OUR_HTML = {
    MARK,
    "</details>",
    *(
        f"<details>\n<summary>{title}</summary>"
        for title in (
            "By suite",
            "What was found, gate by gate",
            "What was compared",
            "What limits these verdicts",
        )
    ),
}
# What GitHub turns into a link, a mention or an image in what is rendered, but not in code.
LINKED = re.compile(
    r"https?:|ftp:|mailto:|xmpp:|www\.|@\w|#\d|GH-\d|:[a-z+_-]+:|\b(?=\w*\d)[0-9a-f]{7,40}\b|\$",
    re.IGNORECASE,
)


def tokens(text: str) -> Iterator[Token]:
    for token in GITHUB.parse(text):
        yield token
        yield from token.children or ()


def kind(token: Token) -> str:
    return re.sub("_(open|close)$", "", token.type)


def assert_harmless(text: str) -> None:
    found = list(tokens(text))
    assert {kind(token) for token in found} <= OURS
    assert {token.content.strip() for token in found if token.type == "html_block"} <= OUR_HTML
    assert {name for token in found for name in token.attrs} <= {"style"}, "alignment"
    for token in found:
        if token.type == "text":
            assert not LINKED.search(token.content), token.content
    columns = None
    for token in found:
        if token.type == "tr_open":
            columns = 0
        if token.type in ("th_open", "td_open"):
            columns = (columns or 0) + 1
    assert text.startswith(MARK)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert not re.search(r"(^|\s)::\S|##\w*\[", text, re.MULTILINE)
    assert len(text.encode()) <= MOST_BYTES


def structure(text: str) -> list[str]:
    """Everything but the words: what blocks there are, and how many cells and items."""
    blocks = [token for token in GITHUB.parse(text) if token.type != "inline"]
    return [f"{token.type} {token.tag}" for token in blocks]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("texts", ["short", "full"])
def test_nothing_but_our_own_elements_comes_of_hostile_texts(name: str, texts: str) -> None:
    text = to_markdown(hostile_run(HOSTILE[name]), texts)  # type: ignore[arg-type]
    assert_harmless(text)
    if not name.startswith(("long", "lines", "empty")):
        assert structure(text) == structure(to_markdown(hostile_run("plain"), texts))  # type: ignore[arg-type]


def test_there_are_enough_hostile_texts() -> None:
    assert len(HOSTILE) >= 60


MARKUP = st.text(st.sampled_from("`|\\<>[]()!*_~#@:$&-+=1.x \n\r\t/w"), max_size=30)


@given(MARKUP)
def test_no_string_of_markup_gets_out(evil: str) -> None:
    for of, block in ((code, "- {}"), (prose, "- {}"), (cell, "| a |\n|---|\n| {} |")):
        text = block.format(of(evil))
        found = list(tokens(text))
        assert {kind(token) for token in found} <= OURS - {"html_block", "heading"}
        assert sum(token.type == "list_item_open" for token in found) <= 1
        assert sum(token.type == "td_open" for token in found) <= 1
        assert not any(t.type == "text" and LINKED.search(t.content) for t in found), text


@given(st.text(st.sampled_from("`ab \\|"), max_size=20))
def test_code_holds_the_whole_text(text: str) -> None:
    wanted = " ".join(text.split())
    found = [t.content for t in tokens(f"- {code(text)}") if t.type == "code_inline"]
    assert found == ([wanted] if wanted else [])


@given(MARKUP, MARKUP)
def test_marks_of_what_changed_are_ours_alone(before: str, after: str) -> None:
    found = list(tokens(f"- {changes(before, after)}"))
    assert {kind(token) for token in found} <= OURS - {"html_block", "heading"}
    assert not any(t.type == "text" and t.content.strip() for t in found)


def test_sentences_stay_sentences() -> None:
    told = "accuracy fell by 0.300 (one-sided 95 % bounds −0.380 to −0.217), more than 0.05"
    assert prose(told) == told
    assert prose("see suites/x.toml, and `ragft show` it") == (
        "see `suites/x.toml,` and `ragft show` it"
    )
    assert prose("3 of 4 passed") == "3 of 4 passed"
    assert prose("3. of 4") == "`3.` of 4"


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_well_formed(name: str) -> None:
    assert_harmless(to_markdown(with_cases(EXAMPLES[name])))
    assert_harmless(to_markdown(EXAMPLES[name]))


def test_the_verdict_is_the_first_line_that_shows() -> None:
    lines = to_markdown(REGRESSED).splitlines()
    assert lines[0] == MARK
    assert lines[2] == "## ❌ `ft-ckpt`: BLOCK – accuracy regressed"
    assert to_markdown(PASSING).splitlines()[2] == (
        "## ✅ `ft-ckpt`: PASS – 2 of 2 primary gates passed"
    )


def test_of_several_variants_the_worst_comes_first() -> None:
    lines = to_markdown(FULL).splitlines()
    assert lines[2] == "## ❌ BLOCK: `short-answers` · ✅ PASS: `rag-format`"
    assert lines[4].startswith("- ❌ `short-answers`: BLOCK – accuracy, completeness, ")
    assert lines[5].startswith("- ✅ `rag-format`: PASS – ")
    assert "| ❌ | `short-answers` | completeness (pooled, primary) |" in lines[9]


def test_the_table_holds_the_numbers_and_what_stops_first() -> None:
    rows = [line for line in to_markdown(REGRESSED).splitlines() if line.startswith("| ")]
    assert rows[:4] == [
        "|  | gate | baseline | variant | diff | bounds | margin | n | verdict |",
        "| :--- | :--- | ---: | ---: | ---: | ---: | ---: | ---: | :--- |",
        "| ❌ | accuracy (pooled, primary) | 0.412 | 0.304 | −0.108 | −0.143 to −0.072 | 0.050 "
        "| 480 | REGRESSION |",
        "| ✅ | completeness (pooled, primary) | 0.412 | 0.391 | −0.021 | −0.04996 to +0.012 "
        "| 0.050 | 418 | PASS |",
    ]


def test_the_three_worst_questions_of_what_is_blocked_are_shown() -> None:
    text = to_markdown(with_cases(REGRESSED))
    assert re.findall(r"^\*\*`(\S+)`\*\*", text, re.MULTILINE)[:3] == [
        "biomedical::q-017",
        "papers::q-141",
        "encyclopedia::q-003",
    ]
    assert text.count("- question: `Which metal is in chlorophyll?`") == 3
    assert (
        "- `ft-ckpt`: `It is` ~~`magnesium`~~ **`iron, as`** `in` ~~`photosystem I.`~~ **`haem.`**"
    ) in text
    assert "Questions that got worse" not in to_markdown(with_cases(PASSING))


def test_what_to_do_next_is_said_of_what_did_not_pass() -> None:
    passing, blocked = conclude(FULL)
    text = to_markdown(FULL)
    section = text[text.index("### What to do next") : text.index("<details>")]
    told = [f"- `{blocked.variant}`: {prose(line)}" for line in advice(FULL, blocked)]
    assert [line for line in section.splitlines() if line.startswith("- ")] == told
    assert passing.variant not in section
    assert "What to do next" not in to_markdown(PASSING)


def test_without_texts_questions_are_only_named() -> None:
    text = to_markdown(with_cases(REGRESSED), "none")
    assert "**`biomedical::q-017`** accuracy 1.00 → 0.00" in text
    assert [word for word in WORDS if word in text] == []


def test_errors_and_what_was_left_out_stand_above_the_table() -> None:
    for result, told in ((LOST, "ERROR: ft-ckpt on papers: the"), (DESELECTED, "NOT GATED: 1 ga")):
        text = to_markdown(result)
        assert told in text[: text.index("| gate |")]


def test_details_are_folded() -> None:
    text = to_markdown(with_cases(OPEN))
    shown, *folded = text.split("<details>")
    assert "to decide: about 1,250 questions" not in shown
    assert "to decide: about 1,250 questions" in folded[0]
    assert "models/smollm2-135m-instruct" in folded[1]
    assert "one look at the data" in folded[2]
    assert text.count("<details>") == text.count("</details>") == 3


def _many(results: Iterable[str]) -> RunResult:
    gates = tuple(
        gate(f"metric-{i}", (-0.3, -0.2, -0.1), "REGRESSION", variant=name, suites=(f"suite-{i}",))
        for name in results
        for i in range(30)
    )
    case = answered(question="漢" * 5_000, before="字 " * 5_000, after="漢 " * 5_000)
    cases = [
        replace(case, suite=m.suite, variant=g.variant, example=replace(case.example, id=m.id))
        for g in gates
        for m in g.questions
    ]
    return with_cases(
        run(*gates, errors=tuple(f"error {i}: " + "why " * 500 for i in range(500))), cases
    )


@pytest.mark.parametrize("texts", ["none", "short", "full"])
def test_a_huge_run_still_fits_into_a_comment(texts: str) -> None:
    text = to_markdown(_many(f"variant-{i}-{'x' * 80}" for i in range(40)), texts)  # type: ignore[arg-type]
    assert_harmless(text)
    assert "more: `ragft report -v` shows all" in text
    assert "### Questions that got worse" in text
    assert text.count("<details>") == text.count("</details>")
    assert text.rstrip().endswith("every question: `ragft show SUITE::ID`")


def test_a_run_without_anything_says_so() -> None:
    nothing = run(variants=(), suites=(), gates_configured=0, judge="", judge_note="")
    text = to_markdown(nothing)
    assert "## ❌ no variant was gated" in text
    assert_harmless(text)
