"""What decides an answer or a score changes its key, and nothing else does.

Each case evaluates once, changes one thing, evaluates again over the same store, and sees what was
computed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.records import Hit, QAExample
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.store import Store
from pytest_ragft.suite import Suite
from pytest_ragft.suite.schema import PromptSettings
from tests.evaluation_parts import (
    PROMPT,
    NumberRetriever,
    Toy,
    ToyEngine,
    WordJudge,
    everything,
    make_evaluator,
    make_suite,
)


@dataclass
class Setting:
    """All that a run is made of."""

    suite: Suite = field(default_factory=lambda: make_suite(questions=8))
    variant: Toy = field(default_factory=lambda: Toy(rows=1))
    judge: WordJudge = field(default_factory=WordJudge)
    retriever: Callable[[Suite], Any] = NumberRetriever
    limit: int | None = None

    def evaluate(self, path: Path) -> tuple[set[str], int]:
        """Questions answered anew, and how many answers were judged anew."""
        self.variant.calls.clear()
        self.judge.calls.clear()
        store = Store(path / "store.sqlite")
        evaluator = make_evaluator(
            store,
            {"variant": self.variant},
            [self.suite],
            self.judge,
            limit=self.limit,
            retriever_of=self.retriever,
        )
        evaluation = evaluator.evaluate(everything(evaluator))
        store.close()
        assert not evaluation.errors
        answered = {name.partition("/")[2] for call in self.variant.calls for name in call}
        return answered, sum(self.judge.calls)


ALL = {f"q{i}" for i in range(8)}


class Reversed(NumberRetriever):
    """The same passages in another order, from what calls itself by another name."""

    fingerprint = "reversed"  # type: ignore[assignment]

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        return [hits[::-1] for hits in super().retrieve(queries, k)]


class Renamed(NumberRetriever):
    """The same hits from what calls itself by another name."""

    fingerprint = "renamed"  # type: ignore[assignment]


def prompt(**changes: str) -> Callable[[Setting], None]:
    def change(setting: Setting) -> None:
        settings = replace(setting.suite.prompt, **changes)
        setting.suite = replace(setting.suite, prompt=settings)

    return change


def example(**changes: Any) -> Callable[[Setting], None]:
    """Change the question q3."""

    def change(setting: Setting) -> None:
        examples = tuple(
            replace(e, **changes) if e.id == "q3" else e for e in setting.suite.examples
        )
        setting.suite = replace(setting.suite, examples=examples)

    return change


def passage(**changes: str) -> Callable[[Setting], None]:
    """Change the passage p3, which is shown with q2 and q3."""

    def change(setting: Setting) -> None:
        passages = dict(setting.suite.passages)
        passages["p3"] = replace(passages["p3"], **changes)
        setting.suite = replace(setting.suite, passages=passages)

    return change


def setting(**changes: Any) -> Callable[[Setting], None]:
    def change(setting: Setting) -> None:
        for name, value in changes.items():
            setattr(setting, name, value)

    return change


def suite(**changes: Any) -> Callable[[Setting], None]:
    def change(setting: Setting) -> None:
        setting.suite = replace(setting.suite, **changes)

    return change


def rename_question(setting: Setting) -> None:
    examples = tuple(replace(e, id=f"other-{e.id}") for e in setting.suite.examples)
    setting.suite = replace(setting.suite, examples=examples)


def run(tmp_path: Path, change: Callable[[Setting], None]) -> tuple[set[str], int]:
    now = Setting()
    assert now.evaluate(tmp_path) == (ALL, 8)
    assert now.evaluate(tmp_path) == (set(), 0)
    change(now)
    return now.evaluate(tmp_path)


@pytest.mark.parametrize(
    ("change", "again"),
    [
        pytest.param(prompt(system="Be brief."), ALL, id="system"),
        pytest.param(prompt(user="{question}\n\n{context}"), ALL, id="user"),
        pytest.param(example(question="And the code of item 3 ?"), {"q3"}, id="question"),
        pytest.param(passage(text="item 3 has no code"), {"q2", "q3"}, id="hit-text"),
        pytest.param(passage(title="Another"), {"q2", "q3"}, id="hit-title"),
        pytest.param(setting(retriever=Reversed), ALL, id="hit-order"),
        pytest.param(suite(retrieval=RetrievalSettings(k=1)), ALL, id="hit-number"),
        pytest.param(setting(limit=5), {f"q{i}" for i in range(5)}, id="limit"),
        pytest.param(setting(variant=Toy(name="tuned", rows=1)), ALL, id="generator"),
    ],
)
def test_what_decides_an_answer(
    tmp_path: Path, change: Callable[[Setting], None], again: set[str]
) -> None:
    assert run(tmp_path, change)[0] == again


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(example(references=("another",)), id="references"),
        pytest.param(example(facts=("another",)), id="facts"),
        pytest.param(example(type="number"), id="type"),
        pytest.param(example(answerable=False), id="answerable"),
        pytest.param(example(relevant=()), id="relevant"),
        pytest.param(example(document="d9"), id="document"),
        pytest.param(example(tags=("hard",)), id="tags"),
        pytest.param(setting(judge=WordJudge(version="2")), id="judge"),
        pytest.param(setting(retriever=Renamed), id="retriever-with-the-same-hits"),
        pytest.param(setting(limit=8), id="limit-that-leaves-the-suite-whole"),
        pytest.param(suite(name="other"), id="suite-name"),
        pytest.param(suite(fingerprint="other"), id="suite-fingerprint"),
        pytest.param(rename_question, id="question-id"),
        pytest.param(setting(variant=Toy(rows=1, engine=ToyEngine("elsewhere"))), id="engine"),
    ],
)
def test_what_does_not_decide_an_answer(tmp_path: Path, change: Callable[[Setting], None]) -> None:
    assert run(tmp_path, change)[0] == set()


@pytest.mark.parametrize(
    ("change", "again"),
    [
        pytest.param(setting(judge=WordJudge(version="2")), 8, id="judge"),
        pytest.param(example(references=("another",)), 1, id="references"),
        pytest.param(example(references=("code-3", "")), 1, id="more-references"),
        pytest.param(example(facts=("another",)), 1, id="facts"),
        pytest.param(example(facts=("item 3", "code-3")), 1, id="order-of-facts"),
        pytest.param(example(type="number"), 1, id="type"),
        pytest.param(example(answerable=False), 1, id="answerable"),
        pytest.param(example(question="And the code of item 3 ?"), 1, id="question"),
        # The answer is the first passage's text, and p3 is the first of q3 alone.
        pytest.param(passage(text="item 3 has no code"), 1, id="answer"),
    ],
)
def test_what_decides_a_score(
    tmp_path: Path, change: Callable[[Setting], None], again: int
) -> None:
    assert run(tmp_path, change)[1] == again


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(example(relevant=()), id="relevant"),
        pytest.param(example(document="d9"), id="document"),
        pytest.param(example(tags=("hard",)), id="tags"),
        pytest.param(prompt(system="Be brief."), id="prompt-with-the-same-answer"),
        pytest.param(passage(title="Another"), id="passages"),
        pytest.param(suite(name="other"), id="suite-name"),
        pytest.param(rename_question, id="question-id"),
        pytest.param(setting(variant=Toy(name="tuned", rows=1)), id="variant-with-the-same-answer"),
        pytest.param(setting(limit=5), id="limit"),
    ],
)
def test_what_does_not_decide_a_score(tmp_path: Path, change: Callable[[Setting], None]) -> None:
    assert run(tmp_path, change)[1] == 0


def test_passages_decide_a_score_where_the_judge_reads_them(tmp_path: Path) -> None:
    now = Setting(judge=WordJudge(reads_passages=True))
    assert now.evaluate(tmp_path) == (ALL, 8)
    assert now.evaluate(tmp_path) == (set(), 0)
    passage(title="Another")(now)

    assert now.evaluate(tmp_path)[1] == 2


def test_neighbouring_parts_do_not_run_together(tmp_path: Path) -> None:
    """System and user, or one reference and the next, are apart in a key."""
    one = make_suite(prompt=PromptSettings(system="ab", user="c {context} {question}"))
    other = make_suite(prompt=PromptSettings(system="a", user="bc {context} {question}"))
    now = Setting(suite=one)
    now.evaluate(tmp_path)
    now.suite = other
    assert len(now.evaluate(tmp_path)[0]) == 12

    split = QAExample(id="q3", question="Item 3 ?", references=("ab", "c"))
    joined = replace(split, references=("a", "bc"))
    for example_ in (split, joined):
        now.suite = replace(other, examples=(example_,), prompt=PROMPT)
        assert now.evaluate(tmp_path)[1] == 1
