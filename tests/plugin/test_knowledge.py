"""The knowledge axis: measured beside the gates, shown everywhere, and never in their way."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.commands.running import ragft
from tests.example import Example, Result, code_word

XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
ALL = "--ragft-knowledge=retrieved,gold,none"


def record(
    example: Example, file: str, *, without: float, kinds: tuple[str, ...] = ("gold", "none")
) -> None:
    """Right over retrieved and gold passages; without any, so often as `without` says."""
    lines = []
    for position, question in enumerate(example.read_lines("suites/demo/questions.jsonl")):
        document, item = map(int, question["id"][1:].split("-"))
        right = code_word("demo", document, item)
        by_heart = (position * 0.6180339887) % 1.0 < without
        lines.append({"suite": "demo", "id": question["id"], "answer": right})
        for kind in kinds:
            answer = right if kind == "gold" or by_heart else "Zanzibar, perhaps."
            lines.append(lines[-1] | {"knowledge": kind, "answer": answer})
            if kind == "gold":
                lines[-1]["answer"] = right
    example.write_lines(file, lines)


@pytest.fixture
def ready(example: Example) -> Example:
    """By heart, the baseline knows a tenth and the variant half of the answers."""
    example.suite()
    record(example, "baseline.jsonl", without=0.1)
    record(example, "variant.jsonl", without=0.5)
    return example


def axis(example: Example) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((example.folder / "run.json").read_text())["knowledge"]
    return found


def effect(of: dict[str, Any], variant: str, name: str, metric: str = "accuracy") -> dict[str, Any]:
    (found,) = [
        e
        for e in of["effects"]
        if (e["variant"], e["effect"], e["metric"]) == (variant, name, metric)
    ]
    return found


def gates(result: Result) -> dict[str, dict[str, str]]:
    return {name: result.properties(name) for name in ("gate-accuracy", "gate-completeness")}


@XDIST
def test_the_axis_is_measured_and_no_verdict_moves(
    ready: Example, workers: tuple[str, ...]
) -> None:
    plain = ready.gate("--ragft-json=run.json", *workers)
    assert plain.code == 0, plain.out
    assert axis(ready) is None
    assert "what retrieval adds" not in plain.out

    result = ready.gate(ALL, "--ragft-json=run.json", *workers)

    assert result.code == 0, result.out
    assert gates(result) == gates(plain)
    found = axis(ready)
    assert found["kinds"] == ["retrieved", "gold", "none"]
    assert found["suites"] == ["demo"]
    assert found["errors"] == found["notes"] == []
    increment = effect(found, "variant", "increment")
    assert increment["before"] == pytest.approx(0.5, abs=0.02)
    assert increment["after"] == 1.0
    change = effect(found, "variant", "increment_difference")
    assert change["interval"]["estimate"] == pytest.approx(-0.4, abs=0.02)
    assert change["interval"]["upper"] < 0
    assert effect(found, "baseline", "increment")["interval"]["n"] == 240
    assert effect(found, "baseline", "gap")["interval"]["estimate"] == 0.0
    assert effect(found, "variant", "baseline_difference")["interval"]["estimate"] == 0.0
    worst = {w["effect"] for w in found["worst"]}
    assert worst == set() or worst <= {"increment", "increment_difference", "baseline_difference"}
    assert "knowledge: retrieved, gold, none" in result.out
    row = r"baseline accuracy +0\.104 +1\.000 +\+0\.896 +\[\+0\.\d+, \+0\.\d+\] +240"
    assert re.search(row, result.out)
    assert (
        "retrieval surely adds less to variant than to the baseline, in accuracy and completeness"
        in " ".join(result.out.split())
    )


def test_parts_are_told_and_the_worst_is_named(ready: Example) -> None:
    questions = ready.read_lines("suites/demo/questions.jsonl")
    for question in questions:
        question["tags"] = ["odd" if int(question["id"].rpartition("-")[2]) % 2 else "even"]
    ready.write_lines("suites/demo/questions.jsonl", questions)
    lines = ready.read_lines("variant.jsonl")
    for line in lines:
        if "knowledge" not in line and int(line["id"].rpartition("-")[2]) % 2:
            line["answer"] = "Zanzibar, perhaps."
    ready.write_lines("variant.jsonl", lines)

    result = ready.gate("--ragft-knowledge=retrieved", "--ragft-json=run.json")

    assert result.code == 1
    found = axis(ready)
    assert found["kinds"] == ["retrieved"]
    (worst,) = found["worst"]
    assert (worst["name"], worst["sure"], worst["compared"]) == ("tag odd", True, 4)
    assert worst["interval"]["alpha"] == pytest.approx(0.05 / 4)
    text = " ".join(result.out.split())
    assert "worst part of variant against the baseline: accuracy, tag odd: −1.000 [−1.000" in text
    assert ", surely below 0" in text
    assert "Bonferroni over 4 pairs of part and metric" in text


@pytest.mark.parametrize("kind", ["gold", "none"])
def test_a_recording_that_lacks_a_kind_is_refused_before_any_work(
    ready: Example, kind: str
) -> None:
    other = "none" if kind == "gold" else "gold"
    record(ready, "variant.jsonl", without=0.5, kinds=(other,))
    result = ready.gate(ALL)
    assert result.code == 4
    assert f"'variant.jsonl' lacks answers with knowledge = '{kind}' to 240 of 240" in result.err
    assert f'"knowledge": "{kind}"' in result.err
    assert "Traceback" not in result.err
    assert ready.gate(f"--ragft-knowledge=retrieved,{other}").code == 0


def test_questions_without_a_relevant_passage_need_no_gold_answer(ready: Example) -> None:
    questions = ready.read_lines("suites/demo/questions.jsonl")
    for question in questions[:40]:
        question["relevant"] = []
    ready.write_lines("suites/demo/questions.jsonl", questions)
    gone = {question["id"] for question in questions[:40]}
    for file in ("baseline.jsonl", "variant.jsonl"):
        lines = ready.read_lines(file)
        kept = [x for x in lines if x.get("knowledge") != "gold" or x["id"] not in gone]
        ready.write_lines(file, kept)

    result = ready.gate(ALL, "--ragft-json=run.json")

    assert result.code == 0, result.out + result.err
    assert axis(ready)["without_gold"] == 40
    assert effect(axis(ready), "variant", "gap")["interval"]["n"] == 200
    assert "40 questions name no relevant passage" in " ".join(result.out.split())


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("gold,none", "retrieved must be in the list"),
        ("retrieved,golden", "expected a list of retrieved, gold, none"),
        ("retrieved,none,none", "each at most once"),
        ("", "expected a list"),
    ],
)
def test_a_bad_list_is_a_usage_error(ready: Example, value: str, told: str) -> None:
    for result in (
        ready.gate(f"--ragft-knowledge={value}"),
        *([ready.gate(env={"RAGFT_KNOWLEDGE": value})] if value else []),
    ):
        assert result.code == 4, result.out
        assert told in result.err
        assert "Traceback" not in result.err


def test_environment_and_ini_say_it_too(ready: Example) -> None:
    ready.write("pytest.ini", "[pytest]\nragft_knowledge = retrieved, none\n")
    assert "knowledge: retrieved, none" in ready.gate().out
    told = ready.gate(env={"RAGFT_KNOWLEDGE": "none,retrieved,gold"})
    assert "knowledge: retrieved, gold, none" in told.out
    assert "knowledge: retrieved --" in ready.gate("--ragft-knowledge=retrieved").out


def test_a_saved_baseline_has_no_answers_with_other_passages(ready: Example) -> None:
    saved = ready.run_pytest(
        "suites",
        "--ragft-model=old=baseline.jsonl",
        "--ragft-baseline=none",
        "--ragft-save-baseline=prod",
        ALL,
        "--ragft-json=run.json",
    )
    assert saved.code == 0, saved.out + saved.err
    # It is measured by itself.
    assert {e["effect"] for e in axis(ready)["effects"]} == {"increment", "gap"}
    against = ("suites", "--ragft-model=variant.jsonl", "--ragft-baseline=saved:prod")

    refused = ready.run_pytest(*against, ALL)
    assert refused.code == 4
    assert "a saved baseline holds answers over retrieved passages alone" in refused.err
    allowed = ready.run_pytest(*against, "--ragft-knowledge=retrieved")
    assert allowed.code == 0, allowed.out


MODEL = """
from pytest_ragft.records import Answer

