"""What a reference is, told by its form and its question's."""

import pytest

from pytest_ragft.judging.lexical.reading import AnswerReader
from pytest_ragft.judging.lexical.reference_kinds import is_sentence, kind_of
from pytest_ragft.judging.lexical.text import Reader
from pytest_ragft.records import QAExample


@pytest.fixture(scope="module")
def read():
    return Reader().read


@pytest.mark.parametrize(
    ("question", "reference", "kind"),
    [
        ("How long is the warranty?", "3 years", "number"),
        ("How many students attend the school?", "1850", "number"),
        ("What is the ratio, to two decimals?", "0.01", "number"),
        ("How many people work there?", "Approximately 3,500 employees as of 2019", "number"),
        ("When was it built?", "1850", "date"),
        ("When was the treaty signed?", "24 October 1648", "date"),
        ("When does the museum open?", "9:30 am", "date"),
        ("In which century was it built?", "the twelfth century", "date"),
        ("Which gene is mutated?", "BRCA2", "identifier"),
        ("What is the formula of water?", "H2O", "identifier"),
        ("Which vulnerability is it?", "CVE-2021-44228", "identifier"),
        ("Where do I send a request?", "Write to privacy@example.com", "identifier"),
        ("What is the flight number?", "LX 1955", "identifier"),
        ("What is the IBAN?", "CH93 0076 2011 6238 5295 7", "identifier"),
        ("Which commit is it?", "9fceb02d0ae598e95dc970b74767f19372d61af8", "identifier"),
        ("What share adopted the new standard?", "4.4%", "number"),
        ("Who painted it?", "Berthe Morisot", "name"),
        ("Which war ended then?", "First World War", "name"),
        ("Why does it lean?", "The ground beneath it is soft.", "statement"),
    ],
)
def test_the_form_of_the_reference_tells_its_kind(read, question, reference, kind):
    found = kind_of(
        read(question), [read(reference)], None, polar=False, choice=False, listed=False
    )
    assert found == kind


def test_the_type_that_a_suite_gives_only_helps(read):
    question, reference = read("How many were sold?"), [read("1,850")]
    none = {"polar": False, "choice": False, "listed": False}
    assert kind_of(question, reference, "factoid", **none) == "number"
    assert kind_of(question, reference, "summary", **none) == "statement"
    assert kind_of(question, reference, None, **none | {"polar": True}) == "yesno"
    assert kind_of(question, reference, None, **none | {"choice": True}) == "choice"
    assert kind_of(question, reference, None, **none | {"listed": True}) == "list"


@pytest.mark.parametrize(
    ("question", "reference", "kind"),
    [
        ("Which aircraft is it?", "Boeing 747", "name"),
        ("Which film did he direct?", "Seven Samurai", "name"),
        ("Which mission was it?", "Apollo 11", "name"),
        ("What was the score?", "Brazil 3-2", "name"),
        ("How many people work there?", "Approximately 3,500 Employees", "number"),
        ("What is the fine?", "USD 5 Million", "number"),
        ("What is the dose?", "Warfarin 5 mg", "number"),
        ("Which metals does it hold?", "iron; zinc; copper", "list"),
        ("Which one?", "- iron\n- zinc", "list"),
        ("Why does it fail?", "It rusts; then water comes in, and the frost does the rest.",
         "statement"),
    ],
)  # fmt: skip
def test_a_target_reads_names_with_numbers_and_lists_by_their_form(question, reference, kind):
    example = QAExample(id="a", question=question, references=(reference,))
    assert AnswerReader().target(example).kind == kind


def test_a_sentence_has_a_subject_and_a_verb(read):
    assert is_sentence(read("The ground beneath it was soft."))
    assert not is_sentence(read("The soft ground beneath it"))
