"""Retrieval alone: how deep it is asked for, what it scores, and what a saved baseline keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.errors import BaselineError
from pytest_ragft.evaluation.baseline import (
    SavedBaseline,
    baseline_path,
    load_baseline,
    save_baseline,
)
from pytest_ragft.evaluation.evaluation import RETRIEVAL, Evaluation
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.records import BASELINE, Hit, Passage, VariantFacts
from pytest_ragft.store import Store, fingerprint
from pytest_ragft.suite import Suite
from tests.evaluation_parts import (
    BrokenRetriever,
    NumberRetriever,
    Toy,
    WordJudge,
    everything,
    make_evaluator,
    make_suite,
)

FACTS = VariantFacts(name="prod", spec="toy", role="variant", fingerprint="toy prod")
WORDS = ("words", WordJudge().fingerprint)
ARM = (RETRIEVAL, "demo")


def run(
    tmp_path: Path, suite: Suite, *metrics: str, toy: Toy | None = None, **settings: Any
) -> Evaluator:
    """A suite answered by the variant ``prod``, with gates on `metrics`."""
    store = Store(tmp_path / "store.sqlite")
    evaluator = make_evaluator(
        store, {"prod": toy or Toy(name="prod")}, [suite], retrieval={"demo": metrics}, **settings
    )
    evaluator.evaluate(everything(evaluator, "prod"))
    store.close()
    return evaluator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return baseline_path(tmp_path, "v1")


def save(path: Path, evaluator: Evaluator, suite: Suite) -> SavedBaseline:
    save_baseline(path, evaluator.evaluation, [suite], FACTS, WORDS)
    return load_baseline(path)


def compared(
    tmp_path: Path, saved: SavedBaseline, suite: Suite, *metrics: str, **settings: Any
) -> Evaluation:
    """Retrieval alone, put to a saved baseline."""
    store = Store(tmp_path / "today.sqlite")
    evaluator = make_evaluator(
        store, {}, [suite], saved=saved, retrieval={"demo": metrics}, **settings
    )
    evaluator.evaluate({ARM: None})
    store.close()
    return evaluator.evaluation


def values(evaluation: Evaluation, metric: str, suite: Suite) -> list[tuple[Any, Any]]:
    pairs = evaluation.comparison(metric, RETRIEVAL, [suite], limit=None).pairs
    return [(pair.baseline.value, pair.variant.value) for pair in pairs]


@dataclass
class Shifted(NumberRetriever):
    """Finds the right passage `by` ranks later."""

    by: int = 1

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        ids = list(self.suite.passages)
        found = []
        for query in queries:
            n = next(int(word) for word in query.split() if word.isdigit())
            near = [ids[(n - self.by + step) % len(ids)] for step in range(k)]
            found.append(tuple(Hit(passage_id=i, score=1 / (1 + r)) for r, i in enumerate(near)))
        return found


def stored_keys(tmp_path: Path) -> set[str]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as database:
        (table,) = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if "kind" in {row[1] for row in database.execute(f"PRAGMA table_info({name})")}
        ]
        rows = database.execute(f"SELECT key FROM {table} WHERE kind = 'answer'").fetchall()
    return {key for (key,) in rows}


def test_a_deeper_gate_changes_no_prompt_and_no_answer(tmp_path: Path) -> None:
    """Adding a gate must not make every answer be computed again, over other passages."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    toys = Toy(name="prod"), Toy(name="prod")
    plain = run(tmp_path / "a", make_suite(), toy=toys[0]).evaluation
    deep = run(tmp_path / "b", make_suite(), "recall@5", toy=toys[1]).evaluation

    assert stored_keys(tmp_path / "a") == stored_keys(tmp_path / "b")
    assert len(stored_keys(tmp_path / "a")) == 12
    assert deep.hits == plain.hits
    assert deep.answers == plain.answers
    assert toys[0].calls == toys[1].calls
    assert {len(hits) for hits in deep.rankings["demo"].hits.values()} == {5}
    assert {len(hits) for hits in plain.rankings["demo"].hits.values()} == {2}


