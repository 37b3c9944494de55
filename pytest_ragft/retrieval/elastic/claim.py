"""Who builds an index: told by its mark, which the builder renews while it lives."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.faults import RequestError
from pytest_ragft.retrieval.elastic.naming import Mark

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection

BEAT_SECONDS = 3.0


def read_marks(connection: Connection, name: str) -> dict[str, Mark | None]:
    """The marks of the indices behind a name, alias or pattern, by index; empty for none.

    Raises:
        RequestError: the server did not answer, or does not let it be read.
    """
    try:
        answer = connection.call(
            f"reading the mark of {name!r}",
            lambda client: client.indices.get_mapping(index=name),
        )
    except RequestError as error:
        if error.status == 404:
            return {}
        raise
    return {
        index: Mark.from_meta(found.get("mappings", {}).get("_meta"))
        for index, found in answer.body.items()
    }


def write_mark(connection: Connection, index: str, mark: Mark) -> None:
    """Replace the mark of an index.

    Raises:
        RequestError: it could not be written.
    """
    connection.call(
        f"writing the mark of {index!r}",
        lambda client: client.indices.put_mapping(index=index, meta=mark.to_meta()),
    )


class Claim:
    """A context in which this process builds an index and says so every few seconds.

    The mark's last writer is the builder. A process that reads another's name in it stops, so
    that of two that took over at once one goes on. Writing the same corpus twice would do no
    harm (see `send_documents`); the claim only saves the work.

    Args:
        connection: To the server.
        index: What is built.
        mark: As it was read, or as another process left it.
        owner: The name of this process.
        seconds: Between two beats.
    """

    def __init__(
        self,
        connection: Connection,
        index: str,
        mark: Mark,
        owner: str,
        *,
        seconds: float = BEAT_SECONDS,
    ) -> None:
        self._connection, self._index, self._seconds = connection, index, seconds
        self._mark = replace(mark, owner=owner)
        self._is_new = mark.owner != owner
        self._beats, self._done = mark.beat, mark.done
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"building {index}", daemon=True)
        self.lost = False
        """Whether another process builds now."""

    def __enter__(self) -> Self:
        if self._is_new:
            self._renew()
            self.lost = not self._held()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def advance(self, done: int) -> None:
        """`done` passages have been sent in all."""
        self._done = done

    def release(self) -> None:
        """Tell others that nobody builds any more, if that can be told."""
        try:
            if self._held():
                write_mark(self._connection, self._index, replace(self._mark, owner=None))
        except RetrievalError:
            return

    def complete(self) -> None:
        """Say that the index is whole; after the end of the context.

        Raises:
            RequestError: it could not be said.
        """
        mark = replace(self._mark, state="complete", owner=None, done=self._mark.passages)
        write_mark(self._connection, self._index, mark)

    def _beat(self) -> None:
        while not self.lost and not self._over.wait(self._seconds):
            try:
                self.lost = not self._held()
                if not self.lost:
                    self._renew()
            except RetrievalError:
                # The builder's own requests meet the same fault, and tell it.
                continue

    def _renew(self) -> None:
        self._beats += 1
        mark = replace(self._mark, beat=self._beats, done=self._done)
        write_mark(self._connection, self._index, mark)

    def _held(self) -> bool:
        mark = read_marks(self._connection, self._index).get(self._index)
        return mark is not None and mark.owner == self._mark.owner
