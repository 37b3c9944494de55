"""Entries of the store that were damaged: never used, and one error that names the remedy."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.store import Store
from pytest_ragft.store.database import checksum
from tests.evaluation_parts import Toy, everything, make_evaluator

ANSWERS = ["", "{", "[]", "null", '{"text": 5, "finish": "stop"}', '{"text": "a", "finish": "?"}']
ANSWERS += ['{"finish": "stop"}', '{"text": "a", "finish": "stop", "colour": "red"}']
SCORES = ["", "5", "{}x", '[{"metric": "accuracy", "value": 5}]', '[{"metric": "accuracy"}]']
SCORES += ['[{"metric": "accuracy", "value": NaN}]', '[{"metric": "accuracy", "value": true}]']
SCORES += ['[{"metric": "accuracy", "value": "1"}]', "[" * 100_000]
SCORES += ['[{"metric": "accuracy", "value": null, "status": "lost"}]']
HITS = ["[]", "[[]]", '{"a": 1}', "[5]", '[[["p0"]]]']


def run(path: Path, mode: str = "rw") -> Evaluation:
    store = Store(path, mode=mode)  # type: ignore[arg-type]
    toys = {"one": Toy(name="one"), "two": Toy(name="two", answer=lambda request: "none")}
    evaluator = make_evaluator(store, toys)
    evaluation = evaluator.evaluate(everything(evaluator))
    store.close()
    return evaluation


@pytest.mark.parametrize(
    ("kind", "text"),
    [("answer", t) for t in ANSWERS] + [("score", t) for t in SCORES] + [("hits", t) for t in HITS],
    ids=lambda value: value[:40] or "empty",
)
def test_a_damaged_entry(tmp_path: Path, kind: str, text: str) -> None:
    path = tmp_path / "store.sqlite"
    undamaged = run(path)
    with sqlite3.connect(path) as connection:
        # With a checksum that matches: what a forger, or a fault of ours, has written.
        connection.create_function("checksum", 3, checksum)
        connection.execute(
            "UPDATE entries SET value = ?1, checksum = checksum(key, kind, ?1) WHERE rowid = "
            "(SELECT min(rowid) FROM entries WHERE kind = ?2)",
            (text, kind),
        )
    connection.close()

    evaluation = run(path)

    message = evaluation.errors["one", "demo"]
    assert repr(str(path)) in message
    assert f"holds a damaged entry, the {kind} '" in message
    assert "run once with --ragft-cache=refresh" in message
    # Only the hits concern both variants.
    assert (("two", "demo") in evaluation.errors) == (kind == "hits")
    if kind != "hits":
        assert evaluation.scores["two", "demo"] == undamaged.scores["two", "demo"]

    refreshed = run(path, mode="refresh")
    assert not refreshed.errors
    assert refreshed.scores == undamaged.scores
    assert run(path).scores == undamaged.scores


@pytest.mark.parametrize("kind", ["answer", "score", "hits"])
def test_an_edited_entry_is_an_error_and_no_verdict(tmp_path: Path, kind: str) -> None:
    """Whoever opens the store in an editor and makes a score of it."""
    path = tmp_path / "store.sqlite"
    undamaged = run(path)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE entries SET value = replace(value, '0', '1') WHERE kind = ?", (kind,)
        )
    connection.close()

    evaluation = run(path)

    assert "changed since it was kept" in evaluation.errors["one", "demo"]
    assert run(path, mode="refresh").scores == undamaged.scores


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    run(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE entries SET value = CAST(x'ff80' AS TEXT) WHERE kind = 'answer'")
    connection.close()

    message = run(path).errors["one", "demo"]
    assert "cannot be read" in message
    assert "move it away" in message


def test_a_store_that_breaks_stops_all_arms_with_one_message(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_text("no database at all " * 100)
    evaluation = run(path)

    assert set(evaluation.errors) == {("one", "demo"), ("two", "demo")}
    assert len(set(evaluation.errors.values())) == 1
