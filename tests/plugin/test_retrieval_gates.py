"""Retrieval as a gate of its own: today's hits against those of a saved baseline."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.example import Example, Result

GUARD = '[[gate]]\nmetric = "recall@5"\n'
SAVED = ".ragft/baselines/prod.json"
ALONE = ("suites", "--ragft-baseline=saved:prod")
XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])


def save(example: Example, *suites: str) -> Example:
    example.recorded("today.jsonl", suites=suites or ["demo"])
    saved = example.run_pytest(
        "suites",
        "--ragft-model=today=today.jsonl",
        "--ragft-baseline=none",
        "--ragft-save-baseline=prod",
        "-k",
        "today",
    )
    assert saved.code == 0, saved.out + saved.err
    assert "saved baseline 'prod'" in saved.out
    return example


def reword(example: Example, share: float, suite: str = "demo") -> Example:
    """Take the words that questions ask with out of a share of the passages."""
    corpus = example.read_lines(f"suites/{suite}/corpus.jsonl")
    for position, passage in enumerate(corpus):
        if (position * 0.6180339887) % 1.0 < share:
            passage["text"] = "Withdrawn."
    example.write_lines(f"suites/{suite}/corpus.jsonl", corpus)
    return example


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    example = Example(tmp_path_factory.mktemp("prepared"))
    example.suite(toml=GUARD)
    answers = '[[gate]]\nmetric = "accuracy"\n[[gate]]\nmetric = "completeness"\n'
    example.write("suites/ragft.toml", f'[[gate]]\nmetric = "mrr"\nmargin = 0.1\n{answers}')
    return save(example).folder


@pytest.fixture
def ready(example: Example, prepared: Path) -> Example:
    """A guard of recall@5 on one suite, a pooled gate of mrr, and a saved baseline."""
    shutil.copytree(prepared, example.folder, dirs_exist_ok=True)
    return example


def flat(result: Result) -> str:
    return " ".join(result.out.split())


def only_retrieval(result: Result) -> list[str]:
    return [line for line in result.out.splitlines() if "::" in line]


@XDIST
def test_worse_retrieval_is_red(ready: Example, workers: tuple[str, ...]) -> None:
    result = reword(ready, 0.4).run_pytest(*ALONE, *workers)

    assert result.code == 1, result.out + result.err
    assert "2 failed" in result.out
    for gate in ("gate-recall@5", "gate-mrr"):
        assert result.outcome(gate) == "failed"
        assert result.properties(gate)["ragft.verdict"] == "REGRESSION"
    assert "retrieval: BLOCK – mrr and demo recall@5 regressed" in result.out
    assert "the index changed since the saved baseline" in flat(result)
    assert result.properties("gate-mrr")["ragft.pooled"] == "true"
    assert result.properties("gate-recall@5")["ragft.variant"] == "retrieval"
    assert result.properties("gate-recall@5")["ragft.role"] == "guard"
    assert "ragft.judge" not in result.properties("gate-recall@5")


@XDIST
def test_the_same_retrieval_is_green(ready: Example, workers: tuple[str, ...]) -> None:
    result = ready.run_pytest(*ALONE, *workers)

    assert result.code == 0, result.out + result.err
    assert "2 passed" in result.out
    for gate in ("gate-recall@5", "gate-mrr"):
        assert result.properties(gate)["ragft.verdict"] == "PASS"
        assert result.properties(gate)["ragft.n"] == "240"
    assert "retrieval: PASS – 1 of 1 primary gate passed, no guard vetoed" in result.out


@XDIST
def test_too_few_questions_are_inconclusive(example: Example, workers: tuple[str, ...]) -> None:
    example.suite(documents=7, toml=GUARD.replace("5", "3"))
    example.write("suites/ragft.toml", GUARD)

    result = save(example).run_pytest(*ALONE, *workers)

    assert result.code == 1
    assert result.outcome("gate-recall@5") == "failed"
    assert result.properties("gate-recall@5")["ragft.verdict"] == "INCONCLUSIVE"
    # A guard shows what it does not know, and does not block.
    assert result.outcome("gate-recall@3") == "passed"
    assert result.properties("gate-recall@3")["ragft.verdict"] == "INCONCLUSIVE"
    assert "retrieval: BLOCK" in result.out


def test_guards_alone_that_know_nothing_are_no_pass(example: Example) -> None:
    example.suite(documents=7, toml=GUARD)

    result = save(example).run_pytest(*ALONE)

    assert result.code == 0
    assert "retrieval: NOT GATED – no guard passed, and there is no primary gate" in result.out


def test_only_these_are_collected(ready: Example) -> None:
    result = ready.run_pytest(*ALONE, "--collect-only", "-q")

    assert only_retrieval(result) == [
        "suites/demo/suite.toml::retrieval::gate-recall@5",
        "suites/ragft.toml::retrieval::gate-mrr",
    ]
    by_id = ready.run_pytest(*only_retrieval(result)[:1], "--ragft-baseline=saved:prod", "-v")
    assert by_id.code == 0
    assert "1 passed" in by_id.out
    assert "NOT GATED: 1 gate without a verdict" not in by_id.out
    assert "NOT GATED: 1 gate deselected" in by_id.out


def test_collecting_computes_nothing(ready: Example) -> None:
    for file in (ready.folder / ".ragft").glob("store.sqlite*"):
        file.unlink()

    assert ready.run_pytest(*ALONE, "--collect-only", "-q").code == 0

    assert not list((ready.folder / ".ragft").glob("store.sqlite*"))


@XDIST
def test_beside_variants_it_is_decided_once(ready: Example, workers: tuple[str, ...]) -> None:
    """The variants answer over the saved hits, so that the index's fault is not theirs."""
    ready.recorded("variant.jsonl").recorded("other.jsonl", wrong=0.4)

    result = reword(ready, 0.4).run_pytest(
        *ALONE, "--ragft-model=variant.jsonl", "--ragft-model=other.jsonl", *workers
    )

    assert result.code == 1
    assert result.properties("gate-recall@5")["ragft.verdict"] == "REGRESSION"
    assert "variant: PASS" in result.out
    assert "other: BLOCK" in result.out
    assert "retrieval: BLOCK" in result.out


