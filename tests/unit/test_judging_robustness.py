"""What must not move the reference judge: attacks, length, lists, repetitions."""

from statistics import fmean

import pytest

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample
from tests.attacks import attacks, question_attacks

JUDGE = ReferenceJudge()


def example(question: str, *references: str, **fields) -> QAExample:
    return QAExample(id="q", question=question, references=references, **fields)


TOWER = example(
    "Which structure overtook the Eiffel Tower?",
    "The Chrysler Building overtook it in 1930.", "Chrysler Building", type="factoid",
)  # fmt: skip
NOBEL = example("who got the first nobel prize in physics", "Wilhelm Conrad Röntgen")
RELEASE = example("When was it released?", "September 15, 1996", type="date")
COUNT = example(
    "How many questions does it contain?", "The test contains 10,675 questions.", "10,675",
    facts=("10,675",), type="number",
)  # fmt: skip
SEASONS = example("how many seasons of the show are there", "one", "one season")
ASPIRIN = example(
    "Does aspirin inhibit platelets?", "Yes, aspirin inhibits platelets.", "Yes",
    facts=("yes", "inhibits platelets"), type="yesno",
)  # fmt: skip
SYNONYMS = example(
    "Are synonyms accepted?", "No, they are scored as mistakes.", "No", facts=("no",), type="yesno"
)
PROBES = example(
    "Which probe words are used?", "solid, gas, water and fashion",
    facts=("solid", "gas", "water", "fashion"), type="list",
)  # fmt: skip
LEAN = example(
    "Why does the tower lean?",
    "It tilted because the soft ground of clay and sand gave way beneath its shallow foundation.",
    type="summary",
)
FACTS = example(
    "Why does the tower lean?", LEAN.references[0],
    facts=("soft ground", "shallow foundation"), type="summary",
)  # fmt: skip
WINGS = example("how many wings has it", "two", "two wings")
SERIES = example("when does she come in", "season 9", "May 2012")
CUP = example("what is the funnel for", "to collect rain water", "collect rain")
MOUNTS = example("what drives mood and strength in sport", "Arousal regulation")
KEEPER = example("who keeps the lighthouse", "Matt Wiles")
BOLTS = QAExample(id="q", question="How many bolts has it?", references=(), answerable=False)

WRONG = [
    (TOWER, "Big Ben"),
    (NOBEL, "Albert Einstein"),
    (NOBEL, "Wilhelm Wien"),
    (RELEASE, "March 3, 1996"),
    (COUNT, "8,869"),
    (SEASONS, "Three seasons"),
    (ASPIRIN, "No, it does not."),
    (SYNONYMS, "Yes, they are."),
    (PROBES, "iron, oak"),
    (LEAN, "An earthquake shook it."),
    (FACTS, "The ground is hard."),
    (WINGS, "nine"),
    (SERIES, "Season 10"),
    (CUP, "to keep birds away"),
    (MOUNTS, "vitamins"),
    (KEEPER, "Ann Odell"),
    (BOLTS, "Nine"),
]
RIGHT = [
    (TOWER, "Chrysler Building"),
    (NOBEL, "It went to Wilhelm Conrad Röntgen"),
    (RELEASE, "It came out on 15 September 1996"),
    (COUNT, "10675"),
    (SEASONS, "one season"),
    (ASPIRIN, "Yes"),
    (SYNONYMS, "No, they are scored as mistakes."),
    (PROBES, "solid, gas, water, fashion"),
    (LEAN, "The soft ground beneath the shallow foundation gave way"),
    (FACTS, "Soft ground and a shallow foundation."),
]
PADDING = [
    "The cathedral at Chartres is known for its stained glass, most of which dates from the "
    "thirteenth century and still fills some 170 windows. During two wars it was taken down piece "
    "by piece, stored in the countryside, and put back when the fighting ended. Pilgrims have come "
    "since the ninth century, when Charles the Bald gave the church a tunic. The labyrinth in the "
    "nave is walked on Fridays from Lent to the end of October, and the crypt, the longest in "
    "France, runs under both aisles. Guides who grew up in the town like to tell visitors about "
    "the two unequal spires.",
    "Basalt cools quickly when it reaches the sea, which gives it a fine grain and, at times, a "
    "glassy skin. On the island's north coast the cliffs show how flows lie on top of each other, "
    "with reddish soil between them where plants had taken hold for a few hundred years. Farmers "
    "prize that soil for tea. Trails lead from the crater rim through heather and laurel down to "
    "hot springs, and in winter the upper paths are often closed by fog. A small museum in the old "
    "customs house explains the eruption of 1957, when a new cape rose from the water and the "
    "lighthouse stood suddenly inland.",
]


