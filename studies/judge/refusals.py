"""How many refusals the recogniser finds, and how many right answers it takes for one.

    RAGFT_DATA=… python -m studies.judge.refusals

FinanceBench by people's label; six of its systems were held out while the recogniser was written.
Right answers of EVOUNA-NQ and NQ301, and references of BioASQ, K-QA and CLAP-NQ, none of which
declines. Intervals are percentile bootstraps over whole questions.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pytest_ragft.judging.abstention import AbstentionRecogniser
from pytest_ragft.judging.lexical.text import Reader
from studies.judge.figures import interval
from studies.judge.labelled import evouna, nq301, question_key

HELD_OUT = frozenset(
    {"gpt-4_closedBook", "gpt-4-1106-preview_singleStore", "gpt-4_singleStore",
     "llama2_sharedStore", "claude-2_inContext_reverse", "gpt-4-1106-preview_oracle"}
)  # fmt: skip
_LABELS = ("Refusal", "Correct Answer", "Incorrect Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Answers that are expected to be refusals, or not to be."""

    name: str
    pairs: Sequence[tuple[str, str]]
    """Question and answer."""


def finance(data: Path) -> list[Part]:
    """FinanceBench's answers by label, of all systems and of those held out."""
    path = data / "financebench_half" / "answers.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Part(
            name=f"FinanceBench, {of}, labelled {label}",
            pairs=[
                (row["question"], row["answer"])
                for row in rows
                if row["label"] == label and (of == "16 systems" or row["system"] in HELD_OUT)
            ],
        )
        for of in ("16 systems", "6 held out")
        for label in _LABELS
    ]


def others(data: Path) -> list[Part]:
    """Right answers of other sets, and references."""
    natural = {"EVOUNA-NQ": evouna(data), "NQ301": nq301(data)}
    return [
        *(
            Part(
                name=f"{name}, right",
                pairs=[(r.example.question, r.answer) for r in rows if r.right and r.answer],
            )
            for name, rows in natural.items()
        ),
        Part(name="BioASQ, references", pairs=_bioasq(data)),
        Part(name="K-QA, references", pairs=_kqa(data)),
        Part(name="CLAP-NQ, references", pairs=_clapnq(data)),
    ]


def _bioasq(data: Path) -> list[tuple[str, str]]:
    files = sorted((data / "bioasq" / "golden").glob("*.json"))
    asked = [q for f in files for q in json.loads(f.read_text(encoding="utf-8"))["questions"]]
    return [(q["body"], text) for q in asked for text in q["ideal_answer"]]


def _kqa(data: Path) -> list[tuple[str, str]]:
    files = sorted((data / "kqa" / "dataset").glob("*.jsonl"))
    rows = [json.loads(x) for f in files for x in f.read_text(encoding="utf-8").splitlines()]
    return [(r["Question"], r["Free_form_answer"]) for r in rows if "Free_form_answer" in r]


def _clapnq(data: Path) -> list[tuple[str, str]]:
    files = sorted((data / "clapnq_dev").rglob("*.jsonl"))
    rows = [json.loads(x) for f in files for x in f.read_text(encoding="utf-8").splitlines()]
    return [
        (r["input"], out["answer"]) for r in rows for out in r.get("output", ()) if out["answer"]
    ]


def main(data: Path) -> None:
    """Prints a Markdown table, and the milliseconds that an answer takes."""
    recogniser = AbstentionRecogniser(Reader())
    print("| answers | number | taken for refusals | ms each |\n| --- | --- | --- | --- |")
    for part in (*finance(data), *others(data)):
        if not part.pairs:
            continue
        start = time.process_time()
        found = np.array([recogniser.abstains(answer, asked) for asked, answer in part.pairs])
        spent = 1000 * (time.process_time() - start) / len(found)
        groups = np.array([question_key(asked) for asked, _ in part.pairs])
        low, high = interval(groups, lambda rows, of=found: float(of[rows].mean()))  # type: ignore[misc]
        share = f"{found.mean():.2%} [{low:.2%}, {high:.2%}]"
        print(f"| {part.name} | {len(found):,} | {share} | {spent:.2f} |")


if __name__ == "__main__":
    main(Path(os.environ["RAGFT_DATA"]))
