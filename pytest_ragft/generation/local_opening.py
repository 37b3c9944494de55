"""From SPECs of models on this machine to generators that share bases and engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pytest_ragft.generation.adapter import (
    Adapter,
    adapter_config_fingerprint,
    check_base,
    find_base,
    read_adapter,
)
from pytest_ragft.generation.engine import HFEngine, ModelFiles
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.generation.settings import (
    BATCH_TOKENS,
    GenerationSettings,
    own_stops,
    settings_notes,
)
from pytest_ragft.generation.source import ModelSource
from pytest_ragft.generation.templates import (
    Tokenizer,
    read_tokenizer,
    tokenizer_of_adapter,
    tokenizer_of_base,
)
from pytest_ragft.models.config import config_fingerprint, generation_config, own_dtype
from pytest_ragft.models.files import GENERATION_CONFIG, model_files
from pytest_ragft.models.identity import (
    Memo,
    Watched,
    file_fingerprint,
    json_fingerprint,
    tokenizer_fingerprint,
    weights_fingerprint,
)

ALGORITHM = 2
"""Raised when this room would answer the same prompt differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A full model: folder or GGUF file, with its identity."""

    folder: Path
    gguf: str | None
    """The file's name in `folder`; None for safetensors."""
    weights: str
    config: str
    tokenizer: Tokenizer
    watched: Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A base with an adapter or without."""

    spec: str
    base: Base
    adapter: Adapter | None = None
    adapter_identity: Mapping[str, str] = field(default_factory=dict)
    tokenizer: Tokenizer
    checked: tuple[str, ...] = ()
    """What the check of its base found."""
    notes: tuple[str, ...] = ()
    watched: tuple[Watched, ...]


@dataclass(slots=True, kw_only=True)
class LocalOpener:
    """Reads each base and makes each engine once.

    Args:
        base: Where an adapter's base lies; None for what its configuration names.
        offline: Never open a socket.
        memo: Keeps fingerprints of large files.
        now: The time that chat templates print.
    """

    base: Path | None
    offline: bool
    memo: Memo
    now: datetime
    _bases: dict[Path, Base] = field(default_factory=dict)
    _engines: dict[str, HFEngine] = field(default_factory=dict)

    def open(self, source: ModelSource) -> Local:
        """The model or adapter in a folder or file.

        Raises:
            SpecError: it, or an adapter's base, is not usable.
        """
        if source.kind == "adapter":
            return self._adapter(source)
        return self.plain(source.spec, self._read_base(source))

    def plain(self, spec: str, base: Base, lent: str | None = None) -> Local:
        """A base alone; `lent` is the chat template that it uses where it has none."""
        tokenizer, told = tokenizer_of_base(base.tokenizer, lent, gguf=base.gguf is not None)
        return Local(
            spec=spec,
            base=base,
            tokenizer=tokenizer,
            notes=told + tokenizer.notes,
            watched=(base.watched,),
        )

    def _adapter(self, source: ModelSource) -> Local:
        adapter = read_adapter(source.path)
        watched = self._watch(source.path, adapter_config_fingerprint)
        base = self._read_base(find_base(adapter, self.base, offline=self.offline))
        notes = check_base(adapter, base.folder, base.weights)
        tokenizer, told = tokenizer_of_adapter(
            adapter.path, watched.identity["tokenizer"], base.tokenizer
        )
        return Local(
            spec=source.spec,
            base=base,
            adapter=adapter,
            adapter_identity=watched.identity,
            tokenizer=tokenizer,
            checked=notes,
            notes=told + tokenizer.notes,
            watched=(base.watched, watched),
        )

    def _read_base(self, source: ModelSource) -> Base:
        path = source.path.resolve()
        if path not in self._bases:
            gguf = path.name if source.kind == "gguf" else None
            folder = path.parent if gguf else path
            watched = self._watch_file(path) if gguf else self._watch(path, config_fingerprint)
            self._bases[path] = Base(
                folder=folder,
                gguf=gguf,
                watched=watched,
                weights=watched.identity["weights"],
                config=watched.identity["config"],
                tokenizer=read_tokenizer(folder, watched.identity["tokenizer"], self.now, gguf),
            )
        return self._bases[path]

    def _watch(self, folder: Path, config: Callable[[Path], str]) -> Watched:
        return Watched(
            lambda: model_files(folder),
            lambda: {
                "weights": weights_fingerprint(folder, self.memo),
                "config": config(folder),
                "tokenizer": tokenizer_fingerprint(folder),
            },
        )

    def _watch_file(self, path: Path) -> Watched:
        def identify() -> Mapping[str, str]:
            weights, own = file_fingerprint(path, self.memo), generation_config(path.parent)
            config = json_fingerprint(own) if own else ""
            return {"weights": weights, "config": config, "tokenizer": ""}

        beside = path.parent / GENERATION_CONFIG
        return Watched(lambda: [path, *([beside] if beside.is_file() else [])], identify)

    def generator(self, model: Local, settings: GenerationSettings) -> HFGenerator:
        """What answers as `settings` say; nothing is loaded yet."""
        settings = replace(settings, stop=(*(settings.stop or ()), *own_stops(model.base.folder)))
        dtype = _dtype(model.base, settings)
        return HFGenerator(
            engine=self._engine(model.base, dtype, settings.device or "auto"),
            settings=settings,
            fingerprint=_identity(model, settings, dtype),
            tokenizer=model.tokenizer.folder,
            template=model.tokenizer.template if model.tokenizer.foreign else None,
            adapter=model.adapter.path if model.adapter else None,
            notes=(*model.checked, *settings_notes(model.base.folder, settings), *model.notes),
            watched=model.watched,
            virtual_tokens=model.adapter.virtual_tokens if model.adapter else 0,
            offline=self.offline,
        )

    def _engine(self, base: Base, dtype: str, device: str) -> HFEngine:
        files = ModelFiles(
            folder=base.folder,
            gguf=base.gguf,
            fingerprint=json_fingerprint({"weights": base.weights, "config": base.config}),
            dtype=dtype,
        )
        engine = HFEngine(files, device, self.now)
        return self._engines.setdefault(engine.key, engine)


def _dtype(base: Base, settings: GenerationSettings) -> str:
    if settings.dtype not in (None, "auto"):
        return settings.dtype
    return "bfloat16" if base.gguf else own_dtype(base.folder)


def _identity(model: Local, settings: GenerationSettings, dtype: str) -> str:
    return json_fingerprint(
        {
            "algorithm": ALGORITHM,
            "weights": model.base.weights,
            "config": model.base.config,
            "tokenizer": model.tokenizer.fingerprint,
            "adapter": model.adapter_identity.get("weights", ""),
            "adapter_config": model.adapter_identity.get("config", ""),
            "dtype": dtype,
            "max_new_tokens": settings.max_new_tokens,
            "stop": list(settings.stop or ()),
            "batch_tokens": settings.batch_tokens or BATCH_TOKENS,
        }
        | ({} if settings.thinking is None else {"thinking": settings.thinking})
        # What was kept of such a model before lacks markers that its prompt opened or that are
        # special tokens: nobody can tell reasoning apart in it any more.
        | ({"reasoning": 1} if model.tokenizer.names_reasoning else {})
        | ({"times": list(model.tokenizer.times)} if model.tokenizer.times else {})
    )
