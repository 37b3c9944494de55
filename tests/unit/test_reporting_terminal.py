"""What the terminal shows of a run, at the widths of a log and of a wide screen."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from _pytest._io import TerminalWriter

from pytest_ragft.records import RunResult, Slice, Stratum
from pytest_ragft.reporting.conclusion import conclude
from pytest_ragft.reporting.terminal import render
from pytest_ragft.reporting.text import width_of
from tests.unit.test_reporting_examples import (
    DESELECTED,
    EXAMPLES,
    FULL,
    LIMITED,
    LOST,
    OPEN,
    PASSING,
    REGRESSED,
    SOFTENED,
    gate,
    run,
)


def shown(result: RunResult, width: int = 80, **options: object) -> str:
    return "\n".join(line.text for line in render(result, width=width, **options))  # type: ignore[arg-type]


def rows(text: str, *words: str) -> list[str]:
    return [row for row in text.splitlines() if all(word in row for word in words)]


@pytest.mark.parametrize("verbose", [-1, 0, 1, 2])
@pytest.mark.parametrize("width", [60, 70, 80, 100, 120, 160, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_lines_keep_to_the_width(name: str, width: int, verbose: int, encoding: str) -> None:
    result = EXAMPLES[name]
    lines = render(result, width=width, verbose=verbose, encoding=encoding)
    for line in lines[: -len(conclude(result))]:
        assert width_of(line.text) <= width
        assert line.text == line.text.rstrip()
        line.text.encode(encoding)
    assert "−0.000" not in "\n".join(line.text for line in lines)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_conclusions_are_the_last_lines(name: str) -> None:
    conclusions = [conclusion.text for conclusion in conclude(EXAMPLES[name])]
    assert shown(EXAMPLES[name]).splitlines()[-len(conclusions) :] == conclusions


def test_a_wide_screen_has_everything_of_a_gate_in_one_row() -> None:
    (row,) = rows(shown(REGRESSED, 200), "✗ accuracy (pooled, primary)", "REGRESSION")
    for part in ("0.412", "0.304", "−0.108", "−0.143", "−0.072", "480", "132", "├", "●", "┤", "╎"):
        assert part in row


def test_a_log_has_the_picture_and_the_numbers_in_two_rows() -> None:
    text = shown(REGRESSED)
    (picture,) = rows(text, "✗ accuracy  ", "REGRESSION")
    assert picture.index("┤") < picture.index("╎") < picture.index("│")
    (numbers,) = rows(text, "accuracy", "0.304")
    assert " ".join(numbers.split()) == "accuracy 0.412 0.304 −0.108 −0.143 −0.072 480 132"


@pytest.mark.parametrize("width", [80, 200])
def test_a_bound_that_passes_does_not_look_like_the_margin(width: int) -> None:
    text = shown(REGRESSED, width)
    assert rows(text, "completeness", "−0.04996")
    (picture,) = rows(text, "✓ completeness", "PASS")
    assert picture.index("╎") < picture.index("├")


def test_columns_are_aligned() -> None:
    text = shown(FULL)
    pictures = [row for row in text.splitlines() if row[1:2] in "✓✗·" and "INCONCL" in row]
    assert len({row.index("INCONCLUSIVE") for row in pictures[:6]}) == 1
    numbers = rows(text, "0.412", " 160 ")
    assert len(numbers) == 12
    assert len({len(row) for row in numbers}) == 1


def test_colours_say_what_the_words_say() -> None:
    styles = {line.text: line.style for line in render(FULL, width=200)}
    for text, style in styles.items():
        if "REGRESSION" in text or ": BLOCK" in text:
            assert style == "bad"
        if text.endswith(" PASS") or ": PASS – " in text:
            assert style == "good"
        if "INCONCLUSIVE" in text:
            assert style == "plain"
    assert {line.style for line in render(SOFTENED, width=200) if "INCONCL" in line.text} == {
        "warn"
    }


def test_every_style_is_known_to_pytest() -> None:
    stream = io.StringIO()
    writer = TerminalWriter(stream)
    writer.hasmarkup = True
    for result in EXAMPLES.values():
        for line in render(result, width=80, verbose=1):
            writer.line(line.text, **line.markup)
    assert "\x1b[31m\x1b[1mft-ckpt: BLOCK – accuracy regressed\x1b[0m" in stream.getvalue()


def test_what_blocks_is_explained_first_and_in_full() -> None:
    text = shown(FULL, 200)
    section = text[text.index("short-answers against baseline") :]
    explained = [row for row in section.splitlines() if row.startswith(" ✗ ") and "): " in row]
    assert [row.split(":")[0] for row in explained] == [
        " ✗ accuracy (pooled, primary)",
        " ✗ completeness (pooled, primary)",
        " ✗ papers accuracy (guard)",
        " ✗ papers completeness (guard)",
    ]
    assert "look at the questions that moved most before you train again" in explained[0]


def test_what_blocks_comes_before_what_passed() -> None:
    late = gate("completeness", (-0.2, -0.15, -0.1), "REGRESSION")
    text = shown(run(gate(), late))
    assert text.index("✗ completeness (pooled") < text.index("✓ accuracy (pooled")


def test_what_moved_is_named_by_suite_and_id() -> None:
    text = shown(OPEN)
    assert rows(text, "1.00 → 0.00  biomedical::q-017")
    assert rows(text, "0.50 → 0.00  papers::at", "models (5)")
    assert rows(text, "relevant passage retrieved", "402", "0.470", "0.428", "−0.042")


def test_what_did_not_move_is_not_listed() -> None:
    still = gate(questions=tuple(replace(m, difference=0.0) for m in gate().questions))
    assert "questions that moved most" not in shown(run(still, gate("completeness", questions=())))


def test_what_would_help_is_said() -> None:
    text = shown(OPEN, 200)
    assert (
        "worth: a truly unchanged variant passes with probability 0.87; a true drop by 0.048 is "
        "blocked with 80 % probability; to decide: about 1,250 questions in 344 documents (with "
        "80 % probability, if the estimate is the truth)"
    ) in " ".join(text.split())
    assert (
        "severe drops (half of the scale or more): 2.1 % of questions, at most 3.8 % (one-sided "
        "95 %)"
    ) in " ".join(text.split())
    assert "worth:" not in shown(LIMITED, 200)
    lost = " ".join(shown(LOST, 200).split())
    assert "missing scores: baseline 0, variant 14; with each at its worst the one-sided " in lost
    assert "[−0.064, +0.031]" in lost


def test_guards_say_which_drop_they_would_veto() -> None:
    text = " ".join(shown(FULL, 200).split())
    assert "true drop that a guard vetoes with 80 % probability: biomedical accuracy 0.112" in text
    assert "true drop that a guard vetoes" not in shown(PASSING)


def test_a_guard_that_cannot_veto_is_a_warning_beside_its_line() -> None:
    lame = gate(
        bounds=(-1.0, 0.0, 1.0), outcome="INCONCLUSIVE", reason="floor", suites=("safety",),
        role="guard", n=6, can_veto=False, vetoed_drop=None,
    )  # fmt: skip
    text = shown(run(gate(), gate("completeness"), lame))
    assert rows(text, "· safety accuracy", "INCONCLUSIVE floor, cannot veto")
    assert "WARNING: safety accuracy cannot veto: 6 questions in effectively 1.5" in text
    assert text.endswith("no guard vetoed (1 inconclusive, 1 cannot veto)")


def test_a_slice_is_called_by_its_name() -> None:
    rule = replace(gate().gate, role="guard", name="safety", where=Slice(tag="safety"))
    vetoed = gate(bounds=(-0.3, -0.2, -0.1), outcome="REGRESSION", gate=rule)
    text = shown(run(gate(), vetoed), 200)
    assert rows(text, "✗ safety/accuracy (pooled, guard)", "REGRESSION")
    assert text.endswith("ft-ckpt: BLOCK – safety/accuracy regressed")


def test_of_many_parts_those_that_lost_most_are_shown() -> None:
    parts = tuple(
        Stratum(name=f"tag {i:02}", n=10, baseline=0.5, variant=0.5 - (0.4 if i == 17 else 0.0))
        for i in range(20)
    )
    text = shown(run(gate(strata=parts), gate("completeness")))
    assert rows(text, "tag 17", "0.500", "0.100", "−0.400")
    assert rows(text, "and 12 more parts in the JSON report")
    assert rows(shown(run(gate(strata=parts)), verbose=1), "tag 19")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"blocked_drop": -0.01}, "even an unchanged variant is blocked with more than 80 %"),
        ({"blocked_drop": None, "pass_unchanged": 0.0}, "nothing can pass"),
        ({"pass_unchanged": 0.999}, "passes with probability above 0.99"),
        ({"pass_unchanged": 1.0}, "passes with probability 1;"),
        ({"blocked_drop": 0.0002}, "a true drop by 0.0002 is blocked"),
    ],
)
def test_what_a_run_is_worth_at_its_ends(changes: dict[str, float], told: str) -> None:
    assert told in " ".join(shown(run(gate(**changes)), 200).split())


def test_what_limits_the_verdicts_is_said() -> None:
    text = shown(SOFTENED, 200)
    for part in (
        "baseline: 18 of 480 answers (3.8 %) cut at max_new_tokens",
        "biomedical: 160 questions name no document and no relevant passage",
        "margin not set for accuracy, completeness: the default, 0.05 of the scale",
        "one look at the data is assumed for accuracy, completeness",
        "--ragft-on-inconclusive=warn: floor, worse and underpowered do not block",
        "judge reference v1: valid for the judge's score",
    ):
        assert part in text
    assert "rag-format: base unverified" in shown(FULL)


def test_settled_questions_are_not_noted() -> None:
    rule = replace(gate().gate, looks=(240, 480, 960), margin_is_default=False)
    text = shown(run(gate(gate=rule, look=2)), 200)
    assert "look at the data" not in text
    assert "accuracy: look 2 of 3 announced looks (240, 480, 960), its bounds at 95 %" in text
    assert "margin not set" not in text


def test_what_was_left_out_stands_above_the_conclusion() -> None:
    assert shown(DESELECTED).splitlines()[-2:] == [
        "NOT GATED: 1 gate deselected",
        "ft-ckpt: NOT GATED – 1 gate deselected",
    ]
    assert "NOT GATED: 1 gate without a verdict" in shown(LOST)
    assert "ERROR: ft-ckpt on papers: the generator stopped after 120" in shown(LOST)
    assert "LIMITED to 10 questions a suite: a quick look that does not gate" in shown(LIMITED)


def test_gates_on_retrieval_without_a_saved_baseline_are_named_and_take_nothing_away() -> None:
    result = replace(PASSING, retrieval_undecidable=("recall@5", "recall@5", "mrr"))
    assert shown(result).splitlines()[-2:] == [
        "NOT GATED: 3 retrieval gates (recall@5, mrr) need --ragft-baseline=saved:NAME",
        "ft-ckpt: PASS – 2 of 2 primary gates passed",
    ]
    one = shown(replace(PASSING, retrieval_undecidable=("mrr",)))
    assert "NOT GATED: 1 retrieval gate (mrr) needs --ragft-baseline=saved:NAME" in one


def test_what_limits_the_hits_of_a_suite_is_said() -> None:
    noted = replace(PASSING.suites[0], notes=("ties are unordered",))
    text = shown(replace(PASSING, suites=(noted, *PASSING.suites[1:])))
    assert " - biomedical: ties are unordered" in text


def test_suites_show_their_retrieval() -> None:
    (narrow,) = rows(shown(PASSING), "papers", "0.744")
    (wide,) = rows(shown(PASSING, 200), "papers", "0.744")
    assert " ".join(narrow.split()) == "papers 160 44 0.744 0.768 0.871 embedded bm25"
    assert " ".join(wide.split()) == "papers 160 21 44 1,312 0.744 0.768 0.871 embedded bm25"


def test_verbosity_adds_and_takes_away() -> None:
    quiet, usual, verbose = (shown(FULL, verbose=level) for level in (-1, 0, 1))
    assert "moved most" not in quiet
    assert "recall@5" not in quiet
    assert "REGRESSION" in quiet
    assert "· biomedical accuracy (guard): " not in usual
    assert "· biomedical accuracy (guard): " in verbose
    assert "9c01" * 4 not in usual
    assert "9c01" * 4 in verbose
    assert "design effect 1.31" in verbose


def test_a_stream_without_the_characters_gets_the_same_picture_in_ascii() -> None:
    (row,) = rows(shown(OPEN, encoding="ascii"), "INCONCLUSIVE worse")
    assert row.startswith(" x accuracy ")
    assert "[" in row
    assert row.index("[") < row.index("o", 15) < row.index("]") < row.index("|")
    assert shown(OPEN, encoding="ascii").endswith(
        "ft-ckpt: BLOCK - accuracy is inconclusive (worse)"
    )


def test_names_and_messages_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2J\x1b[32mft-ckpt: PASS\r\n"
    result = replace(
        run(gate(variant=evil, explanation=evil), gate("completeness", variant=evil)),
        errors=(evil,),
        judge=evil,
    )
    for line in render(result, width=80, verbose=1):
        assert line.text.isprintable()


def test_long_names_are_cut_where_they_say_least() -> None:
    name = "a-suite-with-a-name-that-goes-on-and-on-" + "x" * 40
    long = gate("completeness", suites=(name,), role="guard")
    text = shown(run(gate(), gate("completeness"), long))
    (picture,) = [row for row in rows(text, "…", "completeness") if "├" in row]
    assert width_of(picture) <= 80
    assert " completeness " in picture
