"""The reference judge, rule by rule: what a reader of its module's text would expect."""

import pytest

from pytest_ragft.errors import SpecError
from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample

JUDGE = ReferenceJudge()


def example(*references: str, **fields) -> QAExample:
    question = fields.pop("question", "Which structure overtook the Eiffel Tower?")
    return QAExample(id="q", question=question, references=references, **fields)


def scores(target: QAExample, answer: str):
    return JUDGE.judge([Case(example=target, answer=answer)])[0]


def accuracy(target: QAExample, answer: str) -> float:
    return scores(target, answer)["accuracy"].value


def completeness(target: QAExample, answer: str) -> float:
    return scores(target, answer)["completeness"].value


TOWER = example("The Chrysler Building overtook it in 1930.", "Chrysler Building", type="factoid")
COUNT = example(
    "The test contains 10,675 syntactic questions.", "10,675",
    question="How many syntactic questions does the test contain?",
    facts=("10,675",), type="number",
)  # fmt: skip
DATE = example("September 15, 1996", question="When was it released?", type="date")
SPOT = example(
    "It reopened in December 2001.", "December 2001", facts=("December 2001",), type="date"
)
DOSE = example("The dose is 5 mg.", "5 mg", question="What is the dose?", facts=("5 mg",))
ARCHITECT = example(
    "Stephen Sauvestre added the decorative arches to the base.", "Stephen Sauvestre",
    question="Which architect gave the base of the Eiffel Tower its arches?",
    facts=("Stephen Sauvestre",), type="factoid",
)  # fmt: skip
YES = example(
    "Yes, aspirin inhibits platelets.", "Yes",
    question="Does aspirin inhibit platelet aggregation?",
    facts=("yes", "inhibits platelets"), type="yesno",
)  # fmt: skip
NO = example(
    "No, synonyms are scored as mistakes.", "No",
    question="Are synonyms accepted as correct answers?",
    facts=("no", "synonyms scored as mistakes"), type="yesno",
)  # fmt: skip
REPEATS = example(
    "Yes, aspirin inhibits platelets.", "Yes",
    question="Does aspirin inhibit platelets?", facts=("inhibits platelets",), type="yesno",
)  # fmt: skip
PROBES = example(
    "The probe words are solid, gas, water and fashion.",
    question="Which probe words are used?",
    facts=("solid", "gas", "water", "fashion"), type="list",
)  # fmt: skip
TILT = example(
    "It tilted because the soft ground of clay and sand gave way beneath its shallow foundation.",
    question="Why does the tower of Pisa lean?",
    facts=("soft ground", "clay and sand", "shallow foundation"), type="summary",
)  # fmt: skip
BARRIER = example(
    "It does not cross the blood-brain barrier.",
    question="Where does the drug fail to go?",
    facts=("does not cross the blood-brain barrier",),
)
UNKNOWN = QAExample(id="q", question="How many bolts has it?", references=(), answerable=False)


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (TOWER, "Chrysler Building"),
        (TOWER, "the chrysler building."),
        (COUNT, "10675"),
        (COUNT, "ten thousand six hundred and seventy-five"),
        (DOSE, "5mg"),
        (YES, "Yes."),
        (YES, "Yes, it does not hurt."),
        (YES, "Aspirin inhibits platelet aggregation."),
        (YES, "Based on the context, yes."),
        (YES, "The dose matters little here. Yes, it does."),
        (NO, "No."),
        (NO, "Synonyms are not accepted as correct answers."),
        (NO, "No, the context does not say that they are."),
        (NO, "They count for nothing: synonyms are scored as mistakes"),
        (PROBES, "fashion, water, gas, solid"),
        (TILT, "The soft ground, clay and sand, under the shallow foundation."),
        (UNKNOWN, "I do not know."),
        (UNKNOWN, "The context does not say."),
    ],
)
def test_right(target, answer):
    assert accuracy(target, answer) == 1


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (
            TOWER,
            "It was the **Chrysler Building**, completed in New York, that took the record away.",
        ),
        (TOWER, "It was not the Empire State Building but the Chrysler Building."),
        (TOWER, "No, it was the Chrysler Building."),
        (TOWER, "No, Chrysler Building."),
        (TOWER, "Not everyone knows that the Chrysler Building did."),
        (TOWER, "The Chrysler Bulding did."),
        (COUNT, "It has 10,675 syntactic and 8,869 semantic questions."),
        (COUNT, "10,675 or more"),
        (example("54.6 %", question="What is the share?", type="number"), "54.58 percent"),
        (DATE, "15 September 1996"),
        (DATE, "It came out on Sept 15th, 1996"),
        (DATE, "1996-09-15"),
        (DATE, "Released: 15.09.1996"),
        (DATE, "On the 15th of September, in the year 1996, it came out"),
        (DOSE, "5 milligrams a day"),
        (ARCHITECT, "The arches are by STEPHEN SAUVESTRE"),
        (BARRIER, "The drug does not cross the blood-brain barrier."),
        (example("U.S.A.", question="Where was it made?"), "usa"),
    ],
)
def test_most_likely_right(target, answer):
    assert accuracy(target, answer) >= 0.8


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (TOWER, "The Eiffel Tower"),
        (TOWER, "Which structure overtook the Eiffel Tower?"),
        (COUNT, "The test contains 8,869 syntactic questions."),
        (COUNT, "10.675"),
        (COUNT, "106750"),
        (ARCHITECT, "Gustave Eiffel added the decorative arches to the base."),
        (YES, "No."),
        (YES, "Aspirin does not inhibit platelet aggregation."),
        (YES, "Does aspirin inhibit platelet aggregation?"),
        (YES, "Platelets."),
        (NO, "They are listed with no comment."),
        (NO, "Yes."),
        (NO, "Synonyms are accepted as correct answers."),
        (UNKNOWN, "It has 2.5 million."),
        (UNKNOWN, ""),
        (TOWER, "I do not know."),
        (YES, "The context does not say."),
        (TOWER, ""),
        (TOWER, " \n"),
        (TOWER, "..."),
    ],
)
def test_wrong(target, answer):
    assert accuracy(target, answer) == 0


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (TOWER, "It was not the Chrysler Building."),
        (TOWER, "The answer is not known, but it may not be the Chrysler Building."),
        (BARRIER, "The drug does cross the blood-brain barrier."),
        (DATE, "September 15, 1997"),
        (example("54.6 %", question="What is the share?", type="number"), "54.46 percent"),
        (example("AdaMax", question="Which variant of Adam is it?"), "It is a variant of Adam."),
        (DATE, "March 3, 1996"),
        (DOSE, "It depends: 1 mg, 2 mg, 3 mg, 4 mg, 5 mg, 6 mg, 7 mg"),
        (TOWER, "Empire State, Big Ben, Chrysler Building, CN Tower, Burj Khalifa"),
        (TOWER, "Chrysler Building or Empire State Building"),
        (TOWER, "The Empire State or the Chrysler Building"),
    ],
)
def test_most_likely_wrong(target, answer):
    assert accuracy(target, answer) < 0.5


