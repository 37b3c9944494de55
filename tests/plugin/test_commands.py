"""What models, judges and files say is no command to the CI service that shows the output."""

from __future__ import annotations

import re

from tests.example import Example

COMMANDS = ("::set-output name=x::y", "::error::pwned", "##vso[task.complete]", "##[group]x")

PARTS = """
from pytest_ragft.records import Score

class Judge:
    name = "mine"
    fingerprint = "mine/1"
    metrics = ("accuracy", "completeness")
    reads_passages = False

    def judge(self, cases):
        return [
            {m: Score(metric=m, value=None, status="missing", reason="\\n" + case.answer)
             for m in self.metrics}
            for case in cases
        ]
"""


def test_no_line_of_the_output_is_a_workflow_command(example: Example) -> None:
    example.suite(documents=2, head="question_floor = 0.5").recorded("baseline.jsonl")
    example.write("pytest.ini", "[pytest]\njunit_logging = all\n")
    example.write("parts.py", PARTS)
    lines = example.read_lines("baseline.jsonl")
    for at, line in enumerate(lines):
        line["answer"] = "\n".join([COMMANDS[at % 4], "x " * 60, COMMANDS[(at + 1) % 4]])
    example.write_lines("variant.jsonl", lines)

    result = example.gate("-rA", "--ragft-judge=parts:Judge")

    assert result.code == 1
    junit = (example.folder / "junit.xml").read_text()
    shown = re.split("[\r\n]|&#10;", result.out + result.err + junit)
    assert any("|::set-output" in line for line in shown)
    commands = [line for line in shown if re.match(r"\s*::|.*##(vso)?\[", line)]
    assert commands == []
