"""What `ragft check` found, as text and as JSON. Pure."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace

from pytest_ragft.checking.findings import KINDS, Checked, Finding, Place
from pytest_ragft.numbers import count, fixed
from pytest_ragft.reporting.questions import Texts, cut_text
from pytest_ragft.reporting.text import clean, cut, table, wrap

MARK = '"pytest-ragft/check/'
"""Stands at the head of the JSON, so that it is known for what it is."""

_SCHEMA = "pytest-ragft/check/1"
_FEW = 5

_ADVICE: Mapping[str, str] = {
    "training-question": "a model that was trained on a question is not tested by it: take it "
    "out of the training data and train again, or out of the suite",
    "training-reference": "look whether the row teaches the answer to the suite's question",
    "training-passage": "fine where the model shall know the corpus; the suite then says nothing "
    "of passages that it does not know",
    "duplicate": "an error where both count as independent: keep one, or name one document",
    "near-duplicate": "keep one where both ask the same, or name one document",
    "no-relevant": "name the passages in 'relevant', for recall and for results by hit and miss",
    "unsupported": "by numbers and words alone: what is computed or said in other words is not "
    "seen; look at each",
    "in-question": "a model that repeats the question is right; ask otherwise",
    "too-long": "no answer is complete within the limit: raise [generation] max_new_tokens, or "
    "give the short answer as a further reference",
    "gate": "add questions on further documents, or let it go",
}


def check_lines(checked: Checked, *, width: int, texts: Texts, verbose: bool) -> Iterator[str]:
    """The sizes of the suites, the findings by kind, and the conclusion.

    Args:
        checked: What was found.
        width: Columns to which texts are cut; paths stay whole.
        texts: How much of questions and references is shown.
        verbose: Whether every finding is shown, and not the first five of a kind.
    """
    read = ", ".join(
        f"{shown_path(file)} ({count(rows, 'row')})" for file, rows in checked.training.items()
    )
    yield from _sizes(checked)
    if read:
        yield from wrap(f"training data: {read}", width)
    for kind, title in KINDS.items():
        found = [finding for finding in checked.findings if finding.kind == kind]
        if not found:
            continue
        errors = sum(finding.severity == "error" for finding in found)
        level = "ERROR" if errors else "warning"
        number = f"{errors} of {len(found)}" if 0 < errors < len(found) else count(len(found))
        yield ""
        yield f"{level}: {title}: {number}"
        yield from _shown(found, width, texts, verbose)
        if kind in _ADVICE:
            yield from wrap(_ADVICE[kind], width, first="   → ")
    yield ""
    yield from wrap(_conclusion(checked), width)


def to_json(checked: Checked, texts: Texts) -> str:
    """The same for machines; texts as far as the user lets them be seen."""
    document = {
        "schema": _SCHEMA,
        "texts": texts,
        "questions": checked.questions,
        "errors": checked.errors,
        "warnings": len(checked.findings) - checked.errors,
        "training": dict(checked.training),
        "sizes": [asdict(size) for size in checked.sizes],
        "findings": [asdict(_limited(finding, texts)) for finding in checked.findings],
    }
    plain = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    # As JSON the same; some CI services look for commands such as "##vso[" anywhere in a line.
    return plain.replace("##", "\\u0023\\u0023") + "\n"


def shown_path(path: str) -> str:
    """A path below the current folder from there, any other whole."""
    below = os.path.relpath(path)
    return path if below.startswith("..") else below


def _limited(finding: Finding, texts: Texts) -> Finding:
    def limited(place: Place) -> Place:
        return replace(place, where=_shown_where(place.where), text=cut_text(place.text, texts))

    return replace(
        finding,
        here=limited(finding.here),
        other=None if finding.other is None else limited(finding.other),
        detail=cut_text(finding.detail, texts),
    )


def _shown_where(where: str) -> str:
    """File and line with the file's path as it is shown."""
    path, mark, line = where.partition(", ")
    return shown_path(path) + mark + line if os.path.isabs(path) else where


def _sizes(checked: Checked) -> Iterator[str]:
    if not checked.sizes:
        return
    head = ("", "questions", "documents", "K", "largest", "no answer", "not looked at")
    rows = [
        (
            cut(clean(_shown_where(size.name)), 24),
            count(size.questions),
            count(size.documents),
            fixed(size.kish, 1),
            count(size.largest),
            count(size.unanswerable),
            count(size.untestable),
        )
        for size in checked.sizes
    ]
    yield from table([head, *rows], "<>>>>>>", gap="  ")
    shared = sum(size.shared for size in checked.sizes)
    if shared:
        yield f"{count(shared, 'document')} in more than one suite of a pool, counted once"


def _shown(found: Sequence[Finding], width: int, texts: Texts, verbose: bool) -> Iterator[str]:
    order = sorted(found, key=lambda finding: finding.severity)
    few = order if verbose else order[:_FEW]
    for finding in (_limited(one, texts) for one in few):
        name = "::".join(filter(None, (finding.suite, finding.here.id)))
        mark = "! " if finding.severity == "error" else "- "
        yield from wrap(
            clean(f"{name} {finding.here.where}".strip()),
            width,
            first=f"   {mark}",
            rest="        ",
        )
        yield from _about(finding, width)
    if len(few) < len(found):
        yield f"   … and {count(len(found) - len(few))} more; -v shows all"


def _about(finding: Finding, width: int) -> Iterator[str]:
    indent = "     "
    if finding.here.text:
        yield cut(f"{indent}“{clean(finding.here.text)}”", width)
    note = f"{finding.note} {clean(finding.detail)!r}" if finding.detail else finding.note
    other = finding.other
    if other is None:
        if note:
            yield from wrap(clean(note), width, first=indent)
        return
    yield from wrap(
        clean(f"{other.where} {other.id}".strip()), width, first=f"{indent}~ ", rest=f"{indent}  "
    )
    if other.text:
        yield cut(f"{indent}“{clean(other.text)}”", width)
    if note:
        yield from wrap(clean(note), width, first=indent)


def _conclusion(checked: Checked) -> str:
    warnings = len(checked.findings) - checked.errors
    besides = f", besides {count(warnings, 'warning')}" if warnings else ""
    if checked.errors:
        return (
            f"{count(checked.errors, 'finding that makes', 'findings that make')} a verdict "
            f"untrustworthy{besides}; mend that before you gate"
        )
    if warnings:
        return f"nothing that makes a verdict untrustworthy; {count(warnings, 'warning')}"
    return f"nothing found in {count(checked.questions, 'question')}"
