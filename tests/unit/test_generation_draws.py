"""Answers that are sampled: the same for a seed, others for another, and without traces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from pytest_ragft.errors import GenerationError, SpecError
from pytest_ragft.generation.decoding import decode
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.generation.recorded import RecordedGenerator
from pytest_ragft.generation.settings import GenerationSettings, settings_notes
from pytest_ragft.records import Request, Sampling
from tests.tiny import answer_all, tiny_folder, tiny_model, tiny_models, tiny_requests

pytestmark = pytest.mark.newest

REQUESTS = tiny_requests()


def drawn(seed: int = 1, temperature: float = 2.0, top_p: float | None = None) -> list[Request]:
    return [
        replace(
            request,
            sampling=Sampling(temperature=temperature, top_p=top_p, seed=100 * seed + position),
        )
        for position, request in enumerate(REQUESTS)
    ]


@pytest.fixture(scope="module")
def model() -> HFGenerator:
    return tiny_model(tiny_folder() / "model")


def test_a_seed_decides_what_is_sampled(model: HFGenerator) -> None:
    greedy = answer_all(model, REQUESTS)
    first = answer_all(model, drawn(1))
    assert first != greedy
    assert answer_all(model, drawn(2)) not in (first, greedy)
    assert answer_all(model, drawn(1)) == first
    assert answer_all(model, REQUESTS) == greedy


def test_random_numbers_of_others_go_on_as_before(model: HFGenerator) -> None:
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    answer_all(model, drawn())
    assert torch.equal(torch.rand(3), expected)
    torch.manual_seed(4)
    assert answer_all(model, drawn()) == answer_all(model, drawn())


def test_little_heat_and_few_tokens_are_greedy(model: HFGenerator) -> None:
    greedy = answer_all(model, REQUESTS)
    assert answer_all(model, drawn(temperature=1e-4)) == greedy
    assert answer_all(model, drawn(top_p=1e-6)) == greedy


def test_baseline_and_variant_draw_alike() -> None:
    """So that a variant that changed nothing is sampled as the baseline, word for word."""
    folder = tiny_folder()
    alive, baseline = tiny_models(folder / "alive")
    assert answer_all(baseline, drawn()) == answer_all(tiny_model(folder / "model"), drawn())
    assert answer_all(alive, drawn()) != answer_all(baseline, drawn())


def test_every_token_may_be_drawn_where_nothing_is_said() -> None:
    """`generate` would fill what is left open with the 50 likeliest."""

    model = tiny_model(tiny_folder() / "model").engine
    with model.model(None, ()) as loaded:
        rows = decode(
            loaded,
            [[1, 2, 3]] * 64,
            max_new_tokens=24,
            end_ids=(),
            sampling=Sampling(temperature=2.0, seed=1),
        )
        vocabulary = loaded.get_input_embeddings().weight.shape[0]
    seen = {token for row in rows for token in row.tokens}
    assert len(seen) > min(60, vocabulary // 2)


def test_a_row_without_numbers_ends_alone() -> None:
    engine = tiny_model(tiny_folder() / "model").engine
    with engine.model(None, ()) as loaded:
        head = loaded.get_output_embeddings()

        def spoil(module: Any, inputs: Any, output: Any) -> Any:
            output = output.clone()
            if len(output) > 1:
                output[1] = float("nan")
            return output

        hook = head.register_forward_hook(spoil)
        try:
            rows = decode(
                loaded,
                [[1, 2, 3], [4, 5], [6]],
                max_new_tokens=4,
                end_ids=(),
                sampling=Sampling(temperature=1.0, seed=1),
            )
        finally:
            hook.remove()
    assert rows[1].broken
    assert len(rows[0].tokens) == 4


def test_a_batch_at_several_temperatures_is_refused(model: HFGenerator) -> None:
    mixed = [*drawn()[:2], *drawn(temperature=1.0)[:2]]
    with pytest.raises(GenerationError, match="several temperatures"):
        model.generate(mixed)
    with pytest.raises(GenerationError, match="several temperatures"):
        model.generate([*drawn()[:2], REQUESTS[2]])


def test_what_of_the_models_own_settings_is_not_applied_is_said(tmp_path: Path) -> None:
    own = '{"do_sample": true, "top_k": 20, "top_p": 0.8, "repetition_penalty": 1.1}'
    (tmp_path / "generation_config.json").write_text(own)
    sampled = GenerationSettings(temperature=0.7)
    (note,) = settings_notes(tmp_path, sampled)
    how = "sampled as the suite says, without the model's own"
    assert note == f"{how} repetition_penalty, top_k, top_p"
    (note,) = settings_notes(tmp_path, replace(sampled, top_p=0.9))
    assert note.endswith("repetition_penalty, top_k")


# ——— recorded


def recorded(folder: Path, lines: Sequence[str]) -> RecordedGenerator:
    path = folder / "answers.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return RecordedGenerator(path)


def lines_of(*samples: tuple[str, int | None]) -> list[str]:
    return [
        f'{{"suite": "s", "id": "{i}", "answer": "{i} {sample}"'
        + ("" if sample is None else f', "sample": {sample}')
        + "}"
        for i, sample in samples
    ]


SAMPLED = GenerationSettings(samples=2, temperature=0.7)


def test_recorded_answers_are_found_by_sample(tmp_path: Path) -> None:
    lines = lines_of(("a", 1), ("a", None), ("b", 0), ("b", 1))
    generator = recorded(tmp_path, lines).drawn_as(SAMPLED)
    generator.check("s", ["a", "b"])
    of = replace(REQUESTS[0], suite="s", samples=2)
    asked = [replace(of, id="a", sample=0), replace(of, id="b", sample=1)]
    assert [answer.text for answer in generator.generate(asked)] == ["a None", "b 1"]
    (lost,) = generator.generate([replace(asked[0], sample=2, samples=3)])
    assert lost.error is not None
    assert "has no answer 3 to 'a'" in lost.error


@pytest.mark.parametrize(
    ("samples", "settings", "said"),
    [
        ([("a", None)], SAMPLED, "asks for 2 answers to each question.*'a' with the samples 0"),
        ([("a", 0), ("a", 2)], SAMPLED, "samples 0, 2; record samples 0 to 1"),
        ([("a", 0), ("a", 1)], GenerationSettings(), "asks for 1 answer to each question"),
        (
            [("a", 0), ("a", 2)],
            GenerationSettings(samples=2, vary="order"),
            "with the samples 0, 2",
        ),
        ([("a", 1)], GenerationSettings(samples=2, vary="order"), "with the samples 1"),
    ],
)
def test_other_numbers_of_recorded_answers_are_refused(
    tmp_path: Path, samples: list[Any], settings: GenerationSettings, said: str
) -> None:
    with pytest.raises(SpecError, match=said):
        recorded(tmp_path, lines_of(*samples)).drawn_as(settings).check("s", ["a"])


def test_orders_may_have_been_fewer(tmp_path: Path) -> None:
    settings = GenerationSettings(samples=4, vary="order")
    recorded(tmp_path, lines_of(("a", 0), ("a", 1))).drawn_as(settings).check("s", ["a"])


def test_one_sample_twice_and_a_sample_that_is_no_number_are_errors(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match='tell several answers apart by "sample"'):
        recorded(tmp_path, lines_of(("a", 0), ("a", None)))
    with pytest.raises(SpecError, match="sample = -1: must be a whole number of 0 or more"):
        recorded(tmp_path, lines_of(("a", -1)))
