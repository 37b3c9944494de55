"""The managed index: built once for a corpus, searched under an alias that means it is complete.

How processes agree, on one machine or on several: names follow from the content, so that all of
them want the same index. The server lets exactly one create it; that one is named as its builder in
the mark, which it renews every few seconds. The others watch, and take over when the mark stands
still. Nothing rests on the clocks of different machines, and correctness does not rest on the claim
at all: every builder would create the same documents under the same ids, a document that is there
is left as it is, and the alias comes only after the server has counted every passage. So a builder
that was thought dead, a repeated request or a killed process can cost time but never passages, and
what was indexed before a crash is not sent in vain. A lock of the machine, where one is given, only
lets waiting processes start at once when a builder beside them dies.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic.bulk import send_documents
from pytest_ragft.retrieval.elastic.claim import Claim, read_marks
from pytest_ragft.retrieval.elastic.corpus import Survey, survey
from pytest_ragft.retrieval.elastic.faults import RequestError
from pytest_ragft.retrieval.elastic.mapping import LAYOUT, documents, explained, index_body
from pytest_ragft.retrieval.elastic.naming import TOOL, Mark, Names, names_of
from pytest_ragft.retrieval.elastic.progress import Silence
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection
    from pytest_ragft.retrieval.encoding.port import Encoder, Progress

PATIENCE = 30.0
"""Seconds without a sign of life after which another process takes over."""
POLL_SECONDS = 1.0
_MERGE_TIMEOUT = 3600.0

Lock = Callable[[str], AbstractContextManager[object]]


class ManagedIndex:
    """The index of one corpus; `ensure` builds it where it is missing.

    Args:
        connection: To the server.
        passages: The corpus; gone through again when it is built, and never held.
        settings: analyzer, k1, b, fields, vectors and mode decide the index.
        suite: Becomes part of the names.
        encoder: Makes the vectors; only called for modes with vectors.
        progress: Shows building, and waiting for another process.
        lock: Lets one process of this machine at a time do what a name stands for.
        patience: Seconds without a sign of life after which a builder counts as dead.
        poll: Seconds between two looks at another process's work.
    """

    def __init__(
        self,
        connection: Connection,
        passages: Iterable[Passage],
        settings: RetrievalSettings,
        *,
        suite: str,
        encoder: Callable[[], Encoder],
        progress: Progress | None = None,
        lock: Lock = nullcontext,
        patience: float = PATIENCE,
        poll: float = POLL_SECONDS,
    ) -> None:
        self._connection, self._passages, self._settings = connection, passages, settings
        self._suite, self._make_encoder = suite, encoder
        self._progress = Silence() if progress is None else progress
        self._lock, self._patience, self._poll = lock, patience, poll
        self._owner = uuid.uuid4().hex

    @cached_property
    def survey(self) -> Survey:
        """Count and fingerprint of the corpus.

        Raises:
            RetrievalError: an id is missing or stands twice.
        """
        return survey(self._passages)

    @cached_property
    def encoder(self) -> Encoder | None:
        """What makes the vectors; None for an index without."""
        return None if self._settings.mode == "bm25" else self._make_encoder()

    @cached_property
    def fingerprint(self) -> str:
        """Of corpus, mapping and encoder; found without the server."""
        encoder = self.encoder
        return fingerprint(
            "elasticsearch",
            LAYOUT,
            self.survey.fingerprint,
            index_body(self._settings, None),
            None if encoder is None else [encoder.fingerprint, self._settings.vectors],
        )

    @cached_property
    def names(self) -> Names:
        """What it is called on the server."""
        return names_of(self._suite, self.fingerprint)

    def ensure(self) -> None:
        """Return when the alias stands for the complete index, whoever builds it.

        Raises:
            RetrievalError: it cannot be built, or something else has its name.
        """
        with self._lock(f"elasticsearch {self.names.alias}"):
            while not self._is_ready():
                mark = self._read(self.names.index)
                if mark is None:
                    self._create()
                elif mark.state == "complete":
                    self._publish()
                elif self._is_mine_to_build(mark):
                    self._build(mark)
        self._expect_all()

    def _is_ready(self) -> bool:
        mark = self._read(self.names.alias)
        return mark is not None and mark.state == "complete"

    def _read(self, name: str) -> Mark | None:
        """The mark behind `name`, which has to be of this index; None when nothing is there."""
        marks = read_marks(self._connection, name)
        if not marks:
            return None
        mark = marks.get(self.names.index)
        if len(marks) > 1 or mark is None or mark.fingerprint != self.fingerprint:
            raise RetrievalError(
                f"{self._connection.settings.where}: {name!r} is {', '.join(map(repr, marks))}, "
                f"which {TOOL} has not made; it is neither written nor deleted: rename or "
                "remove it yourself, or give the suite another name"
            )
        return mark

    def _create(self) -> None:
        mark = Mark(
            fingerprint=self.fingerprint,
            suite=self._suite,
            passages=self.survey.passages,
            state="building",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            version=version(TOOL),
            owner=self._owner,
        )
        encoder = self.encoder
        body = index_body(self._settings, None if encoder is None else encoder.dimensions)
        mappings = {**body["mappings"], "_meta": mark.to_meta()}
        try:
            self._connection.call(
                f"creating index {self.names.index!r}",
                lambda client: client.indices.create(
                    index=self.names.index,
                    settings=body["settings"],
                    mappings=mappings,
                    aliases={self.names.building: {}},
                ),
            )
        except RequestError as error:
            # Another process was first; or this one, and its answer was lost.
            if error.kind != "resource_already_exists_exception":
                raise explained(error, self._settings) from None

    def _is_mine_to_build(self, mark: Mark) -> bool:
        """Whether nobody else builds; returns after a change, or when a builder counts as dead."""
        if mark.owner in (None, self._owner):
            return True
        title = f"suite {self._suite!r}: waiting for another process that indexes it"
        with self._progress.phase(title, self.survey.passages, "passages") as phase:
            phase.advance(mark.done)
            since = time.monotonic()
            while time.monotonic() - since < self._patience:
                time.sleep(self._poll)
                last, now = mark, self._read(self.names.index)
                if now is None or now.state == "complete":
                    return False
                if now.owner is None:
                    return True
                if (now.owner, now.beat) != (last.owner, last.beat):
                    since = time.monotonic()
                phase.advance(max(0, now.done - last.done))
                mark = now
        return True

    def _build(self, mark: Mark) -> None:
        """Index all passages that are not there yet, unless another process does."""
        claim = Claim(self._connection, self.names.index, mark, self._owner)
        try:
            with claim:
                if self._send(claim):
                    self._settle()
            if claim.lost:
                return
            self._expect_all()
            claim.complete()
        except RequestError as error:
            # Another process has finished it, or somebody has deleted it.
            if error.kind == "index_not_found_exception" and self._is_gone():
                return
            claim.release()
            raise
        except BaseException:
            claim.release()
            raise
        self._publish()

    def _send(self, claim: Claim) -> bool:
        """Whether all were sent, and none by another process."""
        title = f"indexing suite {self._suite!r}"
        sent = send_documents(
            self._connection,
            self.names.building,
            documents(self._passages, self._settings, self.encoder),
        )
        with self._progress.phase(title, self.survey.passages, "passages") as phase:
            before = 0
            for done in sent:
                phase.advance(done - before)
                before = done
                claim.advance(done)
                if claim.lost:
                    return False
        return not claim.lost

    def _settle(self) -> None:
        """Make what was sent visible to searches.

        Vectors get one segment: in several, Elasticsearch searches them in parallel and ends each
        search by what the others have found so far, so that hits would differ from time to time.
        """
        index = self.names.index
        self._refresh()
        if self.encoder is not None:
            self._connection.call(
                f"merging index {index!r}",
                lambda client: client.options(request_timeout=_MERGE_TIMEOUT).indices.forcemerge(
                    index=index, max_num_segments=1
                ),
            )
            self._refresh()

    def _refresh(self) -> None:
        self._connection.call(
            f"refreshing index {self.names.index!r}",
            lambda client: client.indices.refresh(index=self.names.index),
        )

    def _expect_all(self) -> None:
        count = self._connection.call(
            f"counting index {self.names.index!r}",
            lambda client: client.count(index=self.names.index),
        ).body["count"]
        if count != self.survey.passages:
            raise RetrievalError(
                f"{self._connection.settings.where}: index {self.names.index!r} holds {count} "
                f"passages, the corpus of suite {self._suite!r} has {self.survey.passages}; "
                "something else wrote into it: delete that index, then run again"
            )

    def _publish(self) -> None:
        """Let the alias stand for the index from now on, and let nothing write into it any more."""
        names = self.names
        self._expect_all()
        actions = [
            {"remove": {"index": names.index, "alias": names.building, "must_exist": False}},
            {"add": {"index": names.index, "alias": names.alias}},
        ]
        self._connection.call(
            f"switching alias {names.alias!r}",
            lambda client: client.indices.update_aliases(actions=actions),
        )
        self._connection.call(
            f"closing index {names.index!r} to writing",
            lambda client: client.indices.add_block(index=names.index, block="write"),
        )

    def _is_gone(self) -> bool:
        """Whether the unfinished index is no more."""
        mark = self._read(self.names.index)
        return mark is None or mark.state == "complete"
