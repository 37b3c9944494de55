"""A chat model of transformers in this process, and what it would say next."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_ragft.errors import JudgeError, SpecError, require_packages
from pytest_ragft.models.clock import stopped
from pytest_ragft.models.config import check_no_adapter, check_pointers, config_fingerprint
from pytest_ragft.models.files import CONFIG, model_files
from pytest_ragft.models.identity import (
    Memo,
    Watched,
    json_fingerprint,
    tokenizer_fingerprint,
    weights_fingerprint,
)
from pytest_ragft.models.loading import (
    available_device,
    load_model,
    load_tokenizer,
)

# For templates that print the time: what a judge says must not hang on the day.
_NOW = datetime(2026, 1, 1)
_THOUGHT = re.compile(r"<(think|thinking)>\s*\Z")


class Checkpoint:
    """A folder with an instruction-tuned model, loaded when it is first needed.

    Args:
        folder: Holds config.json, safetensors and a tokenizer with a chat template.
        memo: Spares hashing weights that are unchanged.

    Raises:
        SpecError: it does not.
        MissingDependencyError: torch or transformers is not installed.
    """

    def __init__(self, folder: Path, memo: Memo | None = None) -> None:
        require_packages("torch", "transformers", purpose="the judge hf")
        where = f"--ragft-judge=hf:{folder}"
        if not os.path.isfile(folder / CONFIG) or not any(folder.glob("*.safetensors")):
            raise SpecError(
                f"{where}: no model there; give a folder with config.json and *.safetensors"
            )
        check_no_adapter(folder)
        check_pointers(folder)
        self.folder = folder
        self._memo = memo
        self._model: Any = None
        self._tokenizer: Any = None

    @cached_property
    def _watched(self) -> Watched:
        return Watched(
            lambda: model_files(self.folder),
            lambda: {
                "weights": weights_fingerprint(self.folder, self._memo),
                "config": config_fingerprint(self.folder),
                "tokenizer": tokenizer_fingerprint(self.folder),
            },
        )

    @property
    def digest(self) -> str:
        """Identity of weights, configuration, tokenizer and chat template, by content."""
        return json_fingerprint(self._watched.identity)

    def load(self) -> None:
        """Load model and tokenizer, once.

        Raises:
            JudgeError: they cannot be loaded, or there is no chat template.
            SpecError: they are no longer what they were when they were identified.
        """
        if self._model is not None:
            return
        self._watched.expect_same()
        tokenizer = load_tokenizer(self.folder, error=JudgeError)
        if not tokenizer.chat_template:
            raise JudgeError(
                f"the judge model {str(self.folder)!r} has no chat template; take an "
                "instruction-tuned model"
            )
        model = load_model(
            "AutoModelForCausalLM",
            self.folder,
            what=f"the judge model {str(self.folder)!r}",
            error=JudgeError,
            dtype="auto",
        )
        self._watched.expect_untouched()
        self._tokenizer, self._model = tokenizer, model.to(available_device())

    def next_tokens(self, messages: Sequence[Mapping[str, str]], opening: str) -> dict[str, float]:
        """Probabilities of the most probable next tokens behind `opening`, as plain texts.

        The 20 most probable ones, the greedy one first; texts that differ only in surrounding
        space are added up.

        Args:
            messages: The chat so far.
            opening: How the model's reply begins.

        Raises:
            JudgeError: the text exceeds the model's window.
        """
        import torch

        self.load()
        ids = self._encode(messages, opening)
        window = getattr(self._model.config, "max_position_embeddings", None)
        if isinstance(window, int) and len(ids) > window:
            raise JudgeError(f"{len(ids)} tokens exceed the model's window of {window}")
        with torch.inference_mode():
            inputs = torch.tensor([ids], device=self._model.device)
            logits = self._model(input_ids=inputs, logits_to_keep=1).logits[0, -1].float()
        if not bool(torch.isfinite(logits).any()) or bool(torch.isnan(logits).any()):
            raise JudgeError("the model gave no finite logits")
        best = torch.softmax(logits, dim=-1).topk(min(20, logits.numel()))
        found: dict[str, float] = {}
        for token, probability in zip(best.indices.tolist(), best.values.tolist(), strict=True):
            text = self._tokenizer.decode([token]).strip()
            found[text] = math.fsum((found.get(text, 0.0), probability))
        return found

    def _encode(self, messages: Sequence[Mapping[str, str]], opening: str) -> list[int]:
        from jinja2 import TemplateError

        def render(chat: Sequence[Mapping[str, str]]) -> str:
            with stopped(_NOW):
                text = self._tokenizer.apply_chat_template(
                    list(chat), tokenize=False, add_generation_prompt=True, enable_thinking=False
                )
            return str(text)

        try:
            text = render(messages)
        except (TemplateError, ValueError):
            # Some templates know no system role.
            joined = "\n\n".join(message["content"] for message in messages)
            text = render([{"role": "user", "content": joined}])
        # Behind a thought that the template opens whatever it is told, a reply would be thought of.
        if thought := _THOUGHT.search(text):
            text = f"{text.rstrip()}\n\n</{thought[1]}>\n\n"
        ids = self._tokenizer(text + opening, add_special_tokens=False)["input_ids"]
        return [int(i) for i in ids]
