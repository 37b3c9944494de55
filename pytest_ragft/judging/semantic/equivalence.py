"""The trained answer-equivalence model: would people call this answer right?

all-MiniLM-L6-v2 with LoRA (Hu et al. 2021, by peft) on all linear layers reads question and
references against an answer as one sequence; a small head over the pooled states gives the log
odds. Fitted on people's labels by ``studies/judge/train_equivalence.py``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.semantic.encoder import load_encoder, load_vocabulary
from pytest_ragft.judging.semantic.segments import without_markup, words
from pytest_ragft.models.loading import loading

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "semantic"
"""The adapter that comes with the package."""

FACTS = "equivalence.json"
HEAD = "head.safetensors"
_FILES = ("adapter_config.json", "adapter_model.safetensors", HEAD, FACTS)
_QUESTION_WORDS = 30
_REFERENCE_WORDS = 30
_ANSWER_TOKENS = 84
LONGEST = 160
"""Tokens of a whole sequence."""


def read_facts(folder: Path) -> Mapping[str, Any]:
    """What an adapter says about itself: its base, recipe and data.

    Raises:
        JudgeError: a file of it is missing or broken.
    """
    absent = [name for name in _FILES if not (folder / name).is_file()]
    if absent:
        raise _broken(folder, f"lacks {', '.join(absent)}")
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        str(facts["base"]["weights"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _broken(folder, f"has no readable {FACTS} ({error})") from error
    return dict(facts)


def adapter_fingerprint(folder: Path) -> str:
    """SHA-256 over all files that decide what the adapter says.

    Raises:
        JudgeError: one of them is missing.
    """
    digest = hashlib.sha256()
    for name in _FILES:
        try:
            digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
        except OSError as error:
            raise _broken(folder, f"cannot be read ({error})") from error
    return digest.hexdigest()


class Equivalence:
    """The model, loaded; each answer is a forward pass of its own.

    Args:
        base: The encoder's folder.
        folder: The adapter's.

    Raises:
        JudgeError: the adapter is incomplete or does not fit, or the encoder does not load.
    """

    def __init__(self, base: Path, folder: Path = SHIPPED) -> None:
        from peft import PeftModel
        from safetensors.torch import load_file

        read_facts(folder)
        encoder = load_encoder(base)
        with loading(f"semantic judge: the adapter in {str(folder)!r}", JudgeError):
            adapted = PeftModel.from_pretrained(encoder, folder)
            self._model = adapted.merge_and_unload().eval().requires_grad_(False)
            head = {k: v.float().numpy() for k, v in load_file(folder / HEAD).items()}
            self._hidden = head["1.weight"], head["1.bias"]
            self._last = head["3.weight"], head["3.bias"]
        self._tokenizer = load_vocabulary(base)

    def log_odds(self, question: str, references: Sequence[str], answer: str) -> float:
        """Log odds that people call `answer`, the window of an answer, right."""
        ids, kinds = encode_pair(
            self._tokenizer, question_with_references(question, references, answer), answer
        )
        states = self._states(ids, kinds)
        weights, bias = self._hidden
        hidden = np.maximum(weights @ states + bias, 0.0)
        weights, bias = self._last
        return float((weights @ hidden + bias)[0])

    def _states(self, ids: list[int], kinds: list[int]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            hidden = (
                self._model(
                    input_ids=torch.tensor([ids]),
                    token_type_ids=torch.tensor([kinds]),
                    attention_mask=torch.ones((1, len(ids)), dtype=torch.long),
                )
                .last_hidden_state[0]
                .numpy()
            )
        of_answer = np.array(kinds, dtype=bool)
        said, given = hidden[of_answer].mean(0), hidden[~of_answer].mean(0)
        return np.concatenate([hidden[0], said, np.abs(said - given)])


def question_with_references(question: str, references: Sequence[str], answer: str) -> str:
    """The first half of a sequence: the question and the references nearest to the answer.

    References are ranked by the F1 of their words with the answer's, then by their order, and
    kept as long as they have 30 words together.
    """
    said = set(words(answer))

    def nearness(reference: str) -> float:
        some = set(words(reference))
        return 2 * len(some & said) / (len(some) + len(said)) if some and said else 0.0

    kept: list[str] = []
    room = _REFERENCE_WORDS
    for reference in sorted(dict.fromkeys(map(_line, references)), key=nearness, reverse=True):
        tokens = reference.split()
        if kept and len(tokens) > room:
            break
        kept.append(" ".join(tokens[:_REFERENCE_WORDS]))
        room -= len(tokens)
    asked = " ".join(_line(question).rstrip("?").split()[:_QUESTION_WORDS])
    return f"{asked}? {' / '.join(kept)}"


def encode_pair(tokenizer: Any, first: str, answer: str) -> tuple[list[int], list[int]]:
    """Token ids and segment ids (0 for what is known, 1 for the answer) of one sequence.

    Args:
        tokenizer: The `tokenizers.Tokenizer` of a BERT model, without padding and truncation.
        first: From `question_with_references`.
        answer: The window of the answer; 84 tokens of it are read.
    """
    left = tokenizer.encode(first, add_special_tokens=False).ids
    right = tokenizer.encode(answer, add_special_tokens=False).ids[:_ANSWER_TOKENS]
    left = left[: LONGEST - 3 - len(right)]
    start, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    ids = [start, *left, end, *right, end]
    return ids, [0] * (len(left) + 2) + [1] * (len(right) + 1)


def _line(text: str) -> str:
    return " ".join(without_markup(text).split())


def _broken(folder: Path, what: str) -> JudgeError:
    return JudgeError(
        f"semantic judge: the adapter in {str(folder)!r} {what}; install pytest-ragft again, or "
        "make it again with studies/judge/train_equivalence.py"
    )
