"""Where scores moved: questions, documents, strata. For people; no verdict rests on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import inf, isfinite

from pytest_ragft.gate.pairs import difference
from pytest_ragft.records import DrawsWorth, Mover, PairedScore, Score
from pytest_ragft.stats.draws import draw_spread

TOP_QUESTIONS = 10
TOP_DOCUMENTS = 5


def moved_questions(pairs: Sequence[PairedScore], scale: float) -> tuple[Mover, ...]:
    """The questions that moved most, drops before gains of the same size; unmoved ones never."""
    movers = [_mover(p.suite, p.id, [p], scale) for p in pairs if _moved(p)]
    return _largest(movers, TOP_QUESTIONS, scale)


def moved_documents(pairs: Sequence[PairedScore], scale: float) -> tuple[Mover, ...]:
    """The documents that moved the mean most, by mean difference times number of questions.

    None where every question has a document of its own: they would repeat the questions. A document
    of several suites names them all.
    """
    groups: dict[tuple[str, ...], list[PairedScore]] = defaultdict(list)
    for pair in pairs:
        groups[pair.document].append(pair)
    if len(groups) == len(pairs):
        return ()
    movers = [
        _mover(_suites(members), members[0].cluster, members, scale)
        for members in groups.values()
        if any(map(_moved, members))
    ]
    return _largest(movers, TOP_DOCUMENTS, scale)


def shared_documents(pairs: Sequence[PairedScore]) -> int:
    """Number of documents that stand in more than one suite, and count once."""
    suites: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for pair in pairs:
        suites[pair.document].add(pair.suite)
    return sum(len(names) > 1 for names in suites.values())


def is_severe(difference: float, scale: float) -> bool:
    """Whether a question lost half of the scale or more."""
    # A rounding error less than half of the scale is half of the scale: 0.7 - 0.2 < 0.5.
    return difference <= (1e-12 - 0.5) * scale


def draws_worth(pairs: Sequence[PairedScore]) -> DrawsWorth | None:
    """What several answers a question are worth; None where none has several or nothing varies."""
    spread = draw_spread([[after - before for before, after in pair.draws] for pair in pairs])
    if spread is None:
        return None
    most = spread.worth(inf)
    return DrawsWorth(
        draws=spread.draws,
        questions=spread.questions,
        within=spread.share,
        worth=spread.worth(spread.draws),
        worth_doubled=spread.worth(2 * spread.draws),
        worth_most=most if isfinite(most) else None,
    )


def mean_score(scores: Sequence[Score]) -> float | None:
    """Mean of the scores that there are; None without any."""
    values = [score.value for score in scores if score.value is not None]
    return sum(values) / len(values) if values else None


def _moved(pair: PairedScore) -> bool:
    return pair.baseline.value != pair.variant.value


def _suites(pairs: Sequence[PairedScore]) -> str:
    return "+".join(dict.fromkeys(pair.suite for pair in pairs))


def _mover(suite: str, name: str, pairs: Sequence[PairedScore], scale: float) -> Mover:
    """What complete pairs moved in the mean."""
    baseline = mean_score([pair.baseline for pair in pairs])
    variant = mean_score([pair.variant for pair in pairs])
    assert baseline is not None
    assert variant is not None
    return Mover(
        suite=suite,
        id=name,
        baseline=baseline,
        variant=variant,
        difference=sum(difference(pair, scale) for pair in pairs) / len(pairs),
        n=len(pairs),
    )


def _largest(movers: Sequence[Mover], top: int, scale: float) -> tuple[Mover, ...]:
    def order(mover: Mover) -> tuple[float, float, str, str]:
        # Rounded, so that 0.8 - 0.5 and 0.3 tie and the name decides.
        moved = round(mover.difference * mover.n / scale, 9)
        return -abs(moved), moved, mover.suite, mover.id

    moved = [mover for mover in movers if order(mover)[0] < 0]
    return tuple(sorted(moved, key=order)[:top])
