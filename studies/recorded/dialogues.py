"""Fine-tuned and in-context models over none, retrieved and gold knowledge, by judges alone.

The recorded answers of Alghisi and others (2024), "Should we fine-tune or RAG?": Llama-2 and
Mistral, 20 samples of each of four dialogue types. Nothing is labelled, the prompts are not
recorded, and the reference is the one turn that a person wrote, so that the judges are told of no
question, and in chit-chat a good turn is mostly another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pytest_ragft.gate import decide
from pytest_ragft.judging.port import Judge
from pytest_ragft.records import QAExample
from pytest_ragft.stats.noninferiority import mean_bounds
from studies.judge.figures import Values
from studies.recorded.scores import accuracies
from studies.statistics.rules import MARGIN

TYPES = ("NarrativeQA", "DSTC9", "WizardOfWikipedia", "DailyDialog")
KNOWLEDGE = ("none", "retrieved_top-1", "retrieved_top-3", "gold")
MODELS = ("llama", "mistral")
HOW = {"prompt": "in context", "ft": "fine-tuned"}
POOLED = "the three with knowledge"
SAMPLES = 20
PUBLISHED = {
    "open domain, Llama-2 fine-tuned": -8,
    "open domain, Mistral fine-tuned": -7,
    "knowledge-grounded, Llama-2 fine-tuned": -2,
    "task-oriented, Llama-2 fine-tuned": 4,
    "task-oriented, Mistral fine-tuned": 3,
}
"""Differences in people's ratings ("contextualised") that the paper's text states, in answers."""
_TWO_SIDED = 0.025
_MIDDLE = 0.5


def recorded_dialogues(data: Path, judge: Judge) -> dict[str, dict[str, Values]]:
    """The judge's accuracy by dialogue type and system, shape [20] each; the pool besides."""
    answered, places = [], []
    for kind in TYPES:
        text = (data / "finetune_or_rag" / f"{kind}.json").read_text(encoding="utf-8")
        for name, row in json.loads(text).items():
            # Of systems that said the same only one stands among the candidates.
            alike = next(value for key, value in row.items() if key.endswith("tical_candidates"))
            same = {system: answer for answer, systems in alike.items() for system in systems}
            answers = same | row["candidates"]
            example = QAExample(id=name, question="", references=(answers.pop("gt"),))
            for system, answer in answers.items():
                answered.append((example, answer))
                places.append((kind, system))
    found: dict[str, dict[str, list[float]]] = {}
    for (kind, system), value in zip(places, accuracies(judge, answered), strict=True):
        for where in (kind, *([POOLED] if kind != "DailyDialog" else [])):
            found.setdefault(where, {}).setdefault(system, []).append(float(value))
    return {
        kind: {system: np.array(values) for system, values in found[kind].items()}
        for kind in (*TYPES, POOLED)
    }


def knowledge_axis(given: Mapping[str, Mapping[str, Values]]) -> Iterator[dict[str, Any]]:
    """Mean accuracy with its two-sided 95 % interval, by type, model, adaptation and knowledge."""
    for kind, systems in given.items():
        for model in MODELS:
            for how in HOW:
                for knowledge in KNOWLEDGE:
                    values = systems.get(f"{model}_{how}_{knowledge}")
                    if values is not None:
                        yield {
                            "type": kind,
                            "model": model,
                            "adapted": how,
                            "knowledge": knowledge,
                            "n": values.size,
                            "mean": _mean(values),
                        }


def _mean(values: Values) -> list[float]:
    # Around the middle of the scale, so that the guard is the farthest that a mean can be.
    below = mean_bounds(values - _MIDDLE, alpha=_TWO_SIDED, limit=_MIDDLE)
    above = mean_bounds(_MIDDLE - values, alpha=_TWO_SIDED, limit=_MIDDLE)
    numbers = (below.estimate + _MIDDLE, below.lower + _MIDDLE, _MIDDLE - above.lower)
    return [round(number, 4) for number in numbers]


def comparisons(given: Mapping[str, Mapping[str, Values]]) -> Iterator[dict[str, Any]]:
    """The gate's verdict on fine-tuning, and on knowledge, of every model and type."""
    for kind, systems in given.items():
        for model in MODELS:
            for knowledge in KNOWLEDGE:
                two = tuple(f"{model}_{how}_{knowledge}" for how in HOW)
                yield from _compared(kind, systems, "fine-tuning", *two)
            for how in HOW:
                for knowledge in KNOWLEDGE[1:]:
                    two = tuple(f"{model}_{how}_{one}" for one in (KNOWLEDGE[0], knowledge))
                    yield from _compared(kind, systems, "knowledge", *two)


def _compared(
    kind: str, systems: Mapping[str, Values], what: str, baseline: str, variant: str
) -> Iterator[dict[str, Any]]:
    if baseline in systems and variant in systems:
        verdict = decide(systems[variant] - systems[baseline], margin=MARGIN)
        numbers = (verdict.estimate, verdict.lower, verdict.upper)
        yield {
            "type": kind,
            "what": what,
            "baseline": baseline,
            "variant": variant,
            "n": verdict.n,
            "difference": [round(number, 4) for number in numbers],
            "outcome": verdict.outcome,
            "reason": verdict.reason,
        }


def published() -> Iterator[dict[str, Any]]:
    """Two-sided 95 % bounds of the differences that were published, at their narrowest.

    As if every answer that differs had differed in the same direction, since only the difference
    is published.
    """
    for what, answers in PUBLISHED.items():
        differences = np.zeros(SAMPLES)
        differences[: abs(answers)] = np.sign(answers)
        bounds = mean_bounds(differences, alpha=_TWO_SIDED)
        numbers = (bounds.estimate, bounds.lower, bounds.upper)
        yield {"what": what, "difference": [round(number, 4) for number in numbers]}
