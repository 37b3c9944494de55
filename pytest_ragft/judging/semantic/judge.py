"""The semantic judge: the reference judge's scheme, with sentence embeddings for other words.

Where a rule of the reference judge is certain, its score stands: unanswerable questions, empty
answers, abstentions, answers that are a reference, yes/no questions, and long references that the
answer states whole. Otherwise:

- accuracy of a short answer (a name, a number, a few words): the probability that people call it
  right, from a trained answer-equivalence model and the reference judge's features of the part of
  the answer that speaks to the question, with the reference judge's damping, and sharpened (see
  `scheme.sharpened`), so that it is nearer to a verdict than to a probability; the model is shown
  the shortest references, since a sentence repeats the question and so would a poor answer;
- accuracy of lists, summaries and long references: the mean credit of the facts, else of the
  sentences of the fullest reference, each by `coverage`;
- completeness: the share of facts stated, else of the sentences of the fullest reference; for a
  short answer, which is right or is not, its accuracy or the reference judge's share, whichever is
  more;
- 0 for an answer that says nothing beyond the question, and for a number or a date without any of
  the reference's numbers.

No answer is read together with another one, so that scores depend neither on the batch nor on its
order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from pytest_ragft.judging.lexical.features import FeatureReader
from pytest_ragft.judging.lexical.reading import AnswerReader
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.lexical.target import Target
from pytest_ragft.judging.port import Scores
from pytest_ragft.judging.semantic.coverage import Stated
from pytest_ragft.judging.semantic.encoder import find_encoder
from pytest_ragft.judging.semantic.equivalence import SHIPPED, adapter_fingerprint, read_facts
from pytest_ragft.judging.semantic.scheme import COMBINATION, Scheme, read_combination
from pytest_ragft.judging.semantic.segments import segments
from pytest_ragft.models.identity import Memo
from pytest_ragft.models.loading import require_packages
from pytest_ragft.records import Case, QAExample, Score
from pytest_ragft.store import fingerprint

_VERSION = "semantic/2"
"""Changes whenever any score may change for a reason that stands in no file of the adapter."""
_MOST_STATEMENTS = 40
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
        self._reader = self._answers.reader
        self._features = FeatureReader(self._answers)

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
        ruled = self._reference.judge(cases)
        return [
            scores if _certain(case, scores) else self._judge(case.example, case.answer, scores)
            for case, scores in zip(cases, ruled, strict=True)
        ]

    @cached_property
    def _scheme(self) -> Scheme:
        return Scheme(self._base, self._adapter, self._reader, self._features)

    def _judge(self, example: QAExample, answer: str, ruled: Scores) -> Scores:
        target = self._features.target(example)
        read = self._answers.read(target, answer)
        said = read.words.plain if read.denied else answer
        if not segments(said):
            return ruled
        if target.short and len(target.facts) < 2:
            right = self._short(target, example, said)
            return {"accuracy": right, "completeness": _whole(ruled["completeness"], right)}
        stated = self._stated(target, example, said, ruled["accuracy"])
        if not stated:
            return ruled
        whole = _share(stated)
        if target.short:
            return {"accuracy": self._short(target, example, said), "completeness": whole}
        return {"accuracy": _right(stated, ruled["accuracy"]), "completeness": whole}

    def _short(self, target: Target, example: QAExample, answer: str) -> Score:
        found = self._scheme.opinion(target, example.question, answer)
        reason = "right by meaning" if found.value >= 0.5 else "not right by meaning"
        return Score(
            metric="accuracy",
            value=found.value,
            reason=f"{reason}; damped: {found.damped}" if found.damped else reason,
            evidence={
                "probability": found.probability,
                "log_odds": found.log_odds,
                "window": found.window,
            },
        )

    def _stated(
        self, target: Target, example: QAExample, answer: str, ruled: Score
    ) -> list[tuple[str, Stated]]:
        """Each statement that is required, with how far the answer states it.

        A fact that is just a yes or a no is stated as far as the reference judge finds it right.
        """
        said = {fact.text for fact in target.facts if fact.polarity is not None}
        statements = [fact.text for fact in target.facts]
        if not statements:
            statements = segments(example.references[0])[:_MOST_STATEMENTS]
        return [
            (text, Stated(credit=ruled.value or 0.0))
            if text in said
            else (text, self._scheme.stated(example.question, text, answer))
            for text in statements
        ]


def _certain(case: Case, scores: Scores) -> bool:
    """Whether the reference judge's scores stand, whatever the answer may mean."""
    accuracy = scores["accuracy"]
    if not case.example.answerable or accuracy.value is None:
        return True
    if accuracy.evidence.get("abstained") or accuracy.evidence.get("certain"):
        return True
    said = case.answer.split()
    return not segments(case.answer) or any(
        said == text.split() for text in case.example.references
    )


def _whole(lexical: Score, right: Score) -> Score:
    """Completeness of a short answer, which is right or is not."""
    if (lexical.value or 0.0) >= (right.value or 0.0):
        return lexical
    return Score(
        metric="completeness",
        value=right.value,
        reason="as far as it is right",
        evidence=right.evidence,
    )


def _right(stated: Sequence[tuple[str, Stated]], ruled: Score) -> Score:
    """Accuracy of a long answer: what words bear out, or what meaning does, whichever is more.

    A clause that it contradicts speaks against it.
    """
    covered = sum(one.covered for _, one in stated)
    contradicted = sum(one.contradicted for _, one in stated) / len(stated)
    meant = sum(one.credit for _, one in stated) / len(stated)
    value = (1 - contradicted) * max(meant, ruled.value or 0.0)
    return Score(
        metric="accuracy",
        value=round(value, 4),
        reason=f"states {covered} of {len(stated)} statements by meaning; {ruled.reason}",
        evidence={"credits": [one.credit for _, one in stated]},
    )


def _share(stated: Sequence[tuple[str, Stated]]) -> Score:
    covered = [text for text, one in stated if one.covered]
    contradicted = [text for text, one in stated if one.contradicted]
    missed = [text for text, one in stated if not (one.covered or one.contradicted)]
    return Score(
        metric="completeness",
        value=round(len(covered) / len(stated), 4),
        reason=f"{len(covered)} of {len(stated)} statements",
        evidence={
            "covered": covered,
            "missed": missed,
            "contradicted": contradicted,
        },
    )
