"""Yes or no: polarity of the deciding sentence, negations, opposites, other words for both."""

import pytest

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample

JUDGE = ReferenceJudge()

RIGHT, WRONG = (0.8, 1), (0, 0.2)

CASES = [
    (
        "Isn't the Danube longer than the Elbe?",
        "Yes",
        None,
        RIGHT,
        (
            "Yes, it is longer.",
            "The Danube is longer than the Elbe.",
        ),
    ),
    (
        "Isn't the Danube longer than the Elbe?",
        "Yes",
        None,
        WRONG,
        (
            "No, the Elbe is longer.",
            "The Danube is not longer than the Elbe.",
        ),
    ),
    (
        "Is the museum open on Mondays? If not, say so.",
        "No",
        None,
        RIGHT,
        (
            "The museum is closed on Mondays.",
            "It is not open on Mondays.",
            "No, it isn't.",
        ),
    ),
    (
        "Is the museum open on Mondays? If not, say so.",
        "No",
        None,
        WRONG,
        ("The museum is open on Mondays.",),
    ),
    (
        "Did net income go up in 2021?",
        "Yes, it went up by 4%.",
        None,
        RIGHT,
        (
            "Net income went up.",
            "It rose.",
            "Net income did not fall in 2021.",
        ),
    ),
    (
        "Did net income go up in 2021?",
        "Yes, it went up by 4%.",
        None,
        WRONG,
        (
            "Net income went down in 2021.",
            "It fell.",
            "Net income declined in 2021.",
            "Net income did not go up in 2021.",
        ),
    ),
    (
        "Is it unlikely that the drug crosses the placenta?",
        "No",
        None,
        RIGHT,
        ("It is not unlikely that the drug crosses the placenta.",),
    ),
    (
        "Is it unlikely that the drug crosses the placenta?",
        "No",
        None,
        WRONG,
        (
            "Yes, it is unlikely.",
            "It is unlikely that the drug crosses the placenta.",
        ),
    ),
    (
        "Can dogs eat chocolate?",
        "No, it is poisonous to them.",
        None,
        RIGHT,
        (
            "Neither dogs nor cats can eat chocolate.",
            "Can dogs eat chocolate? No.",
            "Dogs can not eat chocolate.",
            "Absolutely not.",
            "Never.",
        ),
    ),
    (
        "Can dogs eat chocolate?",
        "No, it is poisonous to them.",
        None,
        WRONG,
        (
            "Dogs can eat chocolate, can't they? Yes, they can.",
            "Can dogs eat chocolate? Yes, they can.",
            "Dogs can eat chocolate.",
            "Of course they can.",
        ),
    ),
    (
        "Is coffee harmful in pregnancy?",
        "Yes",
        None,
        (0, 0.5),
        (
            "It depends.",
            "Yes and no.",
            "Maybe.",
            "It depends on the dose.",
            "It might be, or it might not.",
        ),
    ),
    (
        "Do you know whether the bridge was rebuilt?",
        "Yes, in 1952.",
        None,
        RIGHT,
        (
            "The bridge was rebuilt in 1952.",
            "Yes, it was rebuilt in 1952.",
        ),
    ),
    (
        "Do you know whether the bridge was rebuilt?",
        "Yes, in 1952.",
        None,
        WRONG,
        (
            "The bridge was not rebuilt.",
            "It was never rebuilt.",
        ),
    ),
    (
        "True or false: the heart has four chambers.",
        "True",
        None,
        RIGHT,
        (
            "True.",
            "That is true.",
            "The statement is true.",
            "Correct, the heart has four chambers.",
            "The heart has four chambers.",
        ),
    ),
    (
        "True or false: the heart has four chambers.",
        "True",
        None,
        WRONG,
        (
            "False.",
            "That is false.",
            "The statement is false.",
            "The heart does not have four chambers.",
        ),
    ),
    (
        "True or false: bats are blind.",
        "False",
        None,
        RIGHT,
        (
            "False, they can see.",
            "Bats are not blind.",
            "That's a myth; bats are not blind.",
            "This statement is incorrect.",
        ),
    ),
    (
        "True or false: bats are blind.",
        "False",
        None,
        WRONG,
        (
            "True",
            "Bats are blind.",
        ),
    ),
    (
        "Was the treaty ever ratified?",
        "No",
        None,
        RIGHT,
        (
            "The treaty was never ratified.",
            "It was not ratified.",
            "No, never.",
        ),
    ),
    (
        "Was the treaty ever ratified?",
        "No",
        None,
        WRONG,
        (
            "The treaty was ratified in 1921.",
            "It was ratified.",
        ),
    ),
    (
        "Is the compound soluble in water?",
        "No, it is insoluble.",
        None,
        RIGHT,
        (
            "The compound is insoluble in water.",
            "It is not soluble.",
        ),
    ),
    (
        "Is the compound soluble in water?",
        "No, it is insoluble.",
        None,
        WRONG,
        (
            "The compound is soluble in water.",
            "It dissolves readily in water; yes.",
        ),
    ),
    (
        "Does the warranty cover water damage?",
        "No",
        None,
        RIGHT,
        (
            "Water damage is excluded from the warranty.",
            "The warranty does not cover water damage.",
            "The warranty fails to cover water damage.",
            "The question is whether the warranty covers water damage. It does not.",
        ),
    ),
    (
        "Does the warranty cover water damage?",
        "No",
        None,
        WRONG,
        (
            "Water damage is covered by the warranty.",
            "The warranty covers water damage.",
            "The question is whether the warranty covers water damage. It does.",
        ),
    ),
    (
        "Is the earth flat?",
        "No",
        None,
        RIGHT,
        (
            "Some people say yes, but the answer is no.",
            "It is not true that the earth is flat.",
            "I would say no.",
            "The answer is no.",
            "**No.** The earth is round.",
            "no",
            "NO!",
            "It is false that the earth is flat.",
        ),
    ),
    (
        "Is the earth flat?",
        "No",
        None,
        WRONG,
        (
            "The answer is yes.",
            "The answer is: yes, it is flat.",
            "It is not false that the earth is flat.",
        ),
    ),
    (
        "Has the company increased its dividend?",
        "Yes, it increased its dividend to $2.",
        None,
        RIGHT,
        (
            "The company raised its dividend.",
            "The dividend has been increased.",
        ),
    ),
    (
        "Has the company increased its dividend?",
        "Yes, it increased its dividend to $2.",
        None,
        WRONG,
        (
            "The company has lowered its dividend.",
            "The dividend was cut.",
            "The dividend remained unchanged.",
        ),
    ),
    (
        "Are there any side effects that do not go away?",
        "Yes",
        None,
        RIGHT,
        ("Yes, some remain.",),
    ),
    (
        "Are there any side effects that do not go away?",
        "Yes",
        None,
        WRONG,
        (
            "No, all of them go away.",
            "No.",
        ),
    ),
    (
        "Is aspirin safe for children?",
        "No",
        None,
        RIGHT,
        (
            "Aspirin is unsafe for children.",
            "Aspirin is dangerous for children.",
        ),
    ),
    (
        "Is aspirin safe for children?",
        "No",
        None,
        WRONG,
        (
            "Aspirin is safe for children.",
            "Aspirin is not unsafe for children.",
        ),
    ),
    (
        "Is smoking allowed on the terrace?",
        "No",
        None,
        RIGHT,
        (
            "Smoking is prohibited on the terrace.",
            "Smoking is forbidden there.",
            "Smoking is not allowed on the terrace.",
        ),
    ),
    (
        "Is smoking allowed on the terrace?",
        "No",
        None,
        WRONG,
        (
            "Smoking is permitted on the terrace.",
            "You may smoke on the terrace.",
        ),
    ),
    (
        "Did the motion pass?",
        "Yes",
        None,
        RIGHT,
        ("The motion passed.",),
    ),
    (
        "Did the motion pass?",
        "Yes",
        None,
        WRONG,
        (
            "The motion was rejected.",
            "The motion was defeated.",
            "The motion failed.",
            "The motion did not pass.",
        ),
    ),
    (
        "Can the permit be renewed online?",
        "Yes, through the portal.",
        None,
        RIGHT,
        (
            "It can.",
            "It can be renewed through the portal.",
            "Sure, it can be renewed online.",
        ),
    ),
    (
        "Can the permit be renewed online?",
        "Yes, through the portal.",
        None,
        WRONG,
        (
            "The permit cannot be renewed online.",
            "Unfortunately not.",
            "No - only by post.",
            "Not online.",
        ),
    ),
    (
        "Were the samples contaminated?",
        "No, they were clean.",
        None,
        RIGHT,
        (
            "The samples were uncontaminated.",
            "They weren't contaminated.",
            "They were not.",
            "None of the samples were contaminated.",
            "The samples were free of contamination.",
            "The samples were clean.",
        ),
    ),
    (
        "Were the samples contaminated?",
        "No, they were clean.",
        None,
        WRONG,
        (
            "They were contaminated.",
            "They were.",
            "All samples were contaminated.",
        ),
    ),
    (
        "Does the policy apply to contractors?",
        "Yes",
        None,
        RIGHT,
        (
            "The policy applies to contractors.",
            "The policy also applies to contractors.",
            "Yes, the policy applies to contractors as well.",
            "Right, it does.",
            "I believe so.",
        ),
    ),
    (
        "Does the policy apply to contractors?",
        "Yes",
        None,
        WRONG,
        (
            "The policy does not apply to contractors.",
            "The policy applies only to employees, not to contractors.",
            "Contractors are exempt from the policy.",
            "I'm afraid not.",
            "I don't believe so.",
        ),
    ),
    (
        "Was Mozart born in Vienna?",
        "No, he was born in Salzburg.",
        None,
        RIGHT,
        (
            "Mozart was born in Salzburg.",
            "He was not born in Vienna but in Salzburg.",
            "He was born in Salzburg, not in Vienna.",
            "It's a misconception that he was born in Vienna.",
        ),
    ),
    (
        "Was Mozart born in Vienna?",
        "No, he was born in Salzburg.",
        None,
        WRONG,
        (
            "Mozart was born in Vienna.",
            "He was born in Vienna.",
            "Mozart was born in Vienna, not in Salzburg.",
        ),
    ),
    (
        "Is the new engine more efficient than the old one?",
        "Yes",
        None,
        RIGHT,
        (
            "The new engine is more efficient.",
            "It's more efficient.",
        ),
    ),
    (
        "Is the new engine more efficient than the old one?",
        "Yes",
        None,
        WRONG,
        (
            "The new engine is less efficient than the old one.",
            "The old engine is more efficient than the new one.",
            "It is less efficient.",
        ),
    ),
    (
        "Is there evidence that vitamin C prevents colds?",
        "No",
        None,
        RIGHT,
        (
            "There is no evidence that vitamin C prevents colds.",
            "No evidence exists that vitamin C prevents colds.",
        ),
    ),
    (
        "Is there evidence that vitamin C prevents colds?",
        "No",
        None,
        WRONG,
        (
            "There is evidence that vitamin C prevents colds.",
            "There's strong evidence that it does.",
        ),
    ),
    (
        "Did the company have negative cash flow?",
        "Yes",
        None,
        RIGHT,
        ("Cash flow was negative.",),
    ),
    (
        "Did the company have negative cash flow?",
        "Yes",
        None,
        WRONG,
        (
            "The company had positive cash flow.",
            "Cash flow was positive.",
        ),
    ),
    (
        "Are whales fish?",
        "No, they are mammals.",
        None,
        RIGHT,
        (
            "Whales are mammals.",
            "Whales are not fish.",
            "Whales are mammals, not fish.",
            "No. Whales are mammals.",
            "Although many think they are fish, whales are mammals.",
        ),
    ),
    (
        "Are whales fish?",
        "No, they are mammals.",
        None,
        WRONG,
        (
            "Whales are fish.",
            "Yes. Whales are fish.",
        ),
    ),
    (
        "Should the device be stored in the fridge?",
        "No",
        None,
        RIGHT,
        (
            "The device should not be stored in the fridge.",
            "Avoid storing the device in the fridge.",
            "Do not store the device in the fridge.",
            "Never store it in the fridge.",
        ),
    ),
    (
        "Should the device be stored in the fridge?",
        "No",
        None,
        WRONG,
        (
            "The device must be stored in the fridge.",
            "Store the device in the fridge.",
        ),
    ),
    (
        "Is it legal to drive at 16?",
        "No",
        None,
        RIGHT,
        (
            "It is illegal to drive at 16.",
            "Driving at 16 is illegal.",
        ),
    ),
    (
        "Is it legal to drive at 16?",
        "No",
        None,
        WRONG,
        (
            "It is legal to drive at 16.",
            "It's not illegal to drive at 16.",
        ),
    ),
    (
        "Has the patch fixed the leak?",
        "No",
        None,
        RIGHT,
        (
            "The patch has not yet fixed the leak.",
            "The patch failed to fix the leak.",
            "Not yet.",
            "Not really.",
        ),
    ),
    (
        "Has the patch fixed the leak?",
        "No",
        None,
        WRONG,
        ("The patch has fixed the leak.",),
    ),
    (
        "Has the patch fixed the leak?",
        "No",
        None,
        (0, 0.8),
        ("Partly.",),
    ),
]
ANSWERS = [
    (question, reference, type, span, answer)
    for question, reference, type, span, answers in CASES
    for answer in answers
]


@pytest.mark.parametrize(("question", "reference", "type", "span", "answer"), ANSWERS)
def test_accuracy(question, reference, type, span, answer):
    target = QAExample(id="q", question=question, references=(reference,), type=type)
    score = JUDGE.judge([Case(example=target, answer=answer)])[0]["accuracy"]
    assert span[0] <= score.value <= span[1], score.reason
