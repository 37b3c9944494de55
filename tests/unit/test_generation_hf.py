"""Real models, tiny ones, on the CPU in float32."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from pytest_ragft.errors import GenerationError, MissingDependencyError
from pytest_ragft.generation.chat import Chat
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.generation.quiet import quiet_libraries
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.records import Answer, Request
from tests.tiny import answer_all, copy_of, open_tiny, tiny_folder, tiny_requests

REQUESTS = tiny_requests()


def tiny(*variants: Path, **kwargs: Any) -> list[HFGenerator]:
    opened = open_tiny(*variants, **kwargs)
    generators = [g for g in opened.values() if isinstance(g, HFGenerator)]
    assert len(generators) == len(opened)
    return generators


def alone(folder: Path, **settings: Any) -> HFGenerator:
    """The one generator of a full model."""
    made = GenerationSettings(**({"max_new_tokens": 24} | settings))
    (generator,) = tiny(folder, wants_baseline=False, settings=made)
    return generator


def merged(adapter: str, target: Path) -> Path:
    """The full model that an adapter makes of its base, as peft merges it."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    shutil.copytree(tiny_folder() / "model", target)
    base = AutoModelForCausalLM.from_pretrained(target, dtype=torch.float32)
    PeftModel.from_pretrained(base, tiny_folder() / adapter).merge_and_unload().save_pretrained(
        target
    )
    return target


def test_answers_differ_by_prompt_and_by_adapter() -> None:
    alive, second, baseline = tiny(tiny_folder() / "alive", tiny_folder() / "second")
    answers = [answer_all(generator, REQUESTS) for generator in (alive, second, baseline)]
    assert len({tuple(texts) for texts in answers}) == 3
    assert len(set(answers[2])) > len(REQUESTS) / 2


def test_adapters_do_not_leak_into_the_baseline_or_each_other(tmp_path: Path) -> None:
    first, second, baseline = tiny(tiny_folder() / "alive", tiny_folder() / "second")
    before = answer_all(baseline, REQUESTS)
    with_first = answer_all(first, REQUESTS)
    with_second = answer_all(second, REQUESTS)
    assert answer_all(baseline, REQUESTS) == before
    assert answer_all(first, REQUESTS) == with_first
    assert before == answer_all(alone(tiny_folder() / "model"), REQUESTS)
    assert with_first == answer_all(alone(merged("alive", tmp_path / "a")), REQUESTS)
    assert with_second == answer_all(alone(merged("second", tmp_path / "b")), REQUESTS)


def test_one_load_serves_all_and_release_frees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import AutoModelForCausalLM

    loads = []
    load = AutoModelForCausalLM.from_pretrained

    def counted(*args: Any, **kwargs: Any) -> Any:
        loads.append(args)
        return load(*args, **kwargs)

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", counted)
    generators = tiny(tiny_folder() / "alive", tiny_folder() / "second")
    answers = [answer_all(generator, REQUESTS[:3]) for generator in generators]
    assert len(loads) == 1
    generators[0].engine.release()
    assert [answer_all(generator, REQUESTS[:3]) for generator in generators] == answers
    assert len(loads) == 2


def test_a_batch_says_what_each_question_says_alone() -> None:
    for generator in tiny(tiny_folder() / "alive"):
        together = answer_all(generator, REQUESTS)
        assert together == [answer_all(generator, [request])[0] for request in REQUESTS]


def test_an_answer_tells_what_happened() -> None:
    generator = alone(tiny_folder() / "model")
    (batch,) = generator.cut(REQUESTS)
    answers = generator.generate([REQUESTS[i] for i in batch])
    assert {answer.finish for answer in answers} == {"stop", "length"}
    for answer in answers:
        assert answer.batch_rows == len(REQUESTS)
        assert answer.passages_dropped == 0
        assert answer.completion_tokens is not None
        assert (answer.completion_tokens == 24) is (answer.finish == "length")
        assert "</s>" not in answer.text
        assert answer.text == answer.text.strip()
    sizes = [answer.prompt_tokens or 0 for answer in answers]
    assert sizes == sorted(sizes, reverse=True)


