"""One question as lines: what was asked and found, what was answered, how it was judged. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_ragft.numbers import NOTHING, count, fixed
from pytest_ragft.records import (
    Answer,
    AnsweredCase,
    Draw,
    GateResult,
    Mover,
    Passage,
    RunResult,
    Score,
)
from pytest_ragft.reporting.conclusion import stops
from pytest_ragft.reporting.text import Line, clean, cut, wrap
from pytest_ragft.reporting.word_diff import marked

_LABEL = 11
# Lines of a text in the short form.
_ROWS = 3


def worst_cases(result: RunResult, variant: str, most: int) -> list[AnsweredCase]:
    """The questions that lost most in the gates that stop a variant; in all its gates otherwise.

    The largest drop stands first, and each question once.
    """
    gates = [gate for gate in result.gates if gate.variant == variant]
    gates = [gate for gate in gates if stops(gate)] or gates
    lost = [mover for gate in gates for mover in worst_movers(gate)]
    lost.sort(key=lambda mover: mover.difference)
    keys = dict.fromkeys((mover.suite, mover.id, variant) for mover in lost)
    return [result.cases[key] for key in keys if key in result.cases][:most]


def worst_movers(gate: GateResult) -> list[Mover]:
    """The questions that lost in a gate, the largest drop first."""
    lost = [mover for mover in gate.questions if mover.difference < 0]
    return sorted(lost, key=lambda mover: mover.difference)


def heading(case: AnsweredCase) -> str:
    """Where a question stands and what became of its scores."""
    return f"{clean(f'{case.suite}::{case.example.id}')}  {clean(moves(case))}".rstrip()


def moves(case: AnsweredCase) -> str:
    """What became of the scores of a question: ``accuracy 1.00 → 0.00, completeness n/a → n/a``."""
    return ", ".join(
        f"{metric} {value_text(case.baseline_scores.get(metric))} → {value_text(score)}"
        if case.baseline_answer is not None
        else f"{metric} {value_text(score)}"
        for metric, score in case.scores.items()
    )


def short_lines(case: AnsweredCase, width: int) -> list[Line]:
    """What a reader in a hurry needs: question, reference and both answers, a few lines each."""
    of = case.example
    pairs = [
        ("question", of.question),
        ("reference", references(case)),
        *_answers(case),
        ("because", reason(case)),
    ]
    rows = (row for label, text in pairs if text for row in _row(label, text, width, _ROWS))
    return [*_title(case, width), *map(Line, rows)]


def full_lines(case: AnsweredCase, width: int) -> list[Line]:
    """Everything about a question, with the passages that were shown."""
    of = case.example
    lines = _title(case, width)
    pairs = [
        ("question", of.question),
        ("kind", ", ".join(filter(None, [of.type or "", *of.tags]))),
        ("document", of.document or ""),
        *(("reference", text) for text in of.references),
        *([] if of.answerable else [("reference", "none: the corpus does not hold an answer")]),
        *(("fact", text) for text in of.facts),
    ]
    lines += [Line(row) for label, text in pairs if text for row in _row(label, text, width)]
    for rank, passage in enumerate(case.passages, 1):
        lines += [Line(""), *_passage(rank, passage, case, width)]
    if not case.passages:
        lines += [Line(""), Line("nothing was retrieved")]
    lines.append(Line(""))
    arms = [("baseline", case.baseline_answer, case.baseline_scores, case.baseline_draws)]
    for label, answer, scores, draws in [
        *arms,
        (case.variant, case.answer, case.scores, case.draws),
    ]:
        if draws:
            lines += _drawn(label, scores, draws, width)
        elif answer is not None:
            lines += _arm(label, answer, scores, width)
    before = case.baseline_answer
    if before is not None and before.text != case.answer.text:
        lines += [Line(row) for row in _row("changes", _diff(before, case.answer), width)]
    return lines


def _title(case: AnsweredCase, width: int) -> list[Line]:
    return [Line(row, "heading") for row in wrap(heading(case), width, rest="  ")]


def _passage(rank: int, passage: Passage, case: AnsweredCase, width: int) -> Iterator[Line]:
    relevant = " (relevant)" if passage.source in case.example.relevant else ""
    score = case.hits[rank - 1].score
    title = f" {passage.title}" if passage.title else ""
    line = f"passage {rank}: {passage.id}{relevant}, score {score:.4g}{title}"
    yield Line(cut(clean(line), width))
    yield from (Line(row) for row in wrap(clean(passage.text), width, first="  "))


def _drawn(
    label: str, scores: Mapping[str, Score], draws: Sequence[Draw], width: int
) -> Iterator[Line]:
    """The means, then each answer with its scores."""
    means = ", ".join(f"{metric} {value_text(score)}" for metric, score in scores.items())
    text = f"{count(len(draws), 'answer')}; means: {means}"
    yield from (Line(row) for row in _row(label, text, width))
    for draw in draws:
        yield from _arm(f"answer {draw.sample + 1}", draw.answer, draw.scores, width)


def _arm(label: str, answer: Answer, scores: Mapping[str, Score], width: int) -> Iterator[Line]:
    text = (answer.error and f"no answer: {answer.error}") or answer.text or answer.unanswered
    if answer.finish == "length":
        text += " [cut at max_new_tokens]"
    yield from (Line(row) for row in _row(label, text or "(empty)", width))
    if answer.reasoning:
        yield from (Line(row) for row in _row("  thought", answer.reasoning, width))
    for metric, score in scores.items():
        why = f" {NOTHING} {score.reason}" if score.reason else ""
        yield from (Line(r) for r in _row("", f"{metric} {value_text(score)}{why}", width))
        shown = ", ".join(f"{name} {value!r}" for name, value in score.evidence.items())
        if shown:
            yield from (Line(row, "dim") for row in _row("", shown, width))


def _answers(case: AnsweredCase) -> Iterable[tuple[str, str]]:
    before = case.baseline_answer
    first = f" [answer 1 of {len(case.draws)}]" if case.draws else ""
    if before is None:
        return [("answer", said(case.answer) + first)]
    return [
        ("baseline", said(before) + first),
        (case.variant, _diff(before, case.answer) + first),
    ]


def _diff(before: Answer, after: Answer) -> str:
    if not (before.text.strip() and after.text.strip()):
        return said(after)
    return marked(before.text, after.text)


def said(answer: Answer) -> str:
    """An answer, or what stands in its place."""
    if answer.error is not None:
        return f"no answer: {answer.error}"
    return answer.text.strip() or answer.unanswered or "(empty)"


def reason(case: AnsweredCase) -> str:
    """Why the judge scored as it did, as far as it says so."""
    return next((score.reason for score in case.scores.values() if score.reason), "")


def references(case: AnsweredCase) -> str:
    """What a right answer says."""
    if not case.example.answerable:
        return "none: the corpus does not hold an answer"
    return " | ".join(case.example.references)


def _row(label: str, text: str, width: int, most: int | None = None) -> list[str]:
    first = f"  {cut(clean(label), _LABEL):<{_LABEL}} "
    if most is not None:
        text = text[: (most + 1) * width]  # an answer may be endless, and nobody sees its end
    rows = wrap(clean(text), width, first=first) or [first.rstrip()]
    if most is not None and len(rows) > most:
        rows = [*rows[: most - 1], f"{rows[most - 1][: width - 2]} …"]
    return [cut(row, width) for row in rows]


def value_text(score: Score | None) -> str:
    """A score's value, or what it is instead."""
    if score is None or score.value is None:
        return "n/a" if score is not None and score.status == "not_applicable" else "missing"
    return fixed(score.value, 2)
