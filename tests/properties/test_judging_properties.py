"""Properties of the reference judge over arbitrary texts."""

import re

from hypothesis import assume, given
from hypothesis import example as always
from hypothesis import strategies as st

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample

JUDGE = ReferenceJudge()
METRICS = ("accuracy", "completeness")
TYPES = st.sampled_from([None, "factoid", "yesno", "list", "number", "date", "summary"])

PIECES = st.sampled_from(
    ["Paris", "the", "not", "no", "yes", "Yes,", "one", "two", "hundred", "million", "and", "or",
     "1,000", "3.14", "-5", "5 %", "10⁵", "I do not know.", "The context does not say.", "isn't",
     "Émile's", "blood-brain", "but", ",", ".", ";", "?", "(a)", "km", "Sept", "\u00a0", "Ⅳ", "ﬁ"]
)  # fmt: skip
PHRASES = st.lists(PIECES, max_size=20).map(" ".join)
TEXTS = st.one_of(st.text(max_size=200), PHRASES)
FILLED = TEXTS.filter(lambda text: bool(text.strip()))
EXAMPLES = st.builds(
    QAExample,
    id=st.just("q"),
    question=TEXTS,
    references=st.lists(FILLED, min_size=1, max_size=3).map(tuple),
    facts=st.lists(FILLED, max_size=3).map(tuple),
    type=TYPES,
)
WORDS = st.lists(
    st.sampled_from(["paris", "rome", "clay", "not", "the", "7", "12", "soft", "ground", "or"]),
    min_size=1,
    max_size=15,
)


def judged(example: QAExample, answer: str):
    return JUDGE.judge([Case(example=example, answer=answer)])[0]


def values(example: QAExample, answer: str):
    return {metric: judged(example, answer)[metric].value for metric in METRICS}


@given(example=EXAMPLES, answer=TEXTS)
def test_any_text_gets_scores_in_range(example, answer):
    for score in judged(example, answer).values():
        assert score.status == "scored"
        assert 0 <= score.value <= 1
        assert score.reason


@given(question=TEXTS, answer=TEXTS)
def test_unanswerable_is_all_or_nothing(question, answer):
    example = QAExample(id="q", question=question, references=(), answerable=False)
    scores = judged(example, answer)
    assert scores["accuracy"].value in (0, 1)
    assert scores["completeness"].status == "not_applicable"


@given(example=EXAMPLES, answer=PHRASES)
def test_case_whitespace_and_markup_do_not_matter(example, answer):
    # "the" and "," say nothing; they are right only as the very text of such a reference.
    assume(set(re.findall(r"\w+", answer.lower())) - {"a", "an", "the"})
    expected = values(example, answer)
    assert values(example, answer.upper()) == expected
    assert values(example, answer.swapcase()) == expected
    assert values(example, "\n " + answer.replace(" ", " \t\n ") + "  ") == expected
    marked = " ".join(f"**{w}**" if w.isalpha() else w for w in answer.split(" "))
    assert values(example, marked) == expected
    assert values(example, f"> `{answer}`\n") == expected


@given(example=EXAMPLES)
def test_every_reference_is_right(example):
    for reference in example.references:
        assert judged(example, reference)["accuracy"].value == 1
        assert judged(example, f" {reference}\n")["accuracy"].value == 1


@given(references=st.lists(FILLED, min_size=1, max_size=3).map(tuple), kind=TYPES, question=TEXTS)
def test_the_first_reference_is_complete_without_facts(references, kind, question):
    example = QAExample(id="q", question=question, references=references, type=kind)
    assert judged(example, references[0])["completeness"].value == 1


@given(words=WORDS, data=st.data(), kind=st.sampled_from(["factoid", "list", "summary", "number"]))
def test_the_first_reference_is_complete_when_it_states_the_facts(words, data, kind):
    cuts = data.draw(
        st.lists(st.tuples(st.integers(0, len(words) - 1), st.integers(1, 4)), max_size=3)
    )
    facts = tuple(" ".join(words[start : start + size]) for start, size in cuts)
    reference = " ".join(words)
    example = QAExample(id="q", question="?", references=(reference,), facts=facts, type=kind)
    assert judged(example, reference)["completeness"].value == 1


@always(
    example=QAExample(id="q", question="", references=("0",), facts=("0:5B", "NOT", "NOT")),
    answer="5NOT",
)
@given(example=EXAMPLES, answer=TEXTS)
def test_facts_covered_never_fall_when_the_order_of_facts_changes(example, answer):
    turned = QAExample(
        id="q",
        question=example.question,
        references=example.references,
        facts=example.facts[::-1],
        type=example.type,
    )
    assert values(turned, answer) == values(example, answer)
