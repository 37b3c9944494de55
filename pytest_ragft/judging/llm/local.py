"""A chat model in this process as a judge: one forward pass a rating, nothing generated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ragft.errors import reason_of
from pytest_ragft.judging.abstention import VERSION as RULES_VERSION
from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.base import ModelJudge
from pytest_ragft.judging.llm.checkpoint import Checkpoint
from pytest_ragft.judging.llm.rating import rating_question
from pytest_ragft.judging.port import Scores, missing_score
from pytest_ragft.models.identity import Memo
from pytest_ragft.records import Case, Score
from pytest_ragft.store import fingerprint

_VERSION = "hf-judge/2"
_FORM = """\
Reply with one JSON object and nothing else: {"rating": a whole number from 0 to 4}"""
_OPENING = '{"rating": '
_RATINGS = tuple(str(rating) for rating in range(rubrics.BEST + 1))


class LocalJudge(ModelJudge):
    """Rates accuracy and completeness by the rubrics of the direct judge.

    The reply is opened up to the place of the rating; the rating is the mean over the rating
    tokens by their probabilities there (G-Eval, Liu et al. 2023). Where the most probable token
    is no rating, the model does not follow the form, and the score is missing. Cases are judged
    one by one, so that a score does not depend on what else is judged.

    Args:
        folder: The model's.
        memo: Spares hashing weights that are unchanged.

    Raises:
        SpecError: there is no model in it.
        MissingDependencyError: torch or transformers is not installed.
    """

    def __init__(self, folder: Path, memo: Memo | None = None) -> None:
        super().__init__(("accuracy", "completeness"))
        self._checkpoint = Checkpoint(folder, memo)

    @property
    def name(self) -> str:
        """As given by ``--ragft-judge``."""
        return f"hf:{self._checkpoint.folder}"

    @property
    def fingerprint(self) -> str:
        """Version, rules, rubrics and the model's files by content; not where they lie."""
        return fingerprint(
            _VERSION,
            RULES_VERSION,
            rubrics.identity(),
            _FORM,
            _OPENING,
            self._checkpoint.digest,
        )

    @property
    def reads_passages(self) -> bool:
        """False: references and facts suffice."""
        return False

    def check(self) -> None:
        """Load the model.

        Raises:
            JudgeError: it cannot be loaded.
        """
        self._checkpoint.load()

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """Scores in the order of `cases`; what cannot be judged is missing with the reason.

        Raises:
            JudgeError: the model cannot be loaded.
        """
        return [self._judge(case) for case in cases]

    def _judge(self, case: Case) -> Scores:
        found = dict(self._ruled(case))
        if len(found) < len(self._metrics):
            self._checkpoint.load()
        for metric in self._metrics:
            found[metric] = found.get(metric) or self._rate(metric, case)
        return self._only(found)

    def _rate(self, metric: str, case: Case) -> Score:
        question = rating_question(metric, case, _FORM)
        messages = [
            {"role": "system", "content": question.system},
            {"role": "user", "content": question.user},
        ]
        try:
            tokens = self._checkpoint.next_tokens(messages, _OPENING)
        except RuntimeError as error:
            # Among them is torch's for a case that does not fit into memory.
            return missing_score(metric, reason_of(error))
        return _score(metric, tokens)


def _score(metric: str, tokens: Mapping[str, float]) -> Score:
    greedy = next(iter(tokens))
    if greedy not in _RATINGS:
        return missing_score(metric, f"malformed output: the model says {greedy!r} for a rating")
    masses = [tokens.get(rating, 0.0) for rating in _RATINGS]
    mean = math.fsum(r * mass for r, mass in enumerate(masses)) / math.fsum(masses)
    return Score(
        metric=metric,
        value=min(1.0, mean / rubrics.BEST),
        reason=f"rated {mean:.2f} of {rubrics.BEST}",
        evidence={"rating": mean, "weighted": True},
    )
