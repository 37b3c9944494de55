"""Filled sheets with their keys: what people said about the answers of a gating run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pytest_ragft.calibration.key import (
    SheetKey,
    counted_rows,
    is_key,
    population_of,
    read_key,
    shown_fingerprint,
)
from pytest_ragft.datasets.labels import Label, read_labels
from pytest_ragft.errors import InputError
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.records import BASELINE, PairLabels
from pytest_ragft.stats.agreement import krippendorff_alpha
from pytest_ragft.suite import Suite, applies

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledSheet:
    """A sheet's key with the labels that count."""

    key: SheetKey
    labels: Mapping[str, Mapping[str, float | None]]
    """By opaque id and rater, of the rows of whole blocks; None where a rater cannot say."""


def read_sheets(files: Sequence[Path]) -> tuple[FilledSheet, ...]:
    """Filled sheets from their files, keys and sheets in any order.

    A sheet may come from several raters, each in a file of its own or with a column `rater`.

    Raises:
        InputError: a file cannot be read, no key or no sheet is among them, an id is in no key, a
            rater labels an answer twice, or a sheet has no block that is filled whole.
    """
    keys = [read_key(path) for path in files if is_key(path)]
    sheets = [path for path in files if not is_key(path)]
    if files and not (keys and sheets):
        lacking = "filled sheet" if keys else "key"
        raise InputError(
            f"human labels need a sheet and its key, and there is no {lacking} among "
            f"{', '.join(repr(str(path)) for path in files)}; give both, each with --ragft-labels"
        )
    labels = [label for path in sheets for label in read_labels(path)]
    metric_of = {row.id: key.metric for key in keys for row in key.rows}
    _check_ids(labels, metric_of)
    by_id: dict[str, dict[str, float | None]] = {}
    for label in labels:
        if label.label is not None or label.unsure:
            rater = rater_of(label)
            if rater in by_id.setdefault(label.id, {}):
                raise InputError(
                    f"{label.where}: {rater!r} has labelled {label.id!r} already; keep one label, "
                    "or tell raters apart by a column 'rater'"
                )
            by_id[label.id][rater] = label.label
    return tuple(
        FilledSheet(key=key, labels={row: by_id[row] for row in counted_rows(key, by_id)})
        for key in keys
    )


def rater_of(label: Label) -> str:
    """Who labelled: the column `rater`, else the file that it stands in."""
    return label.rater or Path(label.where.rpartition(", line ")[0]).stem


def check_names(
    sheets: Iterable[FilledSheet], variants: Sequence[str], suites: Collection[str]
) -> None:
    """Refuse labels that bear on nothing of a run, as after a variant was renamed.

    Raises:
        InputError: a sheet is about another variant, or only about other suites.
    """
    for key in (sheet.key for sheet in sheets):
        if key.variant not in variants:
            raise InputError(
                f"human labels: their sheet is about the variant {key.variant!r}, this run's are "
                f"{', '.join(map(repr, variants))}; name it with --ragft-model={key.variant}=SPEC, "
                "or leave these labels out"
            )
        if key.population.keys().isdisjoint(suites):
            raise InputError(
                f"human labels: their sheet is about the suites "
                f"{', '.join(map(repr, key.population))}, this run's are "
                f"{', '.join(map(repr, suites))}; give the labels of these, or none"
            )


def check_one_answer(suites: Iterable[Suite]) -> None:
    """Refuse labels where a question has several answers: a label is of one text.

    Raises:
        InputError: naming the suite.
    """
    for suite in suites:
        if (samples := suite.generation.samples) > 1:
            raise InputError(
                f"human labels: {suite.path}: [generation] samples = {samples}: a label belongs to "
                "one answer, and a question's score here is the mean over several; label a run "
                "with samples = 1, or leave the labels out"
            )


def pair_labels(
    sheets: Iterable[FilledSheet],
    *,
    metric: str,
    variant: str,
    suites: Sequence[Suite],
    evaluation: Evaluation,
) -> PairLabels | None:
    """The labels that bear on a gate; None where no sheet was drawn from all of its questions.

    Raises:
        InputError: the suites have other questions than the sheet was drawn from, or the answers
            are others than those that were labelled.
    """
    names = [suite.name for suite in suites]
    usable = [
        sheet
        for sheet in sheets
        if (sheet.key.metric, sheet.key.variant) == (metric, variant)
        and sheet.key.population.keys() >= set(names)
    ]
    if not usable:
        return None
    for sheet in usable:
        for suite in suites:
            _check_population(sheet.key, suite)
    _check_stale(usable, suites, evaluation)
    return _averaged(usable, names, metric)


