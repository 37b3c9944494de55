"""What calls have cost, as a report tells it."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_ragft.endpoint.usage import Usage, prices
from pytest_ragft.records import EndpointUsage


def endpoint_usage(usage: Usage, environ: Mapping[str, str], variable: str) -> EndpointUsage | None:
    """Calls with their cost by the prices in `variable`; None when there were none.

    Raises:
        SpecError: the prices are unusable.
    """
    if not usage.calls:
        return None
    known = prices(environ, variable)
    return EndpointUsage(
        calls=usage.calls,
        failed=usage.failed,
        retries=usage.retries,
        reasked=usage.reasked,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        uncounted=usage.uncounted,
        cost=None if known is None else usage.cost(known),
    )
