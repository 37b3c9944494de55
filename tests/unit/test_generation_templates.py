"""Whose chat template an arm uses, and what ends its answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.chat import Chat
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.generation.source import open_source
from tests.tiny import answer_all, copy_of, tiny_folder, tiny_model, tiny_models, tiny_requests

pytestmark = pytest.mark.newest

REQUESTS = tiny_requests(4)
TEMPLATE = "chat_template.jinja"
LENT = "its chat template is the adapter's, since it has none of its own"
DIFFERS = "its chat template is another than its base's"


def edited(folder: Path, name: str, **changes: Any) -> Path:
    file = folder / name
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    return folder


def prompt_of(generator: HFGenerator) -> str:
    chat = generator._chat
    return chat.decode(chat.fit(REQUESTS[0].prompt, None).ids)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A base model without a chat template."""
    folder = copy_of("model", tmp_path / "bare")
    (folder / TEMPLATE).unlink()
    return folder


def adapter(folder: Path, template: str | None, *, tokenizer: bool = False) -> Path:
    copy_of("alive", folder)
    if tokenizer:
        for name in ("tokenizer.json", "tokenizer_config.json"):
            (folder / name).write_bytes((tiny_folder() / "model" / name).read_bytes())
    if template is not None:
        (folder / TEMPLATE).write_text(template)
    return folder


OTHER = "{% for m in messages %}{{ m['content'] }}</s>{% endfor %}Answer:"


@pytest.mark.parametrize("tokenizer", [False, True])
def test_a_base_without_a_template_uses_its_adapters(
    tmp_path: Path, bare: Path, tokenizer: bool
) -> None:
    folder = adapter(tmp_path / "a", OTHER, tokenizer=tokenizer)
    variant, baseline = tiny_models(folder, base=bare)
    assert prompt_of(variant) == prompt_of(baseline)
    assert prompt_of(baseline).endswith("Answer:")
    assert LENT in baseline.notes
    assert LENT not in variant.notes
    assert DIFFERS not in variant.notes
    assert answer_all(variant, REQUESTS) != answer_all(baseline, REQUESTS)
    named = adapter(tmp_path / "b", f"Hello. {OTHER}", tokenizer=tokenizer)
    assert tiny_models(named, base=bare)[1].fingerprint != baseline.fingerprint


def test_where_nobody_has_a_template_the_base_is_named(tmp_path: Path, bare: Path) -> None:
    with pytest.raises(SpecError, match=r"'.*bare' has no chat template"):
        tiny_models(adapter(tmp_path / "a", None), base=bare)
    with pytest.raises(SpecError, match=r"'.*bare' has no chat template"):
        tiny_model(bare)


def test_adapters_of_a_base_without_a_template_must_agree(tmp_path: Path, bare: Path) -> None:
    folders = [adapter(tmp_path / "a", OTHER), adapter(tmp_path / "b", f"x{OTHER}")]
    with pytest.raises(SpecError, match="its adapters have different ones"):
        tiny_models(*folders, base=bare)


@pytest.mark.parametrize("tokenizer", [False, True])
def test_a_template_that_differs_from_the_bases_is_used_and_said(
    tmp_path: Path, tokenizer: bool
) -> None:
    variant, baseline = tiny_models(adapter(tmp_path / "a", OTHER, tokenizer=tokenizer))
    assert prompt_of(variant).endswith("Answer:") != prompt_of(baseline).endswith("Answer:")
    assert DIFFERS in variant.notes
    assert DIFFERS not in baseline.notes
    same = (tiny_folder() / "model" / TEMPLATE).read_text()
    variant, baseline = tiny_models(adapter(tmp_path / "b", same, tokenizer=tokenizer))
    assert DIFFERS not in variant.notes
    assert prompt_of(variant) == prompt_of(baseline)


def test_an_adapters_tokenizer_without_a_template_takes_its_bases(tmp_path: Path) -> None:
    variant, baseline = tiny_models(adapter(tmp_path / "a", None, tokenizer=True))
    assert prompt_of(variant) == prompt_of(baseline)


def test_the_checkpoints_of_a_training_are_named(tmp_path: Path) -> None:
    for name in ("checkpoint-84", "checkpoint-9", "checkpoint-100", "checkpoint-7"):
        copy_of("alive", tmp_path / name)
    (tmp_path / "checkpoint-x").mkdir()
    with pytest.raises(SpecError, match=r"only checkpoints .*-9', .*-84', '.*-100'\); give the"):
        open_source(str(tmp_path), offline=True)
    assert open_source(str(tmp_path / "checkpoint-84"), offline=True).kind == "adapter"


@pytest.mark.parametrize("special", [True, False])
def test_a_turn_end_that_was_added_ends_an_answer(tmp_path: Path, special: bool) -> None:
    from transformers import AddedToken, AutoTokenizer

    folder = copy_of("model", tmp_path / "m")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens([AddedToken("<turn|>", special=special)], special_tokens=special)
    tokenizer.save_pretrained(folder)
    template = (folder / TEMPLATE).read_text()
    (folder / TEMPLATE).write_text(template.replace("</s>", "<turn|>"))
    assert tokenizer.convert_tokens_to_ids("<turn|>") in Chat(folder).end_ids()


def test_ordinary_text_behind_a_turn_ends_nothing(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    (folder / TEMPLATE).write_text("{% for m in messages %}{{ m['content'] }}\nUser:{% endfor %}")
    assert Chat(folder).end_ids() == {2}


@pytest.mark.parametrize("many", [False, True])
def test_stop_strings_of_the_model_end_an_answer(tmp_path: Path, many: bool) -> None:
    plain = tiny_model(tiny_folder() / "model")
    said = answer_all(plain, REQUESTS)
    word = next(text.split()[2] for text in said if len(text.split()) > 4)
    stops = [word] if many else word
    folder = edited(copy_of("model", tmp_path / "m"), "generation_config.json", stop_strings=stops)
    generator = tiny_model(folder)
    assert f"its answers end at {word!r}, the model's own" in generator.notes
    assert generator.fingerprint != plain.fingerprint
    for before, after in zip(said, answer_all(generator, REQUESTS), strict=True):
        assert after == before.partition(word)[0].strip()


@pytest.mark.parametrize("value", [7, ["a", ""], [None], {"a": 1, "": 2}])
def test_stop_strings_that_are_no_texts_are_named(tmp_path: Path, value: object) -> None:
    folder = edited(copy_of("model", tmp_path / "m"), "generation_config.json", stop_strings=value)
    with pytest.raises(SpecError, match=r"stop_strings in the generation_config\.json"):
        tiny_model(folder)
