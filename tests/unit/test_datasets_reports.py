"""Questions on annual reports: TAT-QA and FinanceBench."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_ragft.errors import SuiteError
from tests.question_sets import context, made, report, scores, tat


def test_tatqa(tmp_path: Path) -> None:
    rows = [
        tat("a", -12.6, "arithmetic", "million", derivation="44.1-56.7"),
        tat("b", 34.61, "arithmetic", "percent"),
        tat("c", ["$1,234.5"], "span", "thousand", answer_from="table-text", rel_paragraphs=["1"]),
        tat("d", ["3.6%"], "span", "percent"),
        tat("e", ["12.0", "66"], "multi-span", "million"),
        tat("f", ["2019"], "multi-span", answer_from="text", rel_paragraphs=[1, "1"]),
        tat("g", "4", "count"),
        tat("h", 0.00001, "arithmetic"),
        tat("i", ["$72.3 million"], "span", "million"),
        tat("j", ["because of tides"], "span", "thousand"),
        {"uid": "k", "order": 1, "question": "Which?"},
    ]
    found = made(tmp_path, "tatqa", "[" + json.dumps(context(*rows)) + "]")

    assert [(p.id, p.text, p.document) for p in found.passages] == [
        ("t1", " | 2019\nTides | 1,234.5", "t1"),
        ("p1", "All in thousands.", "t1"),
    ]
    assert [(e.references[0], e.type) for e in found.examples] == [
        ("-12.6 million", "number"),
        ("34.61%", "number"),
        ("$1,234.5 thousand", None),
        ("3.6%", None),
        ("12.0 million; 66 million", "list"),
        ("2019", None),
        ("4", "number"),
        ("0.00001", "number"),
        ("$72.3 million", None),
        ("because of tides", None),
    ]
    by_id = {e.id: e for e in found.examples}
    assert by_id["c"].relevant == ("t1", "p1")
    assert by_id["f"].relevant == ("p1",)
    assert by_id["a"].relevant == ("t1",)
    assert by_id["e"].facts == ("12.0 million", "66 million")
    assert by_id["c"].tags == ("span", "table-text")
    assert {e.document for e in found.examples} == {"t1"}
    assert found.notes == ("questions without an answer in the files, left out: 1 (k)",)
    assert scores(by_id["c"], "It was $1.2345 million.")[0] == pytest.approx(1, abs=0.2)
    assert scores(by_id["c"], "It was 1,234.5.")[0] == pytest.approx(0, abs=0.2)


class TestFinanceBench:
    def test_the_makers_lines(self, tmp_path: Path) -> None:
        found = made(tmp_path, "financebench", [report("f1"), report("f2", answer=12)])

        first, second = found.examples
        (passage,) = found.passages
        assert (passage.title, passage.text, passage.document) == (
            "TIDE_2018_10K", "Tides 12", "TIDE_2018_10K"
        )  # fmt: skip
        assert first.references == second.references == ("12",)
        assert first.relevant == second.relevant == (passage.id,)
        assert (first.document, first.tags) == ("TIDE_2018_10K", ("metrics-generated",))
        whole = made(tmp_path, "financebench", [report("f1")], passages="page")
        assert [p.text for p in whole.passages] == ["Page 3. Tides 12. More."]

    def test_of_answers_of_systems_the_question_is_read(self, tmp_path: Path) -> None:
        def line(system: str, **more: object) -> dict[str, object]:
            row: dict[str, object] = {"id": "f1", "system": system, "question": "How many?"}
            row |= {"references": ["12"], "answer": "13", "label": "Incorrect Answer"}
            return row | {"document": "TIDE", "question_type": "novel-generated"} | more

        found = made(tmp_path, "financebench", [line("a"), line("b"), line("c")])

        (example,) = found.examples
        assert (example.references, example.document) == (("12",), "TIDE")
        assert found.notes == (
            "answers of systems, not read: of each question the first line is: 3 (f1, f1, f1)",
        )
        with pytest.raises(SuiteError, match="the id 'f1' is already that of another question"):
            made(tmp_path, "financebench", [line("a"), line("b", references=["14"])])
