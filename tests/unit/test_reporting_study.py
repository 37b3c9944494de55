"""What is said of a study follows from its records, and no sentence contradicts a number."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.errors import MissingDependencyError, RagftError
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.numbers import verdict_texts
from pytest_ragft.records import GateResult, Outcome, Verdict
from pytest_ragft.reporting.study_files import require_study, write_study
from pytest_ragft.reporting.study_markdown import study_markdown
from pytest_ragft.reporting.study_reading import curve_label, every_gate, standing, varied
from pytest_ragft.reporting.study_rows import COLUMNS, as_cell, to_csv
from pytest_ragft.reporting.study_sections import Section, sections
from pytest_ragft.reporting.study_sentences import answer, lacking, luck
from pytest_ragft.reporting.study_summary import study_summary
from pytest_ragft.reporting.study_tables import Table
from pytest_ragft.stats.seeds import LEAST_SEEDS
from pytest_ragft.study.records import Luck, StudyResult
from tests.made_study import made_study

FAILED = "bioasq-lora-closed-book-500-s0"
NOT_RUN = "qasper-lora-retrieved-200-s0"


@pytest.fixture(scope="module")
def study() -> StudyResult:
    """Two data sets, one of them too small for a pass; a failed and a left-out cell."""
    return made_study(
        questions={"bioasq": 300, "qasper": 51},
        failed={FAILED: "the loss is NaN at step 12"},
        not_run=(NOT_RUN,),
    )


@pytest.fixture(scope="module")
def seeds() -> StudyResult:
    """A recipe with five seeds, and one with two."""
    recipes = [Recipe(size=200, seed=seed) for seed in range(5)]
    return made_study(
        recipes=[*recipes, *(Recipe(size=200, form="gold", seed=seed) for seed in range(2))],
        questions={"bioasq": 90},
        knowledge=("retrieved",),
        retention=(),
    )


def section(study: StudyResult, name: str) -> Section:
    return next(of for of in sections(study) if of.name == name)


def column(table: Table, title: str) -> list[str]:
    at = table.header.index(title)
    return [row[at] for row in table.rows]


def as_found(of: GateResult, outcome: Outcome, reason: str = "") -> Verdict:
    return replace(of.verdict, outcome=outcome, reason=reason)


def test_the_answer_counts_every_model_once(study: StudyResult) -> None:
    found = Counter(standing(of) for of in study.cells)
    first = answer(study)[0]
    numbers = [int(n) for n in re.findall(r"\d+", first)]
    assert numbers[0] == len(study.cells) == sum(numbers[1:])
    assert f"{found['regression']} " in first
    assert f"{found['no verdict']} " in first
    assert list(lacking(study)) == ["Of 6 planned models, 1 failed and 1 was not run."]


def test_a_model_has_passed_only_where_every_gate_lets_it(study: StudyResult) -> None:
    of = max(study.cells, key=lambda of: min(g.verdict.lower for g in of.gates))
    gates = (replace(g, blocks=False, verdict=as_found(g, "PASS")) for g in of.gates)
    passed = replace(of, retention=(), gates=tuple(gates))
    first = passed.gates[0]
    guard = replace(first, node_id="guard", gate=replace(first.gate, role="guard"))
    regressed = replace(guard, verdict=as_found(first, "REGRESSION"))
    missing = replace(
        guard, verdict=replace(first.verdict, outcome="INCONCLUSIVE", reason="missing")
    )
    open_one = replace(
        first, verdict=replace(first.verdict, outcome="INCONCLUSIVE", reason="worse")
    )

    assert standing(passed) == "passed"
    assert standing(replace(passed, gates=(*passed.gates, regressed))) == "regression"
    assert standing(replace(passed, gates=(*passed.gates, missing))) == "undecided"
    assert standing(replace(passed, gates=(open_one, *passed.gates[1:]))) == "undecided"
    assert standing(replace(passed, gates=(guard,))) == "no verdict"
    assert standing(replace(passed, gates=())) == "no verdict"


def test_below_the_floor_no_verdict_is_shown_but_a_regression_is_named(study: StudyResult) -> None:
    bioasq, qasper = section(study, "models").tables
    assert "verdict" in bioasq.header
    assert "verdict" not in qasper.header
    assert "in all" not in qasper.header
    assert qasper.notes[0] == (
        "accuracy and completeness: no verdict can be reached (51 questions, 59 are the least for "
        "a pass)"
    )
    regressed = [
        of.cell.name
        for of in study.cells
        if of.cell.data == "qasper"
        and any(g.verdict.outcome == "REGRESSION" for g in every_gate(of))
    ]
    assert bool(regressed) == any("regression" in note for note in qasper.notes)
    assert all(name in qasper.notes[1] for name in regressed)


def test_without_a_primary_gate_the_table_says_so() -> None:
    study = made_study(questions={"bioasq": 90}, recipes=[Recipe(size=200)], retention=())
    bare = replace(study, cells=tuple(replace(of, gates=()) for of in study.cells))
    (table,) = section(bare, "models").tables
    assert table.notes == (
        "no primary gate was put to some of its models, so that they cannot pass",
    )
    assert "1 can have no verdict" in answer(bare)[0]


def test_bases_are_called_by_their_last_part_where_that_tells_them_apart() -> None:
    from pytest_ragft.reporting.study_reading import groups

    study = made_study(questions={"bioasq": 60}, bases=("../a/small", "org/large"), recipes=())
    assert [of.title for of in groups(study)] == ["bioasq, small", "bioasq, large"]
    alike = made_study(questions={"bioasq": 60}, bases=("../a/small", "b/small"), recipes=())
    assert [of.title for of in groups(alike)] == ["bioasq, ../a/small", "bioasq, b/small"]


def test_bounds_beside_a_verdict_are_those_that_it_rests_on(study: StudyResult) -> None:
    bioasq = section(study, "models").tables[0]
    cells = [of for of in study.cells if of.cell.data == "bioasq"]
    shown = column(bioasq, "difference, bounds")
    for of, text in zip(cells, shown, strict=True):
        lower, estimate, upper = verdict_texts(of.gates[0].verdict)
        assert text == f"{estimate} [{lower}, {upper}]"
    assert any("one-sided" in note for note in bioasq.notes)


@pytest.mark.parametrize("n", [90, 300])
def test_no_text_contradicts_its_verdict(n: int) -> None:
    study = made_study(questions={"bioasq": n}, loss=0.05, seed=7)
    for row in section(study, "models").tables[0].rows:
        for bounds, verdict in pairwise(row):
            found = re.search(r"\[(.+), (.+)\]", bounds.replace("−", "-"))
            if found and verdict == "PASS":
                assert float(found[1]) > -0.05
            if found and verdict == "REGRESSION":
                assert float(found[2]) < -0.05


def test_seeds_are_a_range_below_four_and_an_effect_from_four_on(seeds: StudyResult) -> None:
    of = section(seeds, "seeds")
    (table,) = of.tables
    for spread, row in zip(seeds.spreads, table.rows, strict=True):
        assert ("–" in row) == (len(spread.cells) < LEAST_SEEDS)
        if spread.interval and spread.further:
            assert spread.further.lower <= spread.interval.lower <= spread.mean
    assert len(of.lines) == 2
    assert column(table, "seeds") == ["5", "5", "2", "2"]


def test_spreads_are_over_the_questions_that_all_seeds_share(seeds: StudyResult) -> None:
    from pytest_ragft.study.spreads import spreads

    first, *others = seeds.cells
    fewer = {m: dict(list(of.items())[10:]) for m, of in first.differences.items()}
    found = spreads([replace(first, differences=fewer), *others], seeds.bases)
    own = [of.differences["accuracy"] for of in seeds.cells[:5]]
    shared = list(fewer["accuracy"])
    means = [sum(of[name] for name in shared) / len(shared) for of in own]

    assert found[0].n == 80
    assert found[0].lowest == pytest.approx(min(means))
    assert found[0].mean == pytest.approx(sum(means) / 5)
    assert spreads([replace(first, differences={}), others[0]], seeds.bases) == ()
    assert spreads([first], seeds.bases) == ()


def test_curves_are_called_by_what_differs() -> None:
    study = made_study(
        recipes=[
            Recipe(size=200),
            Recipe(size=200, method="layers", layers=(0, 1)),
            Recipe(size=200, method="layers", layers=(2,)),
            Recipe(size=200, method="prompt"),
        ],
        questions={"bioasq": 60},
    )
    fields = varied(study.plan.cells)
    assert fields == ("method", "layers")
    assert [curve_label(of.recipe, fields) for of in study.plan.cells] == [
        "lora", "layers, layers 0/1", "layers, layers 2", "prompt",
    ]  # fmt: skip
    alone = made_study(recipes=[Recipe(size=200)], questions={"bioasq": 60}).plan.cells
    assert curve_label(alone[0].recipe, varied(alone)) == "lora, closed-book"


def test_settings_say_of_each_recipe_what_its_name_does_not() -> None:
    study = made_study(
        recipes=[
            Recipe(size=200),
            Recipe(size=500, form="gold", epochs=1, seed=1, targets=("q_proj", "v_proj")),
            Recipe(size=200, method="prompt", learning_rate=0.01),
        ],
        questions={"bioasq": 60},
    )
    (shared, *others) = [x for x in section(study, "settings").lines if "batch" in x or "rate" in x]
    assert shared.startswith("every recipe: target people, ")
    assert not re.search("epochs|learning|rank|size|seed", shared)
    assert others == [
        "lora, closed-book: epochs 3, learning rate 0.0002, rank 8, alpha 16, rslora False, "
        "dropout 0.05",
        "lora, gold: epochs 1, learning rate 0.0002, rank 8, alpha 16, rslora False, dropout 0.05, "
        "targets q_proj/v_proj",
        "prompt, closed-book: epochs 3, learning rate 0.01, virtual tokens 16",
    ]


def test_a_file_of_answers_is_called_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "teacher.jsonl").write_text('{"id": "q", "answer": "a"}\n')
    study = made_study(
        recipes=[Recipe(size=200), Recipe(size=200, target=str(tmp_path / "teacher.jsonl"))],
        questions={"bioasq": 60},
    )
    fields = varied(study.plan.cells)
    names = [curve_label(of.recipe, fields) for of in study.plan.cells]
    assert names == ["people", "teacher.jsonl"]


def test_the_worst_loss_of_retention_is_marked_once(study: StudyResult) -> None:
    tables = section(study, "retention").tables
    marked = [t.rows[row][column] for t in tables for row, column in t.marked]
    worst = min(
        (kept for of in study.cells for kept in of.retention), key=lambda k: k.cell - k.base
    )
    (text,) = marked
    assert text.startswith(f"−{worst.base - worst.cell:.3f} ({worst.cell:.3f})")
    assert text.endswith(", worst")
    apart = [t.caption.split(": ", 1)[1] for t in tables]
    assert set(apart) == {
        "suites without any training data", "suites with training data of their kind",
    }  # fmt: skip
    assert study_markdown(study).count(", worst**") == 1


def test_what_failed_and_what_was_not_run_stand_in_all_forms(study: StudyResult) -> None:
    for text in (study_markdown(study), "\n".join(study_summary(study))):
        assert f"{FAILED}: failed: the loss is NaN at step 12" in text
        assert "1 failed and 1 was not run" in text
    assert f"not run: {NOT_RUN}" in study_markdown(study)


def test_luck_is_an_upper_bound_as_it_shows() -> None:
    of = Luck(data="bioasq", base="b", tried=4, passed=0, chance=0.18549)
    assert luck(of, "bioasq") == (
        "bioasq: 4 models were tried on these questions; with each at the margin, one of them "
        "passes with probability at most 0.186. None passed."
    )


def test_passing_is_worth_nothing_where_no_model_can_pass(study: StudyResult) -> None:
    lines = {line for of in sections(study) if of.name == "luck" for line in of.lines}
    assert [line.partition(":")[0] for line in lines] == ["bioasq"]


def test_the_table_gives_every_number_back(study: StudyResult) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(study))))
    assert tuple(rows[0]) == COLUMNS
    of = next(c for c in study.cells if c.cell.data == "bioasq")
    found = {
        (row["metric"], row["knowledge"]): row
        for row in rows
        if row["model"] == of.cell.name and not row["suite"]
    }
    for measure in of.measures:
        row = found[measure.metric, measure.knowledge]
        assert float(row["base_mean"]) == measure.base
        assert float(row["difference"]) == measure.difference.estimate
        assert float(row["lower"]) == measure.difference.lower
        assert int(row["missing"]) == measure.missing
        assert bool(row["verdict"]) == (measure.knowledge == "retrieved")
    assert float(found["accuracy", "retrieved"]["perplexity"]) == 14.25
    assert {row["size"] for row in rows if not row["model"]} == {"0"}
    kept = [row for row in rows if row["model"] == of.cell.name and row["suite"]]
    assert [row["suite"] for row in kept] == [k.suite for k in of.retention]
    assert ",nan," not in to_csv(study).lower()
    assert "np." not in to_csv(study)


def test_a_spreadsheet_computes_nothing_of_it(study: StudyResult) -> None:
    base = replace(study.bases[0], base="=1+1")
    rows = list(csv.reader(io.StringIO(to_csv(replace(study, bases=(base,), cells=())))))
    assert {row[1] for row in rows[1:]} == {"'=1+1"}


def test_parts_of_it_may_be_missing() -> None:
    """No style, no refusals, no gates, no retention, no facts: dashes, and no verdict."""
    study = made_study(questions={"bioasq": 60}, recipes=[Recipe(size=None)], retention=())
    of = replace(
        study.cells[0], style=None, refusals=None, gates=(), facts={}, increments=(), measures=()
    )
    bare = replace(study, cells=(of,), luck=(), bases=())
    text = study_markdown(bare)
    assert "1 can have no verdict" in text
    assert len(list(csv.reader(io.StringIO(to_csv(bare))))) == 1
    assert study_summary(bare)


def test_nothing_at_all_is_said_to_be_nothing() -> None:
    study = replace(made_study(recipes=(), questions={"bioasq": 60}), bases=())
    assert answer(study) == ["No model has been trained and measured."]
    assert "No model has been trained" in study_markdown(study)


def test_the_same_result_makes_the_same_files(study: StudyResult, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    names = [path.name for path in write_study(study, tmp_path / "one" / "deep")]
    write_study(study, tmp_path / "two")
    assert names == ["index.html", "results.md", "results.csv", "figure.svg", "figure.pdf"]
    for name in names:
        one, two = (tmp_path / folder / name for folder in ("one/deep", "two"))
        assert one.read_bytes() == two.read_bytes()
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == sorted(names)


def test_a_figure_of_an_earlier_result_does_not_stay(study: StudyResult, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write_study(study, tmp_path)
    write_study(replace(study, cells=()), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"index.html", "results.md", "results.csv"}


def test_a_folder_that_cannot_be_written_is_named(study: StudyResult, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "out").write_text("a file")
    with pytest.raises(RagftError, match=r"'.*out/index.html' cannot be written"):
        write_study(replace(study, cells=()), tmp_path / "out")


def test_missing_packages_are_named_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'pytest-ragft\[study\]'"):
        require_study()


def test_every_column_has_its_place_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "study.md").read_text(encoding="utf-8")
    table = page[page.index("### The columns of results.csv") :]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert re.findall(r"`(\w+)`", "".join(rows)) == list(COLUMNS)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_read_back_as_it_was(number: float) -> None:
    for of in (number, np.float64(number)):
        assert float(as_cell(of)) == number
