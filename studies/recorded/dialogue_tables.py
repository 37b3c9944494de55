"""The tables about kinds of knowledge, from what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from studies.recorded.dialogues import HOW, KNOWLEDGE, MODELS
from studies.recorded.markdown import head, line, signed

Row = Mapping[str, Any]
_NAMES = {"llama": "Llama-2", "mistral": "Mistral"}


def dialogue_tables(results: Row) -> Iterator[str]:
    """Each with its heading."""
    for judge, found in results["judges"].items():
        yield f"### Knowledge, by the {judge} judge: mean accuracy with 95 % interval"
        yield "\n".join(_means(found["means"]))
        yield f"### Fine-tuned against in context, by the {judge} judge: one-sided 95 % bounds"
        yield "\n".join(_fine_tuning(found["verdicts"]))
        yield f"### What knowledge adds, by the {judge} judge: against none, one-sided 95 % bounds"
        yield "\n".join(_increments(found["verdicts"]))
    yield "### Published differences of 20 samples: 95 % intervals at their narrowest"
    yield "\n".join(_published(results["published"]))


def _means(rows: Sequence[Row]) -> Iterator[str]:
    yield from head("type", "model", "n", *KNOWLEDGE)
    of = {(r["type"], r["model"], r["adapted"], r["knowledge"]): r for r in rows}
    for kind in dict.fromkeys(row["type"] for row in rows):
        for model in MODELS:
            for how, name in HOW.items():
                cells = [of.get((kind, model, how, knowledge)) for knowledge in KNOWLEDGE]
                shown = (_plain(cell["mean"]) if cell else "" for cell in cells)
                sizes = {cell["n"] for cell in cells if cell}
                yield line(kind, f"{_NAMES[model]} {name}", *sizes, *shown)


def _fine_tuning(rows: Sequence[Row]) -> Iterator[str]:
    yield from head("type", "model", "n", *KNOWLEDGE)
    of = {(r["type"], r["variant"]): r for r in rows if r["what"] == "fine-tuning"}
    for kind in dict.fromkeys(row["type"] for row in rows):
        for model in MODELS:
            cells = [of.get((kind, f"{model}_ft_{knowledge}")) for knowledge in KNOWLEDGE]
            sizes = {cell["n"] for cell in cells if cell}
            yield line(kind, _NAMES[model], *sizes, *map(_verdict, cells))


def _increments(rows: Sequence[Row]) -> Iterator[str]:
    yield from head("type", "model", "n", *KNOWLEDGE[1:])
    of = {(r["type"], r["variant"]): r for r in rows if r["what"] == "knowledge"}
    for kind in dict.fromkeys(kind for kind, _ in of):
        for model in MODELS:
            for how, name in HOW.items():
                cells = [of.get((kind, f"{model}_{how}_{one}")) for one in KNOWLEDGE[1:]]
                sizes = {cell["n"] for cell in cells if cell}
                yield line(kind, f"{_NAMES[model]} {name}", *sizes, *map(_verdict, cells))


def _published(rows: Sequence[Row]) -> Iterator[str]:
    yield from head("what people rated", "difference")
    for row in rows:
        yield line(row["what"], _signed(row["difference"]))


def _verdict(row: Row | None) -> str:
    if row is None:
        return ""
    said = {"INCONCLUSIVE": f"INC {row['reason']}", "REGRESSION": "REGR"}
    return f"{said.get(row['outcome'], row['outcome'])} {_signed(row['difference'])}"


def _plain(numbers: Sequence[float]) -> str:
    mean, low, high = (f"{number:.2f}".replace("0.", ".", 1) for number in numbers)
    return f"{mean} [{low}, {high}]"


def _signed(numbers: Sequence[float]) -> str:
    mean, low, high = (signed(number, digits=2) for number in numbers)
    return f"{mean} [{low}, {high}]"
