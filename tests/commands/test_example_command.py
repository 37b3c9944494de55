"""`ragft example`: a verdict without a model of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.running import ragft
from tests.example import Example


@pytest.mark.parametrize(
    ("variant", "code", "outcomes"),
    [
        ("better", 0, {"accuracy": "PASS", "completeness": "PASS"}),
        ("baseline", 0, {"accuracy": "PASS", "completeness": "PASS"}),
        ("worse", 1, {"accuracy": "REGRESSION", "completeness": "REGRESSION"}),
    ],
)
def test_its_variants_have_their_verdicts(
    variant: str, code: int, outcomes: dict[str, str], example: Example
) -> None:
    assert ragft(example.folder, "example", "shown").code == 0

    result = example.run_pytest(
        "shown", f"--ragft-model=variant=shown/{variant}.jsonl", "--ragft-json=report.json"
    )

    assert result.code == code, result.out + result.err
    gates = json.loads((example.folder / "report.json").read_text())["gates"]
    primary = [g for g in gates if g["gate"]["role"] == "primary"]
    assert {g["gate"]["metric"]: g["verdict"]["outcome"] for g in primary} == outcomes


def test_what_it_prints_are_the_commands_that_gate_it(tmp_path: Path) -> None:
    done = ragft(tmp_path, "example", "a folder")

    assert "  pytest 'a folder' --ragft-model='a folder/worse.jsonl'" in done.out
    assert (tmp_path / "a folder" / "worse.jsonl").is_file()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ragft-example").mkdir()
    assert ragft(tmp_path, "example").code == 0
    changed = tmp_path / "ragft-example" / "suites" / "fernwick" / "suite.toml"
    changed.write_text("mine")

    again = ragft(tmp_path, "example")

    assert again.code == 1
    assert "exists and is not empty" in again.err
    assert changed.read_text() == "mine"


def test_a_file_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")

    for folder in ("taken", "taken/below"):
        done = ragft(tmp_path, "example", folder)

        assert done.code == 1
        assert folder in done.err
    assert (tmp_path / "taken").read_text() == "mine"