def test_a_pooled_gate_speaks_for_all_its_suites(example: Example) -> None:
    example.suite("first").suite("second", documents=30)
    example.write("suites/ragft.toml", GUARD)
    save(example, "first", "second")
    reword(example, 0.6, "second")

    result = example.run_pytest("suites/first", "--ragft-baseline=saved:prod")

    assert result.code == 1
    assert result.properties("gate-recall@5")["ragft.n"] == "360"
    assert result.properties("gate-recall@5")["ragft.verdict"] == "REGRESSION"


def test_without_a_saved_baseline_it_is_not_gated_and_a_primary_one_blocks(ready: Example) -> None:
    ready.recorded("variant.jsonl").recorded("baseline.jsonl")

    result = ready.gate("--ragft-json=report.json")

    assert result.code == 1, result.out + result.err
    assert "variant: NOT GATED – mrr (primary) could not be put" in result.out
    assert (
        "NOT GATED: 2 retrieval gates (mrr, recall@5) need --ragft-baseline=saved:NAME"
        in result.out
    )
    assert "::retrieval::" not in result.out
    assert "retrieval:" not in result.out
    report = json.loads((ready.folder / "report.json").read_text())
    assert report["retrieval_undecidable"] == ["mrr", "recall@5"]
    assert report["retrieval_gates"] == 0
    assert report["gates_configured"] == len(report["gates"]) == 2


def test_the_json_report_has_gates_conclusion_and_notes(ready: Example) -> None:
    reword(ready, 0.4).run_pytest(*ALONE, "--ragft-json=report.json")

    report = json.loads((ready.folder / "report.json").read_text())
    assert report["conclusions"] == [
        {
            "variant": "retrieval",
            "decision": "BLOCK",
            "reasons": ["mrr and demo recall@5 regressed"],
            "blocks": True,
        }
    ]
    assert {gate["gate"]["metric"] for gate in report["gates"]} == {"recall@5", "mrr"}
    assert report["retrieval_gates"] == report["gates_configured"] == 2
    (suite,) = report["suites"]
    assert "other passages for" in suite["notes"][0]


