"""What the user asked for. Imported by every pytest run with the plugin installed: light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pytest_ragft.records import Knowledge

SAVED = "saved:"
"""What the SPEC of a saved baseline begins with."""

Source = Literal["option", "environment", "ini"]
"""Where a value was named; `addopts` of an ini file are that file's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Options of one run, parsed and complete."""

    model: tuple[str, ...] = ()
    """SPECs of the variants, each perhaps ``NAME=SPEC``."""
    model_from: Source = "ini"
    baseline: str | None = None
    """SPEC, ``saved:NAME`` or ``none``; None for the default, an adapter's own base."""
    baseline_from: Source = "ini"
    base: Path | None = None
    save_baseline: str | None = None
    replace: bool = False
    """Whether another model's baseline of that name may be replaced."""
    retriever: str | None = None
    """Backend over the suites' own; None leaves it to them."""
    es_url: str | None = None
    judge: str = "reference"
    labels: tuple[Path, ...] = ()
    """Filled sheets of human labels, and their keys."""
    margin: Mapping[str, float]
    """Margins by metric, as fractions of the scale; they override the files."""
    alpha: float | None = None
    on_inconclusive: str = "fail"
    limit: int | None = None
    knowledge: tuple[Knowledge, ...] = ()
    """What questions are asked with, ``retrieved`` among it; empty without a knowledge axis."""
    cache: str = "rw"
    offline: bool = False
    max_age: float = 86_400.0
    """Seconds for which a served model's answers count; 0: those of this run alone."""
    strict: bool = False
    """Whether lines about weakened rules and unverified identities are errors."""
    json: Path | None = None
    html: Path | None = None
    markdown: Path | None = None
    texts: Literal["none", "short", "full"] = "short"
    """How much of questions, passages and answers stands in logs, JUnit, Markdown and JSON."""

    @property
    def active(self) -> bool:
        """Whether this run gates or saves anything; a baseline alone, as in an ini file, not."""
        return bool(self.model) or self.retrieval_alone

    @property
    def saved(self) -> str | None:
        """Name of the saved baseline to compare with; None where it is another, or none."""
        spec = self.baseline or ""
        return spec.removeprefix(SAVED) if spec.startswith(SAVED) else None

    @property
    def retrieval_alone(self) -> bool:
        """Whether only retrieval is gated: a saved baseline was asked for, and no model."""
        return not self.model and self.saved is not None and self.baseline_from != "ini"

    @property
    def gated(self) -> bool:
        """Whether there is a baseline to compare with."""
        return self.baseline != "none"
