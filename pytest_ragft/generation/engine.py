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

from pytest_ragft.errors import GenerationError
from pytest_ragft.generation.attention import use_grouped_attention
from pytest_ragft.generation.chat import Chat
from pytest_ragft.generation.decoding import check_architecture, check_cache, next_logits
from pytest_ragft.models.identity import json_fingerprint
from pytest_ragft.models.loading import (
    TRUSTED,
    available_device,
    few,
    load_model,
    loading,
    require_packages,
)
from pytest_ragft.models.platform import platform_of


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

    Adapters are added beside each other and switched; the base's weights are never changed, so
    that its answers are the same before and after.

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
        self._peft: Any = None
        self._adapters: dict[Path, str] = {}
        self._chats: dict[Path, Chat] = {}
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
        self._model = self._peft = None
        self._adapters.clear()
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

    def chat(self, folder: Path) -> Chat:
        """The tokenizer of `folder`, loaded once."""
        if folder not in self._chats:
            require_packages("torch", "transformers")
            gguf = self.files.gguf if folder == self.files.folder else None
            self._chats[folder] = Chat(folder, gguf, self._now)
        return self._chats[folder]

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
            base = self._load()
        if adapter is not None and adapter not in self._adapters:
            with self._once(adapter):
                try:
                    self._add(adapter, probe)
                except BaseException:
                    # Half an adapter may be in the model by now: no other variant may meet it.
                    self._unload()
                    raise
        self._switch(adapter)
        yield base

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
        _fold_head_input(model)
        return model

    def _add(self, folder: Path, probe: Sequence[int]) -> None:
        require_packages("peft")
        model = self._load()
        self._switch(None)
        before = next_logits(model, probe)
        name = f"adapter{len(self._adapters)}"
        with loading(f"the adapter {str(folder)!r}", GenerationError):
            self._attach(folder, name)
        model.eval()
        self._adapters[folder] = name
        self._switch(None)
        if not before.equal(next_logits(model, probe)):
            raise GenerationError(
                f"the adapter {str(folder)!r} changes its base even when it is switched off; "
                "merge it into its base and gate that folder"
            )
        self._switch(folder)
        if before.equal(next_logits(model, probe)):
            raise GenerationError(
                f"the adapter {str(folder)!r} changes nothing: with and without it, the model "
                "gives the same logits; give the trained adapter"
            )

    def _attach(self, folder: Path, name: str) -> None:
        from peft import PeftConfig, PeftModel

        config = PeftConfig.from_pretrained(str(folder))
        config.inference_mode = True
        # Kept in the model's dtype, as adapters are served; peft's default is float32.
        if self._peft is None:
            self._peft = PeftModel(
                self._model, config, adapter_name=name, autocast_adapter_dtype=False
            )
        else:
            self._peft.add_adapter(name, config, autocast_adapter_dtype=False)
        report = self._peft.load_adapter(
            str(folder),
            adapter_name=name,
            autocast_adapter_dtype=False,
            torch_device=str(self._model.device),
        )
        for what, keys in (
            ("lacks tensors", report.missing_keys),
            ("holds tensors that the base has no place for", report.unexpected_keys),
        ):
            if keys:
                raise GenerationError(
                    f"the adapter {str(folder)!r} {what}: {few(keys)}; it belongs to another "
                    "architecture, or must be merged into its base"
                )

    def _switch(self, adapter: Path | None) -> None:
        if self._peft is None:
            return
        if adapter is None:
            self._peft.base_model.disable_adapter_layers()
        else:
            self._peft.base_model.enable_adapter_layers()
            self._peft.set_adapter(self._adapters[adapter], inference_mode=True)


def _fold_head_input(model: Any) -> None:
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