def test_a_stop_text_ends_the_answer_and_is_cut_off() -> None:
    plain = answer_all(alone(tiny_folder() / "model"), REQUESTS)
    longest = max(plain, key=len)
    stop = " " + longest.split()[3]
    generator = alone(tiny_folder() / "model", stop=(stop,))
    (batch,) = generator.cut(REQUESTS)
    answers = generator.generate([REQUESTS[i] for i in batch])
    assert [a.text for a in answers] == [plain[i].partition(stop)[0].strip() for i in batch]
    stopped = answers[batch.index(plain.index(longest))]
    assert (stopped.finish, stopped.completion_tokens) == ("stop", 4)


def test_the_window_drops_whole_passages_from_the_end(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 128}))
    generator = alone(folder)
    (long,) = (r for r in tiny_requests(9, passages=8) if r.id == "q7")
    (answer,) = generator.generate([long])
    assert answer.error is None
    assert 0 < answer.passages_dropped < 8
    assert answer.prompt_tokens is not None
    assert answer.prompt_tokens + 24 <= 128
    kept = long.prompt.passages[: 8 - answer.passages_dropped]
    short = replace(long, prompt=replace(long.prompt, passages=kept))
    (same,) = generator.generate([short])
    assert (same.text, same.passages_dropped) == (answer.text, 0)
    one_more = long.prompt.passages[: 9 - answer.passages_dropped]
    (again,) = generator.generate([replace(long, prompt=replace(long.prompt, passages=one_more))])
    assert again.passages_dropped == 1


def test_a_question_beyond_the_window_is_an_error_of_its_own(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 128}))
    generator = alone(folder)
    endless = replace(REQUESTS[0].prompt, question="who " * 200)
    requests = [REQUESTS[0], replace(REQUESTS[1], prompt=endless), REQUESTS[2]]
    assert sorted(i for batch in generator.cut(requests) for i in batch) == [0, 1, 2]
    answers = generator.generate(requests)
    assert [answer.finish == "error" for answer in answers] == [False, True, False]
    assert answers[1].error is not None
    assert "max_new_tokens = 24 the model's window of 128 is exceeded" in answers[1].error
    assert answers[1].passages_dropped == 3


def limit_rows(generator: HFGenerator, rows: int) -> None:
    """From now on, real torch errors for larger batches on the loaded model."""

    def refuse(module: Any, args: Any, kwargs: Any) -> None:
        if len(kwargs["input_ids"]) > rows:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    with generator.engine.model(None, []) as model:
        model.register_forward_pre_hook(refuse, with_kwargs=True)


def by_id(requests: Sequence[Request], answers: Sequence[Answer]) -> dict[str, Answer]:
    return {r.id: a for r, a in zip(requests, answers, strict=True)}


def test_out_of_memory_halves_the_batch_and_goes_on() -> None:
    generator = alone(tiny_folder() / "model")
    (batch,) = generator.cut(REQUESTS)
    requests = [REQUESTS[i] for i in batch]
    whole = by_id(requests, generator.generate(requests))
    limit_rows(generator, 4)
    halved = by_id(requests, generator.generate(requests))
    assert {k: a.text for k, a in halved.items()} == {k: a.text for k, a in whole.items()}
    assert {answer.batch_rows for answer in halved.values()} == {3}


def test_a_row_that_does_not_fit_alone_is_an_error_of_its_own() -> None:
    generator = alone(tiny_folder() / "model")
    limit_rows(generator, 0)
    answers = generator.generate(REQUESTS[:2])
    assert [answer.finish for answer in answers] == ["error", "error"]
    assert all("out of memory" in (answer.error or "") for answer in answers)


def rewrite(folder: Path, change: Callable[[dict[str, torch.Tensor]], None], file: str) -> Path:
    tensors = load_file(folder / file)
    change(tensors)
    save_file(tensors, folder / file)
    return folder


