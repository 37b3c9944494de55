"""What is wrong with training pairs, found before any hour is spent on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pytest_ragft.finetuning.base import Base
from pytest_ragft.finetuning.loss import IGNORED, Row
from pytest_ragft.finetuning.overlap import overlaps
from pytest_ragft.finetuning.pairs import TrainingPair, content_of
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.numbers import count
from pytest_ragft.suite import Suite

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of thing that is wrong with some pairs."""

    kind: str
    """Such as ``no-target``."""
    severity: Literal["error", "warning"]
    """``error``: nothing is trained unless it is forced."""
    ids: tuple[str, ...]
    """Of the pairs, in their order."""
    what: str
    """With what to do about it."""

    @property
    def line(self) -> str:
        """The fault in a line, with the first questions that it is about."""
        shown = ", ".join(map(repr, self.ids[:_SHOWN]))
        more = f" and {len(self.ids) - _SHOWN} more" if len(self.ids) > _SHOWN else ""
        return f"{self.severity}: {count(len(self.ids), 'pair')}: {self.what} ({shown}{more})"


def lint(
    pairs: Sequence[TrainingPair],
    rows: Sequence[Row],
    *,
    base: Base,
    settings: GenerationSettings,
    virtual_tokens: int = 0,
    gated: Sequence[Suite] = (),
) -> list[Fault]:
    """All faults of pairs, errors first.

    Args:
        pairs: As they will be trained on.
        rows: The same in tokens.
        base: With its window and the tokens that end an answer.
        settings: With which the model will be served.
        virtual_tokens: That take room of the window.
        gated: Suites in which no question of the pairs may stand.
    """
    window = None if base.window is None else base.window - virtual_tokens
    found = [
        Fault(kind=kind, severity=severity, ids=tuple(ids), what=what)
        for kind, severity, what, ids in (
            *_of_targets(pairs, rows, base.ends, settings.max_new_tokens),
            (
                "truncated",
                "error",
                f"prompt and answer are longer than the window of {window} tokens, which would cut "
                "them; shorten the references, or show fewer passages",
                _ids(pairs, [window is not None and len(r["input_ids"]) > window for r in rows]),
            ),
            (
                "open-reasoning",
                "error",
                "the prompt leaves the model thinking, and the answer would be taught as a "
                'thought; set thinking = "off" under [generation]',
                _ids(pairs, [bool(base.chat.opening(_prompt(row))) for row in rows]),
            ),
            *_of_repeats(pairs),
            *_of_gated(pairs, gated),
        )
        if ids
    ]
    return sorted(found, key=lambda fault: fault.severity)


def joined(faults: Sequence[Fault], more: Sequence[Fault]) -> list[Fault]:
    """Faults of two sets of pairs, each kind and each pair of it once."""
    known = {fault.kind: fault for fault in faults}
    for fault in more:
        before = known.get(fault.kind)
        ids = fault.ids if before is None else (*before.ids, *fault.ids)
        known[fault.kind] = replace(fault, ids=tuple(dict.fromkeys(ids)))
    return sorted(known.values(), key=lambda fault: fault.severity)


_Found = tuple[str, Literal["error", "warning"], str, list[str]]


def _of_targets(
    pairs: Sequence[TrainingPair], rows: Sequence[Row], ends: Collection[int], longest: int
) -> Iterator[_Found]:
    targets = [_target(row) for row in rows]
    bare = [target[:-1] if target and target[-1] in ends else target for target in targets]
    yield (
        "no-target",
        "error",
        "the answer has no tokens, so that nothing would be taught; give it a reference",
        _ids(pairs, [not t or not p.answer.strip() for p, t in zip(pairs, bare, strict=True)]),
    )
    yield (
        "no-end",
        "error",
        "the answer has no end of turn, and the model would learn never to stop; give the base's "
        "tokenizer an end token that its chat template closes a turn with",
        _ids(pairs, [bool(t) and t[-1] not in ends for t in targets]),
    )
    yield (
        "early-end",
        "error",
        "the answer holds a token that ends a turn, after which nothing is ever said; take it out "
        "of the reference",
        _ids(pairs, [any(token in ends for token in t) for t in bare]),
    )
    yield (
        "cut-when-served",
        "warning",
        f"the answer is longer than max_new_tokens = {longest}, where it is cut when it is served",
        _ids(pairs, [len(t) > longest for t in bare]),
    )


def _of_repeats(pairs: Sequence[TrainingPair]) -> Iterator[_Found]:
    seen = Counter(map(content_of, pairs))
    shown = Counter(content_of(pair)[:-1] for pair in pairs)
    said: set[tuple[object, ...]] = set()
    again = []
    for pair in pairs:
        content = content_of(pair)
        again.append(content in said)
        said.add(content)
    yield (
        "duplicate",
        "warning",
        "a pair before says the same; it is taught once",
        _ids(pairs, again),
    )
    yield (
        "contradiction",
        "warning",
        "another pair asks the same and answers otherwise; keep one of them",
        _ids(pairs, [shown[(c := content_of(p))[:-1]] > seen[c] for p in pairs]),
    )


def _of_gated(pairs: Sequence[TrainingPair], gated: Sequence[Suite]) -> Iterator[_Found]:
    found = overlaps(pairs, gated)
    yield (
        "overlap",
        "error",
        "a question of a suite that is to be gated stands in it, exactly or nearly: a model that "
        "has learnt it passes by what it remembers; train on others (ragft check shows both)",
        found.get("training-question", []),
    )
    yield (
        "passage-overlap",
        "warning",
        "a relevant passage or reference of a suite that is to be gated stands in it",
        [*found.get("training-reference", ()), *found.get("training-passage", ())],
    )


def _target(row: Row) -> list[int]:
    return [label for label in row["labels"] if label != IGNORED]


def _prompt(row: Row) -> list[int]:
    return row["input_ids"][: len(row["input_ids"]) - len(_target(row))]


def _ids(pairs: Sequence[TrainingPair], wrong: Sequence[bool]) -> list[str]:
    return [pair.id for pair, is_wrong in zip(pairs, wrong, strict=True) if is_wrong]
