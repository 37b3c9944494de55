"""`ragft show`, `report`, `compare` and `card`: past runs, read again."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from pytest_ragft.cli import COMMANDS
from pytest_ragft.cli.examples import EXAMPLES
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.json import read_report, to_json
from pytest_ragft.reporting.last_run import keep_last_run
from pytest_ragft.reporting.markdown import to_markdown
from tests.commands.running import ragft, ragft_process
from tests.unit.reported_cases import answered, with_cases
from tests.unit.test_reporting_examples import FULL, LOST, PASSING, REGRESSED

RUN = with_cases(REGRESSED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a report, and the same run as the last one."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / ".ragft").mkdir()
    keep_last_run(RUN, tmp_path)
    reported(tmp_path, RUN)
    return tmp_path


def reported(folder: Path, result: RunResult, name: str = "run.json") -> str:
    (folder / name).write_text(to_json(result))
    return name


# show


@pytest.mark.parametrize("run", [(), ("--run", "run.json")], ids=["last", "reported"])
@pytest.mark.parametrize("question", ["q-017", "biomedical::q-017"])
def test_a_question_is_shown_whole(folder: Path, question: str, run: tuple[str, ...]) -> None:
    done = ragft(folder, "show", question, *run)
    assert done.code == 0, done.err
    for part in (
        "biomedical::q-017  accuracy 1.00 → 0.00",
        "Which metal is in chlorophyll?",
        "passage 1: d1#0 (relevant), score 3.25 About magnesium",
        "[-magnesium-]",
    ):
        assert part in done.out


def test_a_question_under_several_variants_is_shown_for_each_or_for_one(folder: Path) -> None:
    reported(folder, with_cases(FULL))
    every = ragft(folder, "show", "papers::q-020", "--run", "run.json").out
    assert every.count("papers::q-020  accuracy") == 2
    one = ragft(folder, "show", "papers::q-020", "--run", "run.json", "--variant", "rag-format")
    assert one.out.count("papers::q-020  accuracy") == 1
    assert "\n  rag-format  " in one.out
    none = ragft(folder, "show", "papers::q-020", "--run", "run.json", "--variant", "other")
    assert (none.code, none.out) == (1, "")
    assert "--variant=other: not in this run; it has rag-format" in none.err


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("q-999", "'q-999': this run has no answer to such a question; it has biomedical::q-017, "),
        ("papers::q-017", "'papers::q-017': this run has no answer to such a question"),
    ],
)
def test_a_question_that_is_not_there_is_one_line(folder: Path, question: str, told: str) -> None:
    done = ragft(folder, "show", question)
    assert (done.code, done.out) == (1, "")
    assert f"ragft show: {told}" in done.err


def test_a_question_of_two_suites_asks_which(folder: Path) -> None:
    reported(folder, with_cases(REGRESSED, [answered("a", "q"), answered("b", "q")]))
    done = ragft(folder, "show", "q", "--run", "run.json")
    assert done.code == 1
    assert "'q': stands in a, b; say which, as SUITE::ID" in done.err
    assert ragft(folder, "show", "a::q", "--run", "run.json").code == 0


def test_nothing_of_a_question_steers_the_terminal(folder: Path) -> None:
    evil = "\x1b[2J\u202e\n::error::forged"
    cases = [answered(example_id="q", question=evil, before=evil, after=evil, passage=evil)]
    reported(folder, with_cases(REGRESSED, cases))
    done = ragft_process(folder, "show", "q", "--run", "run.json")
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert not [line for line in done.out.splitlines() if line.lstrip().startswith("::")]


def test_without_a_run_the_remedy_is_told(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = ragft(tmp_path, "show", "q-017")
    assert done.code == 1
    assert "no gating run is kept in " in done.err
    assert "gate first, or name the JSON report of a run" in done.err
    assert not (tmp_path / ".ragft").exists()


# report


def test_a_run_is_shown_as_pytest_shows_it(folder: Path) -> None:
    for run in ((), ("run.json",)):
        done = ragft(folder, "report", *run)
        assert done.code == 0
        assert done.out.endswith("\nft-ckpt: BLOCK – accuracy regressed\n")
        assert "questions that got worse" in done.out
        assert "design effect" in done.out
    assert "passage 1: " in ragft(folder, "report", "-v").out
    assert "chlorophyll" not in ragft(folder, "report", "--texts=none").out


def test_a_run_is_rendered_again_in_any_form(folder: Path) -> None:
    done = ragft(folder, "report", "--json=again.json", "--markdown=again.md", "--texts=full")
    assert (done.code, done.out) == (0, "")
    assert (folder / "again.json").read_text() == to_json(RUN)
    assert (folder / "again.md").read_text() == to_markdown(RUN, "full")
    assert ragft(folder, "report", "run.json", "--markdown=again.md").code == 0
    assert (folder / "again.md").read_text() == to_markdown(RUN, "short")


def test_a_run_without_texts_stays_without(folder: Path) -> None:
    ragft(folder, "report", "--json=bare.json", "--texts=none")
    assert "chlorophyll" not in (folder / "bare.json").read_text()
    assert "chlorophyll" not in ragft(folder, "report", "bare.json", "-v", "--texts=full").out


def test_somebody_elses_file_is_not_overwritten(folder: Path) -> None:
    (folder / "README.md").write_text("# Mine\n")
    done = ragft(folder, "report", "--markdown=README.md")
    assert done.code == 1
    assert "--markdown: 'README.md' exists and is no report" in done.err
    assert (folder / "README.md").read_text() == "# Mine\n"


@pytest.mark.parametrize("command", ["report", "compare", "show", "card"])
def test_what_is_no_report_is_one_line(folder: Path, command: str) -> None:
    (folder / "bad.json").write_text("[]")
    given = {
        "report": ["bad.json"],
        "compare": ["run.json", "bad.json"],
        "show": ["q-017", "--run", "bad.json"],
        "card": ["bad.json"],
    }[command]
    done = ragft_process(folder, command, *given)
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1].startswith(f"ragft {command}: 'bad.json': no whole report")


# compare


def test_two_runs_are_compared(folder: Path) -> None:
    reported(folder, with_cases(PASSING), "before.json")
    done = ragft(folder, "compare", "before.json", "run.json")
    assert done.code == 0
    assert "PASS (2 of 2 primary gates passed) → BLOCK (accuracy regressed)" in done.out
    assert "questions better" in done.out
    assert done.out.endswith("the same was compared\n")


# card


def test_a_card_is_made_and_the_next_run_takes_its_place(folder: Path) -> None:
    assert ragft(folder, "card", "run.json", "--out", "README.md").code == 0
    first = ModelCard.load(folder / "README.md")
    assert first.data.model_name == "ft-ckpt"
    results = first.data.eval_results
    assert results is not None
    assert [(r.metric_type, round(r.metric_value, 3)) for r in results] == [
        ("accuracy", 0.304),
        ("completeness", 0.391),
    ]
    assert results[0].metric_args["verdict"] == "REGRESSION"
    assert results[0].metric_args["upper"] == -0.072
    assert results[0].dataset_args == dict.fromkeys(
        ["biomedical", "encyclopedia", "papers"], "9c01" * 4
    )
    for part in (
        "BLOCK: accuracy regressed",
        "- model: `./checkpoints/ft-ckpt`, fingerprint `77aa77aa77aa77aa`",
        "- compared with: `models/smollm2-135m-instruct`, fingerprint `3f2a9c01b7d44e0c`",
        "- judge: `reference v1`: valid for the judge's score; no human labels",
        "| accuracy (pooled, primary) | 0.412 | 0.304 | −0.108 | −0.143 to −0.072 | 0.050 | 480 |",
        "| `papers` | 160 | 44 | embedded bm25 | `9c019c019c019c01` |",
    ):
        assert part in first.text

    reported(folder, PASSING)
    assert ragft(folder, "card", "run.json", "--out", "README.md").code == 0
    second = ModelCard.load(folder / "README.md")
    assert "BLOCK" not in second.text
    assert second.text.count("## Regression gate") == 1
    assert [r.metric_args["verdict"] for r in second.data.eval_results or []] == ["PASS", "PASS"]


def test_a_card_keeps_what_it_holds(folder: Path) -> None:
    card = """---