def test_logits_that_are_not_numbers_are_an_error_and_no_answer(tmp_path: Path) -> None:
    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        tensors["model.norm.weight"].fill_(float("nan"))

    folder = rewrite(copy_of("model", tmp_path / "m"), spoil, "model.safetensors")
    (answer,) = alone(folder).generate(REQUESTS[:1])
    assert answer.finish == "error"
    assert "not numbers" in (answer.error or "")


def test_missing_weights_are_an_error_and_not_random(tmp_path: Path) -> None:
    folder = rewrite(
        copy_of("model", tmp_path / "m"),
        lambda tensors: tensors.__delitem__("lm_head.weight"),
        "model.safetensors",
    )
    with pytest.raises(GenerationError, match=r"lacks weights .*'lm_head\.weight'"):
        alone(folder).generate(REQUESTS[:1])


ADAPTER_FILE = "adapter_model.safetensors"


def test_an_adapter_without_all_its_tensors_is_refused(tmp_path: Path) -> None:
    folder = rewrite(
        copy_of("alive", tmp_path / "a"), lambda t: t.__delitem__(min(t)), ADAPTER_FILE
    )
    variant, baseline = tiny(folder)
    with pytest.raises(GenerationError, match=r"lacks tensors: .*lora_A"):
        variant.generate(REQUESTS[:1])
    assert baseline.generate(REQUESTS[:1])[0].error is None


def test_an_adapter_with_tensors_of_no_place_is_refused(tmp_path: Path) -> None:
    def add(tensors: dict[str, torch.Tensor]) -> None:
        tensors["base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight"] = torch.ones(
            4, 64
        )

    variant, _ = tiny(rewrite(copy_of("unnamed", tmp_path / "a"), add, ADAPTER_FILE))
    with pytest.raises(GenerationError, match="the base has no place for"):
        variant.generate(REQUESTS[:1])


def test_an_adapter_without_effect_is_an_error_even_if_its_weights_are_not_zero(
    tmp_path: Path,
) -> None:
    folder = copy_of("alive", tmp_path / "a")
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"lora_alpha": 0}))
    other, variant, baseline = tiny(tiny_folder() / "second", folder)
    before = answer_all(other, REQUESTS[:4]), answer_all(baseline, REQUESTS[:4])
    for _ in range(2):
        with pytest.raises(GenerationError, match=r"changes nothing.*same logits"):
            variant.generate(REQUESTS[:1])
    assert (answer_all(other, REQUESTS[:4]), answer_all(baseline, REQUESTS[:4])) == before


def test_adapters_with_modules_to_save_and_dora_work_beside_others(tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = tiny_folder() / "model"
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    config = LoraConfig(
        r=2,
        target_modules=["q_proj"],
        modules_to_save=["lm_head"],
        use_dora=True,
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(model, config)
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad and "magnitude" not in name:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)
    model.save_pretrained(tmp_path / "rich")
    rich, alive, baseline = tiny(tmp_path / "rich", tiny_folder() / "alive")
    plain = answer_all(baseline, REQUESTS), answer_all(alive, REQUESTS)
    answers = answer_all(rich, REQUESTS)
    assert (answer_all(baseline, REQUESTS), answer_all(alive, REQUESTS)) == plain
    shutil.copytree(base, tmp_path / "merged")
    model.merge_and_unload().save_pretrained(tmp_path / "merged")
    assert answers == answer_all(alone(tmp_path / "merged"), REQUESTS)


def test_a_model_that_holds_an_unmerged_adapter_is_refused(tmp_path: Path) -> None:
    def add(tensors: dict[str, torch.Tensor]) -> None:
        tensors["model.layers.0.self_attn.q_proj.lora_A.default.weight"] = torch.ones(4, 64)

    folder = rewrite(copy_of("model", tmp_path / "m"), add, "model.safetensors")
    with pytest.raises(GenerationError, match="not merged"):
        alone(folder).generate(REQUESTS[:1])


def test_an_adapter_brings_its_own_tokenizer_and_template(tmp_path: Path) -> None:
    folder = copy_of("alive", tmp_path / "a")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny_folder() / "model" / name, folder)
    (folder / "chat_template.jinja").write_text("{{ messages[-1]['content'] }} the stone:")
    own, usual, _ = tiny(folder, tiny_folder() / "alive")
    assert own.fingerprint != usual.fingerprint
    assert answer_all(own, REQUESTS) != answer_all(usual, REQUESTS)


