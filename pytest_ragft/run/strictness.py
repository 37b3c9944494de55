"""What `--ragft-strict` makes an error of: lines that a reader might pass over."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_ragft.generation.adapter import UNVERIFIED as BASE_UNVERIFIED
from pytest_ragft.records import SuiteFacts, VariantFacts
from pytest_ragft.retrieval.elastic.snapshot import UNVERIFIED as INDEX_UNVERIFIED
from pytest_ragft.run.platforms import COMPUTED_ELSEWHERE

_DOUBTS = (BASE_UNVERIFIED, INDEX_UNVERIFIED, COMPUTED_ELSEWHERE)
"""What notes begin with that say that an identity or the computer is in doubt."""


def strict_errors(
    variants: Iterable[VariantFacts], suites: Iterable[SuiteFacts], rules: Iterable[str]
) -> list[str]:
    """Why a strict run is not green, one sentence each; empty where nothing is in doubt."""
    facts: list[VariantFacts | SuiteFacts] = [*variants, *suites]
    doubts = [(of.name, note) for of in facts for note in of.notes if note.startswith(_DOUBTS)]
    return [f"--ragft-strict: {line}" for line in (*rules, *(f"{n}: {x}" for n, x in doubts))]
