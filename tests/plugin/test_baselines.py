"""Saved baselines: kept, compared with, and refused when they do not fit."""

from __future__ import annotations

import json

import pytest

from tests.example import Example, Result

SAVED = ".ragft/baselines/prod.json"


@pytest.fixture
def ready(example: Example) -> Example:
    """An example with a saved baseline."""
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")
    saved = example.run_pytest(
        "suites",
        "--ragft-model=today=baseline.jsonl",
        "--ragft-baseline=none",
        "--ragft-save-baseline=prod",
    )
    assert saved.code == 0, saved.out + saved.err
    assert "240 passed" in saved.out
    return example


def against_saved(example: Example, *arguments: str) -> Result:
    return example.run_pytest(
        "suites", "--ragft-model=variant.jsonl", "--ragft-baseline=saved:prod", *arguments
    )


def refused(example: Example) -> str:
    result = against_saved(example)
    assert result.code == 4, result.out + result.err
    assert "Traceback" not in result.out + result.err
    return result.err


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_variant_is_gated_against_a_saved_baseline(
    ready: Example, workers: tuple[str, ...]
) -> None:
    assert against_saved(ready, *workers).code == 0

    ready.recorded("variant.jsonl", wrong=0.3)
    worse = against_saved(ready, *workers)

    assert worse.code == 1
    assert worse.properties("gate-accuracy")["ragft.verdict"] == "REGRESSION"


def test_changed_questions_are_refused(ready: Example) -> None:
    questions = ready.read_lines("suites/demo/questions.jsonl")
    questions[0]["references"] = ["something else"]
    ready.write_lines("suites/demo/questions.jsonl", questions)

    error = refused(ready)

    assert "'prod' was built from dataset" in error
    assert "--ragft-save-baseline=prod" in error


def test_a_changed_prompt_is_refused(ready: Example) -> None:
    ready.suite(toml='[prompt]\nsystem = "Be brief."\n')

    assert "prompt and generation settings" in refused(ready)


def test_a_new_suite_is_refused(ready: Example) -> None:
    ready.suite("more")
    ready.recorded("variant.jsonl", suites=["demo", "more"])

    assert "has no suite 'more'" in refused(ready)


@pytest.mark.parametrize("damage", ["truncate", "edit"])
def test_a_damaged_baseline_is_refused(ready: Example, damage: str) -> None:
    path = ready.folder / SAVED
    text = path.read_text()
    if damage == "truncate":
        path.write_text(text[: len(text) // 2])
    else:
        path.write_text(text.replace('"value": 1.0', '"value": 0.5', 1))

    assert "damaged" in refused(ready)


def test_a_missing_baseline_is_refused(ready: Example) -> None:
    (ready.folder / SAVED).unlink()

    assert "there is no saved baseline 'prod'" in refused(ready)


def test_answers_over_the_saved_hits(ready: Example) -> None:
    """A changed corpus changes today's hits; both sides still answer over the saved ones."""
    corpus = ready.read_lines("suites/demo/corpus.jsonl")
    for passage in corpus:
        passage["text"] = "Nothing of use stands here: " + passage["_id"]
    ready.write_lines("suites/demo/corpus.jsonl", corpus)

    result = against_saved(ready)

    assert result.code == 0, result.out + result.err
    assert "other passages for 240 of 240" in " ".join(result.out.split())


@pytest.mark.parametrize(
    "arguments",
    [["-k", "q1-"], ["--deselect", "suites/demo/suite.toml::variant::q0-0"]],
    ids=["k", "deselect"],
)
def test_a_narrowed_run_is_not_saved(ready: Example, arguments: list[str]) -> None:
    (ready.folder / SAVED).unlink()

    result = ready.gate("--ragft-save-baseline=prod", *arguments)

    assert result.code == 1
    assert "was not saved" in result.out
    assert not (ready.folder / SAVED).exists()


def test_a_failed_run_is_not_saved(ready: Example) -> None:
    (ready.folder / SAVED).unlink()
    ready.recorded("variant.jsonl", wrong=0.3)

    result = ready.gate("--ragft-save-baseline=prod")

    assert result.code == 1
    assert "was not saved" in result.out
    assert not (ready.folder / SAVED).exists()


def test_a_limited_run_is_refused(ready: Example) -> None:
    result = ready.gate("--ragft-save-baseline=prod", "--ragft-limit=5")
    assert result.code == 4
    assert "--ragft-limit" in result.err


def test_the_file_is_stable_json(ready: Example) -> None:
    content = json.loads((ready.folder / SAVED).read_text())
    assert content["schema"] == "pytest-ragft/baseline/1"
    assert len(content["suites"]["demo"]["questions"]) == 240
