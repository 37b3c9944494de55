"""A model's tokenizer and chat template: prompts to tokens, tokens to answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_ragft.errors import GenerationError, SpecError, reason_of
from pytest_ragft.generation.source import read_object
from pytest_ragft.generation.window import FittedPrompt, fit_window
from pytest_ragft.records import Prompt

PROBE = "Which river flows through the town, and when was its bridge built?"
"""A question whose logits show whether an adapter does anything."""


def check_chat_template(folder: Path) -> None:
    """Find out, without loading anything, whether a tokenizer has a chat template.

    Raises:
        SpecError: it has none.
    """
    files = ("chat_template.jinja", "chat_template.json")
    if any((folder / name).is_file() for name in files):
        return
    config = folder / "tokenizer_config.json"
    if config.is_file() and read_object(config).get("chat_template"):
        return
    raise SpecError(_without_template(folder))


def _without_template(folder: Path) -> str:
    return (
        f"the tokenizer in {str(folder)!r} has no chat template; put the chat_template.jinja that "
        "it was trained with into that folder (an instruction-tuned model of its family has one)"
    )


class Chat:
    """The tokenizer of one model, loaded.

    Args:
        folder: Holds the tokenizer's files.
        gguf: Name of the GGUF file in `folder` that holds the tokenizer; None for plain files.

    Raises:
        GenerationError: the tokenizer cannot be loaded, or has no chat template.
    """

    def __init__(self, folder: Path, gguf: str | None = None) -> None:
        from transformers import AutoTokenizer

        self._folder = folder
        options = {} if gguf is None else {"gguf_file": gguf}
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(
                str(folder), local_files_only=True, trust_remote_code=False, **options
            )
        except Exception as error:
            raise GenerationError(
                f"the tokenizer in {str(folder)!r} cannot be loaded: "
                f"{reason_of(error)}; save it again with the model"
            ) from error
        if not self._tokenizer.chat_template:
            raise GenerationError(_without_template(folder))

    def fit(self, prompt: Prompt, room: int | None) -> FittedPrompt:
        """A prompt in tokens, without the last passages where it exceeds `room` tokens."""

        def encode(keep: int) -> list[int]:
            return self._encode(prompt.messages(keep))

        return fit_window(encode, len(prompt.passages), room)

    def probe(self) -> list[int]:
        """Tokens of a fixed question."""
        return self._encode([{"role": "user", "content": PROBE}])

    def end_ids(self) -> frozenset[int]:
        """Tokens that end a turn: the tokenizer's end token, and what its template closes with."""
        ends = {self._tokenizer.eos_token_id, self._turn_end()}
        return frozenset(end for end in ends if end is not None)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of an answer, without special tokens."""
        text = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return str(text)

    def _encode(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        text = self._render(messages, add_generation_prompt=True)
        return [int(i) for i in self._tokenizer(text, add_special_tokens=False)["input_ids"]]

    def _render(self, messages: Sequence[Mapping[str, str]], *, add_generation_prompt: bool) -> str:
        try:
            text = self._tokenizer.apply_chat_template(
                list(messages), tokenize=False, add_generation_prompt=add_generation_prompt
            )
        except Exception as error:
            roles = ", ".join(message["role"] for message in messages)
            raise GenerationError(
                f"the chat template of {str(self._folder)!r} rejects messages of the roles "
                f"{roles}: {reason_of(error)}; where it knows no system role, set "
                'system = "" under [prompt]'
            ) from error
        return str(text)

    def _turn_end(self) -> int | None:
        """The special token that follows an assistant's words in the template."""
        marker = "ragft"
        messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": marker}]
        try:
            text = self._render(messages, add_generation_prompt=False)
        except GenerationError:
            return None
        _, found, tail = text.rpartition(marker)
        ids = self._tokenizer(tail.lstrip(), add_special_tokens=False)["input_ids"]
        if not found or not ids:
            return None
        first = int(ids[0])
        return first if first in self._special_ids() else None

    def _special_ids(self) -> set[int]:
        added = self._tokenizer.added_tokens_decoder
        return {i for i, token in added.items() if token.special} | set(
            self._tokenizer.all_special_ids
        )
