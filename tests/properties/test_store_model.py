"""The store against a plain dict: several stores on one file, in any mode, in any order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from pytest_ragft.store import Store

keys = st.sampled_from("abcdef")
entries = st.dictionaries(keys, st.text(max_size=4), max_size=4)


class StoreModel(RuleBasedStateMachine):
    """`content` is what the file should hold: for each key a value and the run that wrote it."""

    stores = Bundle("stores")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ragft-test-"))
        self.path = self.folder / ".ragft" / "store.sqlite"
        self.content: dict[str, tuple[str, str]] = {}
        self.opened: list[Store] = []
        self.exists = False

    @rule(target=stores, mode=st.sampled_from(["rw", "ro", "refresh"]), run=st.sampled_from("123"))
    def open(self, mode: str, run: str) -> tuple[Store, str]:
        store = Store(self.path, mode=mode, run=run)  # type: ignore[arg-type]
        store.check()
        self.opened.append(store)
        return store, run

    @rule(of=stores, entries=entries)
    def put(self, of: tuple[Store, str], entries: dict[str, str]) -> None:
        store, run = of
        store.put("kind", entries)
        if store.mode == "ro" or not entries:
            return
        self.exists = True
        for key, value in entries.items():
            written_by = self.content[key][1] if key in self.content else None
            replaces = store.mode == "refresh" and written_by != run
            if written_by is None or replaces:
                self.content[key] = value, run

    @rule(of=stores, asked=st.lists(keys, max_size=8))
    def get(self, of: tuple[Store, str], asked: list[str]) -> None:
        store, run = of
        assert store.get(asked) == {
            key: value
            for key, (value, by) in self.content.items()
            if key in asked and (store.mode != "refresh" or by == run)
        }

    @rule(of=stores)
    def close(self, of: tuple[Store, str]) -> None:
        """It opens again by itself."""
        of[0].close()

    @rule(of=stores)
    def lock(self, of: tuple[Store, str]) -> None:
        with of[0].lock("model"):
            pass

    @invariant()
    def the_file_is_made_by_writing_only(self) -> None:
        assert self.path.exists() == self.exists

    def teardown(self) -> None:
        for store in self.opened:
            store.close()
        shutil.rmtree(self.folder)


StoreModel.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestStoreModel = StoreModel.TestCase