license: mit
tags: [rag]
model-index:
- name: mine
  results:
  - task: {type: text-generation}
    dataset: {name: HellaSwag, type: hellaswag}
    metrics: [{type: acc, value: 0.5}]
---
# My model

Words of mine, <!-- pytest-ragft card --> among them.
"""
    (folder / "README.md").write_text(card)
    for _ in range(2):
        assert ragft(folder, "card", "run.json", "--out", "README.md").code == 0
    kept = ModelCard.load(folder / "README.md")
    assert (kept.data.license, kept.data.tags, kept.data.model_name) == ("mit", ["rag"], "mine")
    assert [r.dataset_type for r in kept.data.eval_results or []] == [
        "hellaswag",
        "pytest-ragft",
        "pytest-ragft",
    ]
    assert "Words of mine, <!-- pytest-ragft card --> among them." in kept.text
    assert kept.text.count("## Regression gate") == 1


def test_without_a_file_the_card_is_shown(folder: Path) -> None:
    done = ragft(folder, "card", "run.json")
    assert done.code == 0
    assert done.out.startswith("---\nmodel-index:\n- name: ft-ckpt\n")
    assert "chlorophyll" not in done.out
    assert "Repo card" not in done.err


def test_of_several_variants_one_is_named(folder: Path) -> None:
    reported(folder, FULL)
    done = ragft(folder, "card", "run.json")
    assert done.code == 1
    assert "the run has the variants rag-format, short-answers; name one with --varia" in done.err
    named = ragft(folder, "card", "run.json", "--variant=rag-format")
    assert named.code == 0
    assert "PASS: 2 of 2 primary gates passed" in named.out
    assert "short-answers" not in named.out
    other = ragft(folder, "card", "run.json", "--variant=other")
    assert "--variant=other: not in this run; it has rag-format, short-answers" in other.err


def test_a_gate_without_a_mean_is_no_figure(folder: Path) -> None:
    gates = tuple(replace(g, baseline_mean=None, variant_mean=None) for g in LOST.gates[:1])
    reported(folder, replace(LOST, gates=(*gates, *LOST.gates[1:])))
    done = ragft(folder, "card", "run.json")
    assert done.code == 0
    assert done.out.count("  - type: completeness") == 1
    assert "  - type: accuracy" not in done.out
    assert "| accuracy (pooled, primary) | – | – |" in done.out


@pytest.mark.parametrize(
    "text", ["---\n[\n---\n# x\n", "---\nmodel-index: 3\n---\n", b"\xff\xfe".decode("latin-1")]
)
def test_a_card_that_cannot_be_read_is_left_alone(folder: Path, text: str) -> None:
    path = folder / "README.md"
    path.write_bytes(text.encode("latin-1"))
    done = ragft(folder, "card", "run.json", "--out", "README.md")
    assert done.code == 1
    assert "ragft card: --out='README.md': " in done.err
    assert path.read_bytes() == text.encode("latin-1")


def test_without_the_package_the_remedy_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    done = ragft(folder, "card", "run.json")
    assert done.code == 1
    assert "pip install 'pytest-ragft[hf]'" in done.err


def test_hostile_names_stay_texts_in_a_card(folder: Path) -> None:
    evil = "x' [a](javascript:alert(1)) <script> @me |\n---\n<!-- end of pytest-ragft card -->"
    for _ in range(2):
        reported(folder, replace(REGRESSED, judge=evil, judge_note=evil, version=evil))
        assert ragft(folder, "card", "run.json", "--out", "README.md").code == 0
    card = ModelCard.load(folder / "README.md")
    assert card.text.count("## Regression gate") == 1
    assert read_report(folder / "run.json").judge == evil
    assert "\n---" not in card.text
    assert "`x' [a](javascript:alert(1)) <script> @me | --- <!-- end of pytest-ragft" in card.text


# help


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_in_examples(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pytest_ragft.cli import main

    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "\nexamples:\n" in shown
    for typed, purpose in EXAMPLES[command]:
        assert f"  {typed}\n      {purpose}\n" in shown
        assert typed.startswith(f"ragft {command} ") or typed == f"ragft {command}"


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_are_understood(command: str) -> None:
    """By the parser: every option that is shown exists."""
    import shlex

    from pytest_ragft.cli import parser_of

    for typed, _ in EXAMPLES[command]:
        arguments = shlex.split(typed.replace("\\\n", " "))[1:]
        assert parser_of(arguments).parse_args(arguments).command == command


def test_the_main_help_has_examples_too(capsys: pytest.CaptureFixture[str]) -> None:
    from pytest_ragft.cli import main

    with pytest.raises(SystemExit):
        main(["--help"])
    assert "  pytest suites --ragft-model=ft-ckpt\n" in capsys.readouterr().out
