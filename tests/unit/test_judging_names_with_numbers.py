"""Names that hold a number: the number is part of the name, and so is the rest of it."""

import pytest

from pytest_ragft.judging.lexical.naming import names_another
from tests.judging_table import RIGHT, WRONG, each_answer, expect_accuracy


@each_answer(
    [
        ("Which aircraft is it?", "Boeing 747", None, RIGHT, ["Boeing 747", "The Boeing 747."]),
        ("Which aircraft is it?", "Boeing 747", None, WRONG, ["Airbus 747", "Boeing 737"]),
        ("Which film is it?", "Seven Samurai", None, RIGHT, ["Seven Samurai", "7 Samurai"]),
        ("Which film is it?", "Seven Samurai", None, WRONG, ["Seven Brides", "Eight Samurai"]),
        ("Which mission was it?", "Apollo 11", None, RIGHT, ["Apollo Eleven", "Apollo 11 did."]),
        ("Which mission was it?", "Apollo 11", None, WRONG, ["Apollo 12", "Gemini 11"]),
        ("Which road is it?", "Route 66", None, RIGHT, ["US Route 66"]),
        (
            "Which road is it?",
            "Route 66",
            None,
            WRONG,
            ["Route 99", "Highway 66", "It is Route 67."],
        ),
        ("Which pope is it?", "Pope John XXIII", None, (0, 0.3), ["Pope John XXII", "John XXI"]),
        ("Which war is it?", "World War II", None, RIGHT, ["World War 2", "World War II"]),
        ("Which war is it?", "World War II", None, (0, 0.3), ["World War I", "World War III"]),
        ("Which king is it?", "Louis XIV", None, (0, 0.3), ["Louis XV", "Louis XIII of France"]),
        ("Which king is it?", "Charles I", None, RIGHT, ["King Charles I", "Charles I of England"]),
        ("What was the score?", "Brazil 3-2", None, WRONG, ["Brazil 2-1"]),
        ("What is the fine?", "USD 5 Million", None, RIGHT, ["$5m", "5 million dollars"]),
        ("Which metals are in it?", "iron; zinc; copper", None, (0.7, 0.9), ["iron and zinc"]),
    ]
)
def test_a_name_with_a_number(question, reference, type, span, answer):
    expect_accuracy(question, reference, type, span, answer)


@pytest.mark.parametrize("answer", ["iron, zinc, copper", "- copper\n- iron\n- zinc"])
def test_a_list_with_semicolons(answer):
    expect_accuracy("Which metals are in it?", "iron; zinc; copper", None, RIGHT, answer)


@pytest.mark.parametrize("text", ["漢" * 200_000, "A" * 200_000, "A b " * 50_000, "Ab-" * 60_000])
def test_a_text_of_one_endless_name_takes_linear_time(text):
    """Or else this takes the better part of an hour."""
    assert not names_another(["Ann Lee"], text)