def test_a_deeper_gate_finds_the_answers_of_a_run_without_it(tmp_path: Path) -> None:
    run(tmp_path, make_suite())
    toy = Toy(name="prod")
    evaluator = run(tmp_path, make_suite(), "recall@5", "mrr", toy=toy)

    assert not toy.calls
    assert len(evaluator.evaluation.scores["prod", "demo"]) == 12
    assert [p.id for p in evaluator.passages("demo", "q3")] == ["p3", "p4"]


def test_what_is_shown_does_not_depend_on_how_deep_a_gate_looks(tmp_path: Path) -> None:
    """Fusion and approximate search may rank otherwise when more hits are asked for."""

    class Unsteady(NumberRetriever):
        def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
            return Shifted(self.suite, by=k).retrieve(queries, k)

    evaluator = run(tmp_path, make_suite(), "recall@4", retriever_of=Unsteady)

    ranking = evaluator.evaluation.rankings["demo"].hits["q7"]
    assert [p.id for p in evaluator.passages("demo", "q7")] == ["p5", "p6"]
    assert [hit.passage_id for hit in ranking] == ["p5", "p6", "p3", "p4"]


def test_the_same_rankings_tie(tmp_path: Path, path: Path) -> None:
    suite = make_suite()
    saved = save(path, run(tmp_path, suite, "recall@5"), suite)

    evaluation = compared(tmp_path, saved, suite, "recall@5", "mrr")

    assert not evaluation.errors
    assert not evaluation.notes["demo"]
    assert values(evaluation, "recall@5", suite) == [(1.0, 1.0)] * 12
    assert values(evaluation, "mrr", suite) == [(1.0, 1.0)] * 12


def test_a_ranking_that_got_worse(tmp_path: Path, path: Path) -> None:
    suite = make_suite()
    saved = save(path, run(tmp_path, suite, "recall@5", "mrr"), suite)

    evaluation = compared(
        tmp_path,
        saved,
        suite,
        "recall@1",
        "recall@5",
        "mrr",
        "mrr@5",
        "precision@5",
        retriever_of=lambda suite: Shifted(suite, by=2),
    )

    assert values(evaluation, "recall@1", suite) == [(1.0, 0.0)] * 12
    assert values(evaluation, "recall@5", suite) == [(1.0, 1.0)] * 12
    # Only what is shown counts without a cut-off: k is 2 here.
    assert values(evaluation, "mrr", suite) == [(1.0, 0.0)] * 12
    assert values(evaluation, "mrr@5", suite) == [(1.0, 1 / 3)] * 12
    assert values(evaluation, "precision@5", suite) == [(0.2, 0.2)] * 12


def test_answers_stay_over_the_saved_hits(tmp_path: Path, path: Path) -> None:
    suite = make_suite()
    saved = save(path, run(tmp_path, suite, "recall@5"), suite)
    store = Store(tmp_path / "new.sqlite")
    evaluator = make_evaluator(
        store,
        {"new": Toy(name="new")},
        [suite],
        saved=saved,
        retrieval={"demo": ("recall@5",)},
        retriever_of=lambda suite: Shifted(suite, by=5),
    )
    evaluator.evaluate(everything(evaluator, BASELINE, "new") | {ARM: None})
    store.close()
    now = evaluator.evaluation

    assert [h.passage_id for h in now.hits["demo"]["q3"]] == ["p3", "p4"]
    assert now.answers["new", "demo"]["q3"].text == "item 3 of demo has the code code-3"
    assert values(now, "recall@5", suite) == [(1.0, 0.0)] * 12
    pairs = now.comparison("accuracy", "new", [suite], limit=None).pairs
    assert {(p.baseline.value, p.variant.value) for p in pairs} == {(1.0, 1.0)}
    assert "today's index gives other passages for 12 of 12" in now.notes["demo"][0]


def test_without_a_relevant_passage_it_does_not_apply(tmp_path: Path, path: Path) -> None:
    suite = make_suite()
    first = replace(suite.examples[0], relevant=())
    suite = replace(suite, examples=(first, *suite.examples[1:]))
    saved = save(path, run(tmp_path, suite), suite)

    evaluation = compared(tmp_path, saved, suite, "recall@2")

    (pair, *others) = evaluation.comparison("recall@2", RETRIEVAL, [suite], limit=None).pairs
    assert (pair.baseline.status, pair.variant.status) == ("not_applicable", "not_applicable")
    assert {p.variant.status for p in others} == {"scored"}


