"""One load of a base model that serves the baseline and all adapters on it."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_ragft.errors import GenerationError, require_packages
from pytest_ragft.generation.attaching import Attached
from pytest_ragft.generation.attention import use_grouped_attention
from pytest_ragft.generation.chat import Chat
from pytest_ragft.generation.decoding import check_architecture, check_cache, next_logits
from pytest_ragft.models.identity import json_fingerprint
from pytest_ragft.models.loading import (
    TRUSTED,
    available_device,
    load_model,
    loading,
    platform_of,
)

# By how much logits may differ.
_QUANTIZED = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """A full model on disk, and how it is loaded."""

    folder: Path
    gguf: str | None = None
    """Name of the GGUF file in `folder`; None for safetensors."""
    fingerprint: str
    """Of weights and configuration."""
    dtype: str
    """One of float32, bfloat16, float16."""


class HFEngine:
    """A model of transformers, loaded when it is first needed.

    Adapters are put on one at a time and taken off again, so that the base's answers are the same
    before and after, and none hangs on which others there are.

    Args:
        files: Of the base.
        device: auto, cpu, mps, cuda or cuda:N.
        now: The time that chat templates print.
    """

    def __init__(
        self, files: ModelFiles, device: str = "auto", now: datetime | None = None
    ) -> None:
        self.files = files
        self.device = device
        self._now = now or datetime.now()
        self._config: Any = None
        self._model: Any = None
        self._attached: Attached | None = None
        self._probe: Sequence[int] = ()
        self._alone: Any = None
        self._alive: set[Path] = set()
        self._harmless: set[Path] = set()
        self._chats: dict[tuple[Path, str | None], Chat] = {}
        self._refused: dict[Path, str] = {}

    @property
    def key(self) -> str:
        """Identity of the loaded base."""
        return json_fingerprint(
            {"model": self.files.fingerprint, "dtype": self.files.dtype, "device": self.device}
        )

    def release(self) -> None:
        """Free the memory. The model loads again when it is next needed."""
        self._unload()
        self._refused.clear()

    def _unload(self) -> None:
        self._model = self._attached = self._alone = None
        self._chats.clear()
        self.free_memory()

    @property
    def platform(self) -> str:
        """What computes here, as far as it decides the last digits; loads the base."""
        return platform_of(self._load().device)

    def free_memory(self) -> None:
        """Give back what nothing refers to any more."""
        gc.collect()
        if self._model is None or self._model.device.type == "cuda":
            import torch

            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def chat(self, folder: Path, template: str | None = None) -> Chat:
        """The tokenizer of `folder` with a chat template, its own by default, loaded once."""
        key = folder, template
        if key not in self._chats:
            require_packages("torch", "transformers")
            gguf = self.files.gguf if folder == self.files.folder else None
            self._chats[key] = Chat(folder, gguf, self._now, template)
        return self._chats[key]

    def config(self) -> Any:
        """The model's configuration, for which nothing else is loaded.

        Raises:
            GenerationError: it cannot be read, or the architecture keeps no key-value cache.
        """
        if self._config is None:
            from transformers import AutoConfig

            what = f"the configuration of {str(self.files.folder)!r}"
            with self._once(self.files.folder), loading(what, GenerationError):
                config = AutoConfig.from_pretrained(str(self.files.folder), **TRUSTED, **self._gguf)
                check_architecture(config)
                self._config = config
        return self._config

    @contextmanager
    def model(self, adapter: Path | None, probe: Sequence[int]) -> Iterator[Any]:
        """The model with an adapter in force, or none.

        What could not be loaded is not tried again before `release`.

        Args:
            adapter: Folder of the adapter; None for the base alone.
            probe: Tokens of the prompt on which a new adapter must make a difference.

        Raises:
            GenerationError: base or adapter cannot be loaded, or the adapter changes nothing.
            MissingDependencyError: a package of the extra ``hf`` is not installed.
        """
        self.config()
        with self._once(self.files.folder):
            self._load()
        if adapter != (self._attached.folder if self._attached else None):
            self._take_off()
            if adapter is not None:
                with self._once(adapter):
                    self._attach(adapter, probe)
        yield self._attached.model if self._attached else self._load()

    @contextmanager
    def _once(self, folder: Path) -> Iterator[None]:
        """Suites share an engine: each would load for minutes what then fails as before."""
        if folder in self._refused:
            raise GenerationError(self._refused[folder])
        try:
            yield
        except GenerationError as error:
            self._refused[folder] = str(error)
            raise

    def _load(self) -> Any:
        if self._model is None:
            require_packages("torch", "transformers", *(("gguf",) if self.files.gguf else ()))
            # The bar of de-quantizing follows no setting; it goes to the standard error.
            bars = redirect_stderr(io.StringIO()) if self.files.gguf else nullcontext()
            with loading(self._what, GenerationError), bars:
                self._model = self._read()
        return self._model

    @property
    def _what(self) -> str:
        return f"the model {str(self.files.folder)!r}"

    @property
    def _gguf(self) -> dict[str, Any]:
        return {"gguf_file": self.files.gguf} if self.files.gguf else {}

    def _read(self) -> Any:
        import torch

        model = load_model(
            "AutoModelForCausalLM",
            self.files.folder,
            what=self._what,
            error=GenerationError,
            dtype=getattr(torch, self.files.dtype),
            **self._gguf,
        )
        model = model.to(_device(self.device))
        check_cache(model)
        use_grouped_attention(model)
        fold_head_input(model)
        return model

    def _attach(self, folder: Path, probe: Sequence[int]) -> None:
        require_packages("peft")
        model = self._load()
        words = model.get_input_embeddings().weight.shape[0]
        # An adapter may bring tokens of which the base knows nothing.
        self._probe = [token for token in probe if token < words]
        self._alone = next_logits(model, self._probe)
        try:
            attached = Attached(model, folder)
        except BaseException:
            self._keep_if_same()
            raise
        # Where words were added, the output layer is another one.
        fold_head_input(model)
        if folder not in self._alive:
            if self._alone.equal(next_logits(attached.model, self._probe)[: len(self._alone)]):
                attached.take_off()
                raise GenerationError(
                    f"the adapter {str(folder)!r} changes nothing: with and without it, the model "
                    "gives the same logits; give the trained adapter"
                )
            self._alive.add(folder)
        self._attached = attached

    def _take_off(self) -> None:
        """Have the base alone again."""
        if self._attached is None:
            return
        folder = self._attached.folder
        self._attached.take_off()
        self._attached = None
        if folder not in self._harmless and self._keep_if_same():
            self._harmless.add(folder)

    def _keep_if_same(self) -> bool:
        """Whether the base is what it was; if not, it is loaded anew."""
        same = _same(self._model, self._alone, next_logits(self._model, self._probe))
        if not same:
            self._unload()
        return same


def _same(model: Any, before: Any, after: Any) -> bool:
    """Whether logits are the same; those of a quantized base differ from call to call."""
    if getattr(model, "is_quantized", False):
        return bool(before.allclose(after, rtol=_QUANTIZED, atol=_QUANTIZED))
    return bool(before.equal(after))


def fold_head_input(model: Any) -> None:
    """Hand the last positions to the output layer as one matrix.

    They are a strided view. Where the layer's weights are frozen, as peft freezes them, torch
    multiplies such a view row by row over copies of the weights: gigabytes for a few dozen rows.
    """
    head = model.get_output_embeddings()
    if head is not None:
        head.register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(), *inputs[1:]))


def _device(device: str) -> str:
    import torch

    if device == "auto":
        return available_device()
    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    check: Callable[[], bool] | None = there.get(device.partition(":")[0])
    if check is not None and not check():
        raise GenerationError(f'device {device!r} is not available here; set device = "auto"')
    return device
