"""The right name in other forms, and other names that share a word."""

from tests.judging_table import RIGHT, WRONG, each_answer, expect_accuracy

CASES = [
    (
        "Who became president in 1989?",
        "George H. W. Bush",
        None,
        RIGHT,
        (
            "George Herbert Walker Bush",
            "President George H. W. Bush",
        ),
    ),
    (
        "Who became president in 1989?",
        "George H. W. Bush",
        None,
        WRONG,
        ("Barbara Bush",),
    ),
    (
        "Who became president in 1989?",
        "George H. W. Bush",
        None,
        (0.4, 1),
        ("Bush",),
    ),
    (
        "Who became president in 1989?",
        "George H. W. Bush",
        None,
        (0.6, 1),
        ("George Bush Sr.",),
    ),
    (
        "Which composer wrote it?",
        "Johann Sebastian Bach",
        None,
        RIGHT,
        (
            "J. S. Bach",
            "JS Bach",
            "Johann S. Bach",
        ),
    ),
    (
        "Which composer wrote it?",
        "Johann Sebastian Bach",
        None,
        WRONG,
        ("Carl Philipp Emanuel Bach",),
    ),
    (
        "Which composer wrote it?",
        "Johann Sebastian Bach",
        None,
        (0, 0.35),
        ("Johann Christian Bach",),
    ),
    (
        "Which composer wrote it?",
        "Johann Sebastian Bach",
        None,
        (0.5, 1),
        ("Bach",),
    ),
    (
        "Which writer won?",
        "Svetlana Alexievich",
        None,
        RIGHT,
        ("Svetlana Aleksievich",),
    ),
    (
        "Which writer won?",
        "Svetlana Alexievich",
        None,
        WRONG,
        ("Svetlana Stalin",),
    ),
    (
        "Which writer won?",
        "Svetlana Alexievich",
        None,
        (0.5, 1),
        (
            "Alexievich",
            "Ms. Alexievich",
        ),
    ),
    (
        "Which novelist wrote War and Peace?",
        "Leo Tolstoy",
        None,
        RIGHT,
        (
            "Count Leo Tolstoy",
            "Leo Tolstoi",
        ),
    ),
    (
        "Which novelist wrote War and Peace?",
        "Leo Tolstoy",
        None,
        WRONG,
        (
            "Aleksey Tolstoy",
            "Leo Strauss",
        ),
    ),
    (
        "Which novelist wrote War and Peace?",
        "Leo Tolstoy",
        None,
        (0.6, 1),
        (
            "Lev Tolstoy",
            "Tolstoy",
        ),
    ),
    (
        "Who led the band?",
        "Bill Haley",
        None,
        WRONG,
        (
            "Alex Haley",
            "Bill Evans",
        ),
    ),
    (
        "Who led the band?",
        "Bill Haley",
        None,
        (0.5, 1),
        ("William Haley",),
    ),
    (
        "Who led the band?",
        "Bill Haley",
        None,
        (0.6, 1),
        ("Bill Haley and His Comets",),
    ),
]


@each_answer(CASES)
def test_accuracy(question, reference, type, span, answer):
    expect_accuracy(question, reference, type, span, answer)
