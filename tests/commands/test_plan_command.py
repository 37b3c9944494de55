"""`ragft plan`: what can be decided and what it takes, before anything is computed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.commands.running import Done, ragft
from tests.example import Example
from tests.tiny import tiny_folder


def planned(example: Example, *arguments: str) -> list[dict[str, Any]]:
    done = ragft(example.folder, "plan", *arguments, "--json")
    assert done.code == 0, done.err
    gates: list[dict[str, Any]] = json.loads(done.out)["gates"]
    return gates


def flat(done: Done) -> str:
    return " ".join(done.out.split())


def test_suites_without_any_run_are_planned_with_what_is_typical(example: Example) -> None:
    example.suite(documents=30, per_document=2)

    done = ragft(example.folder, "plan", "suites")

    assert done.code == 0
    assert done.out.startswith("1 suite (demo), 60 questions\n")
    assert max(map(len, done.out.splitlines())) <= 80
    assert re.search(r"accuracy +primary +60 +30 +\d+(\.\d)? % ", done.out)
    assert "spread typical: 20 % of the answers change between right and wrong" in flat(done)
    assert "margin 0.05 (the default: set yours), 95 % one-sided" in flat(done)
    assert "where hardly any answer changes, 59 documents are the least" in flat(done)
    assert "time: unknown; --measure=SPEC" in flat(done)
    accuracy = planned(example, "suites")[0]
    assert (accuracy["questions"], accuracy["documents"], accuracy["needed"]) == (60, 30, 59)
    assert 0 < accuracy["worth"]["passes"] < 0.3
    assert 500 <= accuracy["questions_to_pass"] <= 700
    assert not (example.folder / ".ragft").exists()


def test_nothing_can_pass_and_nothing_can_veto_are_said(example: Example) -> None:
    example.suite(
        documents=4,
        per_document=5,
        toml='[[gate]]\nmetric = "accuracy"\n[[gate]]\nmetric = "accuracy"\nname = "legal"\n'
        'where = { type = "factoid" }\n',
    )

    done = ragft(example.folder, "plan", "suites")

    assert (
        "NOTHING CAN PASS: there are 20 questions worth 4.0 equal documents, and 59 questions and "
        "20 documents are the least" in flat(done)
    )
    assert (
        "all: CANNOT VETO: 8 questions and 5 documents are the least, and there are 20 questions "
        "worth 4.0 documents" in flat(done)
    )
    guards = [gate for gate in planned(example, "suites") if gate["role"] == "guard"]
    assert [gate["name"] for gate in guards] == ["accuracy", "legal"]
    assert not any(gate["worth"]["can_veto"] for gate in guards)


def test_a_run_says_how_far_scores_lie_apart(example: Example) -> None:
    example.suite(documents=40, per_document=4).recorded("baseline.jsonl", wrong=0.1)
    example.recorded("variant.jsonl", wrong=0.2)
    (example.folder / ".ragft").mkdir()
    example.gate("--ragft-json=run.json")
    documents = planned(example, "suites", "--changed", "0.2")[0]

    kept, named = planned(example, "suites")[0], planned(example, "suites", "--run", "run.json")[0]

    assert kept["source"] == "of the last run: 160 differences of it"
    assert named["source"] == "of run.json: 160 differences of it"
    # A tenth of the answers is right in the baseline alone.
    assert kept["changed"] == pytest.approx(0.1, abs=0.01)
    assert kept["changed"] == named["changed"]
    assert kept["worth"]["passes"] > documents["worth"]["passes"]
    assert kept["questions_to_pass"] < documents["questions_to_pass"]
    assert documents["source"].startswith("typical: 20 % of the answers change")


def test_a_run_over_other_suites_is_taken_only_where_it_is_named(example: Example) -> None:
    example.suite(documents=40).recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.3)
    (example.folder / ".ragft").mkdir()
    example.gate("--ragft-json=run.json")
    example.suite("other", documents=5)

    assert "typical" in planned(example, "suites/other")[0]["source"]
    assert "run.json" in planned(example, "suites/other", "--run", "run.json")[0]["source"]


def test_a_saved_baseline_leaves_room(example: Example) -> None:
    example.suite(documents=40).recorded("baseline.jsonl", wrong=0.1)
    example.run_pytest(
        "suites", "--ragft-model=old=baseline.jsonl", "--ragft-baseline=none",
        "--ragft-save-baseline=old",
    )  # fmt: skip

    gate = planned(example, "suites", "--baseline", "old")[0]

    assert gate["source"].startswith("of the saved baseline 'old', as if 40 % of its 160 scores")
    assert gate["changed"] == pytest.approx(0.4 * 2 * 0.1 * 0.9, abs=0.01)


def test_announced_looks_are_planned_and_a_refusal_is_told(example: Example) -> None:
    example.suite(documents=40, per_document=4)
    example.write("suites/ragft.toml", '[[gate]]\nmetric = "accuracy"\nlooks = [160, 400, 800]\n')

    first = planned(example, "suites/ragft.toml")[0]
    assert [look["questions"] for look in first["looks"]] == [160, 400, 800]
    shares = [look["passes"] for look in first["looks"]]
    assert shares == sorted(shares)
    assert first["refused"] == ""
    assert first["alpha"] == pytest.approx(first["looks"][0]["alpha"])

    example.suite(documents=50, per_document=4)
    done = ragft(example.folder, "plan", "suites")
    assert "A RUN WOULD REFUSE: gate-accuracy: looks = [160, 400, 800]" in flat(done)
    assert "announced looks, and what has passed by each if nothing changed: 160 questions" in flat(
        done
    )


def test_margins_and_alpha_of_the_command_line(example: Example) -> None:
    example.suite(documents=60, per_document=4)

    wide = planned(example, "suites", "--margin", "accuracy:0.1", "--alpha", "0.1")[0]

    assert (wide["margin"], wide["alpha"], wide["margin_is_default"]) == (0.1, 0.1, False)
    assert wide["questions_to_pass"] < planned(example, "suites")[0]["questions_to_pass"] / 2


def test_variants_of_which_the_best_is_chosen_share_alpha(example: Example) -> None:
    example.suite(documents=30, clustered=False)
    example.write("suites/ragft.toml", 'select = "best"\n')

    gates = planned(example, "suites", "--variants", "5")

    assert [gate["alpha"] for gate in gates] == pytest.approx([0.01, 0.01])
    assert gates[0]["needed"] == 90
    done = ragft(example.folder, "plan", "suites")
    assert "- 120 questions without a document: each counts as its own" not in done.out
    example.write_lines(
        "suites/demo/questions.jsonl",
        ({**q, "relevant": []} for q in example.read_lines("suites/demo/questions.jsonl")),
    )
    done = ragft(example.folder, "plan", "suites")
    assert "- 120 questions without a document: each counts as its own" in done.out


def test_before_there_is_a_suite(tmp_path: Path) -> None:
    done = ragft(tmp_path, "plan", "--margin", "accuracy:0.1")

    assert done.code == 0
    assert "margin 0.1, 95 % one-sided" in flat(done)
    assert max(map(len, done.out.splitlines())) <= 80
    rows = [line for line in done.out.splitlines() if re.match(r"\d+ %", line)]
    assert [row.split("%")[0].strip() for row in rows] == ["5", "10", "20", "30"]
    sizes = json.loads(ragft(tmp_path, "plan", "--changed", "0.1", "--json").out)["sizes"]
    assert [(s["changed"], s["per_document"]) for s in sizes] == [(0.1, 1), (0.1, 3), (0.1, 10)]
    numbers = [s["questions_to_pass"] for s in sizes]
    assert numbers == sorted(numbers)


def test_time_is_measured_or_unknown_and_never_invented(example: Example) -> None:
    example.suite(documents=10).recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.3)

    done = ragft(
        example.folder, "plan", "suites", "--measure=variant.jsonl",
        "--measure-baseline=baseline.jsonl",
    )  # fmt: skip

    assert done.code == 0, done.err
    assert re.search(r"time: about \d+ s for 80 answers with an empty store", flat(done))
    # Equal answers to a question are judged once.
    assert "measured on 12 here" in flat(done)
    assert not (example.folder / ".ragft" / "store.sqlite").exists()

    lost = ragft(example.folder, "plan", "suites", "--measure=gone.jsonl")
    assert lost.code == 1
    assert "gone.jsonl" in lost.err


def test_a_models_time_is_that_of_its_answers_without_loading(example: Example) -> None:
    example.suite(documents=10)
    adapter, base = tiny_folder() / "alive", tiny_folder() / "model"

    done = ragft(
        example.folder, "plan", "suites", "--json", f"--measure={adapter}", f"--base={base}"
    )

    assert done.code == 0, done.err
    timing = json.loads(done.out)["timing"]
    assert timing["answers"] == 80
    assert 0 < timing["answering"] < 60
    assert timing["loading"] >= 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "'nowhere': no suite.toml lies there"),
        (("suites", "--run", "no.json"), "'no.json': No such file"),
        (("suites", "--baseline", "no"), "there is no saved baseline 'no'"),
        (("--baseline", "no"), "--baseline: says something of suites: name them as PATH"),
    ],
)
def test_what_is_wrong_is_one_message(
    arguments: tuple[str, ...], said: str, example: Example
) -> None:
    example.suite(documents=2)

    done = ragft(example.folder, "plan", *arguments)

    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err


def test_gates_on_retrieval_are_not_planned(example: Example) -> None:
    example.suite(documents=30, toml='[[gate]]\nmetric = "recall@5"\n')

    done = ragft(example.folder, "plan", "suites")

    assert "- gates on retrieval, which need no answers, are not planned: 1" in done.out
    assert {gate["metric"] for gate in planned(example, "suites")} == {"accuracy", "completeness"}
