"""The store remembers which variants a baseline was compared with."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ragft.gating.remarks import tried_variants
from pytest_ragft.store import CacheMode, Store

SUITES = ("first", "second")


def tried(folder: Path, *variants: str, baseline: str = "base", mode: CacheMode = "rw") -> set[str]:
    store = Store(folder / "store.sqlite", mode=mode)
    try:
        return set(tried_variants(store, baseline, SUITES, variants))
    finally:
        store.close()


def test_each_counts_once(tmp_path: Path) -> None:
    assert tried(tmp_path, "a") == {"a"}
    assert tried(tmp_path, "a", "b") == {"a", "b"}
    assert tried(tmp_path, "c", "a", "c") == {"a", "b", "c"}


def test_another_baseline_has_its_own(tmp_path: Path) -> None:
    tried(tmp_path, "a")
    assert tried(tmp_path, "b", baseline="other") == {"b"}


def test_more_than_are_read_at_once(tmp_path: Path) -> None:
    many = [f"v{i}" for i in range(150)]
    assert tried(tmp_path, *many) == set(many)
    assert tried(tmp_path) == set(many)


def test_read_only_it_remembers_and_keeps_nothing(tmp_path: Path) -> None:
    tried(tmp_path, "a")
    assert tried(tmp_path, "b", mode="ro") == {"a", "b"}
    assert tried(tmp_path) == {"a"}


def test_what_another_process_writes_at_a_time_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the number that this one has just found free."""
    put, others = Store.put, ["x", "y"]

    def late(store: Store, kind: str, entries: dict[str, str]) -> None:
        if others:
            other = Store(tmp_path / "store.sqlite")
            put(other, kind, {key: others.pop() for key in list(entries)[:1]})
            other.close()
        put(store, kind, entries)

    monkeypatch.setattr(Store, "put", late)
    assert tried(tmp_path, "a") == {"a", "x", "y"}