@pytest.mark.parametrize(
    ("target", "answer", "low", "high"),
    [
        (SPOT, "in 2001", 0.1, 0.5),
        # People take a surname for the name.
        (ARCHITECT, "Sauvestre", 0.5, 0.95),
        (SPOT, "It reopened in December 2011.", 0, 0.2),
        (ARCHITECT, "Stephen Gustave", 0, 0.2),
        (TOWER, "The Empire State Building", 0, 0.2),
        (TOWER, "Chrysler", 0.5, 0.95),
        (PROBES, "solid and gas", 0.66, 0.67),
        (TILT, "It stands on soft ground.", 0.3, 0.6),
        (DOSE, "5 g", 0, 0.2),
    ],
)
def test_partly_right(target, answer, low, high):
    assert low <= accuracy(target, answer) <= high


@pytest.mark.parametrize(
    ("target", "answer", "expected"),
    [
        (PROBES, "solid and gas", 0.5),
        (PROBES, "gas", 0.25),
        (PROBES, "ice", 0),
        (NO, "No.", 0.5),
        (NO, "No, synonyms are scored as mistakes.", 1),
        (NO, "Yes, synonyms are scored as mistakes.", 0.5),
        (REPEATS, "Yes.", 1),
        (REPEATS, "No. Does aspirin inhibit platelets?", 0),
        (REPEATS, "Does aspirin inhibit platelets?", 0),
        (TILT, "The foundation is shallow and the ground is soft.", 2 / 3),
        (TILT, "The ground is not soft.", 0),
        (COUNT, "10,675", 1),
        (COUNT, "8,869", 0),
        (BARRIER, "It crosses the blood-brain barrier.", 0),
        (TOWER, "Chrysler Building", 1),
        (TOWER, "I do not know.", 0),
        (TOWER, "", 0),
    ],
)
def test_completeness(target, answer, expected):
    assert completeness(target, answer) == pytest.approx(expected)


def test_completeness_without_facts_is_recall_of_the_fullest_reference_of_a_summary():
    summary = example("Clay softened the ground.", "Clay", question="Why?", type="summary")
    clay = completeness(summary, "clay")
    assert 0.3 <= clay < completeness(summary, "Clay softened it") <= 1


def test_completeness_without_facts_goes_statement_by_statement():
    target = example(
        "Clay softened the ground. The foundation was shallow.", question="Why?", type="summary"
    )
    score = scores(target, "The foundation is shallow")["completeness"]
    # "Clay" and "soften" are rarer, and so weigh more, than "foundation" and "shallow".
    assert 0.35 <= score.value <= 0.5
    assert score.reason.startswith("1 of 2 statements whole")
    assert completeness(target, "It was not shallow, the foundation") == 0


