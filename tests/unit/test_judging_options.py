"""Choices among what a question offers."""

from tests.judging_table import RIGHT, WRONG, each_answer, expect_accuracy

CASES = [
    (
        "Is a tomato a fruit or a vegetable?",
        "a fruit",
        None,
        RIGHT,
        (
            "It's a fruit.",
            "Fruit, not vegetable.",
            "Botanically it is a fruit.",
            "Not a vegetable but a fruit.",
            "A fruit rather than a vegetable.",
        ),
    ),
    (
        "Is a tomato a fruit or a vegetable?",
        "a fruit",
        None,
        WRONG,
        (
            "A vegetable.",
            "Vegetable, not fruit.",
            "Neither.",
            "Not a fruit but a vegetable.",
            "Is a tomato a fruit or a vegetable? A vegetable.",
        ),
    ),
    (
        "Is a tomato a fruit or a vegetable?",
        "a fruit",
        None,
        (0, 0.6),
        ("A fruit or a vegetable.",),
    ),
    (
        "Is a tomato a fruit or a vegetable?",
        "a fruit",
        None,
        (0.3, 0.6),
        ("Both.",),
    ),
    (
        "Did the fire break out before or after the earthquake?",
        "After the earthquake",
        None,
        RIGHT,
        (
            "After.",
            "It broke out after the earthquake.",
        ),
    ),
    (
        "Did the fire break out before or after the earthquake?",
        "After the earthquake",
        None,
        WRONG,
        (
            "Before the earthquake.",
            "Before it.",
            "The fire broke out before the quake.",
        ),
    ),
    (
        "Which is heavier, lead, iron or gold?",
        "Gold",
        None,
        RIGHT,
        (
            "Gold",
            "Gold is heavier than lead.",
            "Gold is the heaviest of the three.",
        ),
    ),
    (
        "Which is heavier, lead, iron or gold?",
        "Gold",
        None,
        WRONG,
        (
            "Lead",
            "Lead is heavier than gold.",
            "Iron",
        ),
    ),
    (
        "Which is heavier, lead, iron or gold?",
        "Gold",
        None,
        (0, 0.6),
        ("Lead and gold.",),
    ),
    (
        "Is the reaction endothermic or exothermic?",
        "Exothermic",
        None,
        RIGHT,
        (
            "exothermic",
            "It's exothermic, not endothermic.",
            "The reaction is not endothermic.",
        ),
    ),
    (
        "Is the reaction endothermic or exothermic?",
        "Exothermic",
        None,
        WRONG,
        (
            "It is endothermic.",
            "The reaction is not exothermic.",
        ),
    ),
    (
        "Who was older, Brahms or Wagner?",
        "Wagner",
        None,
        RIGHT,
        (
            "Wagner was older than Brahms.",
            "Brahms was younger than Wagner.",
            "Wagner.",
            "Brahms was not older; Wagner was.",
        ),
    ),
    (
        "Who was older, Brahms or Wagner?",
        "Wagner",
        None,
        WRONG,
        (
            "Brahms was older.",
            "Wagner was younger than Brahms.",
            "They were equally old.",
        ),
    ),
    (
        "Was revenue higher or lower than in 2020?",
        "Lower",
        None,
        RIGHT,
        (
            "Revenue was lower.",
            "Revenue decreased.",
        ),
    ),
    (
        "Was revenue higher or lower than in 2020?",
        "Lower",
        None,
        WRONG,
        (
            "Revenue was higher.",
            "Revenue increased.",
            "It was not lower but higher.",
        ),
    ),
    (
        "Is mercury a solid or a liquid at room temperature?",
        "liquid",
        None,
        RIGHT,
        (
            "Mercury is a liquid at room temperature.",
            "Mercury is not a solid but a liquid.",
            "It is not solid.",
        ),
    ),
    (
        "Is mercury a solid or a liquid at room temperature?",
        "liquid",
        None,
        WRONG,
        (
            "Solid",
            "It's solid.",
            "It is not liquid.",
            "Mercury is solid, not liquid.",
        ),
    ),
    (
        "Which is cheaper, the bus or the train?",
        "the bus",
        None,
        RIGHT,
        (
            "The bus is cheaper.",
            "The train is more expensive than the bus.",
        ),
    ),
    (
        "Which is cheaper, the bus or the train?",
        "the bus",
        None,
        WRONG,
        (
            "The train is cheaper.",
            "The bus is more expensive.",
        ),
    ),
    (
        "Which is cheaper, the bus or the train?",
        "the bus",
        None,
        (0, 0.6),
        (
            "They cost the same.",
            "Both cost the same.",
        ),
    ),
    (
        "Which is cheaper, the bus or the train?",
        "the bus",
        None,
        (0, 1),
        ("The train costs more.",),
    ),
    (
        "Did Smith or Jones score first?",
        "Jones",
        None,
        RIGHT,
        (
            "Jones scored first.",
            "Jones scored before Smith.",
            "Jones did.",
        ),
    ),
    (
        "Did Smith or Jones score first?",
        "Jones",
        None,
        WRONG,
        (
            "Smith scored first.",
            "Smith scored before Jones.",
            "Smith did, not Jones.",
        ),
    ),
    (
        "Did Smith or Jones score first?",
        "Jones",
        None,
        (0, 1),
        ("Smith scored after Jones.",),
    ),
    (
        "Are vowels voiced or voiceless?",
        "Voiced",
        None,
        RIGHT,
        (
            "Voiced.",
            "Vowels are voiced sounds.",
        ),
    ),
    (
        "Are vowels voiced or voiceless?",
        "Voiced",
        None,
        WRONG,
        ("They are voiceless.",),
    ),
    (
        "Should you add the acid to the water or the water to the acid?",
        "Add the acid to the water.",
        None,
        RIGHT,
        ("Add acid to water.",),
    ),
]


@each_answer(CASES)
def test_accuracy(question, reference, type, span, answer):
    expect_accuracy(question, reference, type, span, answer)
