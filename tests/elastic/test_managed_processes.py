"""Several processes, machines and versions of the tool at one server."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic.administration import list_indices, prunable, prune
from pytest_ragft.retrieval.elastic.naming import TOOL
from tests.elastic.connecting import opened
from tests.elastic.opening import indices_of, managed, managed_index
from tests.elastic.proxy import Held, Proxy
from tests.example import Example, clean_environment
from tests.processes import posix

CORPUS = [Passage(id=f"p{i}", text=f"passage number {i} of many") for i in range(45)]


@contextmanager
def ragft_index_build(url: str, example: Example) -> Iterator[subprocess.Popen[str]]:
    """A process that indexes the suites of an example."""
    command = [sys.executable, "-m", "pytest_ragft", "index", "build", "--suites", "suites"]
    process = subprocess.Popen(
        [*command, "--root", ".", "--es-url", url],
        cwd=example.folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def test_two_processes_at_once_index_once(elasticsearch_url, suite, server, tmp_path):
    example = Example(tmp_path).suite(suite, documents=3)
    held = Held()
    waiting = threading.Event()

    def listen(process):
        for line in process.stderr:
            if "waiting for the lock 'elasticsearch ragft-" in line:
                waiting.set()

    with Proxy(elasticsearch_url) as proxy, ThreadPoolExecutor(2) as pool:
        proxy.inject(held, path="_bulk")
        with (
            ragft_index_build(proxy.url, example) as one,
            ragft_index_build(proxy.url, example) as other,
        ):
            listening = [pool.submit(listen, process) for process in (one, other)]
            assert held.reached.wait(60)
            is_waiting = waiting.wait(60)
            held.released.set()
            said = {process.stdout.read() for process in (one, other)}
            assert [process.wait(60) for process in (one, other)] == [0, 0]
            for future in listening:
                future.result()
        assert is_waiting
        ((name, (alias,)),) = indices_of(server, suite).items()
        assert said == {f"{suite}: 12 passages in {alias}\n"}
        assert len(proxy.seen("_bulk")) == 1
        assert server.count(index=name)["count"] == 12


def test_of_two_machines_the_second_deletes_its_own_and_uses_the_firsts(
    elasticsearch_url, suite, server
):
    """Nothing is locked between them; the slower one is held before its very last step."""
    with (
        Proxy(elasticsearch_url) as one,
        Proxy(elasticsearch_url) as other,
        ThreadPoolExecutor(1) as pool,
        opened(one.url) as slow,
        opened(other.url) as quick,
    ):
        held = Held()
        one.inject(held, path="_aliases")
        late = managed(slow, suite, CORPUS)
        hits = pool.submit(late.retrieve, ["passage 44"], 3)
        assert held.reached.wait(60)
        first = managed(quick, suite, CORPUS)
        expected = first.retrieve(["passage 44"], 3)
        ((name, aliases),) = [
            (name, aliases)
            for name, aliases in indices_of(server, suite).items()
            if f"{name}-building" not in aliases
        ]
        held.released.set()
        assert hits.result() == expected
        # Each has indexed, and one index is there.
        assert (len(one.seen("_bulk")), len(other.seen("_bulk"))) == (1, 1)
        assert indices_of(server, suite) == {name: aliases}
        assert first.retrieve(["passage 44"], 3) == expected


@posix
def test_what_a_killed_process_leaves_is_never_searched_and_goes_after_a_day(
    elasticsearch_url, elastic_connection, suite, server, tmp_path
):
    example = Example(tmp_path).suite(suite, documents=3)
    with Proxy(elasticsearch_url) as proxy:
        # The first one is killed once all is there but the alias.
        held = Held(lost=True)
        proxy.inject(held, path="_aliases")
        with ragft_index_build(proxy.url, example) as process:
            assert held.reached.wait(60)
            process.kill()
            assert process.wait(60) == -signal.SIGKILL
        held.released.set()
        ((left, aliases),) = indices_of(server, suite).items()
        assert aliases == {f"{left}-building"}
        with ragft_index_build(proxy.url, example) as process:
            alias = process.stdout.read().split()[-1]
            assert process.wait(60) == 0
        assert len(proxy.seen("_bulk")) == 2
        assert list(server.indices.get_alias(name=alias).body) != [left]

    found = [facts for facts in list_indices(elastic_connection) if facts.suite == suite]
    assert {facts.name: facts.is_complete for facts in found}[left] is False
    assert [facts.is_complete for facts in found].count(True) == 1
    # Another machine may be building it.
    now = datetime.now(UTC)
    for age in (timedelta(0), timedelta(hours=23)):
        may_go = prunable(found, now=now + age, older_than=timedelta(0), keep=[alias])
        assert may_go == ()
    may_go = prunable(found, now=now + timedelta(hours=25), keep=[alias])
    assert prune(elastic_connection, may_go) == (left,)
    assert [*indices_of(server, suite).values()] == [{alias}]


META = {
    "tool": TOOL,
    "suite": "s",
    "passages": len(CORPUS),
    "created": "2026-01-02T03:04:05+00:00",
    "version": "0.1.0",
    "beat": 2,
}


def test_an_index_of_an_earlier_version_is_used(elasticsearch_url, suite, server):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        index = managed_index(connection, suite, CORPUS)
        index.ensure()
        ((name, _),) = indices_of(server, suite).items()
        earlier = f"{index.alias}-index"
        server.indices.clone(index=name, target=earlier)
        server.indices.delete(index=name)
        mark = META | {"fingerprint": index.fingerprint, "state": "complete", "done": len(CORPUS)}
        server.indices.put_mapping(index=earlier, meta=mark)
        server.indices.put_alias(index=earlier, name=index.alias)
        sent = len(proxy.seen("_bulk"))
        retriever = managed(connection, suite, CORPUS)
        assert retriever.retrieve(["44"], 1)[0][0].passage_id == "p44"
        assert len(proxy.seen("_bulk")) == sent


def test_one_that_an_earlier_version_left_unfinished_is_not(elastic_connection, suite, server):
    index = managed_index(elastic_connection, suite, CORPUS)
    mark = META | {"fingerprint": index.fingerprint, "state": "building", "owner": "o", "done": 1}
    server.indices.create(
        index=f"{index.alias}-index",
        mappings={"_meta": mark},
        aliases={f"{index.alias}-building": {}},
    )
    index.ensure()
    assert server.count(index=index.alias)["count"] == len(CORPUS)
    found = [facts for facts in list_indices(elastic_connection) if index.alias == facts.name[:-6]]
    assert [facts.is_complete for facts in found] == [False]
