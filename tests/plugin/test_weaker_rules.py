"""Rules that got weaker since a baseline was saved: said in every report, errors when strict."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.store import fingerprint
from tests.example import Example, Result

SAVED = ".ragft/baselines/prod.json"
GUARD = '[[gate]]\nmetric = "accuracy"\nmargin = 0.1\n'
RULES = """
[[gate]]
metric = "accuracy"
margin = 0.05
alpha = 0.05

[[gate]]
metric = "completeness"
margin = 0.05
"""
SAVE = ("--ragft-baseline=none", "--ragft-save-baseline=prod")
SIZE: dict[str, Any] = {"documents": 90, "per_document": 1}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a saved baseline under rules of its own, and a variant that is its equal."""
    example = Example(tmp_path_factory.mktemp("made"))
    example.suite(**SIZE, head="question_floor = 0.1", toml=GUARD)
    example.write("suites/ragft.toml", RULES)
    example.recorded("prod.jsonl").recorded("variant.jsonl")
    saved = example.run_pytest("suites", "-q", "--ragft-model=today=prod.jsonl", *SAVE)
    assert saved.code == 0, saved.out + saved.err
    return example.folder


@pytest.fixture
def ready(made: Path, tmp_path: Path) -> Example:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Example(tmp_path)


def against_saved(example: Example, *arguments: str) -> Result:
    return example.run_pytest(
        "suites", "-q", "--ragft-model=variant.jsonl", "--ragft-baseline=saved:prod",
        "--ragft-json=report.json", *arguments,
    )  # fmt: skip


def notes(example: Example) -> list[str]:
    found: list[str] = json.loads((example.folder / "report.json").read_text())["rule_notes"]
    return found


def rules(old: str, new: str) -> Callable[[Example], None]:
    def change(example: Example) -> None:
        assert old in RULES
        example.write("suites/ragft.toml", RULES.replace(old, new))

    return change


def suite(*, head: str = "question_floor = 0.1", toml: str = GUARD) -> Callable[[Example], None]:
    def change(example: Example) -> None:
        example.suite(**SIZE, head=head, toml=toml)

    return change


def told_by_cases(result: Result) -> list[str | None]:
    """What each gate's testcase says of weaker rules."""
    assert result.junit is not None
    gates = [c for c in result.junit.iter("testcase") if "gate-" in c.get("name", "")]
    assert gates
    return [
        {p.get("name"): p.get("value") for p in case.iter("property")}.get("ragft.rules.weaker")
        for case in gates
    ]


def test_the_same_rules_are_no_line(ready: Example) -> None:
    result = against_saved(ready, "--ragft-strict")
    assert result.code == 0, result.out + result.err
    assert notes(ready) == []
    assert "weaker" not in result.out


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (rules("margin = 0.05\nalpha", "margin = 0.06\nalpha"), "margin was 0.05, is 0.06"),
        (suite(toml=""), "gate-accuracy (demo) is gone"),
        (suite(head=""), "demo: question_floor was 0.1, is not set: weaker"),
    ],
    ids=["margin", "gone", "floor"],
)
def test_a_weaker_rule_is_a_line_everywhere_and_an_error_when_strict(
    ready: Example, change: Callable[[Example], None], told: str
) -> None:
    change(ready)
    result = against_saved(ready)

    (line,) = notes(ready)
    assert line.startswith("weaker rules than those of saved baseline 'prod': ")
    assert told in line
    assert line in " ".join(result.out.split()), "also with -q"
    assert set(told_by_cases(result)) == {line}
    assert result.code == 0, "said, and no more than that"

    strict = against_saved(ready, "--ragft-strict")
    assert strict.code == 4
    assert told in strict.err
    assert not (ready.folder / "report.json").exists(), "an earlier one is not left"


def test_stricter_rules_are_no_line(ready: Example) -> None:
    rules("margin = 0.05\nalpha", "margin = 0.045\nalpha")(ready)
    suite(head="question_floor = 0.2")(ready)
    assert against_saved(ready, "--ragft-strict", "--ragft-alpha=0.04").code == 0
    assert notes(ready) == []


