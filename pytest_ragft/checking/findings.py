"""What a check finds, as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

KINDS: Mapping[str, str] = {
    "unreadable": "suites that cannot be read",
    "training-question": "questions that stand in the training data",
    "training-reference": "references that stand in the training data, without their question",
    "training-passage": "relevant passages that stand in the training data",
    "duplicate": "the same question twice",
    "near-duplicate": "nearly the same question twice",
    "no-reference": "answerable questions without a usable reference",
    "no-relevant": "answerable questions that name no relevant passage",
    "unsupported": "references that their relevant passages do not seem to support",
    "in-question": "answers that stand in their question",
    "too-long": "references longer than an answer may be",
    "contradiction": "types or checks that contradict the references",
    "gate": "gates that cannot decide",
    "documents": "documents",
}
"""What each kind of finding is about, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands, with its text."""

    where: str
    """File and line."""
    text: str = ""
    id: str = ""
    """Of the question; empty elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or looks wrong."""

    kind: str
    """A key of `KINDS`."""
    severity: Severity
    """``error``: no verdict on these suites can be trusted as it stands."""
    suite: str
    here: Place
    other: Place | None = None
    """What it is about besides: a row of training data, another question."""
    note: str = ""
    """What is wrong, in a few words of ours."""
    detail: str = ""
    """The words or numbers of the question or its references that it is about."""
    likeness: float | None = None
    """Of two questions, in [0, 1]; None where none was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSize:
    """How much a suite, or a pool of them, can tell."""

    name: str
    questions: int
    documents: int
    kish: float
    """Kish's effective number of documents: that of equally large ones that would be worth as
    much."""
    largest: int
    """Questions on the largest document."""
    unanswerable: int
    shared: int = 0
    """Documents that stand in more than one suite of the pool."""
    untestable: int = 0
    """Answerable questions whose support cannot be looked at: no passage, or a yes or a no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """All that a check found."""

    sizes: tuple[SuiteSize, ...]
    findings: tuple[Finding, ...]
    training: Mapping[str, int]
    """Rows of training data that were read, by file."""
    questions: int
    """Questions that could be read."""

    @property
    def errors(self) -> int:
        """Findings that make a verdict untrustworthy."""
        return sum(finding.severity == "error" for finding in self.findings)
