"""How answers are decoded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pytest_ragft.errors import SpecError
from pytest_ragft.models import config as models

DTYPES = ("auto", *models.DTYPES)
THINKING = ("off", "on")
MAX_NEW_TOKENS = 64
BATCH_TOKENS = 16_384

_NEUTRAL = {
    "do_sample": False,
    "repetition_penalty": 1.0,
    "encoder_repetition_penalty": 1.0,
    "no_repeat_ngram_size": 0,
    "suppress_tokens": None,
    "begin_suppress_tokens": None,
    "bad_words_ids": None,
    "num_beams": 1,
}
"""Settings of a generation config that bear on which token comes next, where they do nothing."""

_DEVICE = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")


class Options(Protocol):
    """What a suite may set; None where it leaves the choice to the generator."""

    @property
    def max_new_tokens(self) -> int | None:
        """Longest answer in tokens."""

    @property
    def dtype(self) -> str | None:
        """One of `DTYPES`."""

    @property
    def device(self) -> str | None:
        """auto, cpu, mps, cuda or cuda:N."""

    @property
    def batch_tokens(self) -> int | None:
        """Bound of a batch in tokens."""

    @property
    def stop(self) -> tuple[str, ...] | None:
        """Texts that end an answer."""

    @property
    def thinking(self) -> str | None:
        """One of `THINKING`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationSettings:
    """Greedy decoding: the most likely token at each step, nothing sampled.

    The model's own sampling and repetition settings (`generation_config.json`) are not applied:
    baseline and variant are compared by what they find most likely.

    Raises:
        ValueError: a value is out of range.
    """

    max_new_tokens: int = MAX_NEW_TOKENS
    """Longest answer; reasoning before it counts, too."""
    dtype: str = "auto"
    """``auto`` is the checkpoint's own; bfloat16 for GGUF."""
    device: str = "auto"
    """``auto`` is CUDA where it is there, else the CPU."""
    batch_tokens: int = BATCH_TOKENS
    """Bound of rows × (longest prompt + max_new_tokens) of one batch."""
    stop: tuple[str, ...] = ()
    """Texts that end an answer and are cut off with all that follows; none ends reasoning."""
    thinking: str | None = None
    """How the chat template's switch for reasoning is set; None leaves it to the template."""

    def __post_init__(self) -> None:
        for name in ("max_new_tokens", "batch_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {self.dtype!r}")
        if not _DEVICE.fullmatch(self.device):
            raise ValueError(f"device must be auto, cpu, mps, cuda or cuda:N, got {self.device!r}")
        if self.thinking not in (None, *THINKING):
            raise ValueError(f"thinking must be off or on, got {self.thinking!r}")
        if not all(self.stop):
            raise ValueError(f"stop must hold non-empty texts, got {self.stop!r}")

    @classmethod
    def of(cls, options: Options) -> GenerationSettings:
        """The options of a suite, with defaults where they leave something out."""
        names = ("max_new_tokens", "dtype", "device", "batch_tokens", "stop", "thinking")
        given = {name: getattr(options, name) for name in names}
        return cls(**{name: value for name, value in given.items() if value is not None})


def own_stops(folder: Path) -> tuple[str, ...]:
    """Texts that end an answer by the model's own generation settings.

    Raises:
        SpecError: the settings hold something else.
    """
    given = models.generation_config(folder).get("stop_strings") or ()
    stops = [given] if isinstance(given, str) else given
    if not isinstance(stops, Iterable) or not all(isinstance(s, str) and s for s in stops):
        raise SpecError(
            f"stop_strings in the generation_config.json of {str(folder)!r} must hold non-empty "
            f"texts, got {given!r}; correct it"
        )
    return tuple(stops)


def settings_notes(folder: Path) -> tuple[str, ...]:
    """What of the model's own generation settings was applied, and what was not."""
    given = models.generation_config(folder)
    names = [n for n, neutral in _NEUTRAL.items() if given.get(n, neutral) not in (neutral, None)]
    notes = [f"decoded greedily, without the model's own {', '.join(names)}"] if names else []
    if stops := own_stops(folder):
        notes.append(f"its answers end at {', '.join(map(repr, stops))}, the model's own")
    return tuple(notes)
