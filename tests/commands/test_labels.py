"""From a gating run to a sheet, to people, to a corrected verdict."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.commands.running import Done, fill, ragft, read_key, read_sheet, right
from tests.example import Example, Result

QUICK = ("-k", "gate-", "--ragft-json=report.json")
"""Gates speak for complete suites, whatever is selected."""
LABELS = ("--ragft-labels=sheet.csv", "--ragft-labels=sheet.key.jsonl", *QUICK)


@pytest.fixture
def ready(example: Example) -> Example:
    """320 questions; the variant is wrong a little more often."""
    example.suite(documents=80)
    return example.recorded("baseline.jsonl", wrong=0.10).recorded("variant.jsonl", wrong=0.12)


def label(example: Example, *arguments: str, pairs: int = 100, seed: int = 3) -> Done:
    return ragft(
        example.folder,
        "label",
        "suites",
        "--model=variant.jsonl",
        "--baseline=baseline.jsonl",
        f"--pairs={pairs}",
        f"--seed={seed}",
        "--out=sheet.csv",
        *arguments,
    )


def gates(example: Example) -> dict[str, Any]:
    report = json.loads((example.folder / "report.json").read_text())
    return {gate["gate"]["metric"]: gate for gate in report["gates"]}


def usage_error(result: Result) -> str:
    assert result.code == 4, result.out + result.err
    assert "Traceback" not in result.out + result.err
    return result.err


def sheet(example: Example) -> Path:
    return example.folder / "sheet.csv"


class TestSheet:
    def test_is_blind_and_shuffled_and_holds_both_answers(self, ready: Example) -> None:
        done = label(ready)
        assert done.code == 0, done.err
        assert "at least 59 labelled questions" in done.out
        head, key = read_key(ready.folder / "sheet.key.jsonl")
        rows = read_sheet(sheet(ready))

        assert [row["id"] for row in rows] == list(key)
        assert [int(row["block"]) for row in rows] == [of["block"] for of in key.values()]
        assert all(row["label"] == "" for row in rows)
        text = sheet(ready).read_text()
        assert "variant" not in text
        assert "baseline" not in text
        assert head["population"]["demo"][0] == 320
        answered = {
            name: {line["id"]: line["answer"] for line in ready.read_lines(f"{name}.jsonl")}
            for name in ("baseline", "variant")
        }
        sides = []
        for row in rows:
            of = key[row["id"]]
            for name in of["variants"]:
                assert row["answer"] == answered[name][of["question"]]
                sides.append((of["question"], name))
        assert len(sides) == len(set(sides)) == 200
        order = [key[row["id"]]["question"] for row in rows]
        assert order != sorted(order)
        blocks = [of["block"] for of in key.values()]
        assert blocks == sorted(blocks)
        for block in range(1, 6):
            assert len({of["question"] for of in key.values() if of["block"] == block}) == 20
        assert "in 5 blocks" in done.out

    def test_is_that_of_its_seed(self, ready: Example) -> None:
        texts = []
        for seed in (3, 3, 4):
            label(ready, seed=seed)
            texts.append(sheet(ready).read_bytes())
            for name in ("sheet.csv", "sheet.key.jsonl"):
                (ready.folder / name).unlink()
        assert texts[0] == texts[1] != texts[2]

    def test_equal_answers_stand_there_once(self, ready: Example) -> None:
        label(ready)
        _, key = read_key(ready.folder / "sheet.key.jsonl")
        assert {len(row["variants"]) for row in key.values()} == {1, 2}
        assert sum(len(row["variants"]) for row in key.values()) == 200

    def test_no_more_than_there_are(self, ready: Example) -> None:
        done = label(ready, pairs=321)
        assert done.code == 1
        assert "applies to 320 questions" in done.err
        assert not sheet(ready).exists()

    def test_the_key_is_not_the_sheet(self, ready: Example) -> None:
        assert "must not see the key" in label(ready, "--key=sheet.csv").err

    def test_warns_of_too_few(self, ready: Example) -> None:
        assert "INCONCLUSIVE floor" in label(ready, pairs=20).out

    def test_says_how_many_the_gate_would_need(self, ready: Example) -> None:
        done = label(ready)
        assert "to pass it with 80 % power if nothing changed: about 1" in done.out

    def test_the_plan_takes_the_correlation_of_differences(self, ready: Example) -> None:
        """That of scores is far higher here: both sides are right or wrong together."""
        assert ready.gate(*QUICK).code in (0, 1)
        label(ready, pairs=320)
        assert "how far it helps, `ragft calibrate` measures" in label(ready, "--out=b.csv").out
        swapped = {row["question"] for row in read_sheet(sheet(ready))[:30]}
        fill(sheet(ready), lambda row: abs(right(row) - (row["question"] in swapped)))
        done = ragft(ready.folder, "calibrate", "--labels=sheet.csv", "--labels=sheet.key.jsonl")
        assert done.code == 0, done.err
        saved = json.loads((ready.folder / ".ragft/calibrations/reference.json").read_text())
        known = saved["metrics"]["accuracy"]
        r = known["differences"]["value"]
        assert abs(r - known["figures"]["pearson"]["value"]) > 0.01
        told = label(ready, "--out=c.csv").out
        assert f"if its differences agree with people's as calibrated (r = {r:.2f})" in told

    def test_answers_that_nobody_computed_are_an_error(self, example: Example) -> None:
        from tests.tiny import tiny_folder

        example.suite(documents=5)
        shutil.copytree(tiny_folder(), example.folder / "tiny")
        done = ragft(
            example.folder, "label", "suites", "--model=tiny/alive", "--base=tiny/model",
            "--pairs=5", "--out=sheet.csv",
        )  # fmt: skip
        assert done.code == 1
        assert "are not in the store" in done.err
        assert "without --ragft-offline" in done.err

    def test_nothing_in_it_is_a_formula(self, example: Example) -> None:
        example.suite(documents=30, per_document=1)
        evil = '=HYPERLINK("http://x";"y")'
        for name, text in (("baseline", evil), ("variant", "-2+3")):
            ids = [q["id"] for q in example.read_lines("suites/demo/questions.jsonl")]
            example.write_lines(
                f"{name}.jsonl", [{"suite": "demo", "id": i, "answer": text} for i in ids]
            )
        assert label(example, pairs=30).code == 0
        answers = {row["answer"] for row in read_sheet(sheet(example))}
        assert answers == {f"'{evil}", "'-2+3"}
        fill(sheet(example), lambda row: 0.5)
        result = example.gate(*LABELS)
        assert "stale" not in result.out, "read back as it was"
        assert gates(example)["accuracy"]["correction"]["labelled"] == 30


class TestGate:
    def test_labels_that_agree_leave_a_pass(self, ready: Example) -> None:
        label(ready, pairs=200)
        fill(sheet(ready), right)
        result = ready.gate(*LABELS)
        assert result.code == 0, result.out
        gate = gates(ready)["accuracy"]
        correction = gate["correction"]
        assert gate["verdict"] == correction["corrected"] != correction["judged"]
        assert correction["decided_by"] == "labels"
        assert (correction["labelled"], correction["others"]) == (200, 120)
        assert correction["bias"] == 0.0
        assert gate["verdict"]["n"] == 200
        assert "judge alone" in result.out
        assert "corrected by 200 labelled questions" in result.out
        assert gates(ready)["completeness"]["correction"] is None
        assert "except where human labels correct it (accuracy)" in " ".join(result.out.split())
        assert result.properties("gate-accuracy")["ragft.labels"] == "200"
        assert "ragft.labels" not in result.properties("gate-completeness")

    def test_blocks_that_are_filled_count_and_the_rest_does_not(self, ready: Example) -> None:
        label(ready, pairs=200)
        _, key = read_key(ready.folder / "sheet.key.jsonl")
        last = max(row["id"] for row in read_sheet(sheet(ready)) if row["block"] == "10")
        fill(sheet(ready), lambda row: None if row["id"] == last else right(row))
        result = ready.gate(*LABELS)
        assert gates(ready)["accuracy"]["correction"]["labelled"] == 180
        assert gates(ready)["accuracy"]["correction"]["incomplete"] == 20
        assert "20 drawn questions in blocks that are not filled whole" in " ".join(
            result.out.split()
        )
        assert key[last]["block"] == 10

    def test_a_sheet_filled_from_its_top_without_a_whole_block_is_refused(
        self, ready: Example
    ) -> None:
        label(ready)
        first = {row["id"] for row in read_sheet(sheet(ready))[:12]}
        fill(sheet(ready), lambda row: right(row) if row["id"] in first else None)
        error = usage_error(ready.gate(*LABELS))
        assert "no block that is filled whole" in error

    def test_who_cannot_say_takes_a_pass_away(self, ready: Example) -> None:
        label(ready, pairs=320)
        fill(sheet(ready), right)
        assert ready.gate(*LABELS).code == 0
        unsure = {row["question"] for row in read_sheet(sheet(ready))[:14]}
        fill(sheet(ready), lambda row: "?" if row["question"] in unsure else right(row))
        result = ready.gate(*LABELS)
        assert result.code == 1
        gate = gates(ready)["accuracy"]
        assert gate["verdict"]["reason"] == "missing"
        assert gate["correction"]["unsure"] == len(unsure)

    def test_labels_that_disagree_stop_it(self, ready: Example) -> None:
        ready.recorded("variant.jsonl", wrong=0.10)
        lines = ready.read_lines("variant.jsonl")
        ready.write_lines("variant.jsonl", [x | {"answer": x["answer"] + " !"} for x in lines])
        assert ready.gate(*QUICK).code == 0, "the judge sees no difference"
        label(ready)
        fill(sheet(ready), lambda row: 0.5 if row["answer"].endswith("!") else right(row))
        result = ready.gate(*LABELS)
        assert result.code == 1
        gate = gates(ready)["accuracy"]
        assert gate["verdict"]["outcome"] == "REGRESSION"
        assert gate["correction"]["judged"]["outcome"] == "PASS"
        assert gate["correction"]["bias_lower"] > 0.2
        assert "accuracy regressed" in result.out

    @pytest.mark.parametrize("processes", [(), ("-n", "2")])
    def test_too_few_labels_decide_nothing_and_block(
        self, ready: Example, processes: tuple[str, ...]
    ) -> None:
        label(ready, pairs=58)
        fill(sheet(ready), right)
        result = ready.gate(*LABELS, *processes)
        assert result.code == 1
        assert result.outcome("gate-accuracy") == "failed"
        assert result.outcome("gate-completeness") == "passed"
        verdict = gates(ready)["accuracy"]["verdict"]
        assert (verdict["outcome"], verdict["reason"], verdict["n"]) == (
            "INCONCLUSIVE",
            "floor",
            58,
        )
        assert "58 labelled questions" in result.out

    def test_too_few_labels_excuse_no_regression(self, ready: Example) -> None:
        ready.recorded("variant.jsonl", wrong=0.4)
        label(ready, pairs=30)
        fill(sheet(ready), lambda row: 1.0)
        result = ready.gate(*LABELS, "--ragft-on-inconclusive=warn")
        assert result.code == 1
        gate = gates(ready)["accuracy"]
        assert gate["verdict"]["outcome"] == "REGRESSION"
        assert gate["correction"]["decided_by"] == "judge"
        assert "too few labels to decide" in " ".join(result.out.split())

    def test_answers_that_changed_make_labels_stale(self, ready: Example) -> None:
        label(ready)
        fill(sheet(ready), right)
        lines = ready.read_lines("variant.jsonl")
        ready.write_lines("variant.jsonl", [x | {"answer": x["answer"] + "."} for x in lines])
        result = ready.gate(*LABELS)
        assert result.code == 1
        assert result.outcome("gate-accuracy") == "error"
        assert "stale" in result.out
        assert "100 of 200 labelled answers" in " ".join(result.out.split())
        assert "accuracy" not in gates(ready), "no verdict"
        assert "PASS –" not in result.out

    def test_a_part_of_the_suites_is_no_random_part_of_the_pool(self, ready: Example) -> None:
        """Labels of one suite correct that suite's guard, and leave the pool to the judge."""
        label(ready)
        fill(sheet(ready), right)
        ready.suite("more", documents=80)
        guard = '[[gate]]\nmetric = "accuracy"\n'
        ready.suite("demo", documents=80, toml=guard)
        for name, wrong in (("baseline", 0.10), ("variant", 0.12)):
            ready.recorded(f"{name}.jsonl", wrong=wrong, suites=("demo", "more"))
        lines = [x for x in ready.read_lines("variant.jsonl") if x["suite"] == "demo"]
        assert len(lines) == 320
        ready.gate(*LABELS)
        report = json.loads((ready.folder / "report.json").read_text())
        found = {
            (gate["gate"]["metric"], gate["pooled"]): gate["correction"] is not None
            for gate in report["gates"]
        }
        assert found == {
            ("accuracy", True): False,
            ("completeness", True): False,
            ("accuracy", False): True,
        }

    def test_a_limited_run_stays_limited(self, ready: Example) -> None:
        label(ready)
        fill(sheet(ready), right)
        result = ready.gate(*LABELS, "--ragft-limit=100")
        assert result.code == 1
        verdict = gates(ready)["accuracy"]["verdict"]
        assert verdict["reason"] == "limited"


class TestBadInput:
    def test_a_sheet_without_its_key(self, ready: Example) -> None:
        label(ready)
        fill(sheet(ready), right)
        assert "there is no key" in usage_error(ready.gate("--ragft-labels=sheet.csv"))
        error = usage_error(ready.gate("--ragft-labels=sheet.key.jsonl"))
        assert "there is no filled sheet" in error

    def test_another_variant(self, ready: Example) -> None:
        label(ready)
        fill(sheet(ready), right)
        (ready.folder / "variant.jsonl").rename(ready.folder / "second.jsonl")
        result = ready.run_pytest(
            "suites", "--ragft-model=second.jsonl", "--ragft-baseline=baseline.jsonl", *LABELS
        )
        error = usage_error(result)
        assert "about the variant 'variant'" in error
        assert "--ragft-model=variant=SPEC" in error
