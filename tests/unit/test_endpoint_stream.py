"""Results of calls as they come, and answers that are kept in the meantime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.endpoint.client import Endpoint, Post
from pytest_ragft.errors import StoreError
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.source import parse_variant
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.progress import NoProgress
from pytest_ragft.store import Store
from tests.endpoint_server import Answer, Call, Server, chat
from tests.evaluation_parts import NumberRetriever, make_suite
from tests.served_scripts import Model, said


def ask(n: int) -> Any:
    async def job(post: Post) -> str:
        reply = await post("chat/completions", {"messages": [], "n": n})
        return str(reply.value["choices"][0]["message"]["content"])

    return job


def echo(call: Call) -> Answer:
    return chat(f"said {call.body['n']}")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(echo) as running:
        yield running


def test_each_result_comes_once_with_its_place(server: Server) -> None:
    endpoint = Endpoint(server.url, concurrency=4)
    found = [pair for some in endpoint.stream(map(ask, range(40))) for pair in some]
    assert sorted(found) == [(n, f"said {n}") for n in range(40)]
    assert server.most_at_once <= 4
    assert list(endpoint.stream([])) == []


def test_what_came_is_given_while_others_are_under_way() -> None:
    def slow(call: Call) -> Answer:
        return replace(echo(call), delay=1.0 if call.body["n"] == 1 else 0.0)

    with Server(slow) as server:
        found = [dict(s) for s in Endpoint(server.url, concurrency=2).stream(map(ask, range(3)))]
    assert found[-1] == {1: "said 1"}


def test_jobs_are_taken_as_they_are_needed_and_no_more_when_nobody_takes_results(
    server: Server,
) -> None:
    taken: list[int] = []

    def jobs() -> Iterator[Any]:
        for n in range(1_000_000):
            taken.append(n)
            yield ask(n)

    results = Endpoint(server.url, concurrency=3).stream(jobs())
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(taken) < 10_000
    calls = len(server.calls)
    assert len(server.calls) == calls


def test_what_a_job_raises_comes_after_what_came(server: Server) -> None:
    async def fails(post: Post) -> str:
        await post("chat/completions", {"messages": [], "n": 7})
        raise KeyError("a mistake of ours")

    results = Endpoint(server.url, concurrency=1).stream([ask(0), fails, ask(1)])
    assert next(results) == [(0, "said 0")]
    with pytest.raises(KeyError, match="a mistake of ours"):
        next(results)


class Full(Store):
    """A store whose disk is full from the second transaction on."""

    puts = 0

    def put(self, kind: str, entries: Any, *, replace: bool = False) -> None:
        self.puts += kind == "answer"
        if kind == "answer" and self.puts > 1:
            raise StoreError("the disk is full")
        super().put(kind, entries, replace=replace)


def test_nothing_more_is_asked_once_answers_cannot_be_kept(tmp_path: Path) -> None:
    suite = make_suite(questions=300)
    model = Model(listed=None)
    model.reply = lambda call, _: replace(said(call, "code-1"), delay=0.01)
    store = Full(tmp_path / "store.sqlite")
    with Server(model) as server:
        generators = open_generators(
            [parse_variant(f"x=openai:ft@{server.url}")],
            baseline=None,
            wants_baseline=False,
            base=None,
            options={suite.name: suite.generation},
            offline=False,
            store=store,
            now=datetime(2026, 11, 29),
            environ={"RAGFT_GENERATION_CONCURRENCY": "4"},
        )
        evaluator = Evaluator(
            store=store,
            judge=ReferenceJudge(),
            suites={suite.name: suite},
            generators=generators,
            retriever_of=NumberRetriever,
            progress=NoProgress(),
        )
        evaluation = evaluator.evaluate({("x", suite.name): None})
    assert "the disk is full" in evaluation.errors["x", suite.name]
    assert len(model.asked) < 200, "each costs money"
