"""The shipped suites can be passed: an identical run of them is green."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.example import Example

SUITES = Path(__file__).parents[2] / "suites"


def test_an_identical_run_passes(example: Example) -> None:
    domains = shutil.ignore_patterns("retention")
    shutil.copytree(SUITES, example.folder / "suites", ignore=domains)
    lines = []
    for name in ("biomedical", "encyclopedia", "papers"):
        for i, question in enumerate(example.read_lines(f"suites/{name}/questions.jsonl")):
            right = (question["references"] or ["I do not know."])[0]
            answer = "Zanzibar, perhaps." if i % 3 == 0 else right
            lines.append({"suite": name, "id": question["id"], "answer": answer})
    for file in ("baseline.jsonl", "variant.jsonl"):
        example.write_lines(file, lines)

    result = example.gate("-k", "gate", "--ragft-json=r.json")

    assert result.code == 0, result.out + result.err
    gates = json.loads((example.folder / "r.json").read_text())["gates"]
    pooled = [gate for gate in gates if gate["pooled"]]
    assert [gate["verdict"]["outcome"] for gate in pooled] == ["PASS", "PASS"]
    assert pooled[0]["verdict"]["clusters"] == 170
    assert all(gate["can_veto"] for gate in gates)
