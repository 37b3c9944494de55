"""What is said about a judge's agreement with people beside a verdict."""

from __future__ import annotations

from pytest_ragft.calibration.agreement import Figure
from pytest_ragft.calibration.saved import Found


def agreement_note(found: Found) -> str:
    """What a gate's report says about the judge's agreement with people; never empty."""
    parts = [
        f"on {of.metric} it agrees with people with κ {_text(of.figures['kappa_cv'])}, "
        f"AUC {_text(of.figures['auc'])} ({of.n} labelled answers to {of.questions} questions, "
        f"{of.date})"
        for of in found.quoted
    ]
    if not parts:
        parts.append("its agreement with people was not measured here; `ragft calibrate` does that")
    if found.stale and not found.quoted:
        parts.append(
            f"the saved calibration {', '.join(found.stale)} is about another version of it and "
            "does not count"
        )
    if found.damaged:
        parts.append(f"damaged and not read: .ragft/calibrations/{', '.join(found.damaged)}")
    return "; ".join(parts)


def _text(figure: Figure) -> str:
    if figure.value is None:
        return "undefined"
    if figure.lower is None or figure.upper is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.lower:.2f}, {figure.upper:.2f}]"
