"""Model cards: the parts that all of them have, and that of `ragft finetune`."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_ragft.finetuning.familiarity import Familiarity
from pytest_ragft.finetuning.recipe import PEOPLE
from pytest_ragft.numbers import count

_METHODS = {
    "lora": "LoRA", "dora": "DoRA", "layers": "LoRA on chosen layers", "full": "all weights",
    "prompt": "prompt tuning", "prefix": "prefix tuning",
}  # fmt: skip
_FORMS = {
    "closed-book": "The question is the whole user message.",
    "gold": "Questions are shown with the passages that they name as relevant.",
    "retrieved": "Questions are shown with the passages that the suite's retriever finds.",
    "distractors": (
        "Questions are shown with the passages that the suite's retriever finds, a relevant one "
        "among them but for a share, shuffled."
    ),
}

# What no reader of YAML takes for anything but a text.
_PLAIN = re.compile(r"(?!(?i:true|false|yes|no|on|off|y|n|null)$)[A-Za-z][\w./-]*")


def filled(text: str) -> str:
    """A paragraph in lines of a hundred characters."""
    return textwrap.fill(text, width=100, break_long_words=False, break_on_hyphens=False)


def table(rows: Mapping[str, object]) -> str:
    """A table of two columns without a head."""
    lines = "\n".join(f"| {key} | {value} |" for key, value in rows.items())
    return f"| | |\n| --- | --- |\n{lines}"


def card(
    name: str, head: Mapping[str, str], introduction: str, sections: Mapping[str, Sequence[str]]
) -> str:
    """A model card in Markdown: metadata, title, introduction and sections of paragraphs."""
    front = "\n".join(f"{key}: {_scalar(value)}" for key, value in head.items())
    blocks = [f"---\n{front}\n---", f"# {name}", introduction]
    for title, paragraphs in sections.items():
        blocks += [f"## {title}", *paragraphs]
    return "\n\n".join(blocks) + "\n"


def _scalar(text: str) -> str:
    """A text as YAML reads it back; JSON's strings are YAML's."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def low_rank_row(recipe: Mapping[str, Any]) -> str:
    """Rank, alpha, dropout and modules of a recipe's low-rank matrices."""
    where = " and ".join(recipe["targets"])
    return (
        f"r = {recipe['rank']}, alpha = {recipe['lora_alpha']}, dropout "
        f"{recipe['lora_dropout']:g}, on {where}"
    )


def rate_row(recipe: Mapping[str, Any]) -> str:
    """Learning rate, schedule and optimizer."""
    return (
        f"{recipe['learning_rate']:g}, warm-up over {recipe['warmup']:.0%} of the steps, "
        "then linearly to zero; AdamW without weight decay"
    )


def render_card(name: str, facts: Mapping[str, Any]) -> str:
    """The card of a model that `ragft finetune` has made, from what its `ragft.json` says."""
    base, recipe, data, training = (facts[k] for k in ("base", "recipe", "data", "training"))
    head = {"base_model": base["name"]}
    if recipe["method"] != "full":
        head["library_name"] = "peft"
    introduction = filled(
        f"{base['name']}, trained further by pytest-ragft ({_METHODS[recipe['method']]}) on "
        f"{count(data['pairs'], 'pair')} of questions and answers. Whether that made its RAG "
        "pipeline worse is for the gate to say: `pytest SUITES --ragft-model=THIS`."
    )
    return card(
        name,
        head,
        introduction,
        {
            "Base": [
                filled(f"{base['name']}. Weight fingerprint:"),
                f"    {base['weights']}",
            ],
            "Data": _data(recipe, data),
            "Recipe": [table(_recipe_rows(recipe, training))],
            "Loss": [_curve(training["curve"])],
        },
    )


def _data(recipe: Mapping[str, Any], data: Mapping[str, Any]) -> list[str]:
    held = f", {data['development']:,} more held out by document" if data["development"] else ""
    notes = "".join(f" {note[:1].upper()}{note[1:]}." for note in data["notes"])
    taught = "The first reference is the answer."
    if recipe["target"] != PEOPLE:
        taught = "Answers are taught where the judge finds them right, else the first reference."
    return [
        filled(
            f"{count(data['pairs'], 'pair')} of {data['source']}{held}. {_FORMS[recipe['form']]} "
            f"{taught}{notes}"
        ),
        *([filled(_familiarity(data["familiarity"]))] if "familiarity" in data else []),
        "Fingerprint of the pairs:",
        f"    {data['fingerprint']}",
    ]


def _familiarity(of: Mapping[str, Any]) -> str:
    line = Familiarity(**of).line
    return f"{line[:1].upper()}{line[1:]}."


def _recipe_rows(recipe: Mapping[str, Any], training: Mapping[str, Any]) -> dict[str, object]:
    rows: dict[str, object] = {
        "fingerprint": f"`{training['recipe']}`",
        "method": _METHODS[recipe["method"]],
        "epochs, batch, steps": f"{recipe['epochs']}, {recipe['batch']}, {_steps(training)}",
        "learning rate": rate_row(recipe),
    }
    if "rank" in recipe:
        scale = ", scaled by √r (rsLoRA)" if recipe["rslora"] else ""
        where = " and ".join(recipe["targets"]) or "the architecture's default modules"
        layers = ", ".join(map(str, recipe.get("layers", ())))
        rows["low rank"] = (
            f"r = {recipe['rank']}, alpha = {recipe['alpha']}{scale}, dropout "
            f"{recipe['dropout']:g}, on {where}{f' of the layers {layers}' if layers else ''}"
        )
    if "virtual_tokens" in recipe:
        rows["virtual tokens"] = recipe["virtual_tokens"]
    rows |= {
        "precision": f"base in {training['dtype']}, trained in float32, saved as the base is",
        "loss": "cross-entropy on the answer and its end token only",
        "seed": recipe["seed"],
        "loss before → after, mean over at most 64 of the pairs": (
            f"{training['loss_start']:.3f} → {training['loss_end']:.3f}"
        ),
        "computed on": training["platform"],
    }
    return rows


def _steps(training: Mapping[str, Any]) -> str:
    said = f"{training['steps']}"
    if training["steps"] < training["planned"]:
        said += f" of {training['planned']} (stopped early)"
    if training["kept_step"] < training["steps"]:
        said += f"; kept is step {training['kept_step']}, of the lowest development loss"
    return said


def _curve(points: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        f"| {p['step']} | {p['loss']:.3f} | "
        f"{'' if p['development'] is None else format(p['development'], '.3f')} |"
        for p in points
    ]
    return "\n".join(["| step | training | development |", "| --- | --- | --- |", *rows])
