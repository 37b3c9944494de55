"""Which variants were compared with a baseline, as the store remembers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count, islice

from pytest_ragft.store import Store, fingerprint

_AT_ONCE = 64
_TRIES = 20


def tried_variants(
    store: Store, baseline: str, suites: Sequence[str], variants: Iterable[str]
) -> tuple[str, ...]:
    """Fingerprints of all variants that a baseline was compared with, these among them.

    Entries of the store never change, so that the list is one entry an item, with numbers; of two
    processes that write the same number at a time, one goes on to the next.

    Args:
        store: in mode ``ro`` nothing is added to it.
        baseline: fingerprint.
        suites: names of those that were compared on.
        variants: fingerprints of those that are compared in this run.

    Raises:
        StoreError: the store cannot be read or written.
    """
    wanted = list(dict.fromkeys(variants))
    for _ in range(_TRIES):
        known = _known(store, baseline, suites)
        new = [variant for variant in wanted if variant not in known]
        if not new or store.mode == "ro":
            break
        numbered = enumerate(new, start=len(known))
        store.put("tried", {_key(baseline, suites, n): variant for n, variant in numbered})
    return tuple(dict.fromkeys([*known, *wanted]))


def _key(baseline: str, suites: Sequence[str], number: int) -> str:
    return fingerprint("tried", baseline, suites, number)


def _known(store: Store, baseline: str, suites: Sequence[str]) -> list[str]:
    found: list[str] = []
    numbers = count()
    while keys := [_key(baseline, suites, n) for n in islice(numbers, _AT_ONCE)]:
        values = store.get(keys)
        found += [values[key] for key in keys if key in values]
        if len(values) < len(keys):
            break
    return found
