"""Which rows of a sheet count: those of blocks that are filled whole.

The sampling unit is the question. Of a sheet whose rows are filled in part, f of them, a pair of
identical answers, which share a row, is complete with probability f and a changed one with f²: what
is complete is biased towards no change. Whole blocks of questions drawn at random are not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pytest_ragft.calibration.key import KeyRow, SheetKey
from pytest_ragft.errors import InputError

_SHOWN = 3


def counted_rows(key: SheetKey, filled: Collection[str]) -> frozenset[str]:
    """Ids of the rows whose block has no row without a label; ``?`` is one, too.

    A sheet from before there were blocks is one block.

    Raises:
        InputError: no block is filled whole.
    """
    blocks: dict[int, list[KeyRow]] = {}
    for row in key.rows:
        blocks.setdefault(row.block, []).append(row)
    whole = [rows for rows in blocks.values() if all(row.id in filled for row in rows)]
    if not whole:
        raise InputError(_nothing(key, blocks, filled))
    return frozenset(row.id for rows in whole for row in rows)


def _nothing(key: SheetKey, blocks: Mapping[int, Sequence[KeyRow]], filled: Collection[str]) -> str:
    """Names the block that lacks least."""
    lacking = {b: [row.id for row in rows if row.id not in filled] for b, rows in blocks.items()}
    block, ids = min(lacking.items(), key=lambda item: (len(item[1]), item[0]))
    first = ", ".join(map(repr, ids[:_SHOWN]))
    what = f"human labels: the sheet about {key.metric} of {key.variant!r}"
    remedy = "label them, with ? where one cannot say"
    if not key.blocked:
        return (
            f"{what} is from before sheets had blocks, and {len(ids)} of its {len(key.rows)} rows "
            f"have no label, such as {first}; {remedy}, or draw a new sheet with `ragft label`: "
            "rows counted one by one are biased towards no change"
        )
    return (
        f"{what} has no block that is filled whole, and nothing else counts: {len(ids)} of "
        f"{len(blocks[block])} rows of block {block} have no label, such as {first}; {remedy}"
    )
