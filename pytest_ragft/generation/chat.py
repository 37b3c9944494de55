"""A model's tokenizer and chat template: prompts to tokens, tokens to answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from pytest_ragft.errors import GenerationError, reason_of
from pytest_ragft.generation.templates import without_template
from pytest_ragft.models.clock import stopped
from pytest_ragft.models.loading import load_tokenizer
from pytest_ragft.reasoning import Reasoned, markers_among, opening_of, split_reasoning
from pytest_ragft.records import Prompt

PROBE = "Which river flows through the town, and when was its bridge built?"
"""A question whose logits show whether an adapter does anything."""


# Only for a template that names it: others write any word into the prompt, known or not.
_NO_EFFORT = "none"
# Variables of chat templates that switch reasoning, with their values for off and on.
_SWITCHES: tuple[tuple[str, object, object], ...] = (
    ("enable_thinking", False, True),  # Qwen3, GLM-4.5, SmolLM3, Gemma 4, EXAONE 4
    ("thinking", False, True),  # DeepSeek-V3.1, Granite 3.2
    ("reasoning", False, True),  # Command A Reasoning
    ("thinking_budget", 0, -1),  # Seed-OSS
    ("reasoning_effort", _NO_EFFORT, "high"),
    ("reasoning_effort", "low", "high"),  # gpt-oss, which always thinks
)

# Tokens at the end of a prompt among which a marker is looked for.
_TAIL = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPrompt:
    """A prompt in tokens, with what was left out to make it fit."""

    ids: list[int]
    passages_dropped: int = 0
    fits: bool = True
    """False when it is too long even without any passage."""


class Chat:
    """The tokenizer of one model, loaded.

    Args:
        folder: Holds the tokenizer's files.
        gguf: Name of the GGUF file in `folder` that holds the tokenizer; None for plain files.
        now: The time that templates print, at any moment of a run; None for this moment.
        template: In place of the tokenizer's own; None for that.

    Raises:
        GenerationError: the tokenizer cannot be loaded, or has no chat template.
    """

    def __init__(
        self,
        folder: Path,
        gguf: str | None = None,
        now: datetime | None = None,
        template: str | None = None,
    ) -> None:
        options = {} if gguf is None else {"gguf_file": gguf}
        self._folder = folder
        self._now = now or datetime.now()
        self._tokenizer = load_tokenizer(folder, error=GenerationError, **options)
        if template is not None:
            self._tokenizer.chat_template = template
        if not self._tokenizer.chat_template:
            raise GenerationError(without_template(folder))

    def fit(self, prompt: Prompt, room: int | None, thinking: str | None = None) -> FittedPrompt:
        """A prompt in tokens, without the last passages where it exceeds `room` tokens.

        Args:
            prompt: What is asked.
            room: Tokens of the window less those kept for the answer; None for no bound.
            thinking: ``off`` or ``on`` sets the template's switch for reasoning.

        Raises:
            GenerationError: the template rejects the messages, or has no such switch.
        """
        switch = {} if thinking is None else self._switch(thinking)

        def encode(keep: int) -> list[int]:
            return self._encode(prompt.messages(keep), switch)

        return fit_window(encode, len(prompt.passages), room)

    def encode(
        self, messages: Sequence[Mapping[str, str]], thinking: str | None = None
    ) -> list[int]:
        """Messages in tokens, up to where the model is to answer; as `fit` makes them.

        Args:
            messages: Roles and contents.
            thinking: ``off`` or ``on`` sets the template's switch for reasoning.

        Raises:
            GenerationError: the template rejects the messages, or has no such switch.
        """
        return self._encode(messages, {} if thinking is None else self._switch(thinking))

    def reply(self, text: str) -> list[int]:
        """An answer in tokens, as a model is taught it: what it says, and the end of its turn.

        The end is left out where neither template nor tokenizer has one.
        """
        end = self._turn_end()
        end = self._tokenizer.eos_token_id if end is None else end
        ids = [int(i) for i in self._tokenizer(text, add_special_tokens=False)["input_ids"]]
        return ids if end is None else [*ids, int(end)]

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

    def opening(self, prompt: Sequence[int]) -> str:
        """The marker with which a prompt leaves reasoning open; empty where it does not."""
        tail = self._tokenizer.decode(list(prompt[-_TAIL:]), skip_special_tokens=False)
        return opening_of(str(tail))

    def read(self, ids: Sequence[int], opened: str) -> Reasoned:
        """Answer and reasoning.

        Where markers are special tokens of the model, they are read as such: without them, what
        was thought would run into the answer.

        Args:
            ids: What was generated.
            opened: The marker with which the prompt ended.
        """
        if not any(self._special.get(i, False) for i in ids):
            return split_reasoning(self.decode(ids), opened=opened)
        kept = [i for i in ids if self._special.get(i, True)]
        text = self._tokenizer.decode(kept, skip_special_tokens=False)
        return split_reasoning(str(text), opened=opened)

    @cached_property
    def _switches(self) -> dict[str, dict[str, object]]:
        """By ``off`` and ``on``, the variable that switches reasoning; empty without one.

        A switch is what the template names and what makes a difference to the prompt.
        """
        template = str(self._tokenizer.get_chat_template())
        asked = {"role": "user", "content": PROBE}
        chats = ([asked], [{"role": "system", "content": "Be brief."}, asked])
        for name, off, on in _SWITCHES:
            if re.search(rf"\b{name}\b", template) is None:
                continue
            if off == _NO_EFFORT and re.search(rf"""(['"]){_NO_EFFORT}\1""", template) is None:
                continue
            if any(self._differs(chat, {name: off}, {name: on}) for chat in chats):
                return {"off": {name: off}, "on": {name: on}}
        return {}

    def _differs(
        self, chat: Sequence[Mapping[str, str]], off: dict[str, object], on: dict[str, object]
    ) -> bool:
        try:
            texts = [self._render(chat, add_generation_prompt=True, switch=s) for s in (off, on)]
        except GenerationError:
            return False
        return texts[0] != texts[1]

    def _switch(self, thinking: str) -> dict[str, object]:
        if not self._switches:
            names = ", ".join(dict.fromkeys(name for name, *_ in _SWITCHES))
            raise GenerationError(
                f"the chat template of {str(self._folder)!r} has no switch for thinking (none of "
                f"{names} changes its prompts), but [generation] has thinking = {thinking!r}; "
                "leave that out, and give reasoning room by max_new_tokens"
            )
        return self._switches[thinking]

    def _encode(
        self, messages: Sequence[Mapping[str, str]], switch: Mapping[str, object] | None = None
    ) -> list[int]:
        text = self._render(messages, add_generation_prompt=True, switch=switch)
        return [int(i) for i in self._tokenizer(text, add_special_tokens=False)["input_ids"]]

    def _render(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        add_generation_prompt: bool,
        switch: Mapping[str, object] | None = None,
    ) -> str:
        try:
            with stopped(self._now):
                text = self._tokenizer.apply_chat_template(
                    list(messages),
                    tokenize=False,
                    add_generation_prompt=add_generation_prompt,
                    **(switch or {}),
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
        """The token that follows an assistant's words in the template, and is no ordinary text.

        Some tokenizers add it without calling it special.
        """
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
        known = self._special.keys() | self._tokenizer.added_tokens_decoder.keys()
        return first if first in known else None

    @cached_property
    def _special(self) -> dict[int, bool]:
        """The special tokens, with whether each is a marker of reasoning."""
        added = self._tokenizer.added_tokens_decoder
        ids = {i for i, token in added.items() if token.special}
        ids |= set(self._tokenizer.all_special_ids)
        tokens = {i: str(self._tokenizer.convert_ids_to_tokens(i)) for i in ids}
        markers = markers_among(tokens.values())
        return {i: token in markers for i, token in tokens.items()}


def fit_window(encode: Callable[[int], list[int]], passages: int, room: int | None) -> FittedPrompt:
    """Drop whole passages from the end until the prompt has at most `room` tokens.

    Args:
        encode: Tokens of the prompt with the first n passages.
        passages: How many passages there are.
        room: Tokens of the window less those kept for the answer; None for no bound.
    """
    for keep in range(passages, -1, -1):
        ids = encode(keep)
        if room is None or len(ids) <= room:
            return FittedPrompt(ids=ids, passages_dropped=passages - keep)
    return FittedPrompt(ids=ids, passages_dropped=passages, fits=False)
