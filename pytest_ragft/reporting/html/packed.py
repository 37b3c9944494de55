"""The questions of a run for the page's script, in compressed blocks that are opened on demand.

Ten thousand questions are some 50 MB of JSON. Their list is one block, which the table needs; the
rest of each question lies in blocks of a few hundred, and passages in blocks of their own, once
each, since questions on one document share them.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_ragft.records import BASELINE, RunResult
from pytest_ragft.reporting.conclusion import variant_names
from pytest_ragft.reporting.questions import Texts, each_question

BLOCK = 200
"""Questions, or passages, of a block."""
_LEVEL = 4
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False)
_LISTED = 240
"""Characters of a question in the list."""

_HIT, _MISSED, _UNANSWERABLE = 1, 2, 4
_REFUSED, _CUT, _UNSCORED = 1, 2, 4
"""Bits of a question and of an answer to it; the script knows them, too."""

_NOT_APPLICABLE = -1
"""Stands for a score that does not apply; a missing one is null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedQuestions:
    """Blocks by the id of the element that holds them, and what was counted on the way."""

    blocks: Mapping[str, str]
    """Base64 of gzip of JSON."""
    count: int
    differences: Mapping[tuple[str, str], Sequence[float]]
    """Variant less baseline, where both have a score, by variant and metric."""


def pack_questions(result: RunResult, texts: Texts) -> PackedQuestions:
    """Everything about the questions that a report with these texts may hold."""
    packing = _Packing(variants=variant_names(result))
    for question in each_question(result, texts):
        packing.add(question)
    return packing.done()


@dataclass(slots=True)
class _Block:
    """Of one kind: items that are packed as soon as there are enough."""

    kind: str
    blocks: dict[str, str]
    waiting: list[str] = field(default_factory=list)
    packed: int = 0

    def add(self, item: Any) -> int:
        """The item's number."""
        self.waiting.append(_dumped(item))
        number = self.packed * BLOCK + len(self.waiting) - 1
        if len(self.waiting) == BLOCK:
            self.close()
        return number

    def close(self) -> None:
        if self.waiting:
            self.blocks[f"{self.kind}-{self.packed}"] = packed(f"[{','.join(self.waiting)}]")
            self.packed += 1
            self.waiting = []


class _Packing:
    def __init__(self, *, variants: Sequence[str]) -> None:
        self._blocks: dict[str, str] = {}
        self._details = _Block("details", self._blocks)
        self._passages = _Block("passages", self._blocks)
        self._numbers: dict[tuple[str, str], int] = {}
        self._arms = [BASELINE, *variants]
        self._seen: set[str] = set()
        self._suites: dict[str, int] = {}
        self._metrics: dict[str, int] = {}
        self._types: dict[str, int] = {}
        self._rows: list[list[Any]] = []
        self._differences: dict[tuple[str, str], list[float]] = defaultdict(list)

    def add(self, question: Mapping[str, Any]) -> None:
        arms = [question["answers"].get(name) for name in self._arms]
        self._seen |= question["answers"].keys()
        for arm in filter(None, arms):
            for metric in arm["scores"]:
                self._metrics.setdefault(metric, len(self._metrics))
        shown = [self._shown(question["suite"], passage) for passage in question["passages"]]
        kind = question["type"]
        self._rows.append(
            [
                _number(self._suites, question["suite"]),
                question["id"],
                question["question"][:_LISTED],
                -1 if kind is None else _number(self._types, kind),
                _bits(question),
                [None if arm is None else [_arm_bits(arm), *self._values(arm)] for arm in arms],
            ]
        )
        self._details.add(_details(question, shown, dict(zip(self._arms, arms, strict=True))))
        self._measure(arms)

    def done(self) -> PackedQuestions:
        self._details.close()
        self._passages.close()
        index = {
            "suites": list(self._suites),
            "metrics": list(self._metrics),
            "types": list(self._types),
            "arms": self._arms,
            "there": [name in self._seen for name in self._arms],
            "rows": self._rows,
        }
        blocks = {"index": packed(_dumped(index)), **self._blocks} if self._rows else {}
        return PackedQuestions(
            blocks=blocks, count=len(self._rows), differences=dict(self._differences)
        )

    def _shown(self, suite: str, passage: Mapping[str, Any]) -> list[Any]:
        """Number of a passage, which is packed when it is met first, and its score."""
        place = suite, passage["id"]
        if place not in self._numbers:
            text = [passage["id"], passage["title"], passage["text"]]
            self._numbers[place] = self._passages.add(text)
        return [self._numbers[place], passage["score"]]

    def _values(self, arm: Mapping[str, Any]) -> list[float | None]:
        return [_value(arm["scores"].get(metric)) for metric in self._metrics]

    def _measure(self, arms: Sequence[Mapping[str, Any] | None]) -> None:
        before, *variants = arms
        if before is None:
            return
        for name, after in zip(self._arms[1:], variants, strict=True):
            for metric, score in (after["scores"] if after else {}).items():
                old = before["scores"].get(metric, {}).get("value")
                if old is not None and score["value"] is not None:
                    self._differences[name, metric].append(score["value"] - old)


