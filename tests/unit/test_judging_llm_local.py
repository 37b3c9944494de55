"""A chat model in this process as a judge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_ragft.errors import JudgeError, MissingDependencyError, SpecError
from pytest_ragft.judging.llm.checkpoint import Checkpoint
from pytest_ragft.judging.llm.local import LocalJudge
from pytest_ragft.records import Case, QAExample
from tests.tiny import copy_of, rewrite, tiny_folder

pytestmark = pytest.mark.newest

TOWER = QAExample(id="a", question="Who built the tower?", references=("Gustave Eiffel",))
CASE = Case(example=TOWER, answer="It was Eiffel.")


@pytest.fixture
def saying(monkeypatch):
    """A judge whose model holds the given tokens possible."""

    def make(tokens: dict[str, float]) -> LocalJudge:
        monkeypatch.setattr(Checkpoint, "load", lambda self: None)
        monkeypatch.setattr(Checkpoint, "next_tokens", lambda self, chat, opening: tokens)
        return LocalJudge(tiny_folder() / "model")

    return make


@pytest.mark.parametrize(
    ("tokens", "value"),
    [
        ({"4": 1.0}, 1.0),
        ({"0": 0.9, "x": 0.1}, 0.0),
        ({"3": 0.4, "1": 0.2, "5": 0.3, "": 0.1}, (3 * 0.4 + 0.2) / 0.6 / 4),
    ],
)
def test_the_mean_over_the_rating_tokens(saying, tokens, value):
    (scores,) = saying(tokens).judge([CASE])
    assert scores["accuracy"].value == pytest.approx(value)
    assert scores["completeness"].value == pytest.approx(value)


@pytest.mark.parametrize("tokens", [{"x": 0.6, "4": 0.4}, {"5": 1.0}, {"44": 1.0}, {"": 1.0}])
def test_a_model_that_would_say_something_else_gives_no_score(saying, tokens):
    (scores,) = saying(tokens).judge([CASE])
    assert scores["accuracy"].status == "missing"
    assert "malformed output" in scores["accuracy"].reason


def test_a_random_model_gives_no_number_by_chance():
    judge = LocalJudge(tiny_folder() / "model")
    found = judge.judge([CASE, Case(example=TOWER, answer=""), CASE])
    assert found[0] == found[2]
    assert found[0]["accuracy"].status == "missing"
    assert found[1]["accuracy"].value == 0.0


def test_next_tokens_are_the_models_own_probabilities():
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = str(tiny_folder() / "model")
    chat = [{"role": "user", "content": "the bridge"}]
    found = Checkpoint(Path(folder)).next_tokens(chat, "the")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) + "the"
    ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
        greedy = int(model(input_ids=ids).logits[0, -1].argmax())
    assert next(iter(found)) == tokenizer.decode([greedy]).strip()
    assert 0 < sum(found.values()) <= 1.0001


def test_what_exceeds_the_window_is_missing():
    judge = LocalJudge(tiny_folder() / "model")
    long = Case(example=TOWER, answer="the bridge " * 20_000)
    (scores,) = judge.judge([long])
    assert scores["accuracy"].status == "missing"
    assert "exceed the model's window" in scores["accuracy"].reason


def test_identity_is_the_files_content(tmp_path):
    one = LocalJudge(tiny_folder() / "model")
    moved = LocalJudge(copy_of("model", tmp_path / "moved"))
    other = LocalJudge(tiny_folder() / "other-model")
    assert one.fingerprint == moved.fingerprint != other.fingerprint
    with (tmp_path / "moved" / "tokenizer_config.json").open("a") as file:
        file.write(" ")
    assert LocalJudge(tmp_path / "moved").fingerprint != one.fingerprint


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(SpecError, match=r"config.json and \*.safetensors"):
        LocalJudge(tmp_path)


def test_weights_that_cannot_be_loaded(tmp_path):
    folder = copy_of("model", tmp_path / "broken")
    next(folder.glob("*.safetensors")).write_bytes(b"no weights")
    with pytest.raises(SpecError, match="not a usable safetensors file"):
        LocalJudge(folder).check()


def test_weights_that_are_missing(tmp_path):
    folder = copy_of("model", tmp_path / "holes")
    rewrite(folder, lambda tensors: tensors.pop("model.norm.weight"))
    with pytest.raises(JudgeError, match="lacks weights"):
        LocalJudge(folder).check()


def test_a_model_without_a_chat_template(tmp_path):
    folder = copy_of("model", tmp_path / "plain")
    (folder / "chat_template.jinja").unlink(missing_ok=True)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config.pop("chat_template", None)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    with pytest.raises(JudgeError, match="no chat template"):
        LocalJudge(folder).check()


def test_without_torch(monkeypatch):
    monkeypatch.setattr("pytest_ragft.errors.find_spec", lambda _: None)
    with pytest.raises(MissingDependencyError, match=r"pytest-ragft\[hf\]"):
        LocalJudge(tiny_folder() / "model")


@pytest.mark.parametrize(
    "end", ["<think>", "<think>\n", "{% if enable_thinking %}<think>{% endif %}"]
)
def test_a_template_that_lets_the_model_think_does_not_have_the_rating_thought(tmp_path, end):
    folder = copy_of("model", tmp_path / "model")
    plain = Checkpoint(folder)
    plain.load()
    chat = [{"role": "user", "content": "the bridge"}]
    text = plain._tokenizer.decode(plain._encode(chat, "the"))
    thinking = Checkpoint(folder)
    thinking.load()
    thinking._tokenizer.chat_template += end
    found = thinking._tokenizer.decode(thinking._encode(chat, "the"))
    if end.startswith("<"):
        assert "</think>" in found.replace(" ", "")
    else:
        assert found == text
