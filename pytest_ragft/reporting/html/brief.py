"""What a reader must know about a variant within a minute. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pytest_ragft.gate.suite_moves import SuiteMove, suite_moves, worst_move
from pytest_ragft.numbers import level, verdict_texts
from pytest_ragft.records import AnsweredCase, GateResult, RunResult
from pytest_ragft.reporting.advice import advice, headline, move_text
from pytest_ragft.reporting.conclusion import Conclusion, short_name, stops, variant_names
from pytest_ragft.reporting.gate_table import verdict_text
from pytest_ragft.reporting.html.legible import legible
from pytest_ragft.reporting.question import moves, references, said, worst_cases
from pytest_ragft.reporting.questions import Texts, cut_case
from pytest_ragft.reporting.word_diff import word_diff

_SHOWN, _LOOKED_AT = 3, 60
"""Questions that stand in the page itself, and those they are chosen from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a reader must know about a variant within a minute."""

    conclusion: Conclusion
    words: str
    tone: str
    explanations: tuple[str, ...]
    worst_suite: str
    how_much: str
    how_sure: str
    worst: tuple[WorstQuestion, ...]
    advice: tuple[str, ...]

    @classmethod
    def of(cls, run: RunResult, whole: RunResult, conclusion: Conclusion, texts: Texts) -> Brief:
        """What stands first about a variant.

        Args:
            run: with all its strings made fit to be shown, and without questions.
            whole: the same as it was, with them.
            conclusion: on the variant, of `run`.
            texts: how much of questions and answers may stand there.
        """
        name = conclusion.variant
        gates = [g for g in run.gates if g.variant == name]
        main = [g for g in gates if g.gate.role == "primary"] or [g for g in gates if stops(g)]
        worst = worst_move(suite_moves(run, name))
        raw = next((each for each in variant_names(whole) if legible(each) == name), name)
        return cls(
            conclusion=conclusion,
            words=headline(conclusion),
            tone={"PASS": "good", "WARN": "warn"}.get(conclusion.decision, "bad"),
            explanations=tuple(map(_explained, main)),
            worst_suite="" if worst is None else worst.suite,
            how_much="" if worst is None else move_text(worst),
            how_sure=_how_sure(worst, gates),
            worst=tuple(
                WorstQuestion.of(cut_case(case, "none" if texts == "none" else "short"))
                for case in _lost_most(whole, raw, worst)
            ),
            advice=tuple(advice(run, conclusion)),
        )


def _explained(result: GateResult) -> str:
    name = short_name(result)
    said = result.explanation
    return said if said.startswith(name) else f"{name}: {said}"


def _lost_most(run: RunResult, variant: str, worst: SuiteMove | None) -> list[AnsweredCase]:
    """Of the questions that lost alike, those of the suite that lost most come first."""
    cases = worst_cases(run, variant, _LOOKED_AT)
    where = "" if worst is None else worst.suite
    cases.sort(key=lambda case: (_largest_drop(case), legible(case.suite) != where))
    return cases[:_SHOWN]


def _largest_drop(case: AnsweredCase) -> float:
    pairs = ((case.baseline_scores.get(metric), score) for metric, score in case.scores.items())
    return min(
        (
            round(after.value - before.value, 9)
            for before, after in pairs
            if before is not None and before.value is not None and after.value is not None
        ),
        default=0.0,
    )


def _how_sure(worst: SuiteMove | None, gates: Sequence[GateResult]) -> str:
    if worst is None:
        return ""
    own = worst.gate
    about = own or next(
        (g for g in gates if g.gate.metric == worst.metric and worst.suite in g.suites), None
    )
    if about is None:
        return ""
    lower, _, upper = verdict_texts(about.verdict)
    bounds = f"between {lower} and {upper} (each bound holds with {level(about.verdict.alpha)})"
    if own is not None:
        return f"{bounds}; {verdict_text(own)}"
    return f"over all suites {bounds}; this suite alone has no gate, and so no bounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstQuestion:
    """A question that lost much, without a script."""

    link: str
    name: str
    question: str
    moves: str
    reference: str
    baseline: str
    variant: tuple[tuple[str, str], ...]
    """Runs of words with ``same``, ``removed`` or ``added``."""

    @classmethod
    def of(cls, case: AnsweredCase) -> WorstQuestion:
        """A question as far as a report may hold its texts."""
        before, after = case.baseline_answer, case.answer
        runs = word_diff(before.text, after.text) if before and before.text.strip() else None
        return cls(
            link=_link(case),
            name=legible(f"{case.suite}::{case.example.id}"),
            question=legible(case.example.question),
            moves=legible(moves(case)),
            reference=legible(references(case)),
            baseline="" if before is None else legible(said(before)),
            variant=tuple((kind, legible(text)) for kind, text in runs or [("same", said(after))]),
        )


def _link(case: AnsweredCase) -> str:
    """Its own escaping: half of a surrogate pair has no UTF-8."""
    place = json.dumps([case.suite, case.example.id, case.variant], ensure_ascii=False)
    return f"#question={quote(place, safe='', errors='replace')}"