def test_words_of_the_question_say_nothing():
    target = example("The drug inhibits platelets.", question="What does the drug inhibit?")
    assert completeness(target, "platelets") == 1
    assert completeness(target, "The drug inhibits sleep.") == 0


def test_words_of_a_fact_must_stand_close_together():
    far = "The ground was firm. " + "Many years went by and the town grew rich. " * 4 + "Soft rain."
    target = example("soft ground", facts=("soft ground",), type="summary")
    assert completeness(target, "The ground was very soft.") == 1
    assert completeness(target, far) == 0


def test_four_of_five_words_cover_a_fact_but_every_number_must_be_there():
    target = example("x", facts=("Eiffel built the iron lattice tower 1889",), type="summary")
    assert completeness(target, "Eiffel built the lattice tower in 1889") == 1
    assert completeness(target, "Eiffel built the tower in 1889") == 0
    assert completeness(target, "Eiffel built the iron lattice tower in 1887") == 0


def test_a_fact_without_words_is_left_out():
    assert completeness(example("Paris", facts=("...", "Paris")), "In Paris") == 1


def test_completeness_of_an_unanswerable_question_is_not_applicable():
    for answer in ("I do not know.", "42", ""):
        score = scores(UNKNOWN, answer)["completeness"]
        assert (score.status, score.value) == ("not_applicable", None)


@pytest.mark.parametrize(
    ("target", "answer", "why"),
    [
        (TOWER, "Chrysler Building " + "extra filler material " * 70, "long"),
        (TOWER, "Empire State, Big Ben, Chrysler Building, CN Tower, Burj Khalifa", "enumerates 5"),
        (TOWER, "Chrysler Building or Empire State Building", "alternative"),
        (TOWER, "The Empire State or the Chrysler Building", "alternative"),
    ],
)
def test_answers_that_say_everything_are_damped(target, answer, why):
    score = scores(target, answer)["accuracy"]
    assert 0 < score.value <= 0.75
    assert why in score.reason


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (example("Rome or Paris", question="Which two?"), "Rome or Paris"),
        (example("Paris", question="Was it Rome or Paris?"), "Of Rome or Paris, it was Paris"),
    ],
)
def test_not_damped(target, answer):
    assert accuracy(target, answer) >= 0.9


def test_a_reference_that_sounds_like_an_abstention_is_right():
    target = example("It is unknown.", question="What is the cause?")
    assert accuracy(target, "The cause is unknown.") > 0
    assert accuracy(target, "It is unknown.") == 1


def test_yes_and_no_are_recognised_without_a_type():
    target = example("Yes", "Yes, it is", question="Is it big?")
    assert accuracy(target, "Yes") == 1
    assert accuracy(target, "No, yes-men say so") == 0


def test_evidence_says_why():
    told = scores(PROBES, "solid and gas")["completeness"]
    assert told.evidence == {
        "covered": ["solid", "gas"], "missed": ["water", "fashion"], "contradicted": [],
    }  # fmt: skip
    assert told.reason == "2 of 4 facts"
    denying = "It has no soft ground."
    assert scores(TILT, denying)["completeness"].evidence["contradicted"] == ["soft ground"]
    whole = scores(TOWER, "It is the Chrysler Building.")["accuracy"]
    assert whole.reason == "states a reference"
    assert whole.evidence["reference"] == "Chrysler Building"
    assert whole.evidence["recall"] == 1
    assert scores(TOWER, "the Chrysler")["accuracy"].reason == "states 50% of a reference"
    assert "takes back" in scores(TOWER, "Not the Chrysler Building")["accuracy"].reason
    assert scores(TOWER, "Big Ben")["accuracy"].reason == "states nothing of a reference"
    assert scores(TOWER, "")["accuracy"].reason == "empty answer"
    assert scores(UNKNOWN, "")["accuracy"].reason == "empty answer"
    for answer in ("I do not know.", "It is not specified in the context."):
        assert scores(TOWER, answer)["accuracy"].evidence == {"abstained": True}


def test_factory():
    assert open_judge("reference").name == "reference"
    for spec in ("", "Reference"):
        with pytest.raises(SpecError, match="reference"):
            open_judge(spec)


def test_the_words_around_a_short_reference_in_a_longer_one_are_no_answer():
    target = example(
        "He thought of a quieter propeller.", "quieter propeller",
        question="What improvement did the engineer think of?", type="factoid",
    )  # fmt: skip
    assert accuracy(target, "He thought of a bigger rudder.") == 0
    assert accuracy(target, "a quieter propeller") >= 0.9
    assert accuracy(target, "He thought of a quieter propeller.") == 1
