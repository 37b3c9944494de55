"""What was last seen of something outside that may change, such as what a server grants."""

from __future__ import annotations

from pytest_ragft.store.entries import Store
from pytest_ragft.store.fingerprints import fingerprint


class Latest:
    """Texts by key, of which the last one put counts; kept in a store beside its entries.

    Args:
        store: Under ``ro`` nothing is kept; under ``refresh`` only what its own run put is seen.
        kind: Of the entries.
    """

    def __init__(self, store: Store, kind: str) -> None:
        self._store = store
        self._kind = kind

    def get(self, *key: object) -> str | None:
        """What was put last under a key of plain values; None where nothing was.

        Raises:
            StoreError: the store cannot be read.
        """
        place = fingerprint(self._kind, *key)
        return self._store.get([place]).get(place)

    def put(self, *key: object, text: str) -> None:
        """Keep a text under a key, in place of what was there.

        Raises:
            StoreError: the store cannot be written.
        """
        self._store.put(self._kind, {fingerprint(self._kind, *key): text}, replace=True)
