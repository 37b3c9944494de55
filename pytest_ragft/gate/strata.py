"""Means over parts of the questions, for people who look into a verdict; none rests on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pytest_ragft.gate.findings import mean_score
from pytest_ragft.records import PairedScore, Stratum

_RETRIEVED = {
    True: "relevant passage retrieved",
    False: "relevant passage not retrieved",
    None: "no relevant passage named",
}
_ANSWERABLE = {True: "answerable", False: "unanswerable"}


def strata(pairs: Sequence[PairedScore]) -> tuple[Stratum, ...]:
    """Means over complete pairs by retrieval, answerable, suite, type and tag; no empty strata.

    By whether a relevant passage was retrieved always, by anything else where it divides them.
    """
    return tuple(_stratum(name, part) for name, part in parts_of(pairs))


def parts_of(pairs: Sequence[PairedScore]) -> list[tuple[str, list[PairedScore]]]:
    """The strata as named parts of the pairs, which may overlap."""
    found = list(_parts(pairs, _by_retrieval))
    for by in (_by_answerable, _by_suite, _by_type, _by_tag):
        parts = list(_parts(pairs, by))
        if any(len(part) < len(pairs) for _, part in parts):
            found += parts
    return found


_Naming = Callable[[PairedScore], Sequence[str]]


def _parts(
    pairs: Sequence[PairedScore], names_of: _Naming
) -> Iterator[tuple[str, list[PairedScore]]]:
    parts: dict[str, list[PairedScore]] = {}
    for pair in pairs:
        for name in names_of(pair):
            parts.setdefault(name, []).append(pair)
    yield from sorted(parts.items(), key=lambda part: _order(part[0]))


def _order(name: str) -> tuple[int, str]:
    fixed = [*_RETRIEVED.values(), *_ANSWERABLE.values()]
    return (fixed.index(name), "") if name in fixed else (len(fixed), name)


def _by_retrieval(pair: PairedScore) -> Sequence[str]:
    return [_RETRIEVED[pair.relevant_retrieved]]


def _by_answerable(pair: PairedScore) -> Sequence[str]:
    return [_ANSWERABLE[pair.answerable]]


def _by_suite(pair: PairedScore) -> Sequence[str]:
    return [f"suite {pair.suite}"]


def _by_type(pair: PairedScore) -> Sequence[str]:
    return [] if pair.type is None else [f"type {pair.type}"]


def _by_tag(pair: PairedScore) -> Sequence[str]:
    return [f"tag {tag}" for tag in dict.fromkeys(pair.tags)]


def _stratum(name: str, pairs: Sequence[PairedScore]) -> Stratum:
    baseline = mean_score([pair.baseline for pair in pairs])
    variant = mean_score([pair.variant for pair in pairs])
    assert baseline is not None
    assert variant is not None
    return Stratum(name=name, n=len(pairs), baseline=baseline, variant=variant)
