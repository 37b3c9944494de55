"""How answers are decoded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pytest_ragft.errors import SpecError
from pytest_ragft.models import config as models

DTYPES = ("auto", *models.DTYPES)
THINKING = ("off", "on")
DEVICE = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")
NO_DEVICE = "must be auto, cpu, mps, cuda or cuda:N"
"""What is said of any other."""
MAX_NEW_TOKENS = 64
BATCH_TOKENS = 16_384

# Settings of a generation config that bear on which token comes next, where they do nothing.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationSettings:
    """The table ``[generation]``; None where it leaves something to the generator.

    Decoding is greedy: the most likely token at each step, nothing sampled. The model's own
    sampling and repetition settings (`generation_config.json`) are not applied: baseline and
    variant are compared by what they find most likely.

    Raises:
        ValueError: a value is out of range.
    """

    max_new_tokens: int = MAX_NEW_TOKENS
    """Longest answer; reasoning before it counts, too."""
    dtype: str | None = None
    """One of `DTYPES`; None as ``auto``: the checkpoint's own, bfloat16 for GGUF."""
    device: str | None = None
    """As `DEVICE`; None as ``auto``: CUDA where it is there, else the CPU."""
    batch_tokens: int | None = None
    """Bound of rows × (longest prompt + max_new_tokens) of one batch; None: `BATCH_TOKENS`."""
    stop: tuple[str, ...] | None = None
    """Texts that end an answer and are cut off with all that follows; none ends reasoning."""
    thinking: str | None = None
    """How the chat template's switch for reasoning is set; None leaves it to the template."""

    def __post_init__(self) -> None:
        for name in ("max_new_tokens", "batch_tokens"):
            if (value := getattr(self, name)) is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value!r}")
        if self.dtype not in (None, *DTYPES):
            raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {self.dtype!r}")
        if self.device is not None and not DEVICE.fullmatch(self.device):
            raise ValueError(f"device {NO_DEVICE}, got {self.device!r}")
        if self.thinking not in (None, *THINKING):
            raise ValueError(f"thinking must be off or on, got {self.thinking!r}")
        if not all(self.stop or ()):
            raise ValueError(f"stop must hold non-empty texts, got {self.stop!r}")

    def plain(self) -> dict[str, object]:
        """What fingerprints of suites cover: what is left out is not what the generator takes.

        A switch that is not set leaves them as they were before there was one.
        """
        values = asdict(self)
        if self.thinking is None:
            del values["thinking"]
        return values


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
