"""What suite.toml and ragft.toml say, as frozen records with the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_ragft.records import Gate, Passage, QAExample
from pytest_ragft.retrieval.metrics import metric_named
from pytest_ragft.retrieval.settings import RetrievalSettings

METRICS = ("accuracy", "completeness")
"""Metrics of answers that a gate may name; each has a pooled gate in any case."""

SYSTEM = "Answer from the context only. If it does not say, say that you do not know."
USER = "Context:\n{context}\n\nQuestion: {question}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationOptions:
    """The table ``[generation]``; None where left out: the generator then decides."""

    max_new_tokens: int = 64
    dtype: str | None = None
    device: str | None = None
    batch_tokens: int | None = None
    stop: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSettings:
    """The table ``[prompt]``."""

    system: str = SYSTEM
    """System message; empty for none."""
    user: str = USER
    """Template of the user message; holds ``{context}`` and ``{question}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One domain: its questions, its corpus and how they are asked and gated."""

    name: str
    path: Path
    """The suite.toml, as it was given."""
    examples: tuple[QAExample, ...]
    passages: Mapping[str, Passage]
    """By id, in the order of the corpus."""
    retrieval: RetrievalSettings = field(default_factory=RetrievalSettings)
    generation: GenerationOptions = field(default_factory=GenerationOptions)
    prompt: PromptSettings = field(default_factory=PromptSettings)
    gates: tuple[Gate, ...] = ()
    question_floor: float | None = None
    """Accuracy below which a question's test item fails by itself, in (0, 1]; None: none does."""
    fingerprint: str
    """Content of questions, corpus and settings; not its name, place, gates or floor."""
    questions: Path | None = None
    """The file that the examples come from, one a line that is not blank, in their order."""

    @property
    def clustered(self) -> bool:
        """Whether the questions name their documents; else each is its own cluster."""
        return self.examples[0].document is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds across the suites below one ragft.toml."""

    path: Path
    """The ragft.toml, as it was given."""
    gates: tuple[Gate, ...] = ()


def is_retrieval(metric: str) -> bool:
    """Whether `metric` names a metric of retrieval, such as ``recall@5``."""
    try:
        metric_named(metric)
    except ValueError:
        return False
    return True


def pooled_gates(rules: Rules | None) -> tuple[Gate, ...]:
    """The pooled gates in force: those of `rules`, and a default one for each other metric.

    Every variant thus has an accuracy and a completeness gate over all suites, primary unless
    ragft.toml gives that metric another role. None stands for no ragft.toml.
    """
    given = {gate.metric: gate for gate in (rules.gates if rules else ())}
    missing = (Gate(metric=m, role="primary") for m in METRICS if m not in given)
    return (*given.values(), *missing)
