"""A suite of files in their makers' form, gated as any other."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pytest_ragft.suite import load_suite
from tests.example import Example

DATA = os.environ.get("RAGFT_DATA", "")


def published(example: Example, questions: int = 160) -> Example:
    """Write suites/tides: yes/no questions and lists in BioASQ's form, each on its own abstract."""
    rows = []
    for number in range(questions):
        address = f"http://www.ncbi.nlm.nih.gov/pubmed/{number}"
        row = {
            "id": f"b{number}",
            "body": f"Does basin {number} have tides?",
            "type": "yesno",
            "ideal_answer": [f"Yes, basin {number} fills twice a day."],
            "exact_answer": "yes",
            "snippets": [{"document": address, "text": f"Basin {number} has tides."}],
        }
        if number % 2:
            row |= {
                "body": f"Which tides has basin {number}?",
                "type": "list",
                "exact_answer": [["spring tides"], ["neap tides"]],
                "ideal_answer": ["It has spring tides and neap tides."],
            }
        rows.append(row)
    example.write("data/one.json", json.dumps({"questions": rows[::2]}))
    example.write("data/two.json", json.dumps({"questions": rows[1::2]}))
    example.write(
        "suites/tides/suite.toml",
        '[suite]\nname = "tides"\nformat = "bioasq"\npath = "../../data"\n',
    )
    return example


def answers(example: Example, file: str, suite: Path, *, worse: bool) -> None:
    """Record each question's first reference, or for one of three a poorer answer."""
    lines = []
    for number, asked in enumerate(load_suite(suite).examples):
        text = asked.references[0]
        if worse and number % 3 == 0:
            text = "No." if asked.type == "yesno" else "Spring tides."
        lines.append({"suite": "tides", "id": asked.id, "answer": text})
    example.write_lines(file, lines)


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize("worse", [False, True], ids=["same", "worse"])
def test_a_set_in_its_makers_form_is_gated(
    example: Example, worse: bool, arguments: tuple[str, ...]
) -> None:
    suite = published(example).folder / "suites/tides/suite.toml"
    answers(example, "baseline.jsonl", suite, worse=False)
    answers(example, "variant.jsonl", suite, worse=worse)

    result = example.gate(*arguments)

    assert result.code == int(worse), result.out + result.err
    expected = "failed" if worse else "passed"
    assert result.outcome("gate-accuracy") == result.outcome("gate-completeness") == expected


@pytest.mark.skipif(not DATA, reason="RAGFT_DATA names no folder with published sets")
@pytest.mark.parametrize(
    ("form", "place"),
    [("clapnq", "clapnq_dev/annotated_data/dev"), ("tatqa", "tatqa_dev/tatqa_dataset_dev.json")],
)
@pytest.mark.parametrize("worse", [False, True], ids=["same", "worse"])
def test_real_files_are_gated(example: Example, form: str, place: str, worse: bool) -> None:
    path = Path(DATA, place)
    if not path.exists():
        pytest.skip(f"RAGFT_DATA holds no {place}")
    toml = f'[suite]\nname = "real"\nformat = "{form}"\npath = {json.dumps(str(path))}\n'
    asked = load_suite(example.write("suites/real/suite.toml", toml)).examples
    for file, wrong in (("baseline.jsonl", False), ("variant.jsonl", worse)):
        lines = [
            {
                "suite": "real",
                "id": e.id,
                "answer": "It is the tide in Zanzibar."
                if wrong and number % 4 == 0
                else (e.references or ("The context does not say.",))[0],
            }
            for number, e in enumerate(asked)
        ]
        example.write_lines(file, lines)

    result = example.gate()

    assert result.code == int(worse), result.out[-3000:] + result.err
    assert result.outcome("gate-accuracy") == ("failed" if worse else "passed")
