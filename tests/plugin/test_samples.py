"""Several answers to a question in a run: verdicts, reports, saved baselines, refusals."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from tests.commands.running import fill, ragft, right
from tests.example import Example, Result

SAMPLED = "[generation]\nsamples = 3\ntemperature = 0.7\n"
WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])


def drawn(example: Example, file: str, *, wrong: Sequence[float], samples: int = 3) -> Example:
    """Recorded answers, of each draw another share wrong."""
    lines = []
    for sample in range(samples):
        example.recorded(file, wrong=wrong[sample])
        lines += [{**line, "sample": sample} for line in example.read_lines(file)]
    example.write_lines(file, lines)
    return example


@pytest.fixture
def ready(example: Example) -> Example:
    example.suite(toml=SAMPLED)
    drawn(example, "baseline.jsonl", wrong=[0, 0.05, 0.1])
    return drawn(example, "variant.jsonl", wrong=[0.05, 0, 0.1])


def refused(result: Result) -> str:
    assert result.code == 4, result.out + result.err
    assert "Traceback" not in result.out + result.err
    return result.err


@WORKERS
def test_means_of_draws_are_gated(ready: Example, workers: tuple[str, ...]) -> None:
    passed = ready.gate(*workers)

    assert passed.code == 0, passed.out + passed.err
    gate = passed.properties("gate-accuracy")
    assert (gate["ragft.verdict"], gate["ragft.n"], gate["ragft.draws"]) == ("PASS", "240", "3")
    assert float(gate["ragft.draws.within"]) > 0.5
    question = passed.properties("q0-0")
    assert question["ragft.accuracy.variant.draws"].count(",") == 2
    assert "of the variance of the differences of one answer is within questions" in passed.out
    assert "3 answers a question, sampled at temperature 0.7, seed 0" in passed.out


@WORKERS
def test_an_injected_regression_fails(ready: Example, workers: tuple[str, ...]) -> None:
    drawn(ready, "variant.jsonl", wrong=[0, 0.5, 0.5])
    worse = ready.gate(*workers)

    assert worse.code == 1
    assert worse.properties("gate-accuracy")["ragft.verdict"] == "REGRESSION"
    assert "[answer 1 of 3]" in worse.out


def test_the_same_run_alone_and_by_workers(ready: Example) -> None:
    alone, together = (
        ready.gate(*workers).properties("gate-accuracy") for workers in ((), ("-n", "2"))
    )
    assert alone == together


def test_draws_that_one_side_lacks_never_pass(ready: Example) -> None:
    """Where orders vary, nobody knows before a run how many there are."""
    toml = ready.folder / "suites/demo/suite.toml"
    toml.write_text(toml.read_text().replace("temperature = 0.7", 'vary = "order"'))
    lines = ready.read_lines("variant.jsonl")
    kept = [line for line in lines if line["sample"] != 1 or "1" not in line["id"]]
    ready.write_lines("variant.jsonl", kept)
    lost = ready.gate()

    assert lost.code == 1
    gate = lost.properties("gate-accuracy")
    assert (gate["ragft.verdict"], gate["ragft.verdict.reason"]) == ("INCONCLUSIVE", "missing")
    assert "answer 2 to" in lost.out


def test_every_draw_is_shown(ready: Example) -> None:
    lines = ready.read_lines("variant.jsonl")
    lines[-1]["answer"] = ""
    ready.write_lines("variant.jsonl", lines)
    result = ready.gate("--ragft-json=run.json", "--ragft-html=run.html", "--ragft-markdown=run.md")

    name = lines[-1]["id"]
    assert result.outcome(name) == "failed"
    failure = result.case(name).find("failure")
    assert failure is not None
    assert "no answer 3 of 3: the text is empty" in str(failure.get("message"))
    report = json.loads((ready.folder / "run.json").read_text())
    (question,) = [q for q in report["questions"] if q["id"] == name]
    draws = question["answers"]["variant"]["draws"]
    assert [draw["text"] == "" for draw in draws] == [False, False, True]
    values = [draw["scores"]["accuracy"]["value"] for draw in draws]
    mean = question["answers"]["variant"]["scores"]["accuracy"]["value"]
    assert mean == pytest.approx(sum(values) / 3)
    assert report["gates"][0]["draws"]["draws"] == 3
    assert "within questions" in (ready.folder / "run.md").read_text()
    assert "within questions" in (ready.folder / "run.html").read_text()


@pytest.mark.parametrize(
    ("generation", "said"),
    [
        ("samples = 4", "4 times the same answer"),
        ('samples = 3\nvary = "order"\ntemperature = 1', "two sources of spread"),
        ("samples = 2\ntemperature = 0.7", "asks for 2 answers to each question"),
        ("max_new_tokens = 8", "asks for 1 answer to each question"),
    ],
)
def test_settings_that_make_no_sense_are_usage_errors(
    example: Example, generation: str, said: str
) -> None:
    example.suite(documents=2, toml=f"[generation]\n{generation}\n")
    drawn(example, "baseline.jsonl", wrong=[0, 0, 0])
    drawn(example, "variant.jsonl", wrong=[0, 0, 0])
    assert said in refused(example.gate())


def test_a_saved_baseline_keeps_its_draws_and_refuses_others(ready: Example) -> None:
    save = ("--ragft-baseline=none", "--ragft-save-baseline=prod")
    saved = ready.run_pytest("suites", "--ragft-model=old=baseline.jsonl", *save)
    assert saved.code == 0, saved.out + saved.err
    against = ("suites", "--ragft-model=variant.jsonl", "--ragft-baseline=saved:prod")
    assert ready.run_pytest(*against).properties("gate-accuracy")["ragft.draws"] == "3"

    toml = ready.folder / "suites/demo/suite.toml"
    toml.write_text(toml.read_text().replace("samples = 3", "samples = 2"))
    drawn(ready, "variant.jsonl", wrong=[0, 0], samples=2)
    error = refused(ready.run_pytest(*against))
    assert "baseline 'prod' has samples = 3, temperature = 0.7" in error
    assert "asks for samples = 2, temperature = 0.7" in error


def test_labels_of_one_answer_are_refused(example: Example) -> None:
    example.suite().recorded("baseline.jsonl", wrong=0.1).recorded("variant.jsonl", wrong=0.2)
    sheet = ("label", "suites", "--model=variant.jsonl", "--baseline=baseline.jsonl", "--pairs=60")
    assert ragft(example.folder, *sheet, "--out=sheet.csv").code == 0
    fill(example.folder / "sheet.csv", right)
    labels = ("--ragft-labels=sheet.csv", "--ragft-labels=sheet.key.jsonl")
    assert example.gate(*labels, "-k", "gate-").code in (0, 1)

    example.suite(toml=SAMPLED)
    drawn(example, "baseline.jsonl", wrong=[0.1, 0.1, 0.1])
    drawn(example, "variant.jsonl", wrong=[0.2, 0.2, 0.2])
    why = "samples = 3: a label belongs to one answer"
    assert why in refused(example.gate(*labels))
    asked = ragft(example.folder, *sheet, "--out=other.csv")
    assert (asked.code, why in asked.err) == (1, True)
    assert not (example.folder / "other.csv").exists()


def test_a_question_is_shown_with_all_answers(ready: Example) -> None:
    ready.gate("--ragft-texts=full")
    shown = ragft(ready.folder, "show", "q0-1")
    assert shown.code == 0, shown.err
    assert "3 answers; means: accuracy" in shown.out
    assert [f"answer {n}" in shown.out for n in (1, 2, 3, 4)] == [True, True, True, False]


def test_a_limited_run_shows_all_draws(ready: Example) -> None:
    limited = ready.gate("--ragft-limit=5")
    assert limited.code == 1
    assert limited.properties("gate-accuracy")["ragft.verdict.reason"] == "limited"
    assert "ragft.draws" in limited.properties("gate-accuracy")
