"""A question as lines: which ones got worst, and what of them is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_ragft.records import Answer, Mover, QAExample
from pytest_ragft.reporting.question import full_lines, heading, short_lines, worst_cases
from pytest_ragft.reporting.text import width_of
from tests.unit.reported_cases import answered, score, with_cases
from tests.unit.test_reporting_examples import FULL, PASSING, REGRESSED, gate, run


def mover(example_id: str, difference: float) -> Mover:
    return Mover(
        suite="biomedical", id=example_id, baseline=1.0, variant=1 + difference,
        difference=difference,
    )  # fmt: skip


def shown(lines: list, width: int = 100) -> str:
    assert all(width_of(line.text) <= width for line in lines)
    return "\n".join(line.text for line in lines)


def test_the_largest_drops_of_what_stops_a_variant_come_first_and_once() -> None:
    found = worst_cases(with_cases(REGRESSED), "ft-ckpt", 10)
    assert [case.example.id for case in found] == ["q-017", "q-141", "q-003"]
    assert len(worst_cases(with_cases(REGRESSED), "ft-ckpt", 2)) == 2


def test_gates_that_pass_name_no_question_where_another_stops() -> None:
    stopping = gate(
        bounds=(-0.2, -0.15, -0.1), outcome="REGRESSION", questions=(mover("slow", -0.1),)
    )
    passing = gate("completeness", questions=(mover("other", -0.9),))
    result = with_cases(run(stopping, passing))
    assert [c.example.id for c in worst_cases(result, "ft-ckpt", 9)] == ["slow"]
    assert [c.example.id for c in worst_cases(with_cases(run(passing)), "ft-ckpt", 9)] == ["other"]


def test_what_did_not_get_worse_or_has_no_answer_is_not_shown() -> None:
    better = gate(questions=(mover("better", 0.5), mover("gone", -0.5)))
    result = with_cases(run(better), [answered(example_id="better")])
    assert worst_cases(result, "ft-ckpt", 9) == []
    assert worst_cases(PASSING, "ft-ckpt", 9) == []
    assert worst_cases(with_cases(FULL), "no-such-variant", 9) == []


def test_a_heading_says_where_and_what_became_of_the_scores() -> None:
    case = answered()
    assert heading(case) == "biomedical::q-017  accuracy 1.00 → 0.00"
    assert heading(answered(before=None)) == "biomedical::q-017  accuracy 0.00"
    unscored = replace(
        case, scores={"accuracy": replace(score("accuracy", None), status="not_applicable")}
    )
    assert heading(unscored).endswith("accuracy 1.00 → n/a")
    assert heading(replace(case, scores={"accuracy": score("accuracy", None)})).endswith("missing")


def test_the_short_form_holds_what_a_reader_in_a_hurry_needs() -> None:
    text = shown(short_lines(answered(reason="another metal"), 100))
    assert text.splitlines() == [
        "biomedical::q-017  accuracy 1.00 → 0.00",
        "  question    Which metal is in chlorophyll?",
        "  reference   magnesium",
        "  baseline    It is magnesium in photosystem I.",
        "  ft-ckpt     It is [-magnesium-] {+iron, as+} in [-photosystem I.-] {+haem.+}",
        "  because     another metal",
    ]


def test_a_long_answer_takes_three_lines_of_the_short_form() -> None:
    lines = short_lines(answered(after="word " * 500), 80)
    assert len(lines) < 10
    assert sum("…" in line.text for line in lines) == 1


def test_the_full_form_holds_passages_thoughts_and_why() -> None:
    case = answered(passage="Plants need manganese, too.", reason="another metal")
    text = shown(full_lines(case, 100))
    for part in (
        "passage 1: d1#0 (relevant), score 3.25 About magnesium",
        "  Plants need manganese, too.",
        "  kind        factoid, plants",
        "  document    d1",
        "  fact        It is magnesium.",
        "cut at max_new_tokens",
        "thought",
        "accuracy 0.00 – another metal",
        "share 0.5",
        "changes",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(text="", finish="error", error="out of memory"), "no answer: out of memory"),
        (Answer(text=" ", finish="stop"), "(empty)"),
        (Answer(text="", finish="length", reasoning="Well", reasoning_cut=True), "cut while think"),
        (Answer(text="", finish="recorded", absent="null"), "the recorded answer is null"),
    ],
)
def test_what_stands_in_the_place_of_an_answer(answer: Answer, told: str) -> None:
    case = replace(answered(), answer=answer)
    assert told in shown(short_lines(case, 100))
    assert told in shown(full_lines(case, 100))


def test_a_question_without_answer_in_the_corpus_says_so() -> None:
    example = QAExample(id="q", question="Who?", references=(), answerable=False)
    case = replace(answered(), example=example, hits=(), passages=())
    assert "none: the corpus does not hold an answer" in shown(short_lines(case, 100))
    assert "nothing was retrieved" in shown(full_lines(case, 100))


@pytest.mark.parametrize("width", [60, 70, 80, 120])
def test_nothing_in_a_case_steers_the_terminal_or_runs_over(width: int) -> None:
    evil = "\x1b[2J\u202e ::error::x \r\n|" + " word" * 40
    case = answered(
        "bio\x1b[31m", "q\u202e" + "x" * 30, question=evil, reference=evil, passage=evil,
        before=evil, after=evil + " more", reason=evil,
    )  # fmt: skip
    for lines in (short_lines(case, width), full_lines(case, width)):
        for line in lines:
            assert line.text.isprintable()
            assert " ::error" not in line.text
            assert width_of(line.text) <= width