def packed(text: str) -> str:
    """Text of ASCII as the page holds it."""
    # No time in it: equal results give equal bytes.
    return base64.b64encode(gzip.compress(text.encode("ascii"), _LEVEL, mtime=0)).decode("ascii")


def _dumped(value: Any) -> str:
    return _ENCODER.encode(value)


def _number(names: dict[str, int], name: str) -> int:
    return names.setdefault(name, len(names))


def _value(score: Mapping[str, Any] | None) -> float | None:
    if score is None or score["status"] == "not_applicable":
        return _NOT_APPLICABLE
    value: float | None = score["value"]
    return None if value is None else round(value, 4)


def _bits(question: Mapping[str, Any]) -> int:
    bits = 0 if question["answerable"] else _UNANSWERABLE
    if relevant := set(question["relevant"]):
        sources = {p["parent"] or p["id"] for p in question["passages"]}
        bits |= _HIT if relevant & sources else _MISSED
    return bits


def _arm_bits(arm: Mapping[str, Any]) -> int:
    scores = arm["scores"]
    refused = scores.get("accuracy", {}).get("evidence", {}).get("abstained") is True
    was_cut = arm["finish"] == "length" or arm["reasoning_cut"]
    unscored = arm["error"] is not None or any(s["status"] == "missing" for s in scores.values())
    return (_REFUSED if refused else 0) | (_CUT if was_cut else 0) | (_UNSCORED if unscored else 0)


def _details(
    question: Mapping[str, Any], shown: Sequence[Any], arms: Mapping[str, Any]
) -> dict[str, Any]:
    """What the list lacks; what is empty is left out."""
    relevant = set(question["relevant"])
    found = {
        "references": question["references"],
        "facts": question["facts"],
        "tags": question["tags"],
        "document": question["document"],
        "relevant": question["relevant"],
        "passages": [
            [*passage, (of["parent"] or of["id"]) in relevant]
            for passage, of in zip(shown, question["passages"], strict=True)
        ],
        "answers": {name: _answer(arm) for name, arm in arms.items() if arm is not None},
    }
    if len(question["question"]) > _LISTED:
        found["question"] = question["question"]
    return {name: value for name, value in found.items() if value}


def _answer(arm: Mapping[str, Any]) -> dict[str, Any]:
    scores = {
        metric: {name: value for name, value in score.items() if value not in ("", {}, "scored")}
        for metric, score in arm["scores"].items()
    }
    found = {name: value for name, value in arm.items() if value and name != "scores"}
    if draws := arm["draws"]:
        found["draws"] = [_answer(draw) for draw in draws]
    return found | {"scores": scores}
