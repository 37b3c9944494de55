"""Records in the store: where keys, codec and store meet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypeVar

from pytest_ragft.errors import StoreError
from pytest_ragft.evaluation.codec import Codec, dumps
from pytest_ragft.garbage import no_collection
from pytest_ragft.store import Store

_T = TypeVar("_T")


class Archive:
    """Hits, answers and scores as every process reads them."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @no_collection()
    def load(self, codec: Codec[_T], keys: Iterable[str]) -> dict[str, _T]:
        """The records among `keys` that are there.

        Raises:
            StoreError: the store cannot be read, or one of the records is damaged.
        """
        found = self.store.get(keys)
        return {key: self._decoded(codec, key, text) for key, text in found.items()}

    def keep(self, codec: Codec[_T], records: Mapping[str, _T]) -> dict[str, _T]:
        """Keep records, and return those that are now in force under the keys.

        These are the ones that were there first, perhaps from another process, so that all
        processes and later runs speak of the same.

        Raises:
            StoreError: the store cannot be written, or a record holds what is not plain.
        """
        texts = {key: self._encoded(codec, record) for key, record in records.items()}
        self.store.put(codec.kind, texts)
        texts.update(self.store.get(list(texts)))
        return {key: self._decoded(codec, key, text) for key, text in texts.items()}

    def _encoded(self, codec: Codec[_T], record: _T) -> str:
        try:
            return dumps(codec.to_plain(record))
        except (TypeError, ValueError) as error:
            raise StoreError(
                f"the store {str(self.store.path)!r} cannot keep the {codec.kind} {record!r}: "
                f"{error}; whoever made it must use plain, finite values"
            ) from error

    def _decoded(self, codec: Codec[_T], key: str, text: str) -> _T:
        try:
            return codec.from_plain(json.loads(text))
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise StoreError(
                f"the store {str(self.store.path)!r} holds a damaged entry, the {codec.kind} "
                f"{key!r} ({error}); run once with --ragft-cache=refresh"
            ) from error
