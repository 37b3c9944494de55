"""Real models, tiny ones, on the CPU in float32."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from pytest_ragft.errors import GenerationError
from pytest_ragft.generation.chat import Chat
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.records import Answer, Request
from tests.tiny import (
    answer_all,
    copy_of,
    rewrite,
    tiny_folder,
    tiny_model,
    tiny_models,
    tiny_requests,
)

pytestmark = pytest.mark.newest

REQUESTS = tiny_requests()


def test_answers_differ_by_prompt_and_by_adapter() -> None:
    alive, second, baseline = tiny_models(tiny_folder() / "alive", tiny_folder() / "second")
    answers = [answer_all(generator, REQUESTS) for generator in (alive, second, baseline)]
    assert len({tuple(texts) for texts in answers}) == 3
    assert len(set(answers[2])) > len(REQUESTS) / 2


def test_a_batch_says_what_each_question_says_alone() -> None:
    for generator in tiny_models(tiny_folder() / "alive"):
        together = answer_all(generator, REQUESTS)
        assert together == [answer_all(generator, [request])[0] for request in REQUESTS]


def test_an_answer_tells_what_happened() -> None:
    generator = tiny_model(tiny_folder() / "model")
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
    plain = answer_all(tiny_model(tiny_folder() / "model"), REQUESTS)
    longest = max(plain, key=len)
    stop = " " + longest.split()[3]
    generator = tiny_model(tiny_folder() / "model", stop=(stop,))
    (batch,) = generator.cut(REQUESTS)
    answers = generator.generate([REQUESTS[i] for i in batch])
    assert [a.text for a in answers] == [plain[i].partition(stop)[0].strip() for i in batch]
    stopped = answers[batch.index(plain.index(longest))]
    assert (stopped.finish, stopped.completion_tokens) == ("stop", 4)


def test_the_window_drops_whole_passages_from_the_end(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 128}))
    generator = tiny_model(folder)
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
    generator = tiny_model(folder)
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
    generator = tiny_model(tiny_folder() / "model")
    (batch,) = generator.cut(REQUESTS)
    requests = [REQUESTS[i] for i in batch]
    whole = by_id(requests, generator.generate(requests))
    limit_rows(generator, 4)
    halved = by_id(requests, generator.generate(requests))
    assert {k: a.text for k, a in halved.items()} == {k: a.text for k, a in whole.items()}
    assert {answer.batch_rows for answer in halved.values()} == {3}


def test_a_row_that_does_not_fit_alone_is_an_error_of_its_own() -> None:
    generator = tiny_model(tiny_folder() / "model")
    limit_rows(generator, 0)
    answers = generator.generate(REQUESTS[:2])
    assert [answer.finish for answer in answers] == ["error", "error"]
    assert all("out of memory" in (answer.error or "") for answer in answers)


def test_logits_that_are_not_numbers_are_an_error_and_no_answer(tmp_path: Path) -> None:
    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        tensors["model.norm.weight"].fill_(float("nan"))

    folder = rewrite(copy_of("model", tmp_path / "m"), spoil, "model.safetensors")
    (answer,) = tiny_model(folder).generate(REQUESTS[:1])
    assert answer.finish == "error"
    assert "not numbers" in (answer.error or "")


ERRORS = [
    AttributeError("'NoneType' object has no attribute 'size'"),
    ZeroDivisionError("division by zero"),
    AssertionError(),
    NotImplementedError("no kernel"),
    KeyError("eager"),
    RecursionError("maximum recursion depth exceeded"),
    StopIteration(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_whatever_a_model_raises_is_an_error_of_its_own(error: Exception) -> None:
    alive, baseline = tiny_models(tiny_folder() / "alive")

    def fail(module: Any, args: Any) -> None:
        raise error

    with alive.engine.model(None, []) as model:
        hook = model.register_forward_pre_hook(fail)
    said = str(error.args[0]) if error.args else type(error).__name__
    with pytest.raises(GenerationError, match=re.escape(said)) as caught:
        baseline.generate(REQUESTS[:1])
    assert str(tiny_folder() / "model") in str(caught.value)
    hook.remove()
    assert baseline.generate(REQUESTS[:1])[0].error is None


@pytest.mark.parametrize("expression", ["1 // 0", "messages[9].content", "messages | tojson(x=1)"])
def test_whatever_a_template_raises_is_an_error_of_its_own(expression: str, tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    (folder / "chat_template.jinja").write_text(f"{{{{ {expression} }}}}")
    generator = tiny_model(folder)
    for ask in (generator.cut, generator.generate):
        with pytest.raises(GenerationError, match=r"the chat template of .* rejects messages"):
            ask(REQUESTS[:1])


def test_a_model_that_wants_code_of_its_own_is_an_error_of_its_own(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    auto = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    config |= {"model_type": "exotic", "auto_map": auto}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text("raise SystemExit('foreign code ran')\n")
    generator = tiny_model(folder)
    with pytest.raises(GenerationError, match=r"configuration of .* cannot be loaded"):
        generator.cut(REQUESTS[:1])


def test_an_adapter_brings_its_own_tokenizer_and_template(tmp_path: Path) -> None:
    folder = copy_of("alive", tmp_path / "a")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tiny_folder() / "model" / name, folder)
    (folder / "chat_template.jinja").write_text("{{ messages[-1]['content'] }} the stone:")
    own, usual, _ = tiny_models(folder, tiny_folder() / "alive")
    assert own.fingerprint != usual.fingerprint
    assert answer_all(own, REQUESTS) != answer_all(usual, REQUESTS)


def test_a_token_beyond_the_embedding_is_named(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["added_tokens"].append(tokenizer["added_tokens"][0] | {"id": 5000, "content": "<x>"})
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    (folder / "chat_template.jinja").write_text("<x>{{ messages[-1]['content'] }}")
    with pytest.raises(GenerationError, match="embeds only"):
        tiny_model(folder).generate(REQUESTS[:1])


def test_a_template_that_knows_no_system_role_says_what_to_do(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    (folder / "chat_template.jinja").write_text(
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}"
        "{% endif %}{{ m.content }}{% endfor %}"
    )
    generator = tiny_model(folder)
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
    assert answer_all(tiny_model(folder), REQUESTS) == answer_all(
        tiny_model(tiny_folder() / "model"), REQUESTS
    )


def test_special_tokens_are_no_part_of_an_answer() -> None:
    chat = Chat(tiny_folder() / "model")
    words = chat.probe()
    assert chat.decode([0, *words[-3:], 1, 2]) == chat.decode(words[-3:])
