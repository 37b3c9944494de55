"""The managed index: built once for a corpus, searched under an alias that means it is complete.

The alias follows from the content, so that all processes want the same one. Where it is not there,
an index is built under a name that no other process has: filled, counted, closed to writing, and
only then given the alias, which the server lets stand for one index alone. Who comes second deletes
what it has built and uses the first one's. A lock of the machine lets one process at a time build,
so that the next finds the alias; two machines build at most twice and end with one index.

A process that is killed leaves an index without the alias, which is never searched. ``ragft index
list`` shows it as unfinished, and ``ragft index prune`` deletes it once it is a day old by the time
that the server notes for each index (see `administration`): a younger one may be under way.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

from pytest_ragft.errors import RetrievalError
from pytest_ragft.progress import NoProgress, Progress
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic.administration import delete_index
from pytest_ragft.retrieval.elastic.bulk import send_documents
from pytest_ragft.retrieval.elastic.faults import RequestError
from pytest_ragft.retrieval.elastic.mapping import LAYOUT, documents, explained, index_body
from pytest_ragft.retrieval.elastic.naming import TOOL, Mark, alias_of, read_marks
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from pytest_ragft.progress import Progress
    from pytest_ragft.retrieval.elastic.connection import Connection
    from pytest_ragft.retrieval.encoding.port import Encoder

_MERGE_TIMEOUT = 3600.0

Lock = Callable[[str], AbstractContextManager[object]]


class ManagedIndex:
    """The index of one corpus; `ensure` builds it where it is missing.

    Args:
        connection: To the server.
        passages: The corpus.
        settings: analyzer, k1, b, fields, vectors and mode decide the index.
        suite: Becomes part of the names.
        encoder: Makes the vectors; only called for modes with vectors.
        progress: Shows building.
        lock: Lets one process of this machine at a time do what a name stands for.
    """

    def __init__(
        self,
        connection: Connection,
        passages: Sequence[Passage],
        settings: RetrievalSettings,
        *,
        suite: str,
        encoder: Callable[[], Encoder],
        progress: Progress | None = None,
        lock: Lock = nullcontext,
    ) -> None:
        self.passages = passages
        self._connection, self._settings = connection, settings
        self._suite, self._make_encoder = suite, encoder
        self._progress, self._lock = progress or NoProgress(), lock

    @cached_property
    def encoder(self) -> Encoder | None:
        """What makes the vectors; None for an index without."""
        return None if self._settings.mode == "bm25" else self._make_encoder()

    @cached_property
    def fingerprint(self) -> str:
        """Of corpus, mapping and encoder; found without the server.

        Raises:
            RetrievalError: the id of a passage is empty or stands twice.
        """
        encoder = self.encoder
        return fingerprint(
            "elasticsearch",
            LAYOUT,
            _corpus_fingerprint(self.passages),
            index_body(self._settings, None),
            None if encoder is None else [encoder.fingerprint, self._settings.vectors],
        )

    @cached_property
    def alias(self) -> str:
        """What is searched; on the server it exists only for a complete index."""
        return alias_of(self._suite, self.fingerprint)

    def ensure(self) -> None:
        """Return when the alias stands for the complete index, whoever builds it.

        Raises:
            RetrievalError: it cannot be built, or something else has its name.
        """
        with self._lock(f"elasticsearch {self.alias}"):
            while (index := self._in_use()) is None:
                self._build()
        self._expect_all(index, "something else wrote into it: delete that index, then run again")

    def _in_use(self) -> str | None:
        """The index that the alias stands for; None where it does not exist."""
        marks = read_marks(self._connection, self.alias)
        if not marks:
            return None
        if len(marks) > 1 or any(
            mark is None or mark.fingerprint != self.fingerprint for mark in marks.values()
        ):
            raise RetrievalError(
                f"{self._connection.settings.where}: {self.alias!r} is "
                f"{', '.join(map(repr, marks))}, which {TOOL} has not made; it is neither written "
                "nor deleted: rename or remove it yourself, or give the suite another name"
            )
        (index,) = marks
        return index

    def _build(self) -> None:
        """Build an index of a name of its own; it is gone again unless the alias stands for it."""
        index = f"{self.alias}-{secrets.token_hex(4)}"
        try:
            self._create(index)
            self._send(index)
            self._settle(index)
            self._expect_all(index, "it is deleted again: run again")
        except BaseException:
            self._delete(index)
            raise
        if not self._publish(index):
            self._delete(index)

    def _create(self, index: str) -> None:
        mark = Mark(
            fingerprint=self.fingerprint,
            suite=self._suite,
            passages=len(self.passages),
            version=version(TOOL),
        )
        encoder = self.encoder
        body = index_body(self._settings, None if encoder is None else encoder.dimensions)
        mappings = {**body["mappings"], "_meta": mark.to_meta()}
        try:
            self._connection.call(
                f"creating index {index!r}",
                lambda client: client.indices.create(
                    index=index,
                    settings=body["settings"],
                    mappings=mappings,
                    aliases={_entrance(index): {}},
                ),
            )
        except RequestError as error:
            # The name is nobody else's: it was created, and the answer was lost.
            if error.kind != "resource_already_exists_exception":
                raise explained(error, self._settings) from None

    def _send(self, index: str) -> None:
        sent = send_documents(
            self._connection,
            _entrance(index),
            documents(self.passages, self._settings, self.encoder),
        )
        title = f"indexing suite {self._suite!r}"
        with self._progress.phase(title, len(self.passages), "passages") as phase:
            for more in sent:
                phase.advance(more)

    def _settle(self, index: str) -> None:
        """Make what was sent visible to searches, and let nothing be written any more.

        Vectors get one segment: in several, Elasticsearch searches them in parallel and ends each
        search by what the others have found so far, so that hits would differ from time to time.
        """
        self._refresh(index)
        if self.encoder is not None:
            self._connection.call(
                f"merging index {index!r}",
                lambda client: client.options(request_timeout=_MERGE_TIMEOUT).indices.forcemerge(
                    index=index, max_num_segments=1
                ),
            )
            self._refresh(index)
        self._connection.call(
            f"closing index {index!r} to writing",
            lambda client: client.indices.add_block(index=index, block="write"),
        )

    def _refresh(self, index: str) -> None:
        self._connection.call(
            f"refreshing index {index!r}",
            lambda client: client.indices.refresh(index=index),
        )

    def _expect_all(self, index: str, remedy: str) -> None:
        count = self._connection.call(
            f"counting index {index!r}", lambda client: client.count(index=index)
        ).body["count"]
        if count != len(self.passages):
            raise RetrievalError(
                f"{self._connection.settings.where}: index {index!r} holds {count} passages, the "
                f"corpus of suite {self._suite!r} has {len(self.passages)}; {remedy}"
            )

    def _publish(self, index: str) -> bool:
        """Whether the alias stands for this index now, and not for another that was first."""
        # An alias has one write index at most: the server refuses to put it on a second one.
        actions = [
            {"remove": {"index": index, "alias": _entrance(index), "must_exist": False}},
            {"add": {"index": index, "alias": self.alias, "is_write_index": True}},
        ]
        try:
            self._connection.call(
                f"putting alias {self.alias!r} on {index!r}",
                lambda client: client.indices.update_aliases(actions=actions),
            )
        except RequestError as error:
            first = None if error.status is None else self._in_use()
            if first is None:
                raise
            return first == index
        return True

    def _delete(self, index: str) -> None:
        # Where it fails the index stays, as after a crash: what went wrong before is to be told.
        with suppress(RetrievalError):
            delete_index(self._connection, index)


def _entrance(index: str) -> str:
    """The alias that passages are sent to while `index` is built.

    It goes with a deleted index: what is sent late is refused then, while under the name of the
    index the server would make a new one from it.
    """
    return f"{index}-building"


def _corpus_fingerprint(passages: Sequence[Passage]) -> str:
    """Of ids, titles and texts in their order.

    Raises:
        RetrievalError: an id is empty or stands twice.
    """
    digest = hashlib.blake2b(digest_size=16)
    first: dict[str, int] = {}
    for number, passage in enumerate(passages, start=1):
        if not passage.id:
            raise RetrievalError(f"corpus, passage {number}: has no id; give it an _id")
        if first.setdefault(passage.id, number) != number:
            raise RetrievalError(
                f"corpus, passage {number}: the id {passage.id!r} is already that of passage "
                f"{first[passage.id]}; ids are unique"
            )
        line = json.dumps([passage.id, passage.title, passage.text])
        digest.update(f"{line}\n".encode("ascii"))
    return digest.hexdigest()
