"""An answer held against its question's checks: all or nothing.

A share of the checks held would give credit for nothing: an empty answer is no longer than twenty
words, and a refusal names none of the forbidden words. An answer is of use when it does all that
was asked; which checks it fails stands in the score's reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version

from pytest_ragft.errors import require_packages
from pytest_ragft.judging.abstention import rule as abstention
from pytest_ragft.judging.checks.rules import RULES
from pytest_ragft.records import CHECKS, Check, QAExample, Score

_VERSION = "checks/3"
"""Changes whenever a check may decide otherwise."""
_FURTHEST = 100_000
"""Characters: whoever says more has held to nothing."""


def check_score(example: QAExample, answer: str, *, unanswered: str = "") -> Score:
    """The score of an answer to a question with checks.

    Args:
        example: with checks.
        answer: without what the model thought.
        unanswered: why there is no answer; empty where there is one.
    """
    failed = ["empty answer"] if not answer.strip() else failed_checks(example.checks, answer)
    reason = unanswered or "; ".join(failed) or f"holds {_listed(example.checks)}"
    value = 0.0 if unanswered or failed else 1.0
    return Score(metric=CHECKS, value=value, reason=reason)


def failed_checks(checks: Sequence[Check], answer: str) -> list[str]:
    """What an answer fails, one phrase each with what it is instead; empty where it holds all.

    Linear in the length of the answer but for the user's own patterns, which see its beginning.
    """
    if len(answer) > _FURTHEST:
        return [f"longer than {_FURTHEST:,} characters"]
    others = {check.name: check.value for check in checks}
    found = ((check, RULES[check.name](answer.strip(), check.value, others)) for check in checks)
    return [f"{_shown(check)}: {why}" for check, why in found if why]


def check_identity(checks: Iterable[Check]) -> tuple[object, ...]:
    """What decides these checks, for fingerprints; empty without any."""
    plain = [(check.name, check.value) for check in checks]
    if not plain:
        return ()
    names = {name for name, _ in plain}
    parts: list[object] = [_VERSION, plain]
    if "language" in names:
        parts.append(version("py3langid"))
    if "declines" in names:
        parts.append(abstention.VERSION)
    return (parts,)


def require_checkers(examples: Iterable[QAExample]) -> None:
    """Find out whether all that the checks need is installed.

    Raises:
        MissingDependencyError: the package that tells languages apart is not.
    """
    if any(check.name == "language" for example in examples for check in example.checks):
        require_packages("py3langid", extra="languages", purpose="the check 'language'")


def _shown(check: Check) -> str:
    value = ", ".join(check.value) if isinstance(check.value, tuple) else check.value
    return f"{check.name} = {value}".replace("True", "true").replace("False", "false")


def _listed(checks: Sequence[Check]) -> str:
    return ", ".join(map(_shown, checks))
