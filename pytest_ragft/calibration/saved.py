"""Saved calibrations: one JSON file a judge, meant to be committed; what reports quote of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pytest_ragft.calibration.agreement import Agreement, Figure
from pytest_ragft.records import Slope
from pytest_ragft.store import fingerprint

SCHEMA = "pytest-ragft/calibration/1"
_QUOTED = ("kappa_cv", "auc", "pearson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What a report says about a judge's agreement with people on one metric."""

    metric: str
    n: int
    questions: int
    date: str
    figures: Mapping[str, Figure]
    """`kappa_cv`, `auc` and `pearson`."""
    slope: Slope | None
    """Of the judge's score on people's; None in a file of before it was measured."""
    differences: Figure
    """Correlation of the judge's and people's differences; undefined where the labels named no
    variants, and in a file of before it was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Saved calibrations, as far as they are those of a judge."""

    quoted: tuple[Quoted, ...] = ()
    stale: tuple[str, ...] = ()
    """Files of the same judge in another version, or with other settings."""
    damaged: tuple[str, ...] = ()


def calibration_path(root: Path, judge: str) -> Path:
    """Where the calibration of a judge is kept under pytest's rootdir.

    Characters that no file name should have become dashes; two judges whose names differ in these
    alone are told apart by a digest.
    """
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", judge).strip(".-") or "judge"
    if name != judge:
        name = f"{name[:80]}-{fingerprint(judge)[:8]}"
    return root / ".ragft" / "calibrations" / f"{name}.json"


def calibration_text(
    agreements: Sequence[Agreement],
    *,
    judge: str,
    judge_fingerprint: str,
    labels: Sequence[str],
    labels_fingerprint: str,
    date: str,
    version: str,
) -> str:
    """The file.

    Args:
        agreements: One a metric.
        judge: Name.
        judge_fingerprint: Identity; under another one the file does not count.
        labels: Names of the label files.
        labels_fingerprint: Of their content.
        date: Of the measurement, as YYYY-MM-DD.
        version: Of this package.
    """
    content = {
        "schema": SCHEMA,
        "judge": {"name": judge, "fingerprint": judge_fingerprint},
        "labels": {"files": list(labels), "fingerprint": labels_fingerprint},
        "date": date,
        "version": version,
        "metrics": {agreement.metric: asdict(agreement) for agreement in agreements},
    }
    content |= {"checksum": fingerprint(content)}
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def is_calibration(text: str) -> bool:
    """Whether a text is a saved calibration, be it damaged or of another version."""
    return '"schema": "pytest-ragft/calibration/' in text


def find_calibrations(root: Path, judge: str, judge_fingerprint: str) -> Found:
    """What is saved under ``.ragft/calibrations`` about a judge, whatever the files are called.

    Of several files about one metric the youngest is quoted.
    """
    quoted: dict[str, Quoted] = {}
    stale, damaged = [], []
    for path in sorted((root / ".ragft" / "calibrations").glob("*.json")):
        try:
            content = _content(path)
            of = content["judge"]
            if of["fingerprint"] != judge_fingerprint:
                stale += [path.name] if of["name"] == judge else []
                continue
            for metric, plain in content["metrics"].items():
                found = _quoted(metric, plain, content["date"])
                if metric not in quoted or quoted[metric].date <= found.date:
                    quoted[metric] = found
        # Committed files are merged and edited by hand; a damaged one costs only itself.
        except (AttributeError, KeyError, OSError, RecursionError, TypeError, ValueError):
            damaged.append(path.name)
    return Found(quoted=tuple(quoted.values()), stale=tuple(stale), damaged=tuple(damaged))


def agreement_note(found: Found) -> str:
    """What a gate's report says about the judge's agreement with people; never empty."""
    parts = [
        f"on {of.metric} it agrees with people with κ {_interval(of.figures['kappa_cv'])}, "
        f"AUC {_interval(of.figures['auc'])} ({of.n} labelled answers to {of.questions} questions, "
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


def _content(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    checksum = content.pop("checksum")
    if content["schema"] != SCHEMA or checksum != fingerprint(content):
        raise ValueError("not what `ragft calibrate` wrote")
    return content


def _quoted(metric: str, plain: Mapping[str, Any], date: str) -> Quoted:
    return Quoted(
        metric=metric,
        n=int(plain["n"]),
        questions=int(plain["questions"]),
        date=date,
        figures={name: Figure(**plain["figures"][name]) for name in _QUOTED},
        slope=Slope(**plain["slope"]) if "slope" in plain else None,
        differences=Figure(**plain.get("differences", {"value": None})),
    )


def _interval(figure: Figure) -> str:
    if figure.value is None:
        return "undefined"
    if figure.lower is None or figure.upper is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.lower:.2f}, {figure.upper:.2f}]"
