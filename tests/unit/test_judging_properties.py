"""Rules of the reference judge that hold for any reference of a kind, by Hypothesis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample

JUDGE = ReferenceJudge()

REFERENCES = {
    "Where was the treaty signed?": ("Utrecht", "Fort Ross", "the Villa Borghese"),
    "Who built the organ?": ("Gottfried Silbermann", "Arp Schnitger", "Ada Byron"),
    "When did the mill burn down?": ("1648", "12 May 1990", "March 1871"),
    "How heavy is the bell?": ("42 kg", "13.7 tonnes", "900 pounds"),
    "Which gene is altered?": ("BRCA2", "TP53", "CFTR"),
}
DENIALS = (
    "It is false that the answer is {}.",
    "It is not {}.",
    "It was never {}.",
    "Not {}.",
    "Definitely not {}.",
    "No, it is not {}.",
    "The answer is not {}.",
    "{}. This is wrong.",
    "{}. That is not true.",
    "{}. This has been disproved.",
    "{}. I made that up.",
    "The answer is {}, which is false.",
    "It is a myth that it is {}.",
    "There is no evidence that it is {}.",
    "I do not think that it is {}.",
    "Nobody believes that it is {}.",
    "The claim that it is {} is untrue.",
    "Anything but {}.",
    "{} is the wrong answer.",
    "It cannot be {}.",
)
ELEMENTS = ("oak", "beech", "larch", "willow", "hazel", "rowan", "alder", "poplar")
FOREIGN = ("granite", "basalt", "marble", "slate")
POLAR = {
    "Is the harbour open in winter?": ("open", "closed"),
    "Did sales rise in May?": ("rose", "fell"),
    "Is the fungus poisonous?": ("poisonous", "not poisonous"),
}
OFF_TOPIC = (
    "My neighbour keeps pigeons on the roof, and every evening they circle above the chimneys "
    "before they settle down. She says that the oldest bird finds its way home from the coast. "
    "Her brother repairs clocks in a shed behind the garage, where shelves sag under brass wheels "
    "and jars of tiny screws. On rainy days he whistles songs from films that nobody remembers. "
    "Their cat sleeps on a folded newspaper beside the stove and pays no attention to the pigeons "
    "or to visitors. Children like to stop at the fence, ask for feathers, and run off laughing "
    "when the gate creaks."
)
asked = st.sampled_from([(q, r) for q, references in REFERENCES.items() for r in references])


def accuracy(question: str, reference: str, answer: str, **fields: object) -> float:
    target = QAExample(id="q", question=question, references=(reference,), **fields)
    value = JUDGE.judge([Case(example=target, answer=answer)])[0]["accuracy"].value
    assert value is not None
    return value


@given(asked, st.sampled_from(DENIALS))
def test_whoever_denies_a_reference_does_not_say_it(pair, form):
    assert accuracy(*pair, pair[1]) >= 0.8
    assert accuracy(*pair, form.format(pair[1])) <= 0.2


@given(asked)
def test_repeating_the_question_adds_nothing(pair):
    question, reference = pair
    assert accuracy(*pair, question) <= 0.2
    assert accuracy(*pair, f"{question} {reference}.") >= 0.8


@given(asked)
def test_text_about_something_else_moves_no_right_answer(pair):
    plain = accuracy(*pair, f"It is {pair[1]}.")
    assert abs(accuracy(*pair, f"It is {pair[1]}. {OFF_TOPIC}") - plain) <= 0.05


@given(asked)
def test_text_about_something_else_is_no_answer(pair):
    assert accuracy(*pair, OFF_TOPIC) <= 0.05


lists = st.lists(st.sampled_from(ELEMENTS), min_size=3, max_size=6, unique=True)


def listed(elements: list[str]) -> str:
    return f"{', '.join(elements[:-1])} and {elements[-1]}"


def share(reference: list[str], answer: list[str]) -> float:
    return accuracy("Which trees grow there?", listed(reference), listed(answer), type="list")


@given(lists, st.randoms(use_true_random=False))
def test_the_order_of_a_list_is_nothing(elements, random):
    shuffled = random.sample(elements, len(elements))
    assert share(elements, shuffled) == 1


@given(lists, st.data())
def test_a_list_loses_by_each_element_that_is_missing_or_wrong(elements, data):
    at = data.draw(st.integers(0, len(elements) - 1))
    foreign = data.draw(st.sampled_from(FOREIGN))
    removed = elements[:at] + elements[at + 1 :]
    swapped = [*elements[:at], foreign, *elements[at + 1 :]]
    assert share(elements, removed) < 1
    assert share(elements, [*elements, foreign]) < 1
    assert share(elements, swapped) < share(elements, removed)


@given(st.sampled_from(sorted(POLAR)), st.booleans(), st.booleans())
def test_the_other_of_yes_and_no_is_wrong(question, right, says):
    reference, answer = ("Yes" if right else "No"), ("Yes." if says else "No.")
    assert accuracy(question, reference, answer) == float(right is says)
    words = POLAR[question][0 if says else 1]
    subject = question.split()[2]
    stated = f"It {words}." if "Did" in question else f"The {subject} is {words}."
    assert (accuracy(question, reference, stated) >= 0.8) is (right is says)


@pytest.mark.parametrize("piece", ["is not ", "it is false that ", "a, ", "x but ", "than ", "("])
def test_a_wording_repeated_ten_thousand_times_is_read(piece):
    for question, reference in (("Is it so?", "Yes"), ("Who was it?", "Ada Byron")):
        assert accuracy(question, reference, piece * 10_000) <= 1


MARKED = ("{} [3]", "{}[1, 2]", "{} [citation needed]", "{} [4][5].")


@given(asked, st.sampled_from(MARKED))
def test_marks_of_sources_say_nothing(pair, form):
    question, reference = pair
    plain = accuracy(question, reference, reference)
    assert accuracy(question, form.format(reference), reference) >= 0.8
    assert accuracy(question, reference, form.format(reference)) == pytest.approx(plain, abs=0.1)


def test_a_reference_in_brackets_stays():
    assert accuracy("What does f return?", "[1]", "[1]") == 1
    assert accuracy("What does f return?", "[1]", "[2]") <= 0.2


@pytest.mark.parametrize("form", DENIALS)
def test_a_denial_says_nothing_of_a_statement_either(form):
    reference = "the old mill was sold to a farmer because its wheel had broken"
    assert accuracy("What happened to the mill?", reference, form.format(reference)) <= 0.2
