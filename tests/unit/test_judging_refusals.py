"""Refusals of every kind are found; right answers that sound like them are not taken for one."""

import pytest

from pytest_ragft.judging.abstention import AbstentionRecogniser, ruled
from pytest_ragft.judging.lexical.text import Reader
from pytest_ragft.records import QAExample
from tests.unit.refusals import ANSWERS, FURTHER, REFUSALS, Asked

RECOGNISER = AbstentionRecogniser(Reader())
FORMS = [pytest.param(form, id=f"{kind} {n}") for kind in REFUSALS for n, form in
         enumerate(REFUSALS[kind], start=1)]  # fmt: skip
FORMS += [pytest.param(form, id=form.answer[:40]) for form in FURTHER]
RIVER = QAExample(id="q", question="Which river flows through Chur?", references=("Plessur",))
NOWHERE = QAExample(
    id="q", question="Which river flows through it?", references=(), answerable=False
)
PERMITTED = QAExample(
    id="q", question="Does the text permit dogs?", references=("No",), type="yesno"
)


def test_there_are_four_forms_of_fifteen_kinds():
    assert [len(forms) for forms in REFUSALS.values()] == [4] * 15


@pytest.mark.parametrize("form", FORMS)
def test_a_refusal_is_found(form: Asked):
    assert RECOGNISER.abstains(form.answer, form.question)


@pytest.mark.parametrize("form", ANSWERS, ids=lambda form: form.answer[:40])
def test_a_right_answer_is_no_refusal(form: Asked):
    assert not RECOGNISER.abstains(form.answer, form.question)


@pytest.mark.parametrize("form", FORMS)
def test_a_refusal_is_0_where_there_is_an_answer_and_1_where_there_is_none(form: Asked):
    answerable = QAExample(id="q", question=form.question, references=("Zanzibar, 42.7 %",))
    unanswerable = QAExample(id="q", question=form.question, references=(), answerable=False)

    wrong, right = ruled(answerable, form.answer), ruled(unanswerable, form.answer)

    assert wrong is not None
    assert right is not None
    assert [wrong[metric].value for metric in ("accuracy", "completeness")] == [0.0, 0.0]
    assert wrong["accuracy"].evidence == {"abstained": True}
    assert right["accuracy"].value == 1.0
    assert right["accuracy"].evidence == {"abstained": True}
    assert right["completeness"].status == "not_applicable"


def test_what_stands_in_the_question_is_no_refusal():
    asked = "who recorded i can't help falling in love with you"
    assert not RECOGNISER.abstains("I Can't Help Falling in Love with You: Elvis Presley", asked)
    assert not RECOGNISER.abstains('"I Can\'t Help Falling in Love" is by Elvis Presley', asked)
    assert RECOGNISER.abstains("I can't find who recorded it.", asked)


def test_a_figure_is_asked_for_and_none_is_given():
    asked = "What was the revenue of Halden Foods in 2021?"
    answer = (
        "I do not have access to the accounts of Halden Foods. The company sells rye bread. "
        "You would need to check the annual report for the revenue of Halden Foods. {}"
    )
    assert RECOGNISER.abstains(answer.format(""), asked)
    assert not RECOGNISER.abstains(answer.format("It came to $412 million."), asked)


@pytest.mark.parametrize(
    ("example", "answer", "accuracy"),
    [
        (RIVER, "The context does not say.", 0.0),
        (RIVER, "The Rhine.", None),
        (RIVER, "I am not sure, but it is the Plessur.", None),
        (RIVER, " \n", 0.0),
        (RIVER, "?!", 0.0),
        (NOWHERE, "", 0.0),
        (NOWHERE, "The Rhine.", 0.0),
        (NOWHERE, "The context does not say.", 1.0),
        (PERMITTED, "No, the text does not say that dogs are permitted.", None),
        (PERMITTED, "The text does not say.", 0.0),
    ],
)
def test_what_is_ruled_before_any_judge(example: QAExample, answer: str, accuracy: float | None):
    scores = ruled(example, answer)

    assert (None if scores is None else scores["accuracy"].value) == accuracy


def test_a_reference_that_declines_leaves_refusals_to_the_judge():
    example = QAExample(id="q", question="Who was Jack?", references=("It is unknown.",))

    assert ruled(example, "The context does not say.") is None
    assert ruled(example, "It is  unknown.") is None


def test_directions_are_no_refusal_where_no_question_is_known():
    assert not RECOGNISER.abstains("See note 7 of the financial statements.")


def test_without_references_nothing_is_ruled():
    assert ruled(QAExample(id="q", question="Who was Jack?", references=()), "") is None


@pytest.mark.parametrize(
    ("question", "reference", "answer"),
    [
        ("What is missing from the file?", "the date", "The date is missing."),
        (
            "What does the firm not disclose?",
            "its headcount",
            "It does not disclose its headcount.",
        ),
        ("Which HTTP status is 404?", "Not Found", "Not found"),
    ],
)
def test_what_gives_the_reference_is_no_refusal(question, reference, answer):
    example = QAExample(id="a", question=question, references=(reference,))
    assert ruled(example, answer) is None


def test_a_refusal_that_repeats_the_question_is_one():
    example = QAExample(id="a", question="When was Paris founded?", references=("250 BC",))
    assert ruled(example, "The text does not say when Paris was founded.") is not None
