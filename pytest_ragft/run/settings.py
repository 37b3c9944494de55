"""What the user asked for. Imported by every pytest run with the plugin installed: light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Options of one run, parsed and complete."""

    model: tuple[str, ...] = ()
    """SPECs of the variants, each perhaps ``NAME=SPEC``."""
    baseline: str | None = None
    """SPEC, ``saved:NAME`` or ``none``; None for the default, an adapter's own base."""
    base: Path | None = None
    save_baseline: str | None = None
    retriever: str | None = None
    """Backend over the suites' own; None leaves it to them."""
    es_url: str | None = None
    judge: str = "reference"
    margin: Mapping[str, float]
    """Margins by metric, as fractions of the scale; they override the files."""
    alpha: float | None = None
    on_inconclusive: str = "fail"
    limit: int | None = None
    cache: str = "rw"
    offline: bool = False
    json: Path | None = None

    @property
    def active(self) -> bool:
        """Whether this run gates or saves anything; a baseline alone, as in an ini file, not."""
        return bool(self.model)

    @property
    def gated(self) -> bool:
        """Whether there is a baseline to compare with."""
        return self.baseline != "none"
