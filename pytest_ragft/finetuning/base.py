"""The model that is trained further."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pytest_ragft.errors import GenerationError, SpecError
from pytest_ragft.generation.chat import Chat
from pytest_ragft.generation.engine import HFEngine, ModelFiles
from pytest_ragft.generation.source import open_source
from pytest_ragft.models.config import generation_config, own_dtype
from pytest_ragft.models.identity import Memo, weights_fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A full model on disk with its tokenizer."""

    spec: str
    """As it was given: a folder, or a name on the Hub."""
    folder: Path
    weights: str
    """Its `weights_fingerprint`."""
    dtype: str
    """float32, bfloat16 or float16, as it was saved."""
    window: int | None
    """Tokens of the longest prompt with its answer; None where the model states no bound."""
    ends: frozenset[int]
    """Tokens at which an answer ends when it is served."""
    chat: Chat

    @property
    def name(self) -> str:
        """How cards and records call it."""
        return self.spec if self.is_hub_name else self.folder.resolve().name

    @property
    def pad(self) -> int:
        """A token to pad rows with; any will do, as what is padded is masked."""
        return min(self.ends, default=0)

    @property
    def is_hub_name(self) -> bool:
        """Whether it was given by its name on the Hub."""
        return not os.path.isdir(os.path.expanduser(self.spec))

    def named_from(self, out: Path) -> str:
        """What an adapter in the folder `out` calls it: its name on the Hub, or the way there.

        A relative path is read from the adapter's folder, so that no machine's paths stand in it.
        """
        if self.is_hub_name:
            return self.spec
        # Both without links, since what is above a link is not what is above its name.
        there, here = self.folder.resolve(), out.resolve()
        try:
            return Path(os.path.relpath(there, here)).as_posix()
        except ValueError:  # another drive
            return str(there)


def open_base(spec: str, *, offline: bool = False, memo: Memo | None = None) -> Base:
    """The model that a folder or a name on the Hub names; its weights are not loaded.

    Raises:
        SpecError: it names no full model with safetensors.
        GenerationError: it has no chat template, or an architecture that cannot be served here.
        MissingDependencyError: a package of the extra ``hf`` is not installed.
    """
    source = open_source(spec, offline=offline)
    if source.kind != "full":
        raise SpecError(
            f"--base={spec!r} is not a model folder with safetensors ({source.kind}); training "
            "starts from a full model"
        )
    weights = weights_fingerprint(source.path, memo)
    dtype = own_dtype(source.path)
    files = ModelFiles(folder=source.path, fingerprint=weights, dtype=dtype)
    engine = HFEngine(files, now=datetime.now())
    config = engine.config().get_text_config()
    window = getattr(config, "max_position_embeddings", None)
    chat = engine.chat(source.path)
    ends = set(chat.end_ids())
    for value in (config.eos_token_id, generation_config(source.path).get("eos_token_id")):
        ends.update(value if isinstance(value, list) else [] if value is None else [value])
    return Base(
        spec=spec,
        folder=source.path,
        weights=weights,
        dtype=dtype,
        window=window if isinstance(window, int) else None,
        ends=frozenset(ends),
        chat=chat,
    )


def room_of(base: Base, max_new_tokens: int, virtual_tokens: int) -> int | None:
    """Tokens of the longest prompt, as when the model is served; None for no bound.

    Raises:
        GenerationError: there is no room for a prompt.
    """
    if base.window is None:
        return None
    room = base.window - virtual_tokens - max_new_tokens
    if room < 1:
        raise GenerationError(
            f"{str(base.folder)!r} has a window of {base.window} tokens, which max_new_tokens = "
            f"{max_new_tokens} and {virtual_tokens} virtual tokens fill; lower one of them"
        )
    return room
