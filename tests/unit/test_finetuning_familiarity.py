"""Perplexities of targets, by hand, and that looking at them changes nothing of the training."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_ragft.finetuning import familiarity
from pytest_ragft.finetuning.base import Base, open_base
from pytest_ragft.finetuning.familiarity import Familiarity, familiarity_of
from pytest_ragft.finetuning.loss import IGNORED, row_of
from pytest_ragft.finetuning.methods import trainable
from pytest_ragft.finetuning.pairs import TrainingPair, training_set
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.finetuning.run import finetune, prepare
from pytest_ragft.generation.decoding import Row
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.models.loading import load_model
from pytest_ragft.progress import NoProgress
from pytest_ragft.suite import Suite, load_suite
from tests.example import Example
from tests.tiny import tiny_folder

pytestmark = pytest.mark.newest

SHORT = GenerationSettings(max_new_tokens=8)


class Bench(NamedTuple):
    """A base with pairs."""

    base: Base
    suite: Suite

    @property
    def pairs(self) -> tuple[TrainingPair, ...]:
        return training_set(self.suite, Recipe(form="gold"), lambda *_: {}).pairs

    def look(self, recipe: Recipe | None = None, **given: Any) -> Familiarity:
        recipe = recipe or Recipe()
        model = trainable(self.base, recipe)
        return familiarity_of(model, self.pairs, self.base, SHORT, **{"seed": 0} | given)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    Example(tmp_path).suite(documents=4, per_document=2)
    shutil.copytree(tiny_folder() / "model", tmp_path / "base")
    suite = load_suite(tmp_path / "suites" / "demo" / "suite.toml")
    return Bench(open_base(str(tmp_path / "base")), suite)


def by_hand(base: Base, shown: Sequence[tuple[Any, str]]) -> float:
    """exp of the mean negative log-likelihood of all answers' tokens, over whole rows."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base.folder, dtype=torch.float32).eval()
    losses = []
    for messages, answer in shown:
        row = row_of(messages, answer, base.chat)
        with torch.no_grad():
            logits = model(torch.tensor([row["input_ids"]])).logits[0]
        said = torch.log_softmax(logits.double(), dim=-1)
        losses += [
            -said[at - 1, label].item()
            for at, label in enumerate(row["labels"])
            if label != IGNORED
        ]
    return math.exp(sum(losses) / len(losses))


def saying(monkeypatch: pytest.MonkeyPatch, base: Base, text: str) -> None:
    """Have the base answer every question so."""
    tokens = base.chat.reply(text)[:-1]
    monkeypatch.setattr(
        familiarity,
        "decode",
        lambda model, prompts, **_: [Row(tokens=tokens, ended=True) for _ in prompts],
    )


@pytest.mark.parametrize("method", ["lora", "prompt", "prefix", "full"])
def test_perplexity_is_that_of_the_base_whatever_is_trained(bench: Bench, method: str) -> None:
    found = bench.look(Recipe(method=method, virtual_tokens=4))

    wanted = by_hand(bench.base, [(pair.messages, pair.answer) for pair in bench.pairs])
    assert found.perplexity == pytest.approx(wanted, rel=1e-4)
    assert found.pairs == 8
    assert found.self_aligned is not None


def test_self_aligned_follows_two_answers_of_its_own(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    saying(monkeypatch, bench.base, "I say so.")

    found = bench.look()

    shown = []
    for pair in bench.pairs:
        *first, last = pair.messages
        asked = (
            f"{last['content']}\n\nAnswers to other questions, which show how to answer:\n\n"
            "Example: I say so.\n\nExample: I say so.\n\nNow answer the question above in the same "
            "way."
        )
        shown.append(([*first, {"role": "user", "content": asked}], pair.answer))
    assert found.self_aligned == pytest.approx(by_hand(bench.base, shown), rel=1e-4)


def test_answers_to_questions_on_the_same_document_show_nothing(bench: Bench) -> None:
    pairs = [replace(pair, document="one") for pair in bench.pairs]
    model = trainable(bench.base, Recipe())

    found = familiarity_of(model, pairs, bench.base, SHORT, seed=0)

    assert found.self_aligned is None
    assert "self-aligned not known" in found.line


def test_a_base_that_says_nothing_has_no_style(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    saying(monkeypatch, bench.base, "")

    assert bench.look().self_aligned is None


def test_rows_beyond_the_window_are_left_out(bench: Bench) -> None:
    base = replace(bench.base, window=20)

    assert Bench(base, bench.suite).look().self_aligned is None


def test_of_many_pairs_some_are_drawn_by_the_seed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(familiarity, "MOST", 3)

    first, again, other = bench.look(), bench.look(), bench.look(seed=3)

    assert first == again
    assert first.pairs == 3
    assert first.perplexity != other.perplexity


def test_looking_changes_no_weight_and_loads_nothing_more(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[object] = []

    def counted(*given: Any, **named: Any) -> Any:
        loads.append(given)
        return load_model(*given, **named)

    monkeypatch.setattr("pytest_ragft.finetuning.methods.load_model", counted)
    monkeypatch.setattr("pytest_ragft.generation.engine.load_model", counted)
    suite = replace(bench.suite, generation=SHORT)
    recipe = Recipe(epochs=2, batch=4, learning_rate=0.02)
    made = prepare(suite, recipe, bench.base, lambda *_: {})
    found: list[Familiarity] = []
    for name, told in (("without", None), ("with", found.append)):
        finetune(
            made, recipe, bench.base, tmp_path / name,
            source="demo", progress=NoProgress(), on_familiarity=told,
        )  # fmt: skip

    weights = [
        (tmp_path / n / "adapter_model.safetensors").read_bytes() for n in ("without", "with")
    ]
    assert weights[0] == weights[1]
    assert len(loads) == 2
    facts = [json.loads((tmp_path / n / "ragft.json").read_text()) for n in ("without", "with")]
    assert "familiarity" not in facts[0]["data"]
    known = facts[1]["data"]["familiarity"]
    assert known["perplexity"] == pytest.approx(found[0].perplexity, abs=1e-4)
    assert known["pairs"] == len(made.rows)
    card = " ".join((tmp_path / "with" / "README.md").read_text().split())
    assert f"Familiarity to the base: perplexity {found[0].perplexity:.2f}, self-aligned" in card
