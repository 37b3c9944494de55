"""How long a run will take, measured on a few of its questions."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_ragft.errors import GenerationError
from pytest_ragft.evaluation.evaluation import RETRIEVAL
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.preflight import check
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.progress import Phase

_QUESTIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What a run of a plan takes, in seconds; of a machine that does nothing else."""

    answers: int
    """Of baseline and variants together; so many are judged."""
    measured: int
    """So many were judged for this."""
    loading: float
    answering: float
    """Of one answer; 0 for recorded ones."""
    judging: float
    """Of one answer."""

    @property
    def whole(self) -> float:
        """All of it."""
        return self.loading + self.answers * (self.answering + self.judging)


def measure(plan: Plan, clock: Callable[[], float] = time.monotonic) -> Timing:
    """Answer and judge a few questions of each suite, apart from the store of the plan's root.

    Args:
        plan: with the variant and the baseline to be measured.
        clock: seconds.

    Raises:
        RagftError: as a gating run finds before any work.
        GenerationError: a question could not be answered or judged.
    """
    few = 1 + ceil(_QUESTIONS / max(1, len(plan.suites)))
    _spend(plan, 1, clock)  # so that libraries are imported, and files in the system's cache
    first, rest = _spend(plan, 1, clock), _spend(plan, few, clock)
    rates, loading = {}, 0.0
    for kind in ("answering", "judging"):
        (n_first, t_first), (n_rest, t_rest) = first[kind], rest[kind]
        rate = (t_rest - t_first) / (n_rest - n_first) if n_rest > n_first else 0.0
        # A load that took longer the first time says nothing of an answer.
        rates[kind] = rate if rate > 0 or not n_rest else t_rest / n_rest
        loading += max(t_first - n_first * rates[kind], 0.0)
    arms = [arm for arm in plan.everything() if arm[0] != RETRIEVAL]
    return Timing(
        answers=sum(len(plan.suites[suite].examples) for _, suite in arms),
        measured=rest["judging"][0],
        loading=loading,
        answering=rates["answering"],
        judging=rates["judging"],
    )


def _spend(plan: Plan, limit: int, clock: Callable[[], float]) -> dict[str, tuple[int, float]]:
    """Units and seconds of answering and of judging over the first questions of each suite."""
    watch = _Stopwatch(clock)
    with TemporaryDirectory(prefix="ragft-") as folder:
        root = Path(folder)
        (root / ".ragft").mkdir()
        settings = replace(plan.settings, limit=limit, cache="rw")
        limited = Plan(settings, root, plan.given, rootdir=plan.rootdir)
        gating = GatingRun(limited, watch)
        try:
            check(gating)
            evaluation = gating.evaluate(limited.everything())
        finally:
            gating.close()
    if errors := list(dict.fromkeys(evaluation.errors.values())):
        raise GenerationError("; ".join(errors))
    return watch.spent


class _Stopwatch:
    """Progress that nobody sees, but for the time that it took."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.spent: dict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))

    @contextmanager
    def phase(self, title: str, total: int, unit: str) -> Iterator[Phase]:
        """A phase, by the first word of its title."""
        kind, started = title.split()[0], self._clock()
        yield self
        units, seconds = self.spent[kind]
        self.spent[kind] = units + total, seconds + self._clock() - started

    def advance(self, done: int, what: str = "") -> None:
        """Nobody is told."""
