"""All that decides a training besides the base and the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pytest_ragft.generation.served_opening import is_served
from pytest_ragft.models.files import user_path
from pytest_ragft.models.identity import file_fingerprint
from pytest_ragft.store import fingerprint

METHODS: Mapping[str, str] = {
    "lora": "low-rank matrices beside the weights (with --rslora: of rank-stabilised scale)",
    "dora": "LoRA with a magnitude of its own for each column",
    "layers": "LoRA on the chosen --layers alone",
    "prompt": "virtual tokens before each prompt, as embeddings",
    "prefix": "virtual tokens before each prompt, as keys and values of every layer",
    "full": "all weights",
}
"""Methods by the name that ``--method`` takes."""

FORMS: Mapping[str, str] = {
    "closed-book": "the question alone",
    "gold": "with the passages that it names as relevant",
    "retrieved": "with the passages that the suite's retriever finds",
    "distractors": "the same with a relevant passage among them but for a share, shuffled",
}
"""What a model is shown with a question, by the name that ``--form`` takes."""

PEOPLE = "people"
TARGETS: Mapping[str, str] = {
    PEOPLE: "the first reference of each question",
    "self": "the reference, rewritten by the base",
    "minimal": "the base's own answer, changed where it is wrong",
}
"""Whose answers are taught, by the name that ``--target`` takes."""

ABSTENTION = "abstention"
"""Target of pairs that teach to abstain."""
MIX = "mix"
"""Form and target of pairs of general data."""

LOW_RANK = ("lora", "dora", "layers")
VIRTUAL = ("prompt", "prefix")
DTYPES = ("auto", "float32", "bfloat16")

# What the papers of the methods and peft's examples take, for models of any size.
_RATES = {
    "lora": 2e-4, "dora": 2e-4, "layers": 2e-4, "full": 2e-5, "prompt": 1e-2, "prefix": 1e-2,
}  # fmt: skip
# numpy's generator takes no others.
_SEEDS = 2**32
_WHOLE = ("rank", "alpha", "virtual_tokens", "epochs", "batch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a model is trained.

    Raises:
        ValueError: a value is out of range, or several do not go together; the message begins with
            the field's name.
    """

    method: str = "lora"
    """A key of `METHODS`."""
    form: str = "closed-book"
    """A key of `FORMS`."""
    absent: float = 0.2
    """Share of the pairs that are shown no relevant passage; of the form ``distractors``."""
    abstention: str = ""
    """What is taught where no passage holds the answer, or the question has none; empty: the
    answer as everywhere, and questions without one are left out."""
    target: str = PEOPLE
    """Whose answers are taught: a key of `TARGETS`, a file of recorded answers, or a served
    model; but the reference where the judge finds them wrong."""
    mix: str = ""
    """A file of general training data, some of which is trained on besides; empty: none."""
    mix_share: float = 0.2
    """Share of all that is trained on that comes from `mix`."""
    size: int | None = None
    """Pairs that are trained on, without those of `mix`, drawn by `seed`; smaller draws are parts
    of larger ones. None: all that are there."""
    development: float = 0.1
    """Share of the documents whose pairs are not trained on, but stop the training early."""
    patience: int = 2
    """Looks at the development part without a lower loss after which training stops; 0: never."""
    epochs: int = 3
    learning_rate: float | None = None
    """At its highest; None: that of the method, see `rate`."""
    batch: int = 8
    """Pairs a step."""
    warmup: float = 0.1
    """Share of the steps in which the learning rate rises; then it falls linearly to zero."""
    rank: int = 8
    alpha: int = 16
    rslora: bool = False
    """Scale by alpha / √rank and not alpha / rank (Kalajdzievski, arXiv:2312.03732)."""
    dropout: float = 0.05
    targets: tuple[str, ...] = ()
    """Modules that low-rank matrices stand beside; empty: peft's choice for the architecture."""
    layers: tuple[int, ...] = ()
    """From 0; of the method ``layers``."""
    virtual_tokens: int = 16
    dtype: str = "auto"
    """Of the base: its own, but float32 for float16. What is trained is float32 always."""
    checkpointing: bool = False
    """Compute activations twice, which saves most of their memory."""
    seed: int = 0
    """Of what is drawn, the first weights, the order and dropout."""

    def __post_init__(self) -> None:
        _expect(self.method in METHODS, "method", self.method, f"one of {', '.join(METHODS)}")
        _expect(self.form in FORMS, "form", self.form, f"one of {', '.join(FORMS)}")
        _expect(
            self.target in TARGETS or self.target.endswith(".jsonl") or is_served(self.target),
            "target",
            self.target,
            f"one of {', '.join(TARGETS)}, a file of recorded answers (*.jsonl) or a served model "
            "(openai:NAME@URL)",
        )
        _expect(self.dtype in DTYPES, "dtype", self.dtype, f"one of {', '.join(DTYPES)}")
        for name in _WHOLE:
            value = getattr(self, name)
            _expect(value >= 1, name, value, "at least 1")
        _expect(self.size is None or self.size >= 1, "size", self.size, "at least 1")
        for name in ("absent", "warmup", "dropout", "development"):
            value = getattr(self, name)
            _expect(0 <= value < 1, name, value, "at least 0 and below 1")
        _expect(0 < self.mix_share < 1, "mix_share", self.mix_share, "above 0 and below 1")
        _expect(self.patience >= 0, "patience", self.patience, "at least 0")
        _expect(0 <= self.seed < _SEEDS, "seed", self.seed, "at least 0 and below 2**32")
        rate = self.rate
        _expect(math.isfinite(rate) and 0 < rate <= 1, "learning_rate", rate, "in (0, 1]")
        _expect(
            bool(self.layers) == (self.method == "layers"),
            "layers",
            self.layers,
            "given with the method layers, and with no other",
        )
        _expect(
            not (self.checkpointing and self.method == "prefix"),
            "checkpointing",
            self.checkpointing,
            "left out with prefix, whose keys and values it would drop",
        )

    @property
    def rate(self) -> float:
        """The learning rate at its highest."""
        return _RATES[self.method] if self.learning_rate is None else self.learning_rate

    def plain(self) -> dict[str, object]:
        """Plain values, with the learning rate in force; what bears on nothing is left out.

        Files stand in it by what they hold, and a served model without its address.

        Raises:
            SpecError: such a file cannot be read.
        """
        values = asdict(self) | {"learning_rate": self.rate, "target": _identity(self.target)}
        unused = {"virtual_tokens"} if self.method not in VIRTUAL else set()
        if self.method not in LOW_RANK:
            unused |= {"rank", "alpha", "rslora", "dropout", "targets"}
        if self.method != "layers":
            unused |= {"layers"}
        if self.form != "distractors":
            unused |= {"absent"}
        if not self.abstention:
            unused |= {"abstention"}
        if self.mix:
            values["mix"] = file_fingerprint(user_path(self.mix))
        else:
            unused |= {"mix", "mix_share"}
        return {name: value for name, value in values.items() if name not in unused}

    @property
    def fingerprint(self) -> str:
        """Identity: 32 hexadecimal digits."""
        return fingerprint("recipe", self.plain())


def _identity(target: str) -> str:
    if target.endswith(".jsonl"):
        return f"recorded-{file_fingerprint(user_path(target))}"
    return target.partition("@")[0] if is_served(target) else target


def _expect(holds: bool, name: str, value: object, accepted: str) -> None:
    if not holds:
        raise ValueError(f"{name} = {value!r}: must be {accepted}")
