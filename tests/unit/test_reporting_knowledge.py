"""The knowledge axis in reports: whole in JSON, fitting in a terminal, harmless everywhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from pytest_ragft.gate.knowledge import Row, Rows, effects_of
from pytest_ragft.records import Interval, KnowledgeAxis, KnowledgeScore, RunResult, WorstPart
from pytest_ragft.reporting.html import to_html
from pytest_ragft.reporting.json import read_report, report_schema, to_json
from pytest_ragft.reporting.knowledge import effect_tables, part_tables, sentences, span
from pytest_ragft.reporting.markdown import to_markdown
from pytest_ragft.reporting.terminal import render
from pytest_ragft.reporting.text import width_of
from tests.unit.gate_rows import pairs
from tests.unit.test_reporting_examples import PASSING


def rows(after: float, tag: str = "legal") -> Rows:
    found = pairs([(0.0, 0.0)] * 60, retrieved=[i % 3 > 0 for i in range(60)], tags=(tag,))
    found += pairs([(0.0, 0.0)] * 4, prefix="few", tags=("few",), retrieved=[True] * 4)
    return Rows(rows=[Row(pair=p, before=0.25, after=after) for p in found], missing=1)


def axis(tag: str = "legal", variant: str = "ft-ckpt") -> KnowledgeAxis:
    effects, worst = [], []
    for name, effect, after in (
        ("baseline", "increment", 0.75),
        (variant, "increment", 0.5),
        (variant, "gap", 0.6),
        (variant, "increment_difference", 0.05),
        (variant, "baseline_difference", 0.24),
    ):
        of = {"accuracy": rows(after, tag), "completeness": rows(after - 0.01, tag)}
        found, lowest = effects_of(name, effect, of)  # type: ignore[arg-type]
        effects += found
        worst += [lowest] if lowest and name != "baseline" else []
    return KnowledgeAxis(
        kinds=("retrieved", "gold", "none"),
        suites=("papers",),
        scores=(
            KnowledgeScore(
                variant=variant,
                metric="accuracy",
                knowledge="none",
                mean=None,
                n=0,
                missing=64,
                not_applicable=0,
            ),
        ),
        effects=tuple(effects),
        worst=tuple(w for w in worst if isinstance(w, WorstPart)),
        without_gold=3,
        notes=("not measured on other",),
        errors=("knowledge axis: something",),
    )


def result(**changes: str) -> RunResult:
    return replace(PASSING, knowledge=axis(**changes))


def test_json_holds_all_of_it_and_is_read_again(tmp_path: Path) -> None:
    text = to_json(result())
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(text))
    path = tmp_path / "run.json"
    path.write_text(text)
    assert read_report(path).knowledge == axis()

    older = json.loads(text)
    del older["knowledge"]
    path.write_text(json.dumps(older))
    assert read_report(path).knowledge is None


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_terminal_shows_it_within_its_width(width: int, encoding: str) -> None:
    lines = [line.text for line in render(result(), width=width, encoding=encoding)]
    text = " ".join(" ".join(lines).split())
    assert "what retrieval adds" in text
    assert "3 questions name no relevant passage" in text
    assert "not measured on other" in text
    assert max(map(width_of, lines)) <= width
    if encoding == "ascii":
        assert all(line.isascii() for line in lines)
    quiet = [line.text for line in render(result(), width=width, verbose=-1)]
    assert not any("retrieval adds" in line for line in quiet)


def test_sentences_say_what_is_sure_and_what_was_paid_for() -> None:
    said = sentences(axis())
    assert said[0] == (
        "retrieval surely adds less to ft-ckpt than to the baseline, in accuracy and completeness "
        "(each two-sided 95 %)"
    )
    (worst,) = [line for line in said if line.startswith("worst part of ft-ckpt")]
    assert "against the baseline: completeness, relevant passage retrieved: −0.020 [" in worst
    assert worst.endswith(", not surely below 0")
    (paid,) = [line for line in said if "Bonferroni" in line]
    # Two parts by retrieval, and one tag that is not small, in two metrics.
    assert "Bonferroni over 6 pairs of part and metric" in paid


def test_what_nothing_was_found_in_says_so() -> None:
    few = Rows(rows=rows(0.5).rows[:3])
    effects, worst = effects_of("ft", "baseline_difference", {"accuracy": few})
    assert worst is None
    told = sentences(replace(axis(), effects=effects, worst=()))
    assert any(
        "no worst part is named where none has 8 questions in 5 documents" in x for x in told
    )
    assert effect_tables(replace(axis(), effects=())) == []


def test_a_bound_never_shows_as_zero() -> None:
    of = Interval(estimate=0.02, lower=0.00004, upper=0.04, alpha=0.05, n=9, documents=9)
    assert span(of) == ("+0.00004", "+0.020", "+0.040")


def test_small_parts_are_marked() -> None:
    table = part_tables(axis())[0]
    assert ("tag few (too few to be named)", "4") in [row[:2] for row in table.rows]


def test_names_of_tags_are_harmless() -> None:
    odd = "<b>|`::error::x` \x1b[31m"
    assert "<b>|" not in to_html(result(tag=odd))
    markdown = to_markdown(result(tag=odd))
    assert "\n::error::" not in markdown
    assert "\x1b" not in markdown
    assert "\x1b" not in "".join(line.text for line in render(result(tag=odd), width=80))
