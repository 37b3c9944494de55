"""Questions as a report holds them: whole, short, or without a word of their texts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.errors import InputError
from pytest_ragft.records import Answer, AnsweredCase, Hit, Passage, QAExample, RunResult, Score
from pytest_ragft.reporting.json import read_report, to_json
from pytest_ragft.reporting.questions import (
    SHORT,
    ReportedCases,
    cut_case,
    cut_text,
    questions_to_plain,
)
from tests.unit.reported_cases import WORDS, answered, with_cases
from tests.unit.test_reporting_examples import FULL, REGRESSED, run

RUN = with_cases(REGRESSED)


def through_json(result: RunResult, texts: str = "full") -> ReportedCases:
    return ReportedCases(json.loads(json.dumps(questions_to_plain(result, texts))))  # type: ignore[arg-type]


def test_a_text_is_whole_or_keeps_both_ends_or_is_gone() -> None:
    long = "begin " + "x" * 5_000 + " end"
    assert cut_text("a short one", "short") == "a short one"
    assert cut_text(long, "full") == long
    assert cut_text(long, "none") == ""
    short = cut_text(long, "short")
    assert short.startswith("begin ")
    assert short.endswith(" end")
    assert len(short) == SHORT


def test_all_arms_of_a_question_stand_in_one_place() -> None:
    (first, *_) = questions_to_plain(with_cases(FULL), "full")
    assert list(first["answers"]) == ["baseline", "rag-format", "short-answers"]


def test_cases_come_back_from_a_report() -> None:
    back = through_json(RUN)
    assert list(back) == list(RUN.cases)
    assert len(back) == len(RUN.cases)
    for key, case in RUN.cases.items():
        read = back[key]
        # A report shows no document of a passage.
        assert read == case
    with pytest.raises(KeyError):
        back["biomedical", "q-017", "baseline"]
    with pytest.raises(KeyError):
        back["biomedical", "no-such", "ft-ckpt"]


def test_a_run_without_a_baseline_has_none_in_its_cases() -> None:
    case = replace(answered(before=None), baseline_scores={})
    (back,) = through_json(with_cases(run(), [case])).values()
    assert back.baseline_answer is None
    assert back.baseline_scores == {}


def test_no_word_of_a_text_stands_in_a_report_without_texts() -> None:
    case = answered(reason="says haem and not magnesium")
    text = to_json(with_cases(REGRESSED, [case]), "none")
    assert [word for word in WORDS if word in text] == []
    (question,) = json.loads(text)["questions"]
    assert question["id"] == "q-017"
    assert question["answers"]["ft-ckpt"]["scores"]["accuracy"]["value"] == 0.0
    assert "haem" in to_json(with_cases(REGRESSED, [case]), "short")


def test_short_texts_are_short_in_every_place() -> None:
    long = "word " * 2_000
    case = answered(
        question=long, reference=long, passage=long, before=long, after=long, reason=long
    )
    assert len(to_json(with_cases(run(), [case]), "short")) < 20_000
    assert len(to_json(with_cases(run(), [case]), "full")) > 80_000


TEXT = st.text(max_size=40)
ID = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda name: name != "baseline"
)
SCORES = st.dictionaries(
    st.sampled_from(["accuracy", "completeness"]),
    st.one_of(
        st.builds(lambda v, r: ("scored", v, r), st.floats(0, 1), TEXT),
        st.builds(lambda s, r: (s, None, r), st.sampled_from(["missing", "not_applicable"]), TEXT),
    ),
).map(
    lambda found: {
        metric: Score(metric=metric, value=value, status=status, reason=reason)
        for metric, (status, value, reason) in found.items()
    }
)
ANSWERS = st.builds(
    Answer,
    text=TEXT,
    finish=st.sampled_from(["stop", "length", "recorded", "error"]),
    reasoning=TEXT,
    reasoning_cut=st.booleans(),
    error=st.none() | TEXT,
    absent=TEXT,
    completion_tokens=st.none() | st.integers(0, 9),
    passages_dropped=st.integers(0, 3),
)
CASES = st.builds(
    AnsweredCase,
    suite=ID,
    example=st.builds(
        QAExample,
        id=ID,
        question=TEXT,
        references=st.lists(TEXT, max_size=3).map(tuple),
        facts=st.lists(TEXT, max_size=2).map(tuple),
        relevant=st.lists(ID, max_size=2).map(tuple),
        document=st.none() | ID,
        answerable=st.booleans(),
        type=st.none() | st.sampled_from(["factoid", "yesno", "list"]),
        tags=st.lists(ID, max_size=2).map(tuple),
    ),
    variant=ID,
    hits=st.just((Hit(passage_id="p", score=0.5),)),
    passages=st.builds(Passage, id=st.just("p"), title=TEXT, text=TEXT, parent=st.none() | ID).map(
        lambda passage: (passage,)
    ),
    answer=ANSWERS,
    scores=SCORES,
    baseline_answer=ANSWERS,
    baseline_scores=SCORES,
)


@given(CASES)
def test_any_case_comes_back_from_a_report(case: AnsweredCase) -> None:
    (back,) = through_json(with_cases(run(), [case])).values()
    assert back == case


@given(CASES, st.sampled_from(["short", "full"]))
def test_texts_are_cut_once(case: AnsweredCase, texts: str) -> None:
    cut = cut_case(case, texts)  # type: ignore[arg-type]
    assert cut_case(cut, texts) == cut  # type: ignore[arg-type]


@given(CASES)
def test_no_text_is_left_where_none_is_wanted(case: AnsweredCase) -> None:
    cut = cut_case(case, "none")
    assert cut.example.question == ""
    assert cut.example.references == cut.example.facts == ()
    assert {p.text + p.title for p in cut.passages} == {""}
    for answer in (cut.answer, cut.baseline_answer):
        assert answer is not None
        assert (answer.text, answer.reasoning) == ("", "")
    for score in (*cut.scores.values(), *cut.baseline_scores.values()):
        assert score.evidence == {}
        assert score.value is None or score.reason == ""


def test_a_report_is_read_again_with_its_questions(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(to_json(RUN))
    read = read_report(path)
    assert replace(read, cases={}) == replace(RUN, cases={})
    assert dict(read.cases) == dict(RUN.cases)
    assert to_json(read) == to_json(RUN)


def test_a_report_without_questions_is_read_as_one_without(tmp_path: Path) -> None:
    document = json.loads(to_json(RUN))
    del document["questions"], document["texts"]
    (tmp_path / "run.json").write_text(json.dumps(document))
    read = read_report(tmp_path / "run.json")
    assert dict(read.cases) == {}
    assert read.gates == RUN.gates


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "No such file"),
        ("", "no whole report"),
        ("[]", "no whole report"),
        ("{}", "no whole report"),
        (to_json(RUN)[:-100], "no whole report"),
        ("[" * 100_000, "no whole report"),
        ('{"schema": "pytest-ragft/report/1"}', "a report of the form 'pytest-ragft/report/1'"),
        ('{"schema": "pytest-ragft/report/2"}', "a damaged report"),
        (
            to_json(RUN).replace('"questions": [', '"questions": [{"suite": 1},'),
            "a damaged report",
        ),
    ],
)
def test_what_is_no_report_is_one_message(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "run.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_report(path)
    message = str(caught.value)
    assert message.startswith(f"{str(path)!r}: ")
    assert told in message
    assert "\n" not in message
    assert "--ragft-json" in message
