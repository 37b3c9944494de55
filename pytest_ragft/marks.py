"""The mark ``ragft``: which suite a hand-written test speaks about."""

from __future__ import annotations

import pytest

MARK_HELP = (
    "ragft(*, suite=NAME): the suite that the ragft_… fixtures of a test use; "
    "may be left out where there is only one"
)


def marked_suite(node: pytest.Item) -> str | None:
    """The suite named by the closest mark; None where no mark names one.

    Raises:
        pytest.UsageError: the mark is given something else than the keyword ``suite``.
    """
    mark = node.get_closest_marker("ragft")
    if mark is None:
        return None
    unknown = sorted(mark.kwargs.keys() - {"suite"})
    suite = mark.kwargs.get("suite")
    if mark.args or unknown or not isinstance(suite, str | None):
        given = ", ".join(
            [*map(repr, mark.args), *(f"{key}={value!r}" for key, value in mark.kwargs.items())]
        )
        raise pytest.UsageError(
            f"{node.nodeid}: @pytest.mark.ragft({given}): accepts only suite='NAME'"
        )
    return suite