def chunked(suite: Suite) -> Suite:
    """Each line of the corpus cut in two; the question's number finds the second piece."""
    pieces = [
        Passage(id=f"{p.id}#{n}", title=p.title, text=p.text, parent=p.id)
        for p in suite.passages.values()
        for n in (1, 2)
    ]
    return replace(suite, passages={piece.id: piece for piece in pieces})


def test_pieces_count_by_their_line_before_and_after_saving(tmp_path: Path, path: Path) -> None:
    suite = chunked(make_suite())
    # Question n finds the passages n and n + 1 of 24: of the lines n // 2 and (n + 1) // 2.
    saved = save(path, run(tmp_path, suite, "recall@4"), suite)

    evaluation = compared(tmp_path, saved, suite, "recall@4")

    assert values(evaluation, "recall@4", suite)[:2] == [(1.0, 1.0)] * 2
    assert values(evaluation, "recall@4", suite)[4:6] == [(0.0, 0.0)] * 2
    assert saved.suites["demo"].texts["p0#1"].source == "p0"
    assert saved.suites["demo"].rankings.sources["p1#2"] == "p1"
    pairs = evaluation.comparison("recall@4", RETRIEVAL, [suite], limit=None).pairs
    assert [pair.relevant_retrieved for pair in pairs[:2]] == [True, True]


def test_an_index_that_does_not_answer_is_an_error_of_retrieval_alone(
    tmp_path: Path, path: Path
) -> None:
    suite = make_suite()
    saved = save(path, run(tmp_path, suite), suite)
    store = Store(tmp_path / "new.sqlite")
    evaluator = make_evaluator(
        store,
        {"new": Toy(name="new")},
        [suite],
        saved=saved,
        retrieval={"demo": ("recall@2",)},
        retriever_of=lambda suite: BrokenRetriever(),
    )
    evaluator.evaluate(everything(evaluator, BASELINE, "new") | {ARM: None})
    store.close()
    now = evaluator.evaluation

    assert now.errors == {ARM: "today's index did not answer: the server is gone"}
    assert ARM not in now.scores
    assert len(now.scores["new", "demo"]) == 12
    assert "what today's index gives is unknown" in now.notes["demo"][0]
    pairs = now.comparison("recall@2", RETRIEVAL, [suite], limit=None).pairs
    assert {pair.variant.status for pair in pairs} == {"missing"}


def test_other_processes_read_the_same(tmp_path: Path, path: Path) -> None:
    suite = make_suite()
    saved = save(path, run(tmp_path, suite, "recall@5"), suite)
    evaluation = compared(
        tmp_path, saved, suite, "recall@1", retriever_of=lambda suite: Shifted(suite)
    )

    read = Evaluation.from_plain(json.loads(json.dumps(evaluation.to_plain())))

    assert values(read, "recall@1", suite) == [(1.0, 0.0)] * 12


