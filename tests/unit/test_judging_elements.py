"""Lists: F1 over their elements."""

from tests.judging_table import RIGHT, WRONG, each_answer, expect_accuracy

CASES = [
    (
        "Which three countries founded it?",
        "Kenya, Uganda and Tanzania",
        None,
        RIGHT,
        (
            "Kenya, Uganda and Tanzania",
            "Tanzania, Kenya, Uganda",
            "- Kenya\n- Uganda\n- Tanzania",
            "1. Uganda\n2. Tanzania\n3. Kenya",
            "It was founded by Kenya, Uganda and Tanzania.",
            "Kenya; Uganda; Tanzania",
            "Kenya (East Africa), Uganda, and Tanzania",
            "Kenya, Uganda and Tanzania, not Rwanda.",
        ),
    ),
    (
        "Which three countries founded it?",
        "Kenya, Uganda and Tanzania",
        None,
        WRONG,
        (
            "Rwanda, Burundi and Congo",
            "Neither Kenya nor Uganda nor Tanzania.",
        ),
    ),
    (
        "Which three countries founded it?",
        "Kenya, Uganda and Tanzania",
        None,
        (0, 0.6),
        ("Kenya, Kenya, Kenya",),
    ),
    (
        "Which three countries founded it?",
        "Kenya, Uganda and Tanzania",
        None,
        (0.4, 0.75),
        ("Kenya, Uganda and Rwanda",),
    ),
    (
        "Which three countries founded it?",
        "Kenya, Uganda and Tanzania",
        None,
        (0.6, 0.9),
        ("Kenya and Uganda",),
    ),
    (
        "Which three countries founded it?",
        "Kenya, Uganda and Tanzania",
        None,
        (0.6, 0.95),
        ("Kenya, Uganda, Tanzania and Rwanda",),
    ),
    (
        "List the symptoms.",
        "fever, cough, loss of smell (anosmia), fatigue",
        "list",
        RIGHT,
        (
            "fatigue, anosmia, cough, fever",
            "Fever, cough, loss of smell, fatigue",
            (
                "* Fever: high temperature\n* Cough: dry\n* Loss of smell: sudden\n* Fatigue: "
                "persistent"
            ),
        ),
    ),
    (
        "List the symptoms.",
        "fever, cough, loss of smell (anosmia), fatigue",
        "list",
        WRONG,
        ("rash, itching, swelling, pain",),
    ),
    (
        "List the symptoms.",
        "fever, cough, loss of smell (anosmia), fatigue",
        "list",
        (0.4, 0.8),
        ("fever, cough, fatigue, loss of smell, rash, itching, swelling, pain",),
    ),
    (
        "List the symptoms.",
        "fever, cough, loss of smell (anosmia), fatigue",
        "list",
        (0.5, 0.8),
        ("fever, cough",),
    ),
    (
        "Which cities hosted it?",
        "Athens; Paris; St. Louis; London",
        "list",
        RIGHT,
        (
            "Athens, Paris, St. Louis, London",
            "London, St. Louis, Paris and Athens",
        ),
    ),
    (
        "Which cities hosted it?",
        "Athens; Paris; St. Louis; London",
        "list",
        (0.2, 0.6),
        ("Athens",),
    ),
    (
        "Which cities hosted it?",
        "Athens; Paris; St. Louis; London",
        "list",
        (0.5, 0.85),
        ("Athens, Paris, Rome, London",),
    ),
    (
        "Name the two co-founders.",
        "Larry Page and Sergey Brin",
        None,
        RIGHT,
        (
            "Sergey Brin and Larry Page",
            "Brin and Page",
            "Page & Brin",
        ),
    ),
    (
        "Name the two co-founders.",
        "Larry Page and Sergey Brin",
        None,
        (0.3, 0.6),
        ("Larry Page and Steve Jobs",),
    ),
    (
        "Name the two co-founders.",
        "Larry Page and Sergey Brin",
        None,
        (0.5, 0.75),
        ("Larry Page",),
    ),
    (
        "Which three colours does the flag have?",
        "red, white and blue",
        None,
        RIGHT,
        (
            "Red, white, blue.",
            "The flag has the colours blue, white and red.",
            "The three colours of the flag are **red**, **white**, and **blue**.",
        ),
    ),
    (
        "Which three colours does the flag have?",
        "red, white and blue",
        None,
        WRONG,
        (
            "It has neither red nor white nor blue.",
            "green, black and gold",
        ),
    ),
    (
        "Which three colours does the flag have?",
        "red, white and blue",
        None,
        (0.5, 0.75),
        ("red, white and green",),
    ),
    (
        "Which three colours does the flag have?",
        "red, white and blue",
        None,
        (0.6, 0.85),
        ("red and white",),
    ),
    (
        "Which three colours does the flag have?",
        "red, white and blue",
        None,
        (0.7, 0.95),
        ("red, white, blue, green",),
    ),
    (
        "What are the stages of mitosis?",
        "prophase, metaphase, anaphase, telophase",
        "list",
        RIGHT,
        (
            "1) prophase 2) metaphase 3) anaphase 4) telophase",
            "Prophase → metaphase → anaphase → telophase",
            "Mitosis consists of four stages: prophase, metaphase, anaphase and telophase.",
        ),
    ),
    (
        "What are the stages of mitosis?",
        "prophase, metaphase, anaphase, telophase",
        "list",
        WRONG,
        ("Interphase, cytokinesis",),
    ),
    (
        "What are the stages of mitosis?",
        "prophase, metaphase, anaphase, telophase",
        "list",
        (0.7, 0.95),
        ("prophase, anaphase, telophase",),
    ),
]


@each_answer(CASES)
def test_accuracy(question, reference, type, span, answer):
    expect_accuracy(question, reference, type, span, answer)
