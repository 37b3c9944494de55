"""What must be known of a corpus before it is indexed, found in one pass without holding it."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A corpus in short."""

    passages: int
    fingerprint: str
    """Of ids, titles and texts in their order; 128 bits in hexadecimal digits."""


def survey(passages: Iterable[Passage]) -> Survey:
    """Count, fingerprint and check a corpus, in 8 bytes of memory a passage.

    Args:
        passages: Can be gone through again, should an id stand twice.

    Raises:
        RetrievalError: an id is empty or stands twice.
    """
    digest = hashlib.blake2b(digest_size=16)
    ids = array("Q")
    for number, passage in enumerate(passages, start=1):
        if not passage.id:
            raise RetrievalError(f"corpus, passage {number}: has no id; give it an _id")
        line = json.dumps([passage.id, passage.title, passage.text])
        digest.update(f"{line}\n".encode("ascii"))
        ids.append(_short(passage.id))
    if np.unique(np.frombuffer(ids, dtype=np.uint64)).size < len(ids):
        _refuse_repeated(passages)
    return Survey(passages=len(ids), fingerprint=digest.hexdigest())


def _short(text: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
    )


def _refuse_repeated(passages: Iterable[Passage]) -> None:
    first: dict[str, int] = {}
    for number, passage in enumerate(passages, start=1):
        if first.setdefault(passage.id, number) != number:
            raise RetrievalError(
                f"corpus, passage {number}: the id {passage.id!r} is already that of passage "
                f"{first[passage.id]}; ids are unique"
            )
