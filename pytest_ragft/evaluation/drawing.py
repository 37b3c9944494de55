"""Several answers to one question: what each of them is asked, and one score made of theirs.

Draws take the noise of decoding out of a comparison. They are averaged within the question and
never counted as questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import factorial
from typing import TypeAlias, TypeVar

from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.numbers import count, exact
from pytest_ragft.records import Draw, Prompt, Request, Sampling, Score
from pytest_ragft.store import fingerprint

_T = TypeVar("_T")

Drawn: TypeAlias = Mapping[int, Draw]
"""A question's draws by sample."""


def drawn_requests(
    suite: str, settings: GenerationSettings, prompts: Mapping[str, Prompt]
) -> list[Request]:
    """Every question of a suite as often as it is answered: all first draws, all second ones, ….

    Draws hang on the question and the seed alone, so that they are the same for baseline and
    variants, and the first ones stay when more are asked for. The first draw of varied orders is
    the ranked one. A question has no more draws than its passages have orders.

    Args:
        suite: its name.
        settings: how it is decoded.
        prompts: of the questions by id, over the passages as they were ranked.
    """
    seed = settings.seed or 0
    asked = {
        example_id: list(_draws(prompt, settings, seed)) for example_id, prompt in prompts.items()
    }
    return [
        Request(
            suite=suite,
            id=example_id,
            prompt=draws[sample][0],
            sample=sample,
            samples=len(draws),
            sampling=draws[sample][1],
        )
        for sample in range(settings.samples)
        for example_id, draws in asked.items()
        if sample < len(draws)
    ]


def first_request(suite: str, settings: GenerationSettings, prompt: Prompt) -> Request:
    """A prompt put once, to no question of a suite."""
    sampling = _sampling(settings, settings.seed or 0, prompt.question, 0)
    return Request(suite=suite, id="", prompt=prompt, sampling=sampling)


def _draws(
    prompt: Prompt, settings: GenerationSettings, seed: int
) -> Iterator[tuple[Prompt, Sampling | None]]:
    if settings.vary == "order":
        for order in orders(prompt.passages, settings.samples, (seed, prompt.question)):
            yield replace(prompt, passages=order), None
        return
    for sample in range(settings.samples):
        yield prompt, _sampling(settings, seed, prompt.question, sample)


def _sampling(
    settings: GenerationSettings, seed: int, question: str, sample: int
) -> Sampling | None:
    if settings.temperature is None:
        return None
    return Sampling(
        temperature=settings.temperature,
        top_p=settings.top_p,
        seed=int(fingerprint("sampling", seed, question, sample)[:8], 16) >> 1,
    )


def orders(items: Sequence[_T], number: int, seed: tuple[int, str]) -> list[tuple[_T, ...]]:
    """Different orders of `items`, that in which they come first, then others at random.

    Args:
        items: of which no two are the same.
        number: of orders, at least 1; there are fewer where `items` has fewer.
        seed: decides the others, one after the other.
    """
    known: dict[tuple[int, ...], None] = {tuple(range(len(items))): None}
    wanted, attempt = min(number, factorial(len(items))), 0
    while len(known) < wanted:
        ranks = [fingerprint("order", *seed, attempt, i) for i in range(len(items))]
        known[tuple(sorted(range(len(items)), key=ranks.__getitem__))] = None
        attempt += 1
    return [tuple(items[i] for i in order) for order in known]


def draw_notes(settings: GenerationSettings, samples: Mapping[str, int]) -> list[str]:
    """What a report must say of how a suite's answers were drawn.

    Args:
        settings: how it is decoded.
        samples: answers by question.
    """
    if settings.vary == "order":
        notes = [
            f"{settings.samples} greedy answers a question, each over another order of its "
            'passages (vary = "order", the first as ranked), averaged within the question: that '
            "changes the question asked, since your pipeline shows the ranked order alone"
        ]
        if few := [number for number in samples.values() if number < settings.samples]:
            alone = few.count(1)
            notes.append(
                f"{count(len(few), 'question')} with fewer passages than {settings.samples} orders "
                "need, so that each order was asked once"
                + (f"; {count(alone)} of them have one order alone" if alone else "")
            )
        return notes
    if settings.temperature is None:
        return []
    how = f"sampled at temperature {settings.temperature:g}"
    how += "" if settings.top_p is None else f", top_p {settings.top_p:g}"
    how += f", seed {settings.seed or 0}"
    if settings.samples == 1:
        return [
            f"one answer a question, {how}: how much of the spread is sampling is unknown; samples "
            "= 2 or more shows it, and takes it out"
        ]
    return [f"{settings.samples} answers a question, {how}, averaged within the question"]


