"""Texts that models and judges may emit survive the store and a saved baseline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.evaluation.baseline import load_baseline, save_baseline
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Answer, Case, VariantFacts
from pytest_ragft.store import Store
from tests.evaluation_parts import Toy, WordJudge, everything, make_evaluator, make_suite

TEXTS = {
    "empty": "",
    "spaces": " \n\t ",
    "nul": "before\0after",
    "controls": "".join(map(chr, range(32))) + "\x7f\x85\u2028\u2029",
    "wide": "Ünïcödé – 漢字 – 🦎 – e\u0301",
    "right-to-left": "\u202eevil\u202c שלום",
    "noncharacters": "\ufffe\uffff\ufdd0",
    "quotes": "\"'\\ \\u0041 {question} <script> ]]>",
    "huge": "word " * 400_000,
}


def run(
    tmp_path: Path, text: str, judge: WordJudge | None = None, engine: bool = True
) -> Evaluation:
    toy = Toy(answer=lambda request: text)
    if not engine:
        toy.engine = None
    store = Store(tmp_path / "store.sqlite")
    evaluator = make_evaluator(store, {"variant": toy}, [make_suite(questions=2)], judge)
    evaluation = evaluator.evaluate(everything(evaluator))
    store.close()
    assert not evaluation.errors
    return evaluation


def saved(tmp_path: Path, evaluation: Evaluation) -> tuple[dict[str, Answer], dict[str, Scores]]:
    """Answers and scores after a baseline was saved and loaded."""
    path = tmp_path / "baseline.json"
    facts = VariantFacts(name="variant", spec="toy", role="variant", fingerprint="toy")
    suite = make_suite(questions=2)
    save_baseline(path, evaluation, [suite], facts, ("words", WordJudge().fingerprint))
    path.read_text(encoding="utf-8")
    part = load_baseline(path).suites["demo"]
    return dict(part.answers), dict(part.scores)


ARM = ("variant", "demo")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_comes_back(tmp_path: Path, text: str) -> None:
    fresh = run(tmp_path, text)
    kept = run(tmp_path, "not asked again")

    assert fresh.answers[ARM]["q0"].text == text
    assert kept.answers == fresh.answers
    assert kept.scores == fresh.scores
    assert saved(tmp_path, fresh) == (fresh.answers[ARM], fresh.scores[ARM])


@pytest.mark.parametrize("engine", [True, False], ids=["model", "recorded"])
@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("cut \ud83e", "cut \ufffd"),
        ("\udd8e cut", "\ufffd cut"),
        ("\udd8e\ud83e", "\ufffd\ufffd"),
        ("a \ud83e\udd8e", "a 🦎"),
    ],
    ids=["high", "low", "swapped", "pair"],
)
def test_half_a_character_is_shown_as_one_that_is_lost(
    tmp_path: Path, text: str, seen: str, engine: bool
) -> None:
    """A server may cut an answer between two UTF-16 units; no report could be written with it."""
    fresh = run(tmp_path, text, engine=engine)

    assert {answer.text for answer in fresh.answers[ARM].values()} == {seen}
    assert saved(tmp_path, fresh) == (fresh.answers[ARM], fresh.scores[ARM])
    assert run(tmp_path, text, engine=engine).scores == fresh.scores


class Talkative(WordJudge):
    """Gives reasons with what a model left of a character."""

    def judge(self, cases: list[Case]) -> list[Scores]:  # type: ignore[override]
        return [
            {
                name: replace(score, reason="cut \ud83e", evidence={"\udd8e": "\0\ud83e 漢字"})
                for name, score in scores.items()
            }
            for scores in super().judge(cases)
        ]


def test_a_judges_reasons_come_back(tmp_path: Path) -> None:
    fresh = run(tmp_path, "text", Talkative())
    kept = run(tmp_path, "text", Talkative())

    score = fresh.scores[ARM]["q0"]["accuracy"]
    assert (score.reason, score.evidence) == ("cut \ud83e", {"\udd8e": "\0\ud83e 漢字"})
    assert kept.scores == fresh.scores
    assert saved(tmp_path, fresh)[1] == fresh.scores[ARM]