def test_a_token_beyond_the_embedding_is_named(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["added_tokens"].append(tokenizer["added_tokens"][0] | {"id": 5000, "content": "<x>"})
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    (folder / "chat_template.jinja").write_text("<x>{{ messages[-1]['content'] }}")
    with pytest.raises(GenerationError, match="embeds only"):
        alone(folder).generate(REQUESTS[:1])


def test_a_template_that_knows_no_system_role_says_what_to_do(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    (folder / "chat_template.jinja").write_text(
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}"
        "{% endif %}{{ m.content }}{% endfor %}"
    )
    generator = alone(folder)
    with pytest.raises(GenerationError, match=r"no system; .*system = \"\" under \[prompt\]"):
        generator.generate(REQUESTS[:1])
    silent = replace(REQUESTS[0], prompt=replace(REQUESTS[0].prompt, system=""))
    assert generator.generate([silent])[0].error is None


def test_the_token_that_closes_a_turn_in_the_template_ends_answers(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    for name in ("config.json", "generation_config.json"):
        content = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(content | {"eos_token_id": None}))
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps(config | {"eos_token": "<pad>"}))
    assert answer_all(alone(folder), REQUESTS) == answer_all(
        alone(tiny_folder() / "model"), REQUESTS
    )


def test_a_device_that_is_not_there_is_named() -> None:
    if torch.cuda.is_available():
        pytest.skip("CUDA is there")
    with pytest.raises(GenerationError, match="device 'cuda' is not available"):
        alone(tiny_folder() / "model", device="cuda").generate(REQUESTS[:1])


def test_a_missing_package_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    variant, baseline = tiny(tiny_folder() / "alive", offline=False)
    replaying, _ = tiny(tiny_folder() / "alive", offline=True)
    variant.check("suite", ["q0"])

    def without_peft(name: str) -> object:
        return None if name == "peft" else object()

    monkeypatch.setattr("pytest_ragft.generation.engine.find_spec", without_peft)
    baseline.check("suite", ["q0"])
    with pytest.raises(MissingDependencyError, match=r"pip install 'pytest-ragft\[hf\]'"):
        variant.check("suite", ["q0"])
    replaying.check("suite", ["q0"])


def test_special_tokens_are_no_part_of_an_answer() -> None:
    chat = Chat(tiny_folder() / "model")
    words = chat.probe()
    assert chat.decode([0, *words[-3:], 1, 2]) == chat.decode(words[-3:])


@pytest.mark.parametrize("enabled", [True, False])
def test_libraries_are_quiet_for_a_while_and_then_as_before(
    enabled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub.utils import are_progress_bars_disabled
    from transformers.utils import logging

    def state() -> tuple[object, ...]:
        return (
            logging.is_progress_bar_enabled(),
            are_progress_bars_disabled(),
            logging.get_verbosity(),
        )

    monkeypatch.delenv("TRANSFORMERS_VERBOSITY", raising=False)
    bars = logging.is_progress_bar_enabled()
    (logging.enable_progress_bar if enabled else logging.disable_progress_bar)()
    before = state()
    with quiet_libraries():
        assert state() == (False, True, logging.CRITICAL)
        warnings.warn("deprecated", stacklevel=1)
    assert state() == before
    (logging.enable_progress_bar if bars else logging.disable_progress_bar)()


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    variant, baseline = tiny(tiny_folder() / "alive")
    answer_all(variant, REQUESTS[:2])
    answer_all(baseline, REQUESTS[:2])
    assert capfd.readouterr() == ("", "")
