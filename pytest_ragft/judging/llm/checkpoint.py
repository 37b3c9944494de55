"""A chat model of transformers in this process, and what it would say next."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pytest_ragft.errors import JudgeError, MissingDependencyError, SpecError
from pytest_ragft.quiet import quiet_libraries

_CHUNK = 1 << 22

_THOUGHT = re.compile(r"<(think|thinking)>\s*\Z")


class Checkpoint:
    """A folder with an instruction-tuned model, loaded when it is first needed.

    Args:
        folder: Holds config.json, safetensors and a tokenizer with a chat template.

    Raises:
        SpecError: it does not.
        MissingDependencyError: torch or transformers is not installed.
    """

    def __init__(self, folder: Path) -> None:
        for package in ("torch", "transformers"):
            if find_spec(package) is None:
                raise MissingDependencyError(package, extra="hf", purpose="the judge hf")
        where = f"--ragft-judge=hf:{folder}"
        if not (folder / "config.json").is_file() or not any(folder.glob("*.safetensors")):
            raise SpecError(
                f"{where}: no model there; give a folder with config.json and *.safetensors"
            )
        self.folder = folder
        self._model: Any = None
        self._tokenizer: Any = None
        self._digest: str | None = None

    @property
    def digest(self) -> str:
        """Identity of weights, configuration, tokenizer and chat template, by content."""
        if self._digest is None:
            digest = hashlib.blake2b(digest_size=16)
            for path in sorted(self.folder.iterdir()):
                if path.suffix in (".safetensors", ".json", ".jinja", ".model", ".txt"):
                    digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
                    with path.open("rb") as file:
                        while chunk := file.read(_CHUNK):
                            digest.update(chunk)
            self._digest = digest.hexdigest()
        return self._digest

    def load(self) -> None:
        """Load model and tokenizer, once.

        Raises:
            JudgeError: they cannot be loaded, or there is no chat template.
        """
        if self._model is not None:
            return
        from transformers import AutoModelForCausalLM, AutoTokenizer

        try:
            with quiet_libraries():
                options = {"local_files_only": True, "trust_remote_code": False}
                tokenizer = AutoTokenizer.from_pretrained(str(self.folder), **options)
                model, report = AutoModelForCausalLM.from_pretrained(
                    str(self.folder),
                    dtype="auto",
                    use_safetensors=True,
                    output_loading_info=True,
                    **options,
                )
        except Exception as error:
            # The libraries raise all sorts of errors on files that do not fit.
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise JudgeError(
                f"the judge model {str(self.folder)!r} cannot be loaded: {reason}"
            ) from error
        if report["missing_keys"] or report["mismatched_keys"]:
            # They would be random numbers.
            raise JudgeError(
                f"the judge model {str(self.folder)!r} lacks weights of its architecture; save it "
                "again"
            )
        if not tokenizer.chat_template:
            raise JudgeError(
                f"the judge model {str(self.folder)!r} has no chat template; take an "
                "instruction-tuned model"
            )
        self._tokenizer, self._model = tokenizer, _on_device(model).eval()

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
            return str(
                self._tokenizer.apply_chat_template(
                    list(chat),
                    tokenize=False,
                    add_generation_prompt=True,
                    enable_thinking=False,
                )
            )

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


def _on_device(model: Any) -> Any:
    import torch

    return model.to("cuda") if torch.cuda.is_available() else model
