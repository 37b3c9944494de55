"""The knowledge axis as tables and sentences, which all renderers share. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_ragft.numbers import count, fixed, level, span_texts
from pytest_ragft.records import (
    BASELINE,
    Effect,
    Interval,
    KnowledgeAxis,
    KnowledgeEffect,
    PartEffect,
)
from pytest_ragft.stats.planning import REGRESSION_CLUSTERS, REGRESSION_QUESTIONS

LEVEL = "two-sided 95 %"

# In the order in which they are shown: what a table is about, and its columns of means.
_TABLES: Mapping[Effect, tuple[str, str, str, str]] = {
    "increment": ("what retrieval adds", "without", "retrieved", "increment"),
    "gap": ("what gold passages would add", "retrieved", "gold", "gap"),
    "increment_difference": ("what training changed", "baseline's", "variant's", "change"),
}
_WORST: Mapping[Effect, str] = {
    "baseline_difference": "worst part of {} against the baseline",
    "increment_difference": "retrieval adds least to {}, beside the baseline",
    "increment": "retrieval adds least to {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectTable:
    """An effect of all variants and metrics, as cells."""

    effect: Effect
    header: tuple[str, ...]
    """What it is about, two means, their difference, its bounds, questions."""
    rows: tuple[tuple[str, ...], ...]


def effect_tables(axis: KnowledgeAxis) -> list[EffectTable]:
    """What was measured, one table an effect; each row's means are over the same questions."""
    return [
        EffectTable(
            effect=effect,
            header=(title, before, after, difference, LEVEL, "n"),
            rows=tuple(_row(of) for of in found),
        )
        for effect, (title, before, after, difference) in _TABLES.items()
        if (found := [of for of in axis.effects if of.effect == effect])
    ]


def _row(of: KnowledgeEffect) -> tuple[str, ...]:
    signed = of.effect == "increment_difference"
    lower, estimate, upper = span(of.interval)
    return (
        f"{of.variant} {of.metric}",
        fixed(of.before, signed=signed),
        fixed(of.after, signed=signed),
        estimate,
        f"[{lower}, {upper}]",
        count(of.interval.n) + (f" ({count(of.missing)} missing)" if of.missing else ""),
    )


def span(interval: Interval) -> tuple[str, str, str]:
    """Lower bound, estimate and upper bound, none of which shows another sign than it has."""
    return span_texts(interval.lower, interval.estimate, interval.upper, 0.0)


def sentences(axis: KnowledgeAxis) -> list[str]:
    """What the numbers come to: whether training changed the increment, and the worst parts."""
    return [*_changes(axis), *_worst(axis), *limits(axis)]


def _changes(axis: KnowledgeAxis) -> Iterator[str]:
    """One sentence a variant about what retrieval adds to it, beside the baseline."""
    found = [of for of in axis.effects if of.effect == "increment_difference"]
    for variant in dict.fromkeys(of.variant for of in found):
        own = [of for of in found if of.variant == variant]
        less = [of.metric for of in own if of.interval.upper < 0]
        more = [of.metric for of in own if of.interval.lower > 0]
        for word, metrics in (("less", less), ("more", more)):
            if metrics:
                yield (
                    f"retrieval surely adds {word} to {variant} than to the baseline, in "
                    f"{' and '.join(metrics)} (each two-sided 95 %)"
                )
        if not less and not more:
            yield f"whether retrieval adds more or less to {variant} than to the baseline is open"


def _worst(axis: KnowledgeAxis) -> Iterator[str]:
    order = list(_WORST)
    telling = [of for of in axis.worst if of.effect in _WORST]
    told = [of for of in telling if of.sure or of.effect != "increment"]
    for of in sorted(told, key=lambda worst: order.index(worst.effect)):
        lower, estimate, upper = span(of.interval)
        yield (
            f"{_WORST[of.effect].format(of.variant)}: {of.metric}, {of.name}: {estimate} "
            f"[{lower}, {upper}] over {count(of.interval.n, 'question')} in "
            f"{count(of.interval.documents, 'document')}, {'' if of.sure else 'not '}surely below 0"
        )
    if told:
        sizes = ", ".join(dict.fromkeys(count(of.compared) for of in told))
        yield (
            f"the bounds of all parts hold together with 95 % (two-sided; Bonferroni over {sizes} "
            "pairs of part and metric)"
        )
    named = {(of.variant, of.effect) for of in axis.worst}
    seen = {(of.variant, of.effect) for of in axis.effects if of.variant != BASELINE}
    if any(effect in _WORST for _, effect in seen - named):
        yield (
            f"no worst part is named where none has {REGRESSION_QUESTIONS} questions in "
            f"{REGRESSION_CLUSTERS} documents"
        )


def limits(axis: KnowledgeAxis) -> list[str]:
    """What a reader must know about how it was measured."""
    lines = list(axis.notes)
    if axis.without_gold:
        lines.append(
            f"{count(axis.without_gold, 'question names', 'questions name')} no relevant passage, "
            "and so no gold passages"
        )
    return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTable:
    """An effect of one variant and metric in every part of the questions, as cells."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def part_tables(axis: KnowledgeAxis) -> list[PartTable]:
    """Every effect by parts."""
    return [
        PartTable(
            title=f"{of.variant}, {of.metric}: {_ABOUT[of.effect]}",
            header=("where", "n", "documents", *_means(of.effect), "difference", "bounds"),
            rows=tuple(_part(of.effect, part) for part in of.parts),
        )
        for of in axis.effects
        if of.parts
    ]


_ABOUT: Mapping[Effect, str] = {
    "increment": "what retrieval adds",
    "gap": "what gold passages would add",
    "increment_difference": "what retrieval adds, beside the baseline",
    "baseline_difference": "against the baseline, with retrieved passages",
}


def _means(effect: Effect) -> tuple[str, str]:
    if effect == "baseline_difference":
        return "baseline", "variant"
    _, before, after, _ = _TABLES[effect]
    return before, after


def _part(effect: Effect, part: PartEffect) -> tuple[str, ...]:
    signed = effect == "increment_difference"
    lower, estimate, upper = span(part.interval)
    return (
        part.name if part.can_be_named else f"{part.name} (too few to be named)",
        count(part.interval.n),
        count(part.interval.documents),
        fixed(part.before, signed=signed),
        fixed(part.after, signed=signed),
        estimate,
        f"[{lower}, {upper}]",
    )


def part_level(axis: KnowledgeAxis) -> str:
    """How sure the bounds of parts are, together and each by itself."""
    alphas: Sequence[float] = [p.interval.alpha for of in axis.effects for p in of.parts]
    each = f", at least {level(min(alphas))} each" if alphas else ""
    return (
        "Of one variant and effect, the bounds of all parts and metrics that can be named hold "
        f"together with 95 % (two-sided, Bonferroni{each})."
    )
