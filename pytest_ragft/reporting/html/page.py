"""The page of a run. Pure.

What it shows is made in the modules beside, from the same sentences as the other reports, and
questions are data that the page's script writes as text.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pytest_ragft.numbers import count
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.advice import overall
from pytest_ragft.reporting.conclusion import conclude
from pytest_ragft.reporting.html import tables
from pytest_ragft.reporting.html.brief import Brief
from pytest_ragft.reporting.html.legible import legible
from pytest_ragft.reporting.html.packed import pack_questions
from pytest_ragft.reporting.html.rendering import part, render, require_jinja
from pytest_ragft.reporting.notes import not_gated, notes
from pytest_ragft.reporting.questions import Texts
from pytest_ragft.reporting.text import map_strings
from pytest_ragft.reporting.word_diff import LEAST_ALIKE, MOST_WORDS

MARK = '<meta name="generator" content="pytest-ragft"'
"""What every report of this form holds."""


def to_html(result: RunResult, texts: Texts = "full") -> str:
    """The whole page: verdicts, pictures and tables as they are read, questions as data.

    Args:
        result: of the run.
        texts: how much of questions, passages and answers is in it.

    Raises:
        MissingDependencyError: the extra ``report`` is not installed.
    """
    require_jinja()
    from markupsafe import Markup

    questions = pack_questions(result, texts)
    shown = map_strings(replace(result, cases={}), legible)
    return render(
        "report.html.jinja",
        style=part("report.css"),
        script=part("report.js"),
        run=shown,
        texts=texts,
        headlines=[Brief.of(shown, result, each, texts) for each in conclude(shown)],
        title=overall(conclude(shown)),
        not_gated=not_gated(shown),
        forest=tables.all_gates(shown.gates),
        matrices=tables.matrices(shown),
        differences=tables.all_differences(questions),
        strata=tables.parts(shown.gates),
        retrieval=tables.retrieval(shown),
        knowledge=tables.knowledge(shown),
        judging=tables.judging(shown),
        notes=[note for note in notes(shown) if note not in tables.judging(shown)],
        questions=questions,
        settings=Markup(_json({"mostWords": MOST_WORDS, "leastAlike": LEAST_ALIKE})),
        blocks={name: Markup(text) for name, text in questions.blocks.items()},
        command=tables.command(shown),
        rules=[tables.rule(gate) for gate in shown.gates],
        version=shown.version,
        count=count,
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c")
