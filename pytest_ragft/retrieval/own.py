"""A retriever of the user's own behind the port of this room."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import cast

from pytest_ragft.errors import RetrievalError
from pytest_ragft.importing import RETRIEVERS, Loaded, Port, identity_of, load_own
from pytest_ragft.records import Hit, Passage
from pytest_ragft.retrieval.port import Explaining, Indexing, Retriever
from pytest_ragft.store import fingerprint

PORT = Port(protocol=Retriever, group=RETRIEVERS, anonymous=True)


def open_own_retriever(
    spec: str,
    corpus: Sequence[Passage],
    *,
    where: str,
    offline: bool = False,
    places: Iterable[Path] = (),
) -> OwnRetriever:
    """The retriever that ``MODULE:CLASS`` or an entry point names, over a corpus.

    Args:
        spec: a new one is made for each suite.
        corpus: handed to an `Indexing` retriever before its first query.
        where: the setting, for messages.
        offline: Ask it nothing: only hits that are kept count.
        places: see `load_own`.

    Raises:
        SpecError: there is none, or it does not fit the port.
    """
    loaded = load_own(spec, PORT, where=where, places=places)
    return OwnRetriever(loaded, corpus, offline=offline)


class OwnRetriever:
    """A retriever of the user's own; what it gives is checked, whatever is raised is its fault.

    Args:
        loaded: an object with all members of `Retriever`.
        corpus: of the suite; empty where that has none.
        offline: see `open_own_retriever`.
    """

    def __init__(self, loaded: Loaded, corpus: Sequence[Passage], *, offline: bool) -> None:
        self._retriever = cast("Retriever", loaded.part)
        self._target = loaded.target
        self._corpus, self._indexed = corpus, False
        self._offline = offline

    @property
    def fingerprint(self) -> str | None:
        """Its own, where it was found, and the corpus that it indexes; None where it has none.

        Raises:
            SpecError: it is no text.
        """
        own = identity_of(self._retriever, self._target, anonymous=True)
        if own is None:
            return None
        return fingerprint("own retriever", self._target, own, self._indexes)

    @cached_property
    def _indexes(self) -> str | None:
        """What it is given to index: any field may decide what it finds."""
        if not isinstance(self._retriever, Indexing):
            return None
        return fingerprint([asdict(passage) for passage in self._corpus])

    @property
    def description(self) -> str:
        """A few words for reports."""
        return str(self._retriever.description)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report must say about its hits."""
        return tuple(map(str, self._retriever.notes))

    def check(self) -> None:
        """Let it find what can be found before any work.

        Raises:
            RetrievalError: it cannot retrieve.
        """
        self._retriever.check()

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """Its hits.

        Raises:
            RetrievalError: it may not be asked offline, or what it gave are no hits.
        """
        self._begin()
        found = self._retriever.retrieve(queries, k)
        if not isinstance(found, list | tuple) or len(found) != len(queries):
            raise RetrievalError(
                f"{self._target}: retrieve() must give a list with the hits of each of "
                f"{len(queries)} queries, and gave {found!r:.100}"
            )
        return [self._hits(hits, k) for hits in found]

    def explain(self, query: str, k: int) -> Sequence[tuple[Hit, Sequence[str]]]:
        """The hits of one query, with its own lines where it can explain them.

        Raises:
            RetrievalError: as `retrieve`.
        """
        if not isinstance(self._retriever, Explaining):
            return [(hit, ()) for hit in self.retrieve([query], k)[0]]
        self._begin()
        return self._retriever.explain(query, k)

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """The texts of passages that it has found.

        Raises:
            RetrievalError: one of them is no passage.
        """
        wanted = list(ids)
        found = self._retriever.passages(wanted)
        for passage_id in wanted:
            passage = found.get(passage_id) if isinstance(found, Mapping) else None
            if not isinstance(passage, Passage) or passage.id != passage_id:
                raise RetrievalError(
                    f"{self._target}: passages() gave {passage!r:.100} for {passage_id!r}, which "
                    "retrieve() found; give a Passage with that id"
                )
        return found

    def close(self) -> None:
        """Let go of what it holds."""
        self._retriever.close()

    def _begin(self) -> None:
        if self._offline:
            raise RetrievalError(
                f"offline: the store has no hits of {self._target} for these questions; run once "
                "without --ragft-offline"
            )
        if not self._indexed and isinstance(self._retriever, Indexing):
            self._retriever.index(self._corpus)
        self._indexed = True

    def _hits(self, hits: object, k: int) -> tuple[Hit, ...]:
        known = tuple(hits) if isinstance(hits, list | tuple) else None
        if known is None or len(known) > k or not all(map(_is_hit, known)):
            raise RetrievalError(
                f"{self._target}: retrieve() must give at most {k} hits a query, each a Hit with "
                f"the passage's id and a finite score, and gave {hits!r:.200}"
            )
        return tuple(Hit(passage_id=hit.passage_id, score=float(hit.score)) for hit in known)


def _is_hit(hit: object) -> bool:
    return (
        isinstance(hit, Hit)
        and isinstance(hit.passage_id, str)
        and isinstance(hit.score, Real)
        and math.isfinite(hit.score)
    )