def mean_scores(draws: Sequence[Draw]) -> dict[str, Score]:
    """A question's scores: the means over those of its draws that have one, by metric.

    A metric counts once every draw was judged in it. Whether it applies hangs on the question.
    """
    metrics = [m for m in draws[0].scores if all(m in draw.scores for draw in draws)]
    return {metric: _mean(metric, draws) for metric in metrics}


def _mean(metric: str, draws: Sequence[Draw]) -> Score:
    scores = [draw.scores[metric] for draw in draws]
    statuses = {score.status for score in scores}
    if "not_applicable" in statuses:
        if "scored" not in statuses:
            return next(score for score in scores if score.status == "not_applicable")
        why = "it applies to some of the question's draws and not to others"
        return Score(metric=metric, value=None, status="missing", reason=why)
    values = [score.value for score in scores if score.value is not None]
    if not values:
        return scores[0]
    shown = ", ".join("missing" if s.value is None else exact(s.value) for s in scores)
    return Score(
        metric=metric,
        # The mean of equal values may lie beside them by its rounding.
        value=min(max(sum(values) / len(values), min(values)), max(values)),
        reason=f"mean of {len(values)} draws: {shown}",
        evidence={**_agreed(scores), "draws": [score.value for score in scores]},
    )


def _agreed(scores: Sequence[Score]) -> dict[str, object]:
    """What lies behind each of the scores, such as the kind of reference or that all abstained."""
    first, *others = (score.evidence for score in scores)
    return {k: v for k, v in first.items() if all(k in of and of[k] == v for of in others)}


def paired(
    baseline: Score, variant: Score, of_baseline: Drawn, of_variant: Drawn
) -> tuple[Score, Score, tuple[tuple[float, float], ...]]:
    """Both arms' scores of one metric for a question, with both values of each draw.

    A draw that is missing on both sides makes the means those of fewer draws. One that is missing
    on one side makes that side's score missing: means over other draws have other noise and, where
    orders vary, are about other questions.
    """
    first, second = (_values(of, baseline.metric) for of in (of_baseline, of_variant))
    same = sorted(first) if first.keys() == second.keys() else []
    return (
        _unless_lacking(baseline, of_baseline, first, second),
        _unless_lacking(variant, of_variant, second, first),
        tuple((first[sample], second[sample]) for sample in same),
    )


def _values(draws: Drawn, metric: str) -> dict[int, float]:
    found = {sample: draw.scores.get(metric) for sample, draw in draws.items()}
    return {s: of.value for s, of in found.items() if of is not None and of.value is not None}


def unless_lost(score: Score, draws: Sequence[Draw]) -> Score:
    """A mean over all draws of a question; a missing score where one of them has none."""
    own = {draw.sample: draw for draw in draws}
    return _lacking(score, own, sorted(own.keys() - _values(own, score.metric).keys()))


def _unless_lacking(
    score: Score, own: Drawn, values: Mapping[int, float], others: Mapping[int, float]
) -> Score:
    lost = sorted(others.keys() - values.keys())
    return _lacking(score, own, lost, ", which the other side has")


def _lacking(score: Score, own: Drawn, lost: Sequence[int], how: str = "") -> Score:
    if not lost or score.status != "scored":
        return score
    there = own[lost[0]].scores.get(score.metric) if lost[0] in own else None
    why = "it was not evaluated" if there is None else there.reason
    names = ", ".join(str(sample + 1) for sample in lost)
    return Score(
        metric=score.metric,
        value=None,
        status="missing",
        reason=f"draw {names} of this question is missing{how}: {why}",
    )
