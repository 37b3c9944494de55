"""BioASQ task B: four types of questions, snippets as corpus."""

from __future__ import annotations

from pathlib import Path

from tests.question_sets import bio, made, scores, snippet


class TestBioASQ:
    def test_a_factoid_takes_ideal_answers_and_all_names(self, tmp_path: Path) -> None:
        rows = [
            bio(
                "f1",
                "factoid",
                ["The moon.", "It is the moon that does."],
                [["moon", "Luna", ""]],
                snippets=[snippet("The moon pulls.", 11), snippet("The moon pulls.", 11)],
                concepts=["x"],
            )
        ]
        found = made(tmp_path, "bioasq", {"questions": rows})

        (example,) = found.examples
        assert example.references == ("It is the moon that does.", "The moon.", "moon", "Luna")
        assert (example.type, example.facts, example.document) == ("factoid", (), "11")
        (passage,) = found.passages
        assert (passage.text, passage.document) == ("The moon pulls.", "11")
        assert example.relevant == (passage.id,)

    def test_items_of_a_list_are_facts_and_the_fullest_answer_comes_first(
        self, tmp_path: Path
    ) -> None:
        rows = [
            bio(
                "l1", "list", ["Spring tides, by far.", "Spring and neap."], [["spring"], ["neap"]]
            ),
            bio("l2", "list", ["Spring tides, by far."], [["spring"], ["neap"]]),
            bio("l3", "list", ["Spring tides."], ["spring", "neap"]),
        ]
        first, second, third = made(tmp_path, "bioasq", {"questions": rows}).examples

        assert first.references == ("Spring and neap.", "Spring tides, by far.", "spring; neap")
        assert first.facts == second.facts == third.facts == ("spring", "neap")
        assert second.references == ("spring; neap", "Spring tides, by far.")
        assert scores(first, "There are spring tides and neap tides.") == (1.0, 1.0)
        assert scores(first, "Spring tides.")[1] == 0.5

    def test_an_item_with_several_names_may_be_named_by_any(self, tmp_path: Path) -> None:
        rows = [bio("l1", "list", ["Both."], [["spring", "syzygy"], ["neap", "quadrature"]])]
        (example,) = made(tmp_path, "bioasq", {"questions": rows}).examples

        assert example.facts == ()
        assert example.references[0] == "spring; neap"
        assert {"syzygy; neap", "spring; quadrature"} <= set(example.references)
        assert scores(example, "They are syzygy and neap tides.") == (1.0, 1.0)
        assert scores(example, "Quadrature tides.")[1] == 0.5

    def test_yes_and_no_are_said_and_never_contradicted(self, tmp_path: Path) -> None:
        rows = [
            bio("y1", "yesno", ["The moon pulls.", "Yes, it does."], "yes"),
            bio("y2", "yesno", ["Yes, it does.", "NO: it is the wind."], "No."),
        ]
        found = made(tmp_path, "bioasq", {"questions": rows})

        first, second = found.examples
        assert first.references == ("Yes. The moon pulls.", "Yes, it does.", "Yes")
        assert second.references == ("NO: it is the wind.", "No")
        assert (first.facts, second.facts) == (("yes",), ("no",))
        assert found.notes == (
            "answers that contradict the yes or no of their question, left out: 1 (y2)",
        )
        assert scores(first, "Yes.") == (1.0, 1.0)
        assert scores(second, "Yes.") == (0.0, 0.0)

    def test_questions_that_share_an_abstract_share_their_document(self, tmp_path: Path) -> None:
        rows = [
            bio("a", "summary", ["A."], snippets=[snippet("one", 1), snippet(" ", 9)]),
            bio("b", "summary", ["B."], snippets=[snippet("two", 2), snippet("three", 3)]),
            bio("c", "summary", "C.", snippets=[snippet("four", 3), snippet("five", 1)]),
            bio("d", "summary", ["D."], snippets=[snippet("six", 4)]),
            bio("e", "summary", ["E."]),
            bio("f", "summary", ["", " "]),
        ]
        found = made(tmp_path, "bioasq", {"questions": rows})

        assert {e.id: e.document for e in found.examples} == {
            "a": "1", "b": "1", "c": "1", "d": "4", "e": None
        }  # fmt: skip
        assert found.notes == (
            "snippets without a text, left out: 1 (a)",
            "questions without an answer in the files, left out: 1 (f)",
        )