class Model:
    fingerprint = "mine/1"
    engine = None
    notes = ()
    failing = ()

    def check(self, suite, ids):
        pass

    def cut(self, requests):
        return [[i] for i in range(len(requests))]

    def generate(self, batch):
        (request,) = batch
        if request.knowledge in self.failing:
            raise RuntimeError("the prompt was too much for me")
        passages = request.prompt.passages
        return [Answer(text=self.said(request, passages), finish="stop")]

    def said(self, request, passages):
        number = request.prompt.question.split()[4]
        text = next((p.text for p in passages if f"item {number} " in p.text), "Zanzibar it is")
        return text.rpartition(" ")[2].rstrip(".")

class Other(Model):
    fingerprint = "other/1"

class Failing(Model):
    fingerprint = "failing/1"
    failing = ("gold",)

class Patchy(Model):
    fingerprint = "patchy/1"

    def generate(self, batch):
        (request,) = batch
        if request.knowledge == "none" and request.id.endswith("-0"):
            return [Answer(text="", finish="error", error="it does not fit")]
        return super().generate(batch)
"""


def own(example: Example, variant: str, *arguments: str) -> Result:
    example.write("parts.py", MODEL)
    return example.run_pytest(
        "suites",
        f"--ragft-model=mine=parts:{variant}",
        "--ragft-baseline=parts:Model",
        "--ragft-json=run.json",
        *arguments,
    )


@XDIST
def test_what_fails_with_other_passages_is_an_error_and_takes_no_verdict_away(
    example: Example, workers: tuple[str, ...]
) -> None:
    example.suite()
    result = own(example, "Failing", ALL, *workers)

    assert result.code == 1
    assert result.outcome("gate-accuracy") == "passed"
    assert result.properties("gate-accuracy")["ragft.verdict"] == "PASS"
    text = " ".join((result.out + result.err).split())
    told = "knowledge axis: mine with gold passages on suite 'demo'"
    assert f"ERROR: {told}" in text
    assert "mine: ERROR – 1 error" in text
    (error,) = axis(example)["errors"]
    assert error.startswith(told)
    assert effect(axis(example), "mine", "increment")["interval"]["n"] == 240
    assert own(example, "Other", ALL, *workers).code == 0


def test_more_missing_scores_than_a_gate_would_bear_are_an_error(example: Example) -> None:
    example.suite()
    result = own(example, "Patchy", ALL)

    assert result.code == 1
    assert result.outcome("gate-accuracy") == "passed"
    text = " ".join(result.out.split())
    assert "knowledge axis: mine without passages: 60 of 240 scores in accuracy are missing" in text
    found = effect(axis(example), "mine", "increment")
    assert (found["missing"], found["interval"]["n"]) == (60, 180)
    assert "180 (60 missing)" in text


def test_a_lost_draw_with_other_passages_is_a_missing_score(example: Example) -> None:
    example.suite(per_document=1, toml="[generation]\nsamples = 2\ntemperature = 0.7\n")
    lost = 'request.knowledge == "none" and request.id.endswith("-0")'
    of_one = MODEL.replace(lost, f"{lost} and request.sample == 1")
    assert of_one != MODEL
    example.write("parts.py", of_one)
    result = example.run_pytest(
        "suites", "--ragft-model=mine=parts:Patchy", "--ragft-baseline=parts:Model",
        "--ragft-json=run.json", ALL,
    )  # fmt: skip

    assert result.code == 1
    assert result.outcome("gate-accuracy") == "passed"
    text = " ".join(result.out.split())
    assert "mine without passages: 60 of 60 scores in accuracy are missing" in text
    assert "draw 2 of this question is missing: no answer to judge: it does not fit" in text


def test_a_regression_stays_one_whatever_the_axis_says(ready: Example) -> None:
    lines = ready.read_lines("variant.jsonl")
    for line in lines:
        if "knowledge" not in line:
            line["answer"] = "Zanzibar, perhaps."
    ready.write_lines("variant.jsonl", lines)
    result = ready.gate(ALL)
    assert result.code == 1
    assert result.properties("gate-accuracy")["ragft.verdict"] == "REGRESSION"
    assert "variant: BLOCK" in result.out


def test_the_store_answers_offline(example: Example) -> None:
    example.suite()
    unknown = own(example, "Other", ALL, "--ragft-offline")
    assert unknown.code == 1
    first = own(example, "Other")
    assert first.code == 0
    lacking = own(example, "Other", ALL, "--ragft-offline")
    assert lacking.code == 1
    assert lacking.outcome("gate-accuracy") == "passed"
    assert "offline: 240 of 240 answers of 'mine' on suite 'demo'" in " ".join(lacking.out.split())
    assert own(example, "Other", ALL).code == 0
    online = axis(example)
    assert own(example, "Other", ALL, "--ragft-offline").code == 0
    assert axis(example) == online


def test_a_limited_run_measures_what_it_asks(ready: Example) -> None:
    result = ready.gate(ALL, "--ragft-limit=30", "--ragft-json=run.json")
    assert result.code == 1
    assert effect(axis(ready), "variant", "increment")["interval"]["n"] == 30
    assert axis(ready)["errors"] == []


def test_a_part_of_the_questions_is_not_enough(ready: Example) -> None:
    result = ready.gate(ALL, "-k", "q1-1", "--ragft-json=run.json")
    assert result.code == 0, result.out
    assert axis(ready)["effects"] == axis(ready)["suites"] == []
    assert "not measured on demo: this run asks for a part of the tests" in " ".join(
        result.out.split()
    )
    gate = ready.gate(ALL, "-k", "gate-accuracy", "--ragft-json=run.json")
    assert gate.code == 0
    assert axis(ready)["suites"] == ["demo"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('user = "Tell me"', "must contain {question}"),
        ('user = "{context} {question}"', "must not contain {context}"),
        ('systems = "x"', "unknown key 'systems'"),
        ("user = 3", "must be a text"),
    ],
)
def test_a_bad_prompt_without_passages_names_file_and_key(
    example: Example, table: str, told: str
) -> None:
    example.suite(toml=f"[prompt.none]\n{table}").recorded("baseline.jsonl")
    example.recorded("variant.jsonl")
    result = example.gate()
    assert result.code == 4
    assert told in result.err
    assert "suite.toml: [prompt.none]" in result.err


def test_reports_of_every_form_show_it_and_are_read_again(ready: Example) -> None:
    result = ready.gate(
        ALL, "--ragft-json=run.json", "--ragft-markdown=r.md", "--ragft-html=r.html"
    )
    assert result.code == 0, result.out
    for file in ("r.md", "r.html"):
        text = (ready.folder / file).read_text()
        assert "What retrieval adds" in text
        assert "what gold passages would add" in text
        assert "surely adds less to" in text
    again = ragft(ready.folder, "report", "run.json")
    assert "knowledge: retrieved, gold, none" in again.out

    older = json.loads((ready.folder / "run.json").read_text())
    del older["knowledge"]
    ready.write("older.json", json.dumps(older))
    shown = ragft(ready.folder, "report", "older.json")
    assert shown.code == 0, shown.err
    assert "what retrieval adds" not in shown.out
    compared = ragft(ready.folder, "compare", "older.json", "run.json")
    assert compared.code == 0, compared.err


def test_gates_on_neither_metric_leave_nothing_to_measure(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")
    example.write("suites/ragft.toml", '[[gate]]\nmetric = "faithfulness"\n')
    example.write("parts.py", FAITHFUL)
    result = example.gate("--ragft-knowledge=retrieved,none", "--ragft-judge=parts:Judge")
    assert result.code == 4
    assert "measured in accuracy and completeness, and no gate asks the judge for" in result.err


FAITHFUL = """
from pytest_ragft.records import Score

class Judge:
    name = "mine"
    fingerprint = "mine/1"
    metrics = ("accuracy", "completeness", "faithfulness")
    reads_passages = True

    def judge(self, cases):
        return [{m: Score(metric=m, value=1.0) for m in self.metrics} for case in cases]
"""