def edited(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    content.pop("checksum")
    content["checksum"] = fingerprint(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def as_before(content: dict[str, Any]) -> None:
    """A file of before there were retrieval gates."""
    part = content["suites"]["demo"]
    for key in ("index", "depth", "sources"):
        del part[key]
    for question in part["questions"].values():
        del question["further"]


def test_an_older_file_is_read(tmp_path: Path, path: Path) -> None:
    suite = make_suite()
    save(path, run(tmp_path, suite), suite)
    edited(path, as_before)
    saved = load_baseline(path)

    saved.check([suite], WORDS[1])
    saved.check_rankings(suite, ["recall@2", "mrr"])
    assert values(compared(tmp_path, saved, suite, "recall@2"), "recall@2", suite)[0] == (1.0, 1.0)
    with pytest.raises(BaselineError, match="holds 2 hits"):
        saved.check_rankings(suite, ["recall@3"])


@pytest.mark.parametrize(
    ("metric", "k"), [("recall@5", 2), ("precision@3", 2), ("mrr@9", 2), ("mrr", 4)]
)
def test_a_baseline_that_is_not_deep_enough(
    tmp_path: Path, path: Path, metric: str, k: int
) -> None:
    suite = make_suite()
    saved = save(path, run(tmp_path, suite), suite)
    today = replace(suite, retrieval=replace(suite.retrieval, k=k))

    with pytest.raises(BaselineError) as caught:
        saved.check_rankings(today, ["recall@1", metric])

    assert "baseline 'v1' holds 2 hits a question of the suite 'demo'" in str(caught.value)
    assert repr(metric) in str(caught.value)
    assert str(caught.value).endswith("save it again with --ragft-save-baseline=v1")


def test_a_short_ranking_is_not_a_shallow_baseline(tmp_path: Path, path: Path) -> None:
    """An index may have fewer hits than are asked for."""
    suite = make_suite(questions=3)

    class Few(NumberRetriever):
        def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
            return super().retrieve(queries, min(k, 2))

    evaluator = run(tmp_path, suite, "recall@9", retriever_of=Few)
    saved = save(path, evaluator, suite)

    saved.check_rankings(suite, ["recall@9"])
    assert saved.suites["demo"].rankings.depth == 9


def test_other_questions_are_refused(tmp_path: Path, path: Path) -> None:
    suite = make_suite()
    saved = save(path, run(tmp_path, suite), suite)
    first = replace(suite.examples[0], relevant=("p5",))
    other = replace(suite, examples=(first, *suite.examples[1:]))

    with pytest.raises(BaselineError, match="built from dataset"):
        saved.check_rankings(other, ["recall@2"])
    with pytest.raises(BaselineError, match="no suite 'more'"):
        saved.check_rankings(make_suite("more"), ["recall@2"])


def test_a_passage_that_stands_twice_is_damage(tmp_path: Path, path: Path) -> None:
    suite = make_suite()
    save(path, run(tmp_path, suite, "recall@3"), suite)

    def twice(content: dict[str, Any]) -> None:
        question = content["suites"]["demo"]["questions"]["q3"]
        question["further"] = question["hits"][:1]

    edited(path, twice)
    with pytest.raises(BaselineError, match="twice among the hits of 'q3'"):
        load_baseline(path)


def test_a_retriever_that_finds_a_passage_twice_is_an_error(tmp_path: Path) -> None:
    class Twice(NumberRetriever):
        def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
            return [hits + hits for hits in super().retrieve(queries, 1)]

    evaluation = run(tmp_path, make_suite(), retriever_of=Twice).evaluation

    assert "one passage twice for question 'q0'" in evaluation.errors["prod", "demo"]


def test_an_index_that_changed_is_told_even_where_the_hits_are_the_same(
    tmp_path: Path, path: Path
) -> None:
    suite = make_suite()
    saved = save(path, run(tmp_path, suite), suite)
    more = {**suite.passages, "new": Passage(id="new", text="beside the point")}
    today = replace(suite, passages=more)

    class Fixed(NumberRetriever):
        def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
            return NumberRetriever(suite).retrieve(queries, k)

    evaluation = compared(tmp_path, saved, today, "recall@2", retriever_of=Fixed)

    assert evaluation.notes["demo"] == [
        "the index changed since the saved baseline: it gives the same passages for all "
        "12 questions"
    ]


def test_an_index_of_unknown_identity_is_never_said_to_have_changed(
    tmp_path: Path, path: Path
) -> None:
    class Unknown(Shifted):
        fingerprint = None  # type: ignore[assignment]

    suite = make_suite()
    saved = save(path, run(tmp_path, suite), suite)

    same = compared(tmp_path, saved, suite, retriever_of=lambda s: Unknown(s, by=0))
    other = compared(tmp_path, saved, suite, retriever_of=lambda s: Unknown(s, by=1))

    assert same.notes["demo"] == []
    assert other.notes["demo"][0].startswith("today's index gives other passages")
    assert saved.suites["demo"].rankings.index == NumberRetriever(suite).fingerprint
