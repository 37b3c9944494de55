"""Foreign errors on one line."""

from __future__ import annotations

import pytest

from pytest_ragft.errors import SpecError, reason_of


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("Error(s) in loading:\n\tsize mismatch for x:\n 3 is 4."),
         "Error(s) in loading: size mismatch for x: 3 is 4."),
        (ValueError("\n plain "), "plain"),
        (KeyError("what"), "KeyError: 'what'"),
        (OSError(), "OSError"),
        (ValueError("x" * 2000), "x" * 500 + "…"),
    ],
)  # fmt: skip
def test_the_whole_reason_stands_on_one_line(error: Exception, said: str) -> None:
    assert reason_of(error) == said


def test_a_value_of_thousands_of_characters_hides_no_remedy() -> None:
    message = str(SpecError(f"{'x' * 5000!r}: there is no such file; check the path"))
    assert len(message) < 600
    assert message.startswith("'xxx")
    assert message.endswith("x': there is no such file; check the path")
