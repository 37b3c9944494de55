"""What the embedded retrievers share: the text of a passage, its lookup, the order of scores."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage

if TYPE_CHECKING:
    from numpy.typing import NDArray


def searched_text(passage: Passage) -> str:
    """Title and text as one, which is what is searched and encoded."""
    return f"{passage.title}\n{passage.text}" if passage.title else passage.text


def identity(passages: Iterable[Passage]) -> list[tuple[str, str, str]]:
    """What of a corpus decides the hits, for fingerprints: ids, titles, texts and their order."""
    return [(p.id, p.title, p.text) for p in passages]


def by_id(passages: Iterable[Passage], ids: Iterable[str]) -> dict[str, Passage]:
    """The passages with these ids.

    Raises:
        RetrievalError: there is none of that id.
    """
    known = {passage.id: passage for passage in passages}
    try:
        return {passage_id: known[passage_id] for passage_id in ids}
    except KeyError as error:
        raise RetrievalError(f"the corpus has no passage {error.args[0]!r}") from None


def best(
    scores: NDArray[np.float64], rows: NDArray[np.intp], k: int, *, decimals: int
) -> list[tuple[int, float]]:
    """The best of `rows` with their scores, best first, at most `k`.

    Scores are rounded to `decimals` first, so that what differs by the noise of arithmetic alone is
    a tie; ties are in the order of rows.

    Args:
        scores: Finite, shape [passages].
        rows: The rows that may be hits, ascending.
        k: At least 1.
        decimals: Of the scores.
    """
    # Adding 0 turns -0.0 into 0.0.
    rounded = np.round(scores[rows], decimals) + 0.0
    if rows.size > k:
        enough = rounded >= np.partition(rounded, -k)[-k]
        rows, rounded = rows[enough], rounded[enough]
    order = np.argsort(-rounded, kind="stable")[:k]
    return [(int(rows[i]), float(rounded[i])) for i in order]


def expect_k(k: int) -> None:
    """Raise ValueError unless `k` is at least 1."""
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k!r}")
