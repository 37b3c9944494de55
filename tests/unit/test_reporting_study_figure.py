"""The figure shows what the records say, and the same study makes the same bytes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.reporting.study_figure import caption, draw, panels
from pytest_ragft.study.records import StudyResult
from tests.made_study import made_study

pytest.importorskip("matplotlib")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def study() -> StudyResult:
    """A recipe with four seeds at 200 and one at 500, and one with two seeds."""
    return made_study(
        recipes=[
            *(Recipe(size=200, seed=seed) for seed in range(4)),
            Recipe(size=500),
            *(Recipe(size=200, form="gold", seed=seed) for seed in range(2)),
        ],
        questions={"bioasq": 90},
        retention=(),
    )


def test_points_are_the_measures_and_the_effects_over_seeds(study: StudyResult) -> None:
    ((accuracy, completeness),) = panels(study)
    assert [panel.metric for panel in (accuracy, completeness)] == ["accuracy", "completeness"]
    assert accuracy.margin == 0.05
    four, one = accuracy.curves["closed-book"]
    spread, *_, two_seeds, _ = study.spreads
    assert spread.interval is not None
    assert (four.at, one.at) == (0, 1)
    assert (four.value, four.lower) == (spread.mean, spread.interval.lower)
    assert len(four.seeds) == 4
    assert one.seeds == ()
    measure = next(m for m in study.cells[4].measures if m.knowledge == "retrieved")
    assert (one.value, one.upper) == (measure.difference.estimate, measure.difference.upper)
    (two,) = accuracy.curves["gold"]
    intervals = [
        m.difference
        for of in study.cells[5:]
        for m in of.measures
        if (m.metric, m.knowledge) == ("accuracy", "retrieved")
    ]
    assert two.value == two_seeds.mean
    assert two.lower == min(of.lower for of in intervals)
    assert two.upper == max(of.upper for of in intervals)


def test_a_margin_that_gates_do_not_share_is_not_drawn(study: StudyResult) -> None:
    first, *others = study.cells
    gates = tuple(replace(g, verdict=replace(g.verdict, margin=0.1)) for g in first.gates)
    mixed = replace(study, cells=(replace(first, gates=gates), *others))
    assert [panel.margin for panel in panels(mixed)[0]] == [None, None]
    assert "margin" in caption(study)
    assert "margin" not in caption(mixed)


@pytest.mark.parametrize(
    ("recipes", "questions"),
    [
        ([Recipe(size=200)], {"bioasq": 60}),
        ([Recipe(size=None), Recipe(size=200, form="gold")], {"bioasq": 60, "nq": 60}),
        (
            [Recipe(size=s, form=f, seed=n) for s in (200, 500) for f in ("gold", "closed-book")
             for n in range(2)]
            + [Recipe(size=1000, method=m) for m in ("prompt", "prefix", "full")],
            {"bioasq": 60, "nq": 60},
        ),
    ],
)  # fmt: skip
def test_it_can_be_drawn_of_any_size(recipes: list[Recipe], questions: dict[str, int]) -> None:
    study = made_study(recipes=recipes, questions=questions, retention=())
    svg = draw(study, "svg").decode()
    for text in ("accuracy", "completeness", "pairs trained on", "difference to base"):
        assert f">{text}<" in svg
    assert (">bioasq<" in svg) == (len(questions) > 1)
    assert "<script" not in svg
    assert "Date" not in svg.replace("dc:date", "")


def test_labels_are_texts_and_no_formulas(tmp_path: Path) -> None:
    answers = tmp_path / "$x_1$<b>.jsonl"
    answers.write_text('{"id": "q", "answer": "a"}\n')
    study = made_study(
        recipes=[Recipe(size=200, target=str(answers)), Recipe(size=200)],
        questions={"bio_$asq$": 60, "b": 60, "長い": 60},
        retention=(),
    )
    svg = draw(study, "svg").decode()
    assert ">$x_1$&lt;b&gt;.jsonl</text>" in svg
    assert ">bio_$asq$</text>" in svg


def test_a_study_without_models_has_no_figure(study: StudyResult) -> None:
    with pytest.raises(ValueError, match="at least one model"):
        draw(replace(study, cells=()), "svg")


_AGAIN = """
import hashlib, sys
import matplotlib
from pytest_ragft.reporting.study_figure import draw
from tests.made_study import made_study
matplotlib.rcParams["font.size"] = 20
study = made_study(questions={"bioasq": 60}, retention=())
for form in ("svg", "pdf"):
    print(hashlib.sha256(draw(study, form)).hexdigest())
assert matplotlib.rcParams["font.size"] == 20
assert "matplotlib.pyplot" not in sys.modules
"""


def test_another_process_and_other_settings_draw_the_same_bytes() -> None:
    study = made_study(questions={"bioasq": 60}, retention=())
    here = [hashlib.sha256(draw(study, form)).hexdigest() for form in ("svg", "pdf")]
    again = subprocess.run(
        [sys.executable, "-c", _AGAIN], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert again.stdout.split() == here
