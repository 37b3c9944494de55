"""Real models that think, tiny ones: what they thought is kept apart, by their own markers."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ragft.errors import GenerationError
from pytest_ragft.generation.chat import Chat
from pytest_ragft.models.files import names_reasoning
from pytest_ragft.records import Answer
from tests.tiny import copy_of, tiny_folder, tiny_model, tiny_requests
from tests.tiny_thinker import OPENED, tiny_thinker

pytestmark = pytest.mark.newest

REQUESTS = tiny_requests(3)
MARKERS = [
    ("<think>", "</think>"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("◁think▷", "◁/think▷"),
]


def answers(folder: Path, **settings: object) -> list[Answer]:
    return tiny_model(folder, **settings).generate(REQUESTS)


@pytest.mark.parametrize("special", [False, True], ids=["plain tokens", "special tokens"])
@pytest.mark.parametrize("markers", MARKERS, ids=[opened for opened, _ in MARKERS])
def test_reasoning_is_kept_apart(tmp_path: Path, markers: tuple[str, str], special: bool) -> None:
    folder = tiny_thinker(tmp_path / "m", markers=markers, special=special)
    for answer in answers(folder):
        assert (answer.text, answer.reasoning) == ("lake tower", "The old bridge")
        assert (answer.finish, answer.reasoning_cut, answer.unanswered) == ("stop", False, "")
        assert answer.completion_tokens == 7


@pytest.mark.parametrize("special", [False, True], ids=["plain tokens", "special tokens"])
def test_a_model_that_is_cut_while_it_thinks_has_not_answered(
    tmp_path: Path, special: bool
) -> None:
    folder = tiny_thinker(tmp_path / "m", special=special)
    for answer in answers(folder, max_new_tokens=3):
        assert (answer.text, answer.reasoning) == ("", "The old")
        assert answer.unanswered == "cut while thinking (finish: length)"


@pytest.mark.parametrize("special", [False, True], ids=["plain tokens", "special tokens"])
def test_a_prompt_may_open_the_reasoning(tmp_path: Path, special: bool) -> None:
    folder = tiny_thinker(tmp_path / "m", special=special, template=OPENED)
    for answer in answers(folder):
        assert (answer.text, answer.reasoning) == ("lake tower", "The old bridge")
    for answer in answers(folder, max_new_tokens=2):
        assert (answer.text, answer.reasoning, answer.reasoning_cut) == ("", "The old", True)


def test_a_stop_text_ends_the_answer_and_not_the_reasoning(tmp_path: Path) -> None:
    folder = tiny_thinker(tmp_path / "m")
    for answer in answers(folder, stop=("bridge", " tower")):
        assert (answer.text, answer.reasoning) == ("lake", "The old bridge")
        assert answer.finish == "stop"


def test_channels_of_gpt_oss_are_told_apart(tmp_path: Path) -> None:
    says = ("<|channel|>", "analysis", "<|message|>", " old", "<|end|>", "<|start|>", "assistant ")
    answer_channel = ("<|channel|> ", "final", "<|message|> ", " lake", "</s>")
    folder = tiny_thinker(
        tmp_path / "m", markers=("<|channel|>", "<|message|>"), says=(*says, *answer_channel)
    )
    for answer in answers(folder):
        assert (answer.text, answer.reasoning) == ("lake", "old")


def test_special_tokens_of_gpt_oss_are_read_and_others_are_dropped(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    folder = copy_of("model", tmp_path / "m")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokens = ["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": tokens})
    tokenizer.save_pretrained(folder)
    said = (
        "<|channel|>analysis<|message|>who?<|end|>"
        "<|start|>assistant<|channel|>final<|message|>the lake</s><|return|>"
    )
    ids = tokenizer(said, add_special_tokens=False)["input_ids"]
    parts = Chat(folder).read(ids, "")
    assert (parts.text, parts.reasoning) == ("the lake", "who?")
    plain = tokenizer("<s>the lake</s><|return|>", add_special_tokens=False)["input_ids"]
    assert Chat(folder).read(plain, "").text == "the lake"


def test_thinking_off_sets_the_templates_switch(tmp_path: Path) -> None:
    folder = tiny_thinker(tmp_path / "m")
    for answer in answers(folder, thinking="off"):
        assert (answer.text, answer.reasoning, answer.completion_tokens) == ("lake tower", "", 2)
    for answer in answers(folder, thinking="on"):
        assert answer.reasoning == "The old bridge"


SWITCHES = {
    "enable_thinking": ({"enable_thinking": False}, {"enable_thinking": True}),
    "thinking": ({"thinking": False}, {"thinking": True}),
    "reasoning": ({"reasoning": False}, {"reasoning": True}),
    "thinking_budget": ({"thinking_budget": 0}, {"thinking_budget": -1}),
    "reasoning_effort": ({"reasoning_effort": "low"}, {"reasoning_effort": "high"}),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_each_familys_switch_is_found(tmp_path: Path, name: str) -> None:
    folder = copy_of("model", tmp_path / "m")
    template = (folder / "chat_template.jinja").read_text()
    (folder / "chat_template.jinja").write_text(f"{template}{{{{ {name} | default('') }}}}")
    off, on = SWITCHES[name]
    said = {}
    for thinking, switch in (("off", off), ("on", on)):
        ids = Chat(folder).fit(REQUESTS[0].prompt, None, thinking).ids
        said[thinking] = Chat(folder).decode(ids)
        assert said[thinking].endswith(str(switch[name]))


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages[-1].content }}",
        "{{ messages[-1].thinking }}{{ messages[-1].content }}",
        "{# enable_thinking is no switch here #}{{ messages[-1].content }}",
        "{% if thinking %}{% endif %}{{ messages[-1].content }}",
    ],
)
def test_a_template_without_a_switch_is_refused(tmp_path: Path, template: str) -> None:
    folder = copy_of("model", tmp_path / "m")
    (folder / "chat_template.jinja").write_text(template)
    generator = tiny_model(folder, thinking="off")
    for ask in (generator.cut, generator.generate):
        with pytest.raises(GenerationError, match=r"no switch for thinking .* thinking = 'off'"):
            ask(REQUESTS)
    assert tiny_model(folder).generate(REQUESTS)[0].error is None


@pytest.mark.parametrize(
    ("efforts", "effort"),
    [(["low", "medium", "high"], "low"), (["none", "low", "high"], "none")],
)
def test_the_effort_for_off_is_the_least_that_the_template_knows(
    tmp_path: Path, efforts: list[str], effort: str
) -> None:
    folder = copy_of("model", tmp_path / "m")
    (folder / "chat_template.jinja").write_text(
        f"{{% if reasoning_effort not in {efforts} %}}{{{{ raise_exception('?') }}}}"
        "{% endif %}{{ messages[-1].content }} effort {{ reasoning_effort }}"
    )
    ids = Chat(folder).fit(REQUESTS[0].prompt, None, "off").ids
    assert Chat(folder).decode(ids).endswith(f"effort {effort}")


def test_the_switch_belongs_to_the_key_and_no_other_key_changes() -> None:
    prints = {
        tiny_model(tiny_folder() / "model", thinking=thinking).fingerprint
        for thinking in (None, "off", "on")
    }
    assert len(prints) == 3


WITH_MARKERS = {
    "chat_template.jinja": "{# </think> #}",
    "tokenizer.json": '{"content": "[THINK]"}',
    "tokenizer_config.json": '{"content": "\\u25c1think\\u25b7"}',
    "additional_chat_templates/tools.jinja": "<|channel|>final",
}


@pytest.mark.parametrize("file", WITH_MARKERS)
def test_markers_in_the_files_of_a_tokenizer_are_found(tmp_path: Path, file: str) -> None:
    folder = copy_of("model", tmp_path / "m")
    (folder / "LICENSE").write_text("<think>")
    assert not names_reasoning(folder)
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(WITH_MARKERS[file])
    assert names_reasoning(folder)


def test_a_model_that_knows_markers_is_asked_anew_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it answered before lacks markers that its prompt opened, or that were dropped."""
    prints = {}
    for name, folder in (
        ("plain", tiny_folder() / "model"),
        ("thinker", tiny_thinker(tmp_path / "m")),
    ):
        now = tiny_model(folder).fingerprint
        with monkeypatch.context() as patch:
            patch.setattr("pytest_ragft.generation.templates.names_reasoning", lambda *_: False)
            prints[name] = now == tiny_model(folder).fingerprint
    assert prints == {"plain": True, "thinker": False}


def test_the_head_of_a_gguf_file_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF\0\0tokenizer.chat_template\0{{ '<think>' }}")
    (tmp_path / "n.gguf").write_bytes(b"GGUF\0\0tokenizer.chat_template\0{{ think }}")
    assert names_reasoning(tmp_path, "m.gguf")
    assert not names_reasoning(tmp_path, "n.gguf")