@XDIST
@pytest.mark.parametrize(
    ("selection", "missing"),
    [(["-k", "mrr"], 1), (["--deselect", "suites/ragft.toml"], 1), (["-k", "no-such"], 2)],
    ids=["k", "deselect", "none"],
)
def test_a_filtered_run_says_that_it_did_not_gate(
    ready: Example, selection: list[str], missing: int, workers: tuple[str, ...]
) -> None:
    result = ready.run_pytest(*ALONE, *selection, *workers)

    assert result.code == (0 if missing == 1 else 5)
    assert f"NOT GATED: {missing} gate" in result.out
    assert "retrieval: NOT GATED" in result.out
    assert "retrieval: PASS" not in result.out


def test_a_limited_run_is_inconclusive(ready: Example) -> None:
    result = ready.run_pytest(*ALONE, "--ragft-limit=100")

    assert result.code == 1
    for gate in ("gate-recall@5", "gate-mrr"):
        assert result.outcome(gate) == "failed"
        assert result.properties(gate)["ragft.verdict.reason"] == "limited"


def test_margins_from_the_command_line(ready: Example) -> None:
    result = reword(ready, 0.2).run_pytest(
        *ALONE, "--ragft-margin=recall@5:0.5", "--ragft-margin=mrr:0.6"
    )

    assert result.code == 0, result.out + result.err
    assert result.properties("gate-recall@5")["ragft.margin"] == "0.5"
    assert float(result.properties("gate-recall@5")["ragft.difference"]) < -0.1


def test_questions_without_relevant_passages_are_outside(example: Example) -> None:
    example.suite(toml=GUARD)
    questions = example.read_lines("suites/demo/questions.jsonl")
    for question in questions[:30]:
        question["relevant"] = []
    example.write_lines("suites/demo/questions.jsonl", questions)

    result = save(example).run_pytest(*ALONE)

    properties = result.properties("gate-recall@5")
    assert result.code == 0
    assert (properties["ragft.n"], properties["ragft.not_applicable"]) == ("210", "30")


def test_a_gate_deeper_than_the_model_sees(example: Example) -> None:
    """Saved and compared to the depth of the gate; shown to the model as deep as before."""
    example.suite(toml='[retrieval]\nk = 2\n[[gate]]\nmetric = "recall@4"\n')
    save(example)
    content = json.loads((example.folder / SAVED).read_text())
    question = content["suites"]["demo"]["questions"]["q0-0"]

    assert (len(question["hits"]), len(question["further"])) == (2, 2)
    assert example.run_pytest(*ALONE).code == 0
    assert reword(example, 0.4).run_pytest(*ALONE).code == 1


def test_a_baseline_that_is_not_deep_enough_is_refused(ready: Example) -> None:
    ready.suite(toml='[[gate]]\nmetric = "recall@10"\n')

    for more in ((), ("--ragft-model=today.jsonl",)):
        result = ready.run_pytest(*ALONE, *more)
        assert result.code == 4
        assert "Traceback" not in result.out + result.err
        assert "holds 5 hits a question of the suite 'demo'" in result.err
        assert "'recall@10' looks at 10" in result.err
        assert "--ragft-save-baseline=prod" in result.err


def test_changed_relevance_is_refused(ready: Example) -> None:
    questions = ready.read_lines("suites/demo/questions.jsonl")
    questions[0]["relevant"] = ["d1-p0"]
    ready.write_lines("suites/demo/questions.jsonl", questions)

    result = ready.run_pytest(*ALONE)

    assert result.code == 4
    assert "'prod' was built from dataset" in result.err


def test_what_only_answers_depend_on_is_free(ready: Example) -> None:
    """Another prompt answers differently; what is retrieved does not depend on it."""
    ready.suite(toml=f'[prompt]\nsystem = "Be brief."\n{GUARD}')

    assert ready.run_pytest(*ALONE).code == 0
    with_model = ready.run_pytest(*ALONE, "--ragft-model=today.jsonl")
    assert with_model.code == 4
    assert "prompt and generation settings" in with_model.err


BROKEN = """
from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.bm25 import BM25Retriever

def gone(self, queries, k):
    raise RetrievalError("the server is gone")

BM25Retriever.retrieve = gone
"""


