"""Long references: brief right answers, and wrong ones that share words."""

from tests.judging_table import RIGHT, WRONG, each_answer, expect_accuracy

CASES = [
    (
        "What does the enzyme do?",
        (
            "The enzyme is made in the pancreas and breaks starch down into maltose, which "
            "the small intestine absorbs after a further step."
        ),
        None,
        RIGHT,
        (
            "It breaks down starch into maltose.",
            "Made in the pancreas, the enzyme turns starch into maltose.",
            (
                "The enzyme is made in the pancreas and breaks starch down into maltose, which "
                "the small intestine absorbs after a further step."
            ),
            (
                "The enzyme is made in the pancreas [3] and breaks starch down into maltose[1, "
                "2], which the small intestine absorbs after a further step."
            ),
            (
                "**The enzyme is made in the pancreas and breaks starch down into maltose, "
                "which the small intestine absorbs after a further step.**"
            ),
        ),
    ),
    (
        "What does the enzyme do?",
        (
            "The enzyme is made in the pancreas and breaks starch down into maltose, which "
            "the small intestine absorbs after a further step."
        ),
        None,
        (0, 0.3),
        (
            "It does not break down starch.",
            "The enzyme was named by a French chemist in 1833 and is sold in tablets.",
        ),
    ),
    (
        "What does the enzyme do?",
        (
            "The enzyme is made in the pancreas and breaks starch down into maltose, which "
            "the small intestine absorbs after a further step."
        ),
        None,
        (0.6, 1),
        ("It breaks starch down.",),
    ),
    (
        "Why did the bridge collapse?",
        "The bridge collapsed because wind made it twist in resonance [1][2].",
        None,
        RIGHT,
        ("Because the wind made it twist in resonance.",),
    ),
    (
        "Why did the bridge collapse?",
        "The bridge collapsed because wind made it twist in resonance [1][2].",
        None,
        WRONG,
        (
            "An earthquake destroyed the piers.",
            "It was not the wind; an explosion destroyed it.",
        ),
    ),
    (
        "Why did the bridge collapse?",
        "The bridge collapsed because wind made it twist in resonance [1][2].",
        None,
        (0, 0.3),
        ("A ship struck a pier of the bridge, and the bridge collapsed.",),
    ),
    (
        "Where is the archive kept?",
        "Bern",
        None,
        RIGHT,
        (
            (
                "The archive is kept in Bern, in a building of 1899 that was restored ten years "
                "ago and that may be visited on weekdays."
            ),
        ),
    ),
    (
        "Where is the archive kept?",
        "Bern",
        None,
        WRONG,
        (
            (
                "The archive is kept in Basel, in a building of 1899 that was restored ten "
                "years ago and that may be visited on weekdays."
            ),
        ),
    ),
    (
        "What causes the tides?",
        (
            "Tides are caused mainly by the gravitational pull of the Moon, with a smaller "
            "contribution from the Sun."
        ),
        None,
        RIGHT,
        (
            "The Moon's gravitational pull, and less so the Sun's.",
            "The gravitational pull of the Moon.",
            (
                "Tides are caused mainly by the gravitational pull of the Moon, with a smaller "
                "contribution from the Sun. [2]"
            ),
            (
                "# Answer\n\n- Tides are caused mainly by the gravitational pull of the Moon, "
                "with a smaller contribution from the Sun."
            ),
        ),
    ),
    (
        "What causes the tides?",
        (
            "Tides are caused mainly by the gravitational pull of the Moon, with a smaller "
            "contribution from the Sun."
        ),
        None,
        WRONG,
        (
            "Winds over the ocean.",
            "The rotation of the Earth's molten core.",
            "Tides are not caused by the gravitational pull of the Moon.",
            "It is a myth that tides are caused mainly by the gravitational pull of the Moon.",
            (
                "Tides are caused mainly by the gravitational pull of the Moon, with a smaller "
                "contribution from the Sun. This is wrong."
            ),
        ),
    ),
    (
        "What causes the tides?",
        (
            "Tides are caused mainly by the gravitational pull of the Moon, with a smaller "
            "contribution from the Sun."
        ),
        None,
        (0.6, 1),
        ("The gravity of the Moon, mainly.",),
    ),
    (
        "How does leave carry over?",
        (
            "Employees may carry over up to five days of unused leave into the next year, "
            "and these must be taken by the end of March."
        ),
        None,
        RIGHT,
        (
            "Up to five days may be carried over, to be taken by the end of March.",
            "Five days, until end of March.",
        ),
    ),
    (
        "How does leave carry over?",
        (
            "Employees may carry over up to five days of unused leave into the next year, "
            "and these must be taken by the end of March."
        ),
        None,
        (0.2, 0.8),
        (
            (
                "Employees may carry over up to five days of unused leave into the next year, "
                "but these need not be taken by the end of March."
            ),
        ),
    ),
]


@each_answer(CASES)
def test_accuracy(question, reference, type, span, answer):
    expect_accuracy(question, reference, type, span, answer)