def test_the_command_line_can_weaken_rules_as_well(ready: Example) -> None:
    against_saved(ready, "--ragft-margin=accuracy:0.2", "--ragft-on-inconclusive=warn")
    assert len(notes(ready)) == 3, "both accuracy gates, and what an INCONCLUSIVE does"
    assert any('on_inconclusive was "fail", is "warn"' in line for line in notes(ready))


def test_workers_say_it_too(ready: Example) -> None:
    rules("margin = 0.05\nalpha", "margin = 0.06\nalpha")(ready)
    result = against_saved(ready, "-n", "2")
    assert told_by_cases(result) == notes(ready) * 3


def test_a_suite_that_is_gone_is_refused(ready: Example) -> None:
    ready.suite("more", documents=20)
    ready.recorded("both.jsonl", suites=["demo", "more"])
    saved = ready.run_pytest("suites", "--ragft-model=today=both.jsonl", *SAVE, "--ragft-replace")
    assert saved.code == 0, saved.out + saved.err
    for file in ("suite.toml", "questions.jsonl", "corpus.jsonl"):
        (ready.folder / "suites/more" / file).unlink()
    refused = against_saved(ready)
    assert refused.code == 4
    assert "baseline 'prod' holds the suite 'more', and no suite.toml" in refused.err


def test_a_baseline_of_before_rules_were_kept_cannot_tell(ready: Example) -> None:
    path = ready.folder / SAVED
    content = json.loads(path.read_text())
    del content["checksum"], content["rules"]
    path.write_text(json.dumps(content | {"checksum": fingerprint(content)}))

    result = against_saved(ready)
    assert result.code == 0, result.out + result.err
    (line,) = notes(ready)
    assert "was saved before rules were kept: cannot tell whether they got weaker" in line
    strict = against_saved(ready, "--ragft-strict")
    assert strict.code == 4
    assert "--ragft-save-baseline=prod" in strict.err


def test_an_unverified_identity_is_an_error_when_strict(example: Example) -> None:
    from tests.tiny import tiny_folder

    example.suite(documents=5)
    shutil.copytree(tiny_folder(), example.folder / "tiny")
    (example.folder / "tiny/alive/ragft.json").unlink(missing_ok=True)
    arguments = ("suites", "--ragft-model=tiny/alive", "--ragft-base=tiny/model", "-k", "gate-")
    loose = example.run_pytest(*arguments)
    assert "base unverified" in loose.out
    assert loose.outcome("gate-accuracy") == "failed", "floor"
    strict = example.run_pytest(*arguments, "--ragft-strict")
    assert strict.code == 1
    assert strict.outcome("gate-accuracy") == "error"
    assert "--ragft-strict: alive: base unverified" in " ".join(strict.out.split())


def save(example: Example, model: str, *arguments: str) -> Result:
    return example.run_pytest("suites", "-q", f"--ragft-model={model}", *SAVE, *arguments)


def test_another_model_takes_a_name_only_when_asked_to(ready: Example) -> None:
    before = (ready.folder / SAVED).read_bytes()
    ready.recorded("other.jsonl", wrong=0.3)

    refused = save(ready, "other.jsonl")
    assert refused.code == 4, "before any work"
    assert "is that of another model, 'today' (prod.jsonl)" in refused.err
    assert "--ragft-replace" in refused.err
    assert (ready.folder / SAVED).read_bytes() == before

    assert save(ready, "again=prod.jsonl").code == 0, "the same model under any name"
    assert save(ready, "other.jsonl", "--ragft-replace").code in (0, 1)


@pytest.mark.parametrize("content", ["{}", "notes of mine"])
def test_what_is_no_baseline_is_not_replaced_unasked(ready: Example, content: str) -> None:
    (ready.folder / SAVED).write_text(content)
    refused = save(ready, "prod.jsonl")
    assert refused.code == 4
    assert "cannot be told from another model's" in refused.err
    assert (ready.folder / SAVED).read_text() == content
    assert save(ready, "prod.jsonl", "--ragft-replace").code == 0
    assert json.loads((ready.folder / SAVED).read_text())["rules"]["gates"]
