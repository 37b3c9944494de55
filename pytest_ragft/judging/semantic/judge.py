"""The semantic judge: the reference judge's rules, with meaning where they do not tell.

Refusals, denials, yes or no, numbers, dates, identifiers, choices, lists and exact references are
judged by the same code as under the reference judge (`lexical.reference.graded`), and so are names
that are negated or another's, and penalties. What is left is weighed by meaning (`weighing`):

- a name, or a few words: the probability that people call the answer right, from a trained
  answer-equivalence model and the reference judge's features of the part of the answer that speaks
  to the question, sharpened (see `models.sharpened`), so that it is nearer to a verdict than to a
  probability; the model is shown the shortest references, since a sentence repeats the question
  and so would a poor answer; 0 for an answer that says nothing beyond the question;
- a statement, or several: what the reference judge finds, moved towards how near the reference's
  words come to the answer's in meaning (`nearness`), or those to these for accuracy: by half the
  way up and a fifth of the way down;
- a fact: stated or not where words tell, else by weights fitted on people's labels;
- completeness of a name is its accuracy, where words do not say more.

No answer is read together with another one, so that scores depend neither on the batch nor on its
order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from pytest_ragft.errors import require_packages
from pytest_ragft.judging.lexical.reading import AnswerReader
from pytest_ragft.judging.lexical.reference import ReferenceJudge, graded
from pytest_ragft.judging.port import Scores
from pytest_ragft.judging.semantic.encoder import find_encoder
from pytest_ragft.judging.semantic.equivalence import SHIPPED, adapter_fingerprint, read_facts
from pytest_ragft.judging.semantic.models import COMBINATION, SemanticModels, read_combination
from pytest_ragft.judging.semantic.weighing import MeaningWeighs
from pytest_ragft.models.identity import Memo
from pytest_ragft.records import Case
from pytest_ragft.store import fingerprint

# Changes whenever any score may change for a reason that stands in no file of the adapter.
_VERSION = "semantic/3"
_PACKAGES = ("torch", "transformers", "peft", "safetensors", "tokenizers")


class SemanticJudge:
    """Judges by meaning; see the module's text for the rules.

    Nothing is loaded before the first answer that needs it; the encoder is found, identified and
    held against the adapter at once.

    Args:
        place: Folder of the encoder all-MiniLM-L6-v2; None for the Hub or its cache.
        name: As given by ``--ragft-judge``; None for what names `place`.
        offline: Never open a socket.
        adapter: The trained adapter.
        memo: Spares hashing weights that are unchanged.

    Raises:
        MissingDependencyError: the extra ``hf`` is not installed.
        JudgeError: the encoder is not found, or not the one that the adapter was trained on.
    """

    def __init__(
        self,
        place: str | None = None,
        *,
        name: str | None = None,
        offline: bool = False,
        adapter: Path = SHIPPED,
        memo: Memo | None = None,
    ) -> None:
        require_packages(*_PACKAGES, purpose="the semantic judge")
        self._name = name or ("semantic" if place is None else f"semantic:{place}")
        self._adapter = adapter
        self._weights = str(read_facts(adapter)["base"]["weights"])
        read_combination(adapter)
        self._base = find_encoder(place, self._weights, offline=offline, memo=memo)
        self._reference = ReferenceJudge()
        self._answers = AnswerReader()
        self._weighing = MeaningWeighs(
            lambda: SemanticModels(self._base, self._adapter, self._answers),
            self._answers,
            self._reference.weighing,
        )

    @property
    def name(self) -> str:
        """As given by ``--ragft-judge``."""
        return self._name

    @cached_property
    def fingerprint(self) -> str:
        """Encoder and adapter by content, the reference judge whose rules hold, and the version."""
        combination = (self._adapter / COMBINATION).read_text(encoding="utf-8")
        return fingerprint(
            _VERSION,
            self._weights,
            adapter_fingerprint(self._adapter),
            combination,
            self._reference.fingerprint,
            version("sentencex"),
        )

    @property
    def version(self) -> str:
        """Of rules and fitted parts."""
        return _VERSION

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what it scores."""
        return ("accuracy", "completeness")

    @property
    def reads_passages(self) -> bool:
        """False: references and facts suffice."""
        return False

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """Scores in the order of `cases`; never raises for a text.

        Raises:
            JudgeError: encoder or adapter do not load.
        """
        return [graded(case, self._answers, self._weighing) for case in cases]
