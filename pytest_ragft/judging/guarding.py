"""What a judge gives, held against its port: what is no score is a missing one with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import get_args

from pytest_ragft.errors import RagftError, described
from pytest_ragft.judging.port import Judge, Scores, Streaming, missing_score
from pytest_ragft.records import Case, Score
from pytest_ragft.records.scoring import Status


def judged(judge: Judge, cases: Sequence[Case]) -> list[Scores]:
    """One score of each of the judge's metrics for each case, whatever the judge does.

    Where it raises, or gives another number of scores, each case is judged alone, so that a case
    which it cannot judge costs only itself. Ctrl-C passes.

    Raises:
        RagftError: raised by the judge, which says by it that it cannot judge at all.
    """
    try:
        given = listed(judge.judge(list(cases)), len(cases))
    except RagftError:
        raise
    # A judge of the user's own may exit; only Ctrl-C is meant for the run.
    except (Exception, SystemExit) as error:
        if len(cases) == 1:
            return [no_scores(judge, f"{_who(judge)} {_said(error)}")]
        return [scores for case in cases for scores in judged(judge, [case])]
    return [checked(judge, scores) for scores in given]


def judged_each(judge: Judge, cases: Sequence[Case], done: Callable[[int, Scores], None]) -> None:
    """As `judged`, of a judge that gives the scores of each case as they come.

    Args:
        judge: a `Streaming` one.
        cases: to be judged.
        done: gets the position of a case and its scores, once for each.

    Raises:
        RagftError: raised by the judge, which cannot judge at all, or by `done`.
    """
    assert isinstance(judge, Streaming)
    given: set[int] = set()

    def take(at: int, scores: object) -> None:
        if at not in given:
            given.add(at)
            done(at, checked(judge, scores))

    try:
        judge.judge_each(cases, take)
    except RagftError:
        raise
    except (Exception, SystemExit) as error:
        why = f"{_who(judge)} {_said(error)}"
    else:
        why = f"{_who(judge)} gave no scores to this case"
    # Kept are the scores that had come before; the rest is missing with the reason.
    for at in range(len(cases)):
        take(at, no_scores(judge, why))


def no_scores(judge: Judge, reason: str) -> dict[str, Score]:
    """A missing score of each of the judge's metrics."""
    return {metric: missing_score(metric, reason) for metric in judge.metrics}


class NoScoreError(Exception):
    """What a judge gave is no score; the text says what it is."""


def listed(given: object, wanted: int) -> Sequence[object]:
    """What a judge gave for some cases, one thing a case.

    Raises:
        NoScoreError: it is no list, or of another length.
    """
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        raise NoScoreError(f"gave {_kind(given)} instead of a list")
    if len(given) != wanted:
        raise NoScoreError(f"gave scores to {len(given)} of {wanted} cases")
    return given


def checked(judge: Judge, scores: object) -> Scores:
    """One sound score of each of the judge's metrics, from what it gave for a case."""
    return {metric: _score(judge, metric, scores) for metric in judge.metrics}


def _score(judge: Judge, metric: str, scores: object) -> Score:
    try:
        return sound_score(metric, scores)
    except (Exception, SystemExit) as error:
        return missing_score(metric, f"{_who(judge)} {_said(error)}")


def sound_score(metric: str, scores: object) -> Score:
    """The score of a metric in what a judge gave for one case, as a record that can be kept.

    Raises:
        NoScoreError: there is none.
    """
    if not isinstance(scores, Mapping):
        raise NoScoreError(f"gave {_kind(scores)} instead of a mapping of scores")
    if metric not in scores:
        raise NoScoreError(f"gave no score of {metric!r}")
    score = scores[metric]
    if not isinstance(score, Score):
        raise NoScoreError(f"gave {_kind(score)} as {metric!r} instead of a Score")
    _expect_whole(score, metric)
    value = _number(score.value, metric) if score.status == "scored" else score.value
    return replace(score, value=value)  # which checks it again: it may have been forged


def _expect_whole(score: Score, metric: str) -> None:
    """The fields that `Score` itself does not check."""
    if score.metric != metric:
        raise NoScoreError(f"gave a score of {score.metric!r} as {metric!r}")
    if score.status not in get_args(Status):
        raise NoScoreError(f"gave {metric!r} the status {score.status!r:.50}")
    if not isinstance(score.reason, str):
        raise NoScoreError(f"gave {_kind(score.reason)} as the reason of {metric!r}")
    if score.status == "missing" and not score.reason.strip():
        raise NoScoreError(f"gave a missing score of {metric!r} without a reason")
    if not isinstance(score.evidence, Mapping):
        raise NoScoreError(f"gave {_kind(score.evidence)} as the evidence of {metric!r}")
    try:
        json.dumps(score.evidence, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise NoScoreError(
            f"gave {metric!r} evidence that is no plain, finite values: {error}"
        ) from None


def _number(value: object, metric: str) -> float:
    """Such as an int, or numpy's: what JSON would not take."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise NoScoreError(f"gave {_kind(value)} as the value of {metric!r}")
    return float(value)


def _who(judge: Judge) -> str:
    """The judge with its class, for messages."""
    where = getattr(judge, "target", type(judge).__qualname__)
    return f"the judge {judge.name!r}" + (f" ({where})" if where != judge.name else "")


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, NoScoreError) else f"raised {described(error)}"


def _kind(value: object) -> str:
    try:
        shown = f"{value!r:.50}"
    except Exception:
        shown = "?"
    return f"{shown} ({type(value).__name__})"
