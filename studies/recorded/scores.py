"""A judge's scores of many answers, each judged once and kept between runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pytest_ragft.atomic import write_atomically
from pytest_ragft.judging.guarding import judged
from pytest_ragft.judging.port import Judge
from pytest_ragft.records import Case, QAExample
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.store import fingerprint
from studies import CACHE

_AT_ONCE = 50
"""Answers after which the bar moves."""
_KEPT = 500
"""Answers after which the scores are written."""


def accuracies(judge: Judge, answered: Sequence[tuple[QAExample, str]]) -> np.ndarray:
    """The judge's accuracy of each answer, in [0, 1], shape [n].

    Equal answers to one question are judged once. What an earlier run had judged is read from the
    cache, under all that decides a score.

    Raises:
        ValueError: a score is missing.
    """
    file = CACHE / "recorded" / f"{judge.name.partition(':')[0]}-{judge.fingerprint[:16]}.json"
    kept: dict[str, float] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    keys = [fingerprint(e.question, e.references, e.type, answer) for e, answer in answered]
    new = list({key: at for at, key in enumerate(keys) if key not in kept}.values())
    if not new:
        return np.array([kept[key] for key in keys])
    with progress_to(sys.stderr).phase(f"{judge.name}: judging", len(new), "answers") as phase:
        for start in range(0, len(new), _AT_ONCE):
            part = new[start : start + _AT_ONCE]
            cases = [Case(example=answered[at][0], answer=answered[at][1]) for at in part]
            for at, scores in zip(part, judged(judge, cases), strict=True):
                value = scores["accuracy"].value
                if value is None:
                    raise ValueError(f"{answered[at][0].id}: {scores['accuracy'].reason}")
                kept[keys[at]] = value
            phase.advance(len(part))
            if (start // _AT_ONCE + 1) % (_KEPT // _AT_ONCE) == 0:
                _write(file, kept)
    _write(file, kept)
    return np.array([kept[key] for key in keys])


def _write(file: Path, kept: dict[str, float]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps(kept).encode())
