"""Natural Questions in three forms: open, with gold passages, and ClapNQ."""

from __future__ import annotations

from pathlib import Path

from tests.question_sets import made


class TestNaturalQuestions:
    def test_open(self, tmp_path: Path) -> None:
        rows = [
            {"question": "who pulls the tides", "answer": ["moon", "the full moon", "moon"]},
            {"question": "when", "answers": "at noon", "def_correct_predictions": ["noon"]},
            {"question": "why", "answer": []},
        ]
        found = made(tmp_path, "nq-open", rows)

        assert [e.references for e in found.examples] == [
            ("the full moon", "moon"), ("at noon", "noon")
        ]  # fmt: skip
        assert found.examples[0].type is None
        assert len(found.notes) == 1
        again = made(tmp_path, "nq-open", rows[1:])
        assert again.examples[0].id == found.examples[1].id
        assert again.examples[0].id.startswith("nq-")

    def test_oracle(self, tmp_path: Path) -> None:
        def context(title: str, text: str, gold: bool) -> dict[str, object]:
            return {"title": title, "text": text, "hasanswer": True, "isgold": gold}

        rows = [
            {
                "question": "who pulls the tides",
                "answers": ["moon"],
                "ctxs": [context("Sun", "The sun.", False), context("Tide", "The moon.", True)],
                "nq_annotated_gold": {"title": "Tide", "long_answer": "Long.", "short_answers": []},
            },
            {"question": "when", "answers": ["noon"], "ctxs": [context("Sun", "The sun.", False)]},
        ]
        found = made(tmp_path, "nq-oracle", rows)

        sun, tide = found.passages
        assert [(p.title, p.text, p.document) for p in (sun, tide)] == [
            ("Sun", "The sun.", "Sun"), ("Tide", "The moon.", "Tide")
        ]  # fmt: skip
        first, second = found.examples
        assert (first.relevant, first.document, first.references) == ((tide.id,), "Tide", ("moon",))
        assert (second.relevant, second.document) == ((), None)
        assert found.notes == (f"questions without a gold passage: 1 ({second.id})",)


def test_clapnq(tmp_path: Path) -> None:
    def row(name: str, *answers: str) -> dict[str, object]:
        return {
            "id": name,
            "input": "why tides",
            "passages": [{"title": "Tide", "text": f"On {name}.", "sentences": ["x"]}],
            "output": [{"answer": a, "selected_sentences": [], "meta": {}} for a in answers],
        }

    found = made(
        tmp_path, "clapnq", [row("-7", "It pulls.", "The moon pulls it.", "NA"), row("8", "")]
    )

    first, second = found.examples
    assert first.references == ("The moon pulls it.", "It pulls.")
    assert first.id.startswith("7-")
    assert (first.document, first.type, len(first.relevant)) == ("Tide", "summary", 1)
    assert (second.answerable, second.references, second.relevant) == (False, (), ())
    assert [p.text for p in found.passages] == ["On -7.", "On 8."]
    assert found.notes == (f"annotations that are blank or say NA, left out: 1 ({first.id})",)
