"""Properties of the recogniser of refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.judging.abstention import AbstentionRecogniser
from pytest_ragft.judging.lexical.text import Reader
from tests.unit.refusals import ANSWERS, REFUSALS, Asked

RECOGNISER = AbstentionRecogniser(Reader())
FORMS = st.sampled_from([form for forms in REFUSALS.values() for form in forms])
WORDS = st.sampled_from(
    ["I", "cannot", "not", "no", "the", "context", "does", "say", "If", "you", "provide", "would",
     "need", "to", "calculate", "is", "unknown", "unspecified", "data", "given", ",", ".", ";", "?",
     "\n-", "\n1.", ":", "=", "$5", "12 %", '"', "but", "although", "information", "Therefore,"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=40).map(" ".join))


@given(form=FORMS)
def test_repeating_the_question_keeps_a_refusal(form: Asked):
    assert RECOGNISER.abstains(f"{form.question} {form.answer}", form.question)
    assert RECOGNISER.abstains(f"{form.answer} {form.question}", form.question)


@given(form=FORMS, value=st.integers(min_value=5, max_value=99_999))
def test_a_figure_given_as_the_answer_ends_a_refusal(form: Asked, value: int):
    said = f"The answer is {value}."

    assert not RECOGNISER.abstains(f"{form.answer} {said}", form.question)
    assert not RECOGNISER.abstains(f"{said} {form.answer}", form.question)


@given(
    form=FORMS.filter(lambda form: "margin" not in form.question),
    name=st.sampled_from(["Ilse Brandt", "a rockfall", "the Plessur"]),
)
def test_a_name_given_as_the_answer_ends_a_refusal(form: Asked, name: str):
    # A question for a margin is not answered by a name.
    assert not RECOGNISER.abstains(f"{form.answer} However, it is {name}.", form.question)


@given(form=FORMS, other=FORMS)
def test_two_refusals_of_one_question_are_one(form: Asked, other: Asked):
    if form.question == other.question:
        assert RECOGNISER.abstains(f"{form.answer}\n\n{other.answer}", form.question)


@given(form=st.sampled_from([*ANSWERS, *(f for forms in REFUSALS.values() for f in forms)]))
def test_case_and_markup_do_not_matter(form: Asked):
    plain = RECOGNISER.abstains(form.answer, form.question)

    assert RECOGNISER.abstains(form.answer.upper(), form.question) is plain
    assert RECOGNISER.abstains(f"**{form.answer}**", form.question) is plain


@given(answer=TEXTS, question=TEXTS)
def test_it_never_raises(answer: str, question: str):
    abstains = RECOGNISER.abstains(answer, question)

    assert not abstains or answer.strip()


@pytest.mark.parametrize(
    "piece",
    ["the text of ", "not ", "I not ", "no information ", "if would ", "in, ", "- a\n", "x", '"a" ',
     "what is ", "aly", "although it, ", "data is not "],
)  # fmt: skip
def test_long_texts_are_read_in_the_end(piece: str):
    """A pattern that backtracks over its text would not end within a day."""
    long = piece * (400_000 // len(piece))

    assert RECOGNISER.abstains(f"I do not know. {long}", long[:5_000]) in (True, False)
