"""The JSON report: complete, by its schema, and never half written."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace

import jsonschema
import pytest

from pytest_ragft import records
from pytest_ragft.reporting.conclusion import Conclusion
from pytest_ragft.reporting.json import report_schema, to_json
from tests.unit.reported_cases import answered, with_cases
from tests.unit.test_reporting_examples import EXAMPLES, PASSING, REGRESSED, gate, run

RECORDS = {
    "conclusion": Conclusion,
    "gate": records.Gate,
    "verdict": records.Verdict,
    "mover": records.Mover,
    "stratum": records.Stratum,
    "gate_result": records.GateResult,
    "hand_written_gate": records.HandWrittenGate,
    "variant": records.VariantFacts,
    "suite": records.SuiteFacts,
    "correction": records.Correction,
    "draws_worth": records.DrawsWorth,
    "slice": records.Slice,
    "slope": records.Slope,
    "answer_style": records.AnswerStyle,
    "refusals": records.Refusals,
    "disagreement": records.Disagreement,
    "endpoint_usage": records.EndpointUsage,
    "interval": records.Interval,
    "part_effect": records.PartEffect,
    "knowledge_effect": records.KnowledgeEffect,
    "worst_part": records.WorstPart,
    "knowledge_score": records.KnowledgeScore,
    "knowledge_axis": records.KnowledgeAxis,
}


def strict(text: str) -> dict:
    def refuse(constant: str) -> float:
        raise AssertionError(f"not JSON: {constant}")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("name", EXAMPLES)
def test_reports_satisfy_the_schema(name: str) -> None:
    validator = jsonschema.Draft202012Validator(report_schema())
    validator.check_schema(report_schema())
    validator.validate(strict(to_json(EXAMPLES[name])))
    for texts in ("none", "short", "full"):
        validator.validate(strict(to_json(with_cases(EXAMPLES[name]), texts)))


def test_the_schema_knows_every_field_and_no_other() -> None:
    schema = report_schema()
    forms = {**schema["$defs"], "run": schema}
    fields = {name: {f.name for f in dataclasses.fields(r)} for name, r in RECORDS.items()}
    fields["run"] = {f.name for f in dataclasses.fields(records.RunResult)} - {"cases"}
    fields["run"] |= {"schema", "conclusions", "by_suite", "texts", "questions"}
    fields["suiteMove"] = set(strict(to_json(EXAMPLES["full"]))["by_suite"][0])
    (question,) = strict(to_json(with_cases(PASSING, [answered()])))["questions"]
    answer = question["answers"]["baseline"]
    (passage,), (score,) = question["passages"], answer["scores"].values()
    for name, of in (
        ("question", question),
        ("passage", passage),
        ("answer", answer),
        ("score", score),
    ):
        fields[name] = set(of)
    assert {name: set(form["properties"]) for name, form in forms.items()} == fields
    for form in forms.values():
        assert form["additionalProperties"] is False
        assert set(form["required"]) == set(form["properties"])
        for field in form["properties"].values():
            assert "description" in field or set(field) == {"$ref"}


def test_a_field_too_many_or_too_few_is_refused() -> None:
    validator = jsonschema.Draft202012Validator(report_schema())
    document = strict(to_json(PASSING))
    assert not validator.is_valid({**document, "extra": 1})
    assert not validator.is_valid({**document, "schema": "pytest-ragft/report/1"})
    del document["gates"][0]["verdict"]["lower"]
    assert not validator.is_valid(document)


def test_values_arrive_unchanged() -> None:
    document = strict(to_json(REGRESSED))
    assert document["schema"] == "pytest-ragft/report/2"
    assert list(document)[:3] == ["schema", "conclusions", "by_suite"]
    first = document["gates"][0]
    assert first["verdict"]["lower"] == -0.143
    assert first["suites"] == ["biomedical", "encyclopedia", "papers"]
    assert first["blocks"] is True
    assert first["worst_case"] is None
    assert list(document["suites"][0]["retrieval"]) == ["mrr", "ndcg@5", "recall@5"]
    assert document["conclusions"] == [
        {
            "variant": "ft-ckpt",
            "decision": "BLOCK",
            "reasons": ["accuracy regressed"],
            "blocks": True,
        }
    ]


def test_numbers_that_are_not_finite_become_null() -> None:
    text = to_json(run(gate(blocked_drop=float("inf"), baseline_mean=float("nan"))))
    first = strict(text)["gates"][0]
    assert first["blocked_drop"] is None
    assert first["baseline_mean"] is None


def test_equal_results_give_equal_bytes() -> None:
    turned = replace(
        PASSING,
        suites=tuple(
            replace(s, retrieval=dict(reversed(s.retrieval.items()))) for s in PASSING.suites
        ),
    )
    assert to_json(turned) == to_json(PASSING)


def test_any_string_survives() -> None:
    odd = "\ud800 “x” \x00 </script>"
    assert strict(to_json(run(gate(explanation=odd))))["gates"][0]["explanation"] == odd
