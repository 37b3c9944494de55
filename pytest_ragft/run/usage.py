"""What the judge of a run has cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_ragft.endpoint.usage import Usage, prices
from pytest_ragft.judging.jury import Jury
from pytest_ragft.judging.port import Judge
from pytest_ragft.records import JudgeUsage
from pytest_ragft.run.environment import PRICES


def judge_usage(judge: Judge, environ: Mapping[str, str]) -> JudgeUsage | None:
    """The calls of a judge, or of all members of a jury; None when there were none.

    Raises:
        SpecError: RAGFT_JUDGE_PRICES is unusable.
    """
    usage = sum(_usages(judge), start=Usage())
    if not usage.calls:
        return None
    known = prices(environ, PRICES)
    return JudgeUsage(
        calls=usage.calls,
        failed=usage.failed,
        retries=usage.retries,
        reasked=usage.reasked,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        uncounted=usage.uncounted,
        cost=None if known is None else usage.cost(known),
    )


def _usages(judge: Judge) -> Iterator[Usage]:
    for member in judge.members if isinstance(judge, Jury) else (judge,):
        usage = getattr(member, "usage", None)
        if isinstance(usage, Usage):
            yield usage
