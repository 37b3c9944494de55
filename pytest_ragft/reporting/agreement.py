"""A judge's agreement with people as text: for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ragft.calibration.agreement import Agreement, Bias, Bin, Figure
from pytest_ragft.numbers import count, fixed, percent
from pytest_ragft.reporting.text import table

_NAMES = {
    "accuracy": "accuracy, cut at 0.5",
    "kappa": "Cohen's κ, cut at 0.5",
    "accuracy_cv": "accuracy, cross-validated cut",
    "kappa_cv": "Cohen's κ, cross-validated cut",
    "pearson": "Pearson",
    "spearman": "Spearman",
    "auc": "AUC",
    "alpha": "Krippendorff's α between raters",
}
_BAR = 30
_RATER_PAIRS = 6


def agreement_lines(agreement: Agreement) -> list[str]:
    """Everything that was measured about one metric, in lines of about 80 columns."""
    of = agreement
    head = (
        f"{of.metric}: {count(of.n, 'labelled answer')} to {count(of.questions, 'question')}, "
        f"{percent(of.right)} right, {count(of.raters, 'rater')}"
    )
    if of.not_applicable:
        head += f"; {count(of.not_applicable)} more to which it does not apply"
    return [
        head,
        *_indented(_figures(of)),
        f"   best cut: {fixed(of.threshold)} (what it is worth is the cross-validated κ; "
        "no score is changed by it)",
        *_indented(_rater_pairs(of)),
        "",
        "   judge less people (positive: the judge is too kind)",
        *_indented(_biases([*of.bias, *of.by_length])),
        *_favours(of.favours),
        *_slope(of),
        "",
        "   reliability: mean label of the answers that the judge scores alike",
        *_indented(_reliability(of.reliability)),
    ]


def figure_text(figure: Figure, *, signed: bool = False) -> str:
    """``0.612 [0.570, 0.650]``; without an interval the number alone."""
    value = fixed(figure.value, signed=signed)
    if figure.lower is None or figure.upper is None:
        return value
    lower, upper = (fixed(x, signed=signed) for x in (figure.lower, figure.upper))
    return f"{value} [{lower}, {upper}]"


def _indented(rows: Sequence[str]) -> list[str]:
    return [f"   {row}" for row in rows]


def _figures(of: Agreement) -> list[str]:
    rows = []
    for name, title in _NAMES.items():
        figure = of.figures[name]
        if figure.value is None and name == "alpha":
            continue
        rows.append((title, *_parts(figure)))
    return table(rows, "<><")


def _parts(figure: Figure, *, signed: bool = False) -> tuple[str, str]:
    value, bracket, interval = figure_text(figure, signed=signed).partition(" [")
    return value, bracket.strip() + interval if bracket else "no interval"


def _rater_pairs(of: Agreement) -> list[str]:
    rows = [
        (f"κ of {' and '.join(pair.raters)}", fixed(pair.kappa), f"on {count(pair.n, 'answer')}")
        for pair in of.rater_pairs[:_RATER_PAIRS]
    ]
    return table(rows, "<><") if rows else []


def _biases(biases: Sequence[Bias]) -> list[str]:
    rows = [("answers", "n", "words", "bias", "")]
    rows += [
        (of.name, count(of.n), fixed(of.words, 1), *_parts(of.bias, signed=True)) for of in biases
    ]
    return table(rows, "<>>><")


def _favours(figure: Figure) -> list[str]:
    if figure.value is None:
        return []
    return [f"   kinder to the variant than to the baseline by {figure_text(figure, signed=True)}"]


def _slope(of: Agreement) -> list[str]:
    lower, upper = (fixed(x, 2) for x in (of.slope.lower, of.slope.upper))
    lines = [
        f"   slope of its score on people's: {fixed(of.slope.estimate, 2)} (one-sided 95 % bounds "
        f"{lower} and {upper})"
    ]
    if of.differences.value is not None:
        lines.append(
            f"   correlation of its differences, variant − baseline, with people's: "
            f"{figure_text(of.differences)}"
        )
    return lines


def _reliability(bins: Sequence[Bin]) -> list[str]:
    """A bar a bin, with a mark where it would end if the scores were shares of right answers."""
    rows = []
    for part in bins:
        bar = list(("█" * round(part.people * _BAR)).ljust(_BAR + 1, "·"))
        bar[round(part.judge * _BAR)] = "┃"
        rows.append(
            (
                f"{part.low:.1f}–{part.high:.1f}",
                count(part.n),
                fixed(part.judge, 2),
                fixed(part.people, 2),
                "".join(bar),
            )
        )
    return table([("score", "n", "judge", "people", "█ people  ┃ judge"), *rows], "<>>><")
