"""The semantic judge as a user meets it, on the encoder it was trained on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.semantic.equivalence import SHIPPED
from pytest_ragft.judging.semantic.judge import SemanticJudge
from pytest_ragft.judging.shipped_agreement import shipped_agreement
from pytest_ragft.records import Case, QAExample, Score
from tests.attacks import attacks, question_attacks
from tests.encoder import PLACE, needs_encoder
from tests.unit.test_judging_cases import ROWS, case_of

pytestmark = needs_encoder

FEVER = QAExample(
    id="fever", question="what causes the symptoms of hay fever", references=("pollen",)
)
DOCTOR = QAExample(id="doctor", question="what profession did he have", references=("physician",))
YEAR = QAExample(
    id="year", question="when did the first moon landing take place", references=("July 20, 1969",)
)
SUMMARY = QAExample(
    id="summary",
    question="How is scurvy treated?",
    references=(
        "Scurvy is treated with vitamin C supplements. Symptoms improve within a few days. "
        "Patients should eat fresh fruit and vegetables to keep it from coming back.",
    ),
    type="summary",
)
COATING = QAExample(
    id="coating",
    question="Which coating keeps the old lighthouse from rusting in the salty wind?",
    references=("A coating of zinc keeps the lighthouse from rusting.", "zinc"),
    facts=("zinc",),
    type="factoid",
)
STAIRS = QAExample(
    id="stairs",
    question="How many stairs lead to the lamp?",
    references=("The stairs to the lamp are 130.", "130"),
    type="number",
)
LAMP = QAExample(
    id="lamp",
    question="What do the lens and the clockwork do in the lamp of the lighthouse?",
    references=(
        "The lens gathers the light into a narrow beam, and the clockwork turns it once a minute.",
    ),
    facts=("narrow beam", "turns it once a minute"),
    type="summary",
)
PADDING = (
    "The stadium was opened by the mayor and seats twenty thousand people under one roof. The "
    "river floods every spring and the farmers move their herds to the upper meadows. Tickets for "
    "the museum are sold at the main gate until five in the afternoon."
)


@pytest.fixture(scope="module")
def judge() -> SemanticJudge:
    import torch

    torch.set_num_threads(1)
    return SemanticJudge(PLACE)


def accuracy(judge: SemanticJudge, example: QAExample, answer: str) -> float:
    value = score(judge, example, answer).value
    assert value is not None
    return value


def score(judge: SemanticJudge, example: QAExample, answer: str, metric: str = "accuracy") -> Score:
    return judge.judge([Case(example=example, answer=answer)])[0][metric]


@pytest.mark.parametrize(
    ("example", "echo"),
    [
        (COATING, "The coating keeps the old lighthouse from rusting in the salty wind."),
        (COATING, "The answer is: which coating keeps the old lighthouse from rusting."),
        (STAIRS, "The stairs lead to the lamp."),
        (STAIRS, "The answer is: 131"),
        (LAMP, "The answer is: the lens and the clockwork do it in the lamp of the lighthouse."),
        (LAMP, "The clockwork and the lens are in the lamp, and the lamp is in the lighthouse."),
    ],
)
@pytest.mark.parametrize("metric", ["accuracy", "completeness"])
def test_who_says_the_question_again_has_not_answered(judge, example, echo, metric):
    value = score(judge, example, echo, metric).value
    assert value is not None
    assert value < 0.1


def test_who_says_what_the_references_say_has(judge):
    assert accuracy(judge, COATING, "It is coated with zinc.") >= 0.5
    assert accuracy(judge, STAIRS, "130 stairs") >= 0.5
    whole = "The lens makes a narrow beam of the light. Clockwork turns it once a minute."
    assert score(judge, LAMP, whole, "completeness").value == 1


@pytest.mark.parametrize(
    ("example", "right", "wrong"),
    [
        (FEVER, "Hay fever is caused by pollen in the air.", "Hay fever is caused by a virus."),
        (DOCTOR, "A physician by profession.", "An engineer."),
        (YEAR, "It took place on 20 July 1969.", "It took place on 20 July 1996."),
    ],
)
def test_right_and_wrong(judge: SemanticJudge, example: QAExample, right: str, wrong: str) -> None:
    assert accuracy(judge, example, wrong) < 0.5 < accuracy(judge, example, right)


def test_without_a_common_word_meaning_still_tells_right_from_wrong(judge: SemanticJudge) -> None:
    right, wrong = "He was a medical doctor.", "He was a painter."
    lexical = ReferenceJudge().judge([Case(example=DOCTOR, answer=text) for text in (right, wrong)])
    assert [scores["accuracy"].value for scores in lexical] == [0, 0]
    assert accuracy(judge, DOCTOR, right) >= 0.5
    assert accuracy(judge, DOCTOR, wrong) < 0.1


@pytest.mark.parametrize("answer", ["Hay fever is caused by pollen.", "A virus causes it."])
@pytest.mark.parametrize("place", ["before", "after"])
def test_length_buys_nothing(judge: SemanticJudge, answer: str, place: str) -> None:
    padded = f"{PADDING} {answer}" if place == "before" else f"{answer} {PADDING}"
    assert accuracy(judge, FEVER, padded) == pytest.approx(accuracy(judge, FEVER, answer), abs=0.05)


@pytest.mark.parametrize(
    ("example", "wrong"), [(FEVER, "A virus"), (DOCTOR, "a painter"), (YEAR, "1812")]
)
def test_no_wrong_answer_talks_itself_right(
    judge: SemanticJudge, example: QAExample, wrong: str
) -> None:
    made = attacks(wrong, example.references[0]) + question_attacks(wrong, example.question)
    plain = judge.judge([Case(example=example, answer=wrong)])[0]
    found = judge.judge([Case(example=example, answer=text) for _, text in made])
    for (name, _), scores in zip(made, found, strict=True):
        for metric, before in plain.items():
            value, allowed = scores[metric].value, before.value
            assert value is not None
            assert allowed is not None
            assert value <= min(allowed + 0.05, 0.5), (name, metric)


def test_the_cases_of_the_reference_judge_hold(judge: SemanticJudge) -> None:
    missed = []
    for row in ROWS:
        (scores,) = judge.judge([case_of(row)])
        for metric in {"accuracy", "completeness"}.intersection(row):
            low, high = row[metric]
            if not low <= scores[metric].value <= high:
                missed.append((row["id"], metric, scores[metric].reason))
    assert missed == []


def test_rules_stay_in_force(judge: SemanticJudge) -> None:
    assert accuracy(judge, FEVER, "pollen") == 1
    assert accuracy(judge, FEVER, "") == 0
    assert accuracy(judge, FEVER, "\u200b \x00") == 0
    assert accuracy(judge, FEVER, "I do not know.") == 0
    unanswerable = QAExample(id="u", question="Who?", references=(), answerable=False)
    assert accuracy(judge, unanswerable, "The text does not say.") == 1
    assert accuracy(judge, unanswerable, "Ada did.") == 0
    yes = QAExample(id="y", question="Is it safe?", references=("yes",), type="yesno")
    assert accuracy(judge, yes, "Yes, it is.") == 1
    assert accuracy(judge, yes, "No, it is not.") == 0
    bare = QAExample(id="b", question="Who?", references=())
    assert score(judge, bare, "Ada").status == "missing"


def test_statements_in_other_words_are_found_and_absent_ones_are_not(judge: SemanticJudge) -> None:
    answer = (
        "Doctors give patients extra vitamin C to treat scurvy. To stop scurvy from returning, "
        "patients are told to eat plenty of fresh vegetables and fruit."
    )
    case = [Case(example=SUMMARY, answer=answer)]
    assert score(judge, SUMMARY, answer, "completeness").value == pytest.approx(0.75, abs=0.1)
    lexical = ReferenceJudge().judge(case)[0]["completeness"].value
    assert lexical is not None
    assert score(judge, SUMMARY, answer, "completeness").value > lexical
    other = "Scurvy was common among sailors. The king liked the sea."
    assert score(judge, SUMMARY, other, "completeness").value < 0.2
    assert accuracy(judge, SUMMARY, other) < 0.4 < accuracy(judge, SUMMARY, answer)


def test_facts_decide_completeness_where_they_are_given(judge: SemanticJudge) -> None:
    example = QAExample(
        id="f",
        question="What are the colours of the flag?",
        references=("blue, white and red",),
        facts=("blue", "white", "red"),
        type="list",
    )
    found = score(judge, example, "Its colours are red and blue.", "completeness")
    assert found.value == pytest.approx(2 / 3, abs=1e-4)
    assert found.evidence["missed"] == ["white"]


def test_the_batch_does_not_matter(judge: SemanticJudge) -> None:
    cases = [
        Case(example=example, answer=answer)
        for example in (FEVER, DOCTOR, YEAR, SUMMARY)
        for answer in ("pollen or dust", f"A doctor. {PADDING}", "in 1969", "vitamin C", "")
    ]
    together = judge.judge(cases)
    assert together == [judge.judge([case])[0] for case in cases]
    assert together == judge.judge(cases[::-1])[::-1]
    assert together == SemanticJudge(PLACE).judge(cases)


def test_the_fingerprint_covers_all_that_decides(judge: SemanticJudge, tmp_path: Path) -> None:
    assert judge.fingerprint == SemanticJudge(PLACE).fingerprint
    seen = {judge.fingerprint}
    for name in ("adapter_config.json", "head.safetensors", "combination.json"):
        folder = Path(shutil.copytree(SHIPPED, tmp_path / name))
        if name == "head.safetensors":
            content = bytearray((folder / name).read_bytes())
            content[-1] ^= 1
            (folder / name).write_bytes(content)
        else:
            data = json.loads((folder / name).read_text("utf-8"))
            data["note"] = "other"
            (folder / name).write_text(json.dumps(data), encoding="utf-8")
        seen.add(SemanticJudge(PLACE, adapter=folder).fingerprint)
    assert len(seen) == 4


def test_nothing_is_loaded_before_an_answer_needs_it() -> None:
    fresh = SemanticJudge(PLACE)
    assert accuracy(fresh, FEVER, "pollen") == 1
    assert "_scheme" not in vars(fresh)


def test_its_agreement_with_people_ships_under_its_version(judge: SemanticJudge) -> None:
    assert "names: κ 0." in shipped_agreement(judge, {"name": 3})


def test_it_is_named_as_it_was_asked_for() -> None:
    assert SemanticJudge(PLACE).name == f"semantic:{PLACE}"
    assert SemanticJudge(PLACE, name="semantic").name == "semantic"
    assert SemanticJudge(PLACE, name="semantic").fingerprint == SemanticJudge(PLACE).fingerprint
