"""Tables of a study beyond its main question: knowledge, length, parts, retention. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_ragft.gate.suite_moves import SuiteMove, worst_move
from pytest_ragft.numbers import NOTHING, count, fixed, percent, places_apart
from pytest_ragft.records import AnswerStyle, GateResult, Refusals, Stratum
from pytest_ragft.reporting.gate_table import verdict_text
from pytest_ragft.reporting.study_reading import Group, fact, gate_on, measure_of, metrics_of
from pytest_ragft.reporting.study_sentences import interval_text
from pytest_ragft.reporting.study_tables import TWO_SIDED, Table, measured
from pytest_ragft.stats.noninferiority import NEGLIGIBLE
from pytest_ragft.stats.planning import REGRESSION_QUESTIONS
from pytest_ragft.study.records import CellResult, Increment, Kept, StudyResult

# Columns of models side by side.
_BESIDE = 6


def training_table(study: StudyResult) -> Table | None:
    """What each model was trained on, and how familiar that was to its base."""
    rows = tuple(
        (
            of.cell.name,
            _number(of, "data", "pairs", places=0),
            _number(of, "training", "steps", places=0),
            f"{_number(of, 'training', 'loss_start')} → {_number(of, 'training', 'loss_end')}",
            _number(of, "data", "familiarity", "perplexity", places=2),
            _number(of, "data", "familiarity", "self_aligned", places=2),
        )
        for of in study.cells
    )
    if not rows:
        return None
    return Table(
        caption="What each model was trained on, and what its loss was",
        header=("model", "pairs", "steps", "loss", "perplexity of the targets", "self-aligned"),
        rows=rows,
        align="<>>>>>",
    )


def _number(of: CellResult, *path: str, places: int = 3) -> str:
    value = fact(of.facts, *path)
    return fixed(value, places) if isinstance(value, int | float) else NOTHING


def knowledge_tables(study: StudyResult, group: Group) -> Iterator[Table]:
    """What models know with each kind of passages; none where there is one kind."""
    kinds = study.plan.knowledge
    if len(kinds) < 2 or not group.cells:
        return
    for metric in metrics_of(study):
        header = [part for kind in kinds for part in (f"{kind}: base → model", "difference")]
        rows = tuple(
            (
                of.cell.name,
                *(text for kind in kinds for text in measured(measure_of(of, metric, kind))),
            )
            for of in group.cells
        )
        yield Table(
            caption=f"{group.title}: {metric} by what a question is shown with, {TWO_SIDED}",
            header=("model", *header),
            rows=rows,
            align="<" + ">>" * len(kinds),
        )


def increment_table(group: Group) -> Table | None:
    """What retrieval adds to the base and to each model, and how training changed that."""
    own = group.result.increments if group.result else ()
    rows = [_increment("the base", of) for of in own]
    rows += [_increment(of.cell.name, each) for of in group.cells for each in of.increments]
    if not rows:
        return None
    return Table(
        caption=f"{group.title}: what retrieval adds, {TWO_SIDED}",
        header=("of", "metric", "without", "retrieved", "increment", "change against the base"),
        rows=tuple(rows),
        align="<<>>>>",
    )


def _increment(name: str, of: Increment) -> tuple[str, ...]:
    return (
        name,
        of.metric,
        fixed(of.without),
        fixed(of.retrieved),
        interval_text(of.difference),
        NOTHING if of.change is None else interval_text(of.change),
    )


def style_table(group: Group) -> Table | None:
    """How long answers are, and how often they decline."""
    rows = [
        (of.cell.name, *_words(of.style), *_declines(of.refusals))
        for of in group.cells
        if of.style is not None or of.refusals is not None
    ]
    if not rows:
        return None
    return Table(
        caption=f"{group.title}: length and refusals, base → model",
        header=(
            "model", "words", f"difference, {TWO_SIDED}", "with markup",
            "declines what has an answer", "declines what has none",
        ),
        rows=tuple(rows),
        align="<>>>>>",
    )  # fmt: skip


def _words(of: AnswerStyle | None) -> tuple[str, ...]:
    if of is None:
        return (NOTHING, NOTHING, NOTHING)
    lower, upper = (
        fixed(x, places_apart(x, 0.0, places=1), signed=True) for x in (of.lower, of.upper)
    )
    difference = fixed(of.variant_words - of.baseline_words, 1, signed=True)
    return (
        f"{fixed(of.baseline_words, 1)} → {fixed(of.variant_words, 1)}",
        f"{difference} [{lower}, {upper}]",
        f"{percent(of.baseline_markup)} → {percent(of.variant_markup)}",
    )


def _declines(of: Refusals | None) -> tuple[str, str]:
    if of is None:
        return NOTHING, NOTHING
    return (
        _share(of.baseline_refused, of.variant_refused, of.answerable),
        _share(of.baseline_abstained, of.variant_abstained, of.unanswerable),
    )


def _share(before: int, after: int, n: int) -> str:
    if not n:
        return NOTHING
    return f"{percent(before / n)} → {percent(after / n)} of {count(n)}"


def part_table(study: StudyResult, group: Group) -> Table | None:
    """The part of the questions that each model lost most in, by metric; without those too small.

    A part is one that leaves questions out, and has as many as a guard's veto takes.
    """
    rows: list[tuple[str, ...]] = []
    for of in group.cells:
        for metric in metrics_of(study):
            gate = gate_on(of, metric)
            worst = None if gate is None else _worst_part(gate)
            if worst is not None:
                rows.append(
                    (
                        of.cell.name,
                        metric,
                        worst.name,
                        count(worst.n),
                        f"{fixed(worst.baseline)} → {fixed(worst.variant)}",
                        fixed(worst.variant - worst.baseline, signed=True),
                    )
                )
    if not rows:
        return None
    return Table(
        caption=f"{group.title}: where each model lost most",
        header=("model", "metric", "part", "n", "base → model", "difference"),
        rows=tuple(rows),
        align="<<<>>>",
    )


def _worst_part(gate: GateResult) -> Stratum | None:
    parts = [
        part
        for part in gate.strata
        if REGRESSION_QUESTIONS <= part.n < gate.verdict.n
        and part.variant < part.baseline - NEGLIGIBLE
    ]
    return min(parts, key=lambda part: part.variant - part.baseline, default=None)


def retention_tables(study: StudyResult, group: Group) -> Iterator[Table]:
    """Suites by models, those without any training data apart; the worst of the study is marked."""
    worst = _worst_kept(study)
    for trained in (False, True):
        suites = dict.fromkeys(
            (kept.suite, kept.metric)
            for of in group.cells
            for kept in of.retention
            if kept.trained is trained
        )
        about = "with training data of their kind" if trained else "without any training data"
        for start in range(0, len(group.cells), _BESIDE) if suites else ():
            cells = group.cells[start : start + _BESIDE]
            yield _matrix(f"{group.title}: suites {about}", tuple(suites), cells, worst)


def _matrix(
    caption: str,
    suites: Sequence[tuple[str, str]],
    cells: Sequence[CellResult],
    worst: Kept | None,
) -> Table:
    rows: list[tuple[str, ...]] = []
    marked: set[tuple[int, int]] = set()
    for suite, metric in suites:
        found = [_kept(of, suite, metric) for of in cells]
        base = next((kept.base for kept in found if kept is not None), None)
        name = suite if metric == "checks" else f"{suite} {metric}"
        texts = [_kept_text(kept, is_worst=kept is not None and kept is worst) for kept in found]
        marked |= {(len(rows), 2 + at) for at, kept in enumerate(found) if kept and kept is worst}
        rows.append((name, fixed(base), *texts))
    return Table(
        caption=caption,
        header=("suite", "base", *(of.cell.name for of in cells)),
        rows=tuple(rows),
        align="<>" + ">" * len(cells),
        marked=frozenset(marked),
    )


def _kept(of: CellResult, suite: str, metric: str) -> Kept | None:
    for kept in of.retention:
        if (kept.suite, kept.metric) == (suite, metric):
            return kept
    return None


def _kept_text(of: Kept | None, *, is_worst: bool) -> str:
    if of is None:
        return NOTHING
    text = f"{fixed(of.cell - of.base, signed=True)} ({fixed(of.cell)})"
    if of.gate is not None and of.gate.verdict.outcome == "REGRESSION":
        text += f", {verdict_text(of.gate)}"
    return f"{text}, worst" if is_worst else text


def _worst_kept(study: StudyResult) -> Kept | None:
    """The largest drop of the whole study."""
    every = [kept for of in study.cells for kept in of.retention]
    moves = [
        SuiteMove(
            suite=of.suite,
            metric=of.metric,
            baseline=of.base,
            variant=of.cell,
            difference=of.cell - of.base,
            n=of.n,
            gate=of.gate,
        )
        for of in every
    ]
    worst = worst_move(moves)
    return next((of for of, move in zip(every, moves, strict=True) if move is worst), None)