@XDIST
def test_an_index_that_does_not_answer_is_red(ready: Example, workers: tuple[str, ...]) -> None:
    ready.recorded("variant.jsonl")
    ready.write("conftest.py", BROKEN)

    result = reword(ready, 0.1).run_pytest(*ALONE, "--ragft-model=variant.jsonl", *workers)

    assert result.code == 1
    assert result.outcome("gate-recall@5") == result.outcome("gate-mrr") == "error"
    # The answers are compared over the saved hits, and stand.
    assert result.outcome("gate-accuracy") == "passed"
    assert result.properties("gate-accuracy")["ragft.verdict"] == "PASS"
    assert "ERROR: today's index did not answer: the server is gone" in flat(result)
    assert "what today's index gives is unknown" in flat(result)
    assert "retrieval: ERROR" in result.out
    assert "retrieval: PASS" not in result.out
    assert "INTERNALERROR" not in result.out + result.err


def test_a_baseline_is_saved_beside_gates_on_retrieval(ready: Example) -> None:
    result = ready.run_pytest(*ALONE, "--ragft-model=today.jsonl", "--ragft-save-baseline=next")

    assert result.code == 0, result.out + result.err
    old, new = (
        json.loads((ready.folder / f".ragft/baselines/{name}.json").read_text())["suites"]
        for name in ("prod", "next")
    )
    assert old == new
    again = ready.run_pytest("suites", "--ragft-baseline=saved:next")
    assert again.code == 0


def test_a_red_retrieval_gate_saves_nothing(ready: Example) -> None:
    result = reword(ready, 0.4).run_pytest(
        *ALONE, "--ragft-model=today.jsonl", "--ragft-save-baseline=next"
    )

    assert result.code == 1
    assert "was not saved" in result.out


@pytest.mark.parametrize(
    "ini",
    ["ragft_baseline = saved:prod", "addopts = --ragft-baseline=saved:prod"],
    ids=["key", "addopts"],
)
def test_an_ini_file_alone_starts_nothing(ready: Example, ini: str) -> None:
    ready.write("pytest.ini", f"[pytest]\n{ini}\n")
    ready.write("tests/test_plain.py", "def test_it(): pass\n")

    plain = ready.run_pytest("-q")
    suites = ready.run_pytest("suites")

    assert plain.code == 0
    assert "1 passed" in plain.out
    assert "ragft" not in plain.out.replace(str(ready.folder), "")
    assert suites.code == 5


@XDIST
def test_the_environment_asks_for_it_too(ready: Example, workers: tuple[str, ...]) -> None:
    result = ready.run_pytest("suites", *workers, env={"RAGFT_BASELINE": "saved:prod"})

    assert result.code == 0, result.out + result.err
    assert "2 passed" in result.out


@XDIST
def test_an_environment_without_such_gates_disturbs_nothing(
    example: Example, workers: tuple[str, ...]
) -> None:
    example.suite()
    example.write("tests/test_plain.py", "def test_it(): pass\n")
    env = {"RAGFT_BASELINE": "saved:prod"}

    mixed = example.run_pytest("-q", *workers, env=env)
    suites = example.run_pytest("suites", env=env)

    assert mixed.code == 0, mixed.out + mixed.err
    assert "1 passed" in mixed.out
    assert "retrieval" not in mixed.out
    assert suites.code == 5
    assert not (example.folder / ".ragft").exists()


@pytest.mark.parametrize("where", ["suites", "tests"])
def test_asked_for_without_such_gates_is_a_usage_error(example: Example, where: str) -> None:
    example.suite()
    example.write("tests/test_plain.py", "def test_it(): pass\n")

    result = example.run_pytest(where, "--ragft-baseline=saved:prod")

    assert result.code == 4
    assert "Traceback" not in result.out + result.err
    assert "--ragft-baseline=saved:prod: without --ragft-model" in result.err
    assert "recall@5" in result.err
    assert "--ragft-model=SPEC" in result.err


def test_a_variant_may_not_be_called_retrieval(ready: Example) -> None:
    result = ready.run_pytest(*ALONE, "--ragft-model=retrieval=today.jsonl")

    assert result.code == 4
    assert "'retrieval' is reserved" in result.err