def _check_ids(labels: Sequence[Label], metric_of: Mapping[str, str]) -> None:
    unknown = [label for label in labels if label.id not in metric_of]
    if unknown:
        first = ", ".join(f"{label.id!r} ({label.where})" for label in unknown[:_SHOWN])
        raise InputError(
            f"{len(unknown)} of {len(labels)} labelled rows have an id that is in no key: {first}; "
            "give the key of every sheet, and leave the column 'id' as it is"
        )
    for label in labels:
        if label.metric not in (None, metric_of[label.id]):
            raise InputError(
                f"{label.where}: metric {label.metric!r}, but the sheet is about "
                f"{metric_of[label.id]!r}; draw a sheet for each metric with `ragft label --metric`"
            )


def _check_population(key: SheetKey, suite: Suite) -> None:
    now = population_of([e for e in suite.examples if applies(key.metric, e)])
    then = key.population[suite.name]
    if now != then:
        raise InputError(
            f"human labels: their sheet was drawn from {then.questions} questions of suite "
            f"{suite.name!r}, which now has {now.questions} or others ({key.metric}), so that "
            "they are no random part of these; draw and label a sheet anew with `ragft label`"
        )


def _check_stale(
    sheets: Sequence[FilledSheet], suites: Sequence[Suite], evaluation: Evaluation
) -> None:
    examples = {(suite.name, e.id): e for suite in suites for e in suite.examples}
    stale, total = [], 0
    for sheet in sheets:
        for row in sheet.key.rows:
            example = examples.get((row.suite, row.question))
            if example is None or row.id not in sheet.labels:
                continue
            for name in row.variants:
                answer = evaluation.answers[name, row.suite].get(row.question)
                # Without an answer, as on a limited run, there is nothing to be out of date.
                if answer is not None:
                    total += 1
                    if shown_fingerprint(sheet.key.metric, example, answer.text) != row.shown:
                        stale.append(f"{row.suite}::{row.question} of {name!r}")
    if stale:
        raise InputError(
            f"human labels: {len(stale)} of {total} labelled answers are stale, since answer, "
            f"question or references have changed since the sheet was made: "
            f"{', '.join(stale[:_SHOWN])}; draw and label a sheet anew with `ragft label`"
        )


def _averaged(sheets: Sequence[FilledSheet], names: Sequence[str], metric: str) -> PairLabels:
    ratings: dict[tuple[str, str, str], dict[str, float]] = {}
    drawn: set[tuple[str, str]] = set()
    counted: set[tuple[str, str]] = set()
    for sheet, row in ((s, row) for s in sheets for row in s.key.rows if row.suite in names):
        drawn.add((row.suite, row.question))
        if row.id not in sheet.labels:
            continue
        counted.add((row.suite, row.question))
        for name in row.variants:
            side = "baseline" if name == BASELINE else "variant"
            of = ratings.setdefault((row.suite, row.question, side), {})
            for rater, value in sheet.labels[row.id].items():
                if value is not None:
                    # Two sheets may have raters of one name.
                    of[f"{sheet.key.sheet} {rater}"] = value
    means = {side: float(np.mean(list(of.values()))) for side, of in ratings.items() if of}
    pairs, unsure = {}, {}
    for question in sorted(counted):
        baseline, variant = (means.get((*question, side)) for side in ("baseline", "variant"))
        if baseline is None or variant is None:
            unsure[question] = baseline, variant
        else:
            pairs[question] = baseline, variant
    raters = sorted({rater.partition(" ")[2] for of in ratings.values() for rater in of})
    return PairLabels(
        metric=metric,
        pairs=pairs,
        unsure=unsure,
        incomplete=len(drawn - counted),
        raters=len(raters),
        rater_alpha=_alpha(list(ratings.values()), raters),
    )


def _alpha(ratings: Sequence[Mapping[str, float]], raters: Sequence[str]) -> float | None:
    if len(raters) < 2:
        return None
    table = np.full((len(raters), len(ratings)), np.nan)
    for unit, of in enumerate(ratings):
        for name, value in of.items():
            table[raters.index(name.partition(" ")[2]), unit] = value
    return krippendorff_alpha(table, level="interval")