def values(target: QAExample, answer: str) -> dict[str, float]:
    scores = JUDGE.judge([Case(example=target, answer=answer)])[0]
    return {metric: score.value or 0.0 for metric, score in scores.items()}


def test_there_are_many_attacks_and_each_claims_the_wrong_answer_alone():
    made = attacks("Rome", "Paris")
    names = [name for name, _ in made]
    assert len(set(names)) == len(names) >= 60
    assert all("Paris" not in text for _, text in made)
    assert len(attacks("Rome", None)) == len(made)
    assert len(attacks("Rome", "the score of 100%")) < len(made)


@pytest.mark.parametrize(("target", "wrong"), WRONG)
def test_no_attack_helps_a_wrong_answer(target, wrong):
    plain = values(target, wrong)
    assert plain["accuracy"] < 0.5
    reference = target.references[0] if target.references else None
    for name, text in [*attacks(wrong, reference), *question_attacks(wrong, target.question)]:
        attacked = values(target, text)
        assert attacked["accuracy"] < 0.5, name
        for metric, value in attacked.items():
            assert value <= plain[metric] + 0.05, (name, metric)


@pytest.mark.parametrize(
    "form",
    [
        "Is the Aare or the Rhine longer? The {}.",
        "The answer to 'is the Aare or the Rhine longer' is: {}",
        "{}. is the aare or the rhine longer",
    ],
)
def test_the_repeated_question_does_not_answer_itself(form):
    target = example("is the Aare or the Rhine longer?", "Rhine", "the Rhine", type="factoid")
    assert values(target, form.format("Aare"))["accuracy"] < 0.5
    assert values(target, form.format("Rhine"))["accuracy"] >= 0.5


def test_a_right_answer_is_right():
    for target, right in RIGHT:
        assert values(target, right)["accuracy"] >= 0.5, right


@pytest.mark.parametrize(
    "form", ["{padding} {answer}", "{answer} {padding}", "{answer}. {padding}"]
)
def test_length_buys_nothing(form):
    changes = {"accuracy": [], "completeness": []}
    for target, answer in WRONG + RIGHT:
        plain = values(target, answer)
        for padding in PADDING:
            padded = values(target, form.format(answer=answer, padding=padding))
            for metric, value in padded.items():
                changes[metric].append(abs(value - plain[metric]))
    assert fmean(changes["accuracy"]) <= 0.05
    assert fmean(changes["completeness"]) <= 0.05


@pytest.mark.parametrize("joint", [", ", " or ", "; ", ", or "])
def test_an_answer_that_lists_everything_is_not_right(joint):
    others = {
        TOWER: ["Empire State Building", "Big Ben", "Burj Khalifa", "CN Tower", "Taipei 101"],
        NOBEL: ["Albert Einstein", "Marie Curie", "Niels Bohr", "Max Planck", "Paul Dirac"],
        COUNT: ["8,869", "19,544", "1,000", "12,000", "20,000"],
    }
    for target, names in others.items():
        right = target.references[-1]
        for at in range(len(names) + 1):
            answer = joint.join([*names[:at], right, *names[at:]])
            for form in ("{}", "{}.", "It is one of these: {}."):
                assert values(target, form.format(answer))["accuracy"] < 0.5, form.format(answer)


def test_a_list_that_was_asked_for_is_no_bet_but_counts_what_is_wrong():
    everything = "solid, gas, water, fashion, ice, steam, rock"
    f1 = 2 * 4 / (4 + 7)
    assert values(PROBES, everything) == {"accuracy": pytest.approx(f1), "completeness": 1}


def test_a_very_long_answer_takes_no_time_to_speak_of():
    text = " ".join(f"{word} Chrysler building clay sand" for word in "abcdefgh" * 600)
    for target in (TOWER, LEAN, PROBES):
        assert set(values(target, text)) == {"accuracy", "completeness"}
