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
VARIED = ("order",)
DEVICE = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")
NO_DEVICE = "must be auto, cpu, mps, cuda or cuda:N"
"""What is said of any other."""
MAX_NEW_TOKENS = 64
BATCH_TOKENS = 16_384
MOST_TEMPERATURE = 2.0

_ONE_GREEDY_ANSWER = {"samples": 1, "temperature": None, "top_p": None, "seed": None, "vary": None}

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
# Those that bear on what is drawn, besides temperature and top_p.
_OF_SAMPLING = ("top_k", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationSettings:
    """The table ``[generation]``; None where it leaves something to the generator.

    Without `temperature` decoding is greedy: the most likely token at each step, nothing sampled.
    The model's own sampling and repetition settings (`generation_config.json`) are not applied:
    baseline and variant are compared by what they find most likely, or as the suite says.

    Generators learn of `samples`, `temperature`, `top_p`, `seed` and `vary` from each `Request`.

    Raises:
        ValueError: a value is out of range, or several do not go together.
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
    samples: int = 1
    """Answers to each question, whose scores are averaged within the question."""
    temperature: float | None = None
    """Of sampling, above 0; None: greedy."""
    top_p: float | None = None
    """Of sampling: only the likeliest tokens that have so much probability together; None: all."""
    seed: int | None = None
    """Of sampling, or of the orders; None as 0."""
    vary: str | None = None
    """``order``: each of a question's answers is greedy, over another order of its passages."""

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
        self._check_sampling()

    def _check_sampling(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples must be at least 1, got {self.samples!r}")
        if self.temperature is not None and not 0 < self.temperature <= MOST_TEMPERATURE:
            raise ValueError(
                f"temperature must be above 0 and at most {MOST_TEMPERATURE:g}, got "
                f"{self.temperature!r}; leave it out for greedy decoding"
            )
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError(f"top_p must be above 0 and at most 1, got {self.top_p!r}")
        if self.seed is not None and self.seed < 0:
            raise ValueError(f"seed must be at least 0, got {self.seed!r}")
        if self.vary not in (None, *VARIED):
            raise ValueError(f"vary must be order, got {self.vary!r}")
        if problem := self._contradiction():
            raise ValueError(problem)

    def _contradiction(self) -> str:
        """Why several of the settings do not go together; empty where they do."""
        if self.vary is not None and self.temperature is not None:
            return (
                f"vary = {self.vary!r} is for greedy decoding, and temperature = "
                f"{self.temperature:g} samples: two sources of spread that nobody could tell "
                "apart; keep one of the two"
            )
        if self.vary is not None and self.samples == 1:
            return f"vary = {self.vary!r} needs samples = 2 or more: one answer has one order"
        if self.samples > 1 and self.vary is None and self.temperature is None:
            return (
                f"samples = {self.samples} of greedy decoding are {self.samples} times the same "
                "answer; sample at the temperature of your deployment (temperature = 0.7), or vary "
                'the order of the passages, which changes the question (vary = "order")'
            )
        if self.top_p is not None and self.temperature is None:
            return f"top_p = {self.top_p:g} does nothing without temperature: decoding is greedy"
        if self.seed is not None and self.temperature is None and self.vary is None:
            return f"seed = {self.seed} does nothing without temperature or vary: nothing is drawn"
        return ""

    def plain(self) -> dict[str, object]:
        """What fingerprints of suites cover: what is left out is not what the generator takes.

        A setting that is not set leaves them as they were before there was one.
        """
        defaults = {"thinking": None, **_ONE_GREEDY_ANSWER}
        return {n: v for n, v in asdict(self).items() if n not in defaults or v != defaults[n]}

    @property
    def drawn(self) -> dict[str, object]:
        """How a question's answers are drawn, as far as it is not one greedy answer."""
        values = {name: getattr(self, name) for name in _ONE_GREEDY_ANSWER}
        return {name: v for name, v in values.items() if v != _ONE_GREEDY_ANSWER[name]}


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


def settings_notes(folder: Path, settings: GenerationSettings) -> tuple[str, ...]:
    """What of the model's own generation settings was applied, and what was not."""
    given = models.generation_config(folder)
    names = [n for n, neutral in _NEUTRAL.items() if given.get(n, neutral) not in (neutral, None)]
    how = "decoded greedily"
    if settings.temperature is not None:
        how = "sampled as the suite says"
        names = [name for name in names if name != "do_sample"]
        names += [name for name in _OF_SAMPLING if given.get(name) is not None]
        names += ["top_p"] if settings.top_p is None and given.get("top_p") is not None else []
    notes = [f"{how}, without the model's own {', '.join(names)}"] if names else []
    if stops := own_stops(folder):
        notes.append(f"its answers end at {', '.join(map(repr, stops))}, the model's own")
    return tuple(notes)
