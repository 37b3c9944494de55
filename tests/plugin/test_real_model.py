"""The demo base with the shipped adapters, gated for real on a few questions.

What the model says differs between processors; stated here is only what holds on all of them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.example import Example

ROOT = Path(__file__).parents[2]
ADAPTERS = ROOT / "fixtures" / "adapters"
COUNT_LOADS = """
import transformers

loads = []
load = transformers.PreTrainedModel.from_pretrained.__func__

def counted(kind, *args, **kwargs):
    loads.append(kind.__name__)
    return load(kind, *args, **kwargs)

transformers.PreTrainedModel.from_pretrained = classmethod(counted)

def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"LOADS {len(loads)}")
"""


@pytest.fixture
def base() -> Path:
    """The demo base; `make test` names it, and then it must be there."""
    named = os.environ.get("RAGFT_TEST_BASE")
    path = Path(named) if named else ROOT / ".cache" / "models" / "SmolLM2-135M-Instruct"
    if not (path / "model.safetensors").exists():
        if named or os.environ.get("CI"):
            pytest.fail(f"the demo base is not at {path}; make it with: make base")
        pytest.skip(f"the demo base is not at {path}; make it with: make base")
    return path


def test_both_shipped_adapters_answer_from_one_load_of_their_base(
    example: Example, base: Path
) -> None:
    example.suite(documents=2, per_document=3, toml="[generation]\nmax_new_tokens = 16\n")
    example.write("conftest.py", COUNT_LOADS)

    result = example.run_pytest(
        "suites",
        f"--ragft-model={ADAPTERS / 'rag-format'}",
        f"--ragft-model={ADAPTERS / 'short-answers'}",
        f"--ragft-base={base}",
        "--ragft-json=report.json",
        env={"HF_HUB_OFFLINE": "1"},
    )

    assert result.code == 1, result.out + result.err
    report = json.loads((example.folder / "report.json").read_text())
    variants = {v["name"]: v for v in report["variants"]}
    assert set(variants) == {"baseline", "rag-format", "short-answers"}
    assert all(v["computed"] == 6 for v in variants.values())
    assert not any("unverified" in note for v in variants.values() for note in v["notes"])
    # Six questions cannot decide anything, whatever was answered.
    assert {g["verdict"]["reason"] for g in report["gates"]} == {"floor"}
    assert {g["baseline_missing"] + g["variant_missing"] for g in report["gates"]} == {0}
    assert "LOADS 1" in result.out
