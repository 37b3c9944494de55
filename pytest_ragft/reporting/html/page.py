"""The page itself. Pure.

The template holds no logic beyond loops: what it shows is made in the modules beside, from the same
sentences as the other reports. Whatever does not come from this package is escaped by the template,
and questions are data that the page's script writes as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from pytest_ragft.errors import MissingDependencyError
from pytest_ragft.numbers import count
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.advice import overall
from pytest_ragft.reporting.conclusion import conclude
from pytest_ragft.reporting.html import tables
from pytest_ragft.reporting.html.brief import Brief
from pytest_ragft.reporting.html.legible import legible
from pytest_ragft.reporting.html.packed import pack_questions
from pytest_ragft.reporting.notes import not_gated, notes
from pytest_ragft.reporting.questions import Texts
from pytest_ragft.reporting.text import map_strings
from pytest_ragft.reporting.word_diff import LEAST_ALIKE, MOST_WORDS

MARK = '<meta name="generator" content="pytest-ragft"'
"""What every report of this form holds."""


def require_jinja() -> None:
    """See that the page can be made, before there is anything to show.

    Raises:
        MissingDependencyError: the extra ``report`` is not installed.
    """
    if find_spec("jinja2") is None:
        raise MissingDependencyError("jinja2", extra="report", purpose="the HTML report")


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
    script, style = (_part(name) for name in ("report.js", "report.css"))
    page: str = (
        _template().render(
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
            script=Markup(script),
            style=Markup(style),
            script_hash=_hash(script),
            style_hash=_hash(style),
            count=count,
        )
        + "\n"
    )
    return page


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_part("report.html.jinja"))


@cache
def _part(name: str) -> str:
    return files("pytest_ragft.reporting.html").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As a content security policy names the one script or style that may act."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c")
