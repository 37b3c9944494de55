"""References that begin like a yes, a no or a denial and are names."""

from tests.judging_table import RIGHT, WRONG, each_answer, expect_accuracy

CASES = [
    (
        "Which film won in 2008?",
        "No Country for Old Men",
        None,
        RIGHT,
        (
            "No Country for Old Men",
            "The Coen brothers' No Country for Old Men",
        ),
    ),
    (
        "Which film won in 2008?",
        "No Country for Old Men",
        None,
        WRONG,
        (
            "No, There Will Be Blood.",
            "No",
            "There Will Be Blood",
        ),
    ),
    (
        "Which perfume was it?",
        "No. 5",
        None,
        RIGHT,
        (
            "Chanel No. 5",
            "No 5",
            "Number 5",
        ),
    ),
    (
        "Which perfume was it?",
        "No. 5",
        None,
        WRONG,
        (
            "No. 19",
            "No",
        ),
    ),
    (
        "Which prog band recorded Fragile?",
        "Yes",
        None,
        RIGHT,
        (
            "Yes recorded it.",
            "The band Yes",
            "Yes",
        ),
    ),
    (
        "Which prog band recorded Fragile?",
        "Yes",
        None,
        WRONG,
        ("Genesis",),
    ),
    (
        "Which series was it?",
        "True Detective",
        None,
        RIGHT,
        (
            "True Detective",
            "It was True Detective.",
        ),
    ),
    (
        "Which series was it?",
        "True Detective",
        None,
        WRONG,
        ("True Blood",),
    ),
    (
        "Which song is it?",
        "Never Gonna Give You Up",
        None,
        RIGHT,
        (
            "Never Gonna Give You Up",
            "It is 'Never Gonna Give You Up' by Rick Astley.",
        ),
    ),
    (
        "Which song is it?",
        "Never Gonna Give You Up",
        None,
        WRONG,
        (
            "Never.",
            "Never Say Never",
        ),
    ),
    (
        "Who was the first Bond villain?",
        "Dr. No",
        None,
        RIGHT,
        ("Dr. No",),
    ),
    (
        "Who was the first Bond villain?",
        "Dr. No",
        None,
        WRONG,
        ("Goldfinger",),
    ),
    (
        "Who was the first Bond villain?",
        "Dr. No",
        None,
        (0, 1),
        ("No",),
    ),
    (
        "How many moons does Venus have?",
        "None",
        None,
        RIGHT,
        ("None",),
    ),
    (
        "How many moons does Venus have?",
        "None",
        None,
        WRONG,
        (
            "Two",
            "It has 2 moons.",
        ),
    ),
    (
        "Who won both matches?",
        "Both Sides",
        None,
        RIGHT,
        ("Both Sides",),
    ),
    (
        "Who won both matches?",
        "Both Sides",
        None,
        (0, 0.5),
        ("Neither Side",),
    ),
    (
        "What is the novel called?",
        "Not Without Laughter",
        None,
        RIGHT,
        ("Not Without Laughter",),
    ),
    (
        "What is the novel called?",
        "Not Without Laughter",
        None,
        WRONG,
        ("Not Without My Daughter",),
    ),
    (
        "What is the novel called?",
        "Not Without Laughter",
        None,
        (0.3, 1),
        ("Without Laughter",),
    ),
    (
        "Which country is it?",
        "Norway",
        None,
        RIGHT,
        ("Norway",),
    ),
    (
        "Which country is it?",
        "Norway",
        None,
        WRONG,
        (
            "No",
            "Not Norway",
        ),
    ),
    (
        "What did Magritte write?",
        "This is not a pipe",
        None,
        RIGHT,
        (
            "This is not a pipe",
            "He wrote 'This is not a pipe'.",
        ),
    ),
    (
        "What did Magritte write?",
        "This is not a pipe",
        None,
        (0, 0.4),
        ("This is a pipe",),
    ),
]


@each_answer(CASES)
def test_accuracy(question, reference, type, span, answer):
    expect_accuracy(question, reference, type, span, answer)
