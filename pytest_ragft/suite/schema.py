"""What suite.toml and ragft.toml say, as frozen records with the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.records import CHECKS, Cluster, Gate, Passage, QAExample, Slice
from pytest_ragft.retrieval.metrics import metric_named
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.stats.planning import REGRESSION_QUESTIONS

METRICS = ("accuracy", "completeness")
"""Metrics of answers that every judge scores; each has a pooled gate where no file names gates."""

GATED = (*METRICS, "faithfulness", CHECKS)
"""Metrics of answers that a gate may name: what a judge scores, and the rules of checks."""

ABSTENTION = Gate(metric="accuracy", role="guard", name="abstention", where=Slice(answerable=False))
"""The guard of questions that have no answer, where no file names gates: accuracy there is 1 for
an abstention, else 0."""

Documents = Literal["shared", "own"]
Selection = Literal["best"]

SYSTEM = "Answer from the context only. If it does not say, say that you do not know."
USER = "Context:\n{context}\n\nQuestion: {question}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSettings:
    """The table ``[prompt]``."""

    system: str = SYSTEM
    """System message; empty for none."""
    user: str = USER
    """Template of the user message; holds ``{context}`` and ``{question}``."""


WITHOUT = PromptSettings(system="", user="{question}")
"""What is asked without any passage: no system message, since an instruction to answer from the
context only would measure refusals there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteIdentity:
    """What a suite is known by once its corpus has been read."""

    fingerprint: str
    clusters: Mapping[str, Cluster]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One domain: its questions, its corpus and how they are asked and gated."""

    name: str
    path: Path
    """The suite.toml, as it was given."""
    examples: tuple[QAExample, ...]
    passages: Mapping[str, Passage]
    """By id, in the order of the corpus; perhaps read only when one is asked for."""
    retrieval: RetrievalSettings = field(default_factory=RetrievalSettings)
    generation: GenerationSettings = field(default_factory=GenerationSettings)
    prompt: PromptSettings = field(default_factory=PromptSettings)
    prompt_without: PromptSettings = WITHOUT
    """The table ``[prompt.none]``: how questions are put without any passage; its user message
    holds ``{question}`` and no ``{context}``."""
    gates: tuple[Gate, ...] = ()
    documents: Documents = "shared"
    """Whether a document is the same in another suite that names it; ``own``: it is not."""
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    """By question id; see `cluster_of`."""
    question_floor: float | None = None
    """Accuracy, or checks, below which a question's item fails by itself, in (0, 1]; None: none."""
    fingerprint: str
    """Content of questions, corpus and settings; not its name, place, gates or floor."""
    questions: Path | None = None
    """The file that the examples come from, one a line that is not blank, in their order."""
    cleaned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Ids of the questions whose references or facts were cleaned, by what was found in them."""
    notes: tuple[str, ...] = ()
    """What a reader left out or read otherwise than it stands in the files."""

    @property
    def judged(self) -> bool:
        """Whether answers can be judged; else it serves retrieval alone."""
        return any(e.references or not e.answerable or e.checks for e in self.examples)

    @property
    def identity(self) -> SuiteIdentity:
        """What spares another process of the same run to read the corpus."""
        return SuiteIdentity(fingerprint=self.fingerprint, clusters=self.clusters)

    def cluster_of(self, example: QAExample) -> Cluster:
        """The document that a question is about, or the question where it shares none."""
        if example.id in self.clusters:
            return self.clusters[example.id]
        return clusters_of([example], (), own=self.documents == "own")[example.id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds across the suites below one ragft.toml."""

    path: Path
    """The ragft.toml, as it was given."""
    gates: tuple[Gate, ...] = ()
    exclude: tuple[str, ...] = ()
    """Patterns of folders, from the file's own, whose suites do not count; see `is_excluded`."""
    select: Selection | None = None
    """``best``: one of several variants is chosen by the verdicts, so that they share alpha."""


def applies(metric: str, example: QAExample) -> bool:
    """Whether a metric of answers applies to a question.

    Checks decide alone where a question has some, and nothing is complete about an unanswerable
    question.
    """
    if metric == CHECKS or example.checks:
        return metric == CHECKS and bool(example.checks)
    return metric == "accuracy" or example.answerable


def is_retrieval(metric: str) -> bool:
    """Whether `metric` names a metric of retrieval, such as ``recall@5``."""
    try:
        metric_named(metric)
    except ValueError:
        return False
    return True


def pooled_gates(
    rules: Rules | None, *, unanswerable: int = 0, checked: int = 0, others: int = 1
) -> tuple[Gate, ...]:
    """The pooled gates in force: those of `rules`, or the default ones.

    By default each metric of answers has a primary gate, and where enough questions of the pool
    have no answer, `ABSTENTION` guards these: 25 among 800 vanish in the pool. Checks have a guard
    in the same way, or the primary gate where there is nothing else. A ragft.toml that names gates
    is taken at its word.

    Args:
        rules: of the ragft.toml; None without one.
        unanswerable: Questions of the pool that have no answer.
        checked: Questions of the pool with checks.
        others: Questions of the pool without any.
    """
    if rules is not None and rules.gates:
        return rules.gates
    if checked and not others:
        return (Gate(metric=CHECKS, role="primary"),)
    gates = [Gate(metric=metric, role="primary") for metric in METRICS]
    if unanswerable >= REGRESSION_QUESTIONS:
        gates.append(ABSTENTION)
    if checked >= REGRESSION_QUESTIONS:
        gates.append(Gate(metric=CHECKS, role="guard"))
    return tuple(gates)


def clusters_of(
    examples: Sequence[QAExample], passages: Iterable[Passage], *, own: bool
) -> Mapping[str, Cluster]:
    """The cluster of each question, by its id: questions on one document are not independent.

    A question that names no document is about that of its first relevant passage; a corpus line
    without a document is one by itself, within its suite. Else the question is its own cluster.

    Args:
        examples: of one suite.
        passages: of its corpus; none where that is not at hand.
        own: whether its documents' names mean something else in other suites.
    """
    corpus = {passage.source: passage for passage in passages}
    return {example.id: _cluster(example, corpus, own) for example in examples}


def _cluster(example: QAExample, corpus: Mapping[str, Passage], own: bool) -> Cluster:
    name = example.document
    passage = corpus.get(example.relevant[0]) if example.relevant else None
    if name is None and passage is not None:
        if passage.document is None:
            return Cluster(name=passage.source, scope="suite")
        name = passage.document
    if name is None:
        return Cluster(name=example.id, scope="question")
    return Cluster(name=name, scope="suite" if own else "pool")
