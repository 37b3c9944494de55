"""From the text of ``--ragft-judge`` to a judge."""

from __future__ import annotations

from pytest_ragft.errors import SpecError
from pytest_ragft.judging.port import Judge

KNOWN = ("reference",)


def open_judge(spec: str = "reference") -> Judge:
    """The judge that `spec` names.

    Raises:
        SpecError: this version has no such judge.
    """
    if spec == "reference":
        from pytest_ragft.judging.reference import ReferenceJudge

        return ReferenceJudge()
    raise SpecError(
        f"--ragft-judge={spec!r}: this version knows {', '.join(map(repr, KNOWN))} only"
    )
