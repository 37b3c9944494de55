"""Questions drawn from a set: as a suite would hold them, or from a population like the set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Draws:
    """Questions of each draw, and the cluster of each of them."""

    at: Indices
    """Shape [draws, n]."""
    codes: Indices | None
    """Shape [draws, n]; None where every question is its own cluster."""

    def clusters(self, draw: int) -> Indices | None:
        """Of one draw."""
        return None if self.codes is None else self.codes[draw]


def whole(documents: Indices | None, size: int) -> Draws:
    """All questions, once."""
    return Draws(np.arange(size)[None], None if documents is None else documents[None])


def once(
    rng: np.random.Generator, documents: Indices | None, size: int, n: int, draws: int
) -> Draws:
    """`n` questions a draw, none of them twice, as a suite holds a question once."""
    at = np.argsort(rng.random((draws, size)), axis=1)[:, :n]
    return Draws(at, None if documents is None else documents[at])


def again(
    rng: np.random.Generator, documents: Indices | None, size: int, n: int, draws: int
) -> Draws:
    """`n` questions a draw out of endlessly many like these, so that one may come again.

    What the set says of all its questions is then the truth, and draws from a small set spread as
    those from a large one do. Documents come whole (but for the last one, which is cut), and each
    copy is a cluster of its own.
    """
    if documents is None:
        return Draws(rng.integers(size, size=(draws, n)), None)
    order = np.argsort(documents, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(documents[order])) + 1)
    at, codes = np.empty((2, draws, n), dtype=np.intp)
    for draw in range(draws):
        # As many as suffice even where all are of one question.
        drawn = [members[one] for one in rng.integers(len(members), size=n)]
        sizes = [len(one) for one in drawn]
        at[draw] = np.concatenate(drawn)[:n]
        codes[draw] = np.repeat(np.arange(n), sizes)[:n]
    return Draws(at, codes)


HOW = {"once": once, "again": again}
