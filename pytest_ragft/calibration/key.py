"""The key of a sheet: which answer of which variant stands behind an opaque id."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.jsonl import numbered_lines, parse_line
from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.evaluation.keys import judged_fingerprint
from pytest_ragft.records import QAExample
from pytest_ragft.store import fingerprint

SCHEMA = "pytest-ragft/label-key/2"
# Of sheets from before there were blocks.
_UNBLOCKED = "pytest-ragft/label-key/1"
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A row of a sheet."""

    id: str
    suite: str
    question: str
    """The question's id in its suite."""
    variants: tuple[str, ...]
    """Which variants gave the answer; both where the answers are the same text."""
    block: int
    """From 1, all answers to a question in one; 0 on a sheet from before there were blocks."""
    shown: str
    """Fingerprint of what the person reads; another one today: the label is stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The questions of a suite from which a sheet was drawn at random."""

    questions: int
    ids: str
    """Fingerprint of their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetKey:
    """All that joins a sheet to the answers of a gating run."""

    sheet: str
    metric: str
    variant: str
    """Compared with the baseline."""
    seed: int
    pairs: int
    """Questions drawn."""
    population: Mapping[str, Population]
    """By suite."""
    rows: tuple[KeyRow, ...]
    """In the order of the sheet."""

    @property
    def blocked(self) -> bool:
        """Whether the sheet has blocks."""
        return any(row.block for row in self.rows)


def shown_fingerprint(metric: str, example: QAExample, answer: str) -> str:
    """Identity of what a person, or a judge, reads before labelling an answer."""
    return fingerprint("shown", metric, judged_fingerprint(example), answer)


def population_of(examples: Sequence[QAExample]) -> Population:
    """The identity of a suite's questions as a set to draw from."""
    ids = fingerprint("population", sorted(example.id for example in examples))
    return Population(questions=len(examples), ids=ids)


def key_text(key: SheetKey) -> str:
    """The file: a line about the sheet, then one a row."""
    head = {
        "schema": SCHEMA,
        "sheet": key.sheet,
        "metric": key.metric,
        "variant": key.variant,
        "seed": key.seed,
        "pairs": key.pairs,
        "population": {s: [p.questions, p.ids] for s, p in key.population.items()},
    }
    rows = [
        {
            "id": row.id,
            "suite": row.suite,
            "question": row.question,
            "variants": row.variants,
            "block": row.block,
            "shown": row.shown,
        }
        for row in key.rows
    ]
    return "".join(json.dumps(line) + "\n" for line in [head, *rows])


def counted_rows(key: SheetKey, filled: Collection[str]) -> frozenset[str]:
    """Ids of the rows that count: those whose block has no row without a label; ``?`` is one, too.

    The sampling unit is the question. Of a sheet whose rows are filled in part, f of them, a pair
    of identical answers, which share a row, is complete with probability f and a changed one with
    f²: what is complete is biased towards no change. Whole blocks of questions drawn at random are
    not. A sheet from before there were blocks is one block.

    Raises:
        InputError: no block is filled whole.
    """
    blocks: dict[int, list[KeyRow]] = {}
    for row in key.rows:
        blocks.setdefault(row.block, []).append(row)
    whole = [rows for rows in blocks.values() if all(row.id in filled for row in rows)]
    if not whole:
        raise InputError(_no_whole_block(key, blocks, filled))
    return frozenset(row.id for rows in whole for row in rows)


def _no_whole_block(
    key: SheetKey, blocks: Mapping[int, Sequence[KeyRow]], filled: Collection[str]
) -> str:
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


def is_key(path: Path) -> bool:
    """Whether a file says that it is a key.

    Raises:
        InputError: it cannot be read.
    """
    try:
        head = read_text(path).partition("\n")[0]
    except SuiteError as error:
        raise InputError(str(error)) from None
    return SCHEMA in head or _UNBLOCKED in head


def read_key(path: Path) -> SheetKey:
    """A key that `key_text` wrote.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    try:
        lines = numbered_lines(read_text(path))
        head, *rows = [parse_line(line, f"{path}, line {number}") for number, line in lines]
        return _key(head, rows)
    except SuiteError as error:
        raise InputError(str(error)) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: not the key of a sheet, or a damaged one ({error}); "
            "use the file that `ragft label` wrote with --key"
        ) from None


def _key(head: object, rows: Sequence[object]) -> SheetKey:
    if not isinstance(head, dict) or head["schema"] not in (SCHEMA, _UNBLOCKED):
        raise ValueError(f"its first line is not of {SCHEMA!r}")
    blocked = head["schema"] == SCHEMA
    key = SheetKey(
        sheet=_text(head["sheet"]),
        metric=_text(head["metric"]),
        variant=_text(head["variant"]),
        seed=int(head["seed"]),
        pairs=int(head["pairs"]),
        population={
            suite: Population(questions=int(questions), ids=_text(ids))
            for suite, (questions, ids) in head["population"].items()
        },
        rows=tuple(_row(row, blocked) for row in rows),
    )
    sides = [(row.suite, row.question, name) for row in key.rows for name in row.variants]
    if len(set(sides)) < len(sides) or len(sides) != 2 * key.pairs:
        raise ValueError(f"{len(set(sides))} different answers for {key.pairs} pairs")
    blocks = {(row.suite, row.question, row.block) for row in key.rows}
    if len(blocks) != key.pairs:
        raise ValueError("the answers to a question stand in several blocks")
    return key


def _row(row: object, blocked: bool) -> KeyRow:
    if not isinstance(row, dict):
        raise TypeError(f"{row!r} is no row")
    block = int(row["block"]) if blocked else 0
    if blocked and block < 1:
        raise ValueError(f"block {block}")
    return KeyRow(
        id=_text(row["id"]),
        suite=_text(row["suite"]),
        question=_text(row["question"]),
        variants=tuple(map(_text, row["variants"])),
        block=block,
        shown=_text(row["shown"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no text")
    return value
