"""Elasticsearch: searches in batches, indexing, and both against an earlier version.

    RAGFT_DATA=… python bench/elastic.py [search] [indexing] [--url URL] [--pairs 5]
    git worktree add ../before COMMIT
    RAGFT_DATA=… python bench/elastic.py [search] [indexing] --before ../before

search: 1,000 queries over the passages of NQ-open, k = 5, one warm keep-alive client; batched
against one by one with the client's own `search`. Bar 4×. With --before: batched, against the
other source tree. Bar 0.9×.
indexing: 50,000 passages against the client's own `streaming_bulk` into an index of the same
mapping; ours includes the fingerprint, the counts and the alias. Bar 0.9×. With --before: against
the other source tree. Bar 0.8×.

Without --url a server is started from the Maven archive. Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

TREE = "RAGFT_BENCH_TREE"
"""Names the source tree that an arm of a pair is run from."""
ROOT = Path(os.environ.get(TREE) or Path(__file__).parents[1]).resolve()
sys.path.insert(0, str(ROOT))

from elasticsearch import Elasticsearch  # noqa: E402
from elasticsearch.helpers import streaming_bulk  # noqa: E402

from pytest_ragft.records import Passage  # noqa: E402
from pytest_ragft.retrieval.elastic.access import connection_settings  # noqa: E402
from pytest_ragft.retrieval.elastic.connection import Connection  # noqa: E402
from pytest_ragft.retrieval.elastic.index import ManagedIndex  # noqa: E402
from pytest_ragft.retrieval.elastic.mapping import documents, index_body  # noqa: E402
from pytest_ragft.retrieval.elastic.retriever import open_elastic  # noqa: E402
from pytest_ragft.retrieval.settings import RetrievalSettings  # noqa: E402
from studies.natural_questions import gold_passages  # noqa: E402
from tests.elastic.opening import no_encoder, remove  # noqa: E402

K = 5
BARS = {"search": 4.0, "indexing": 0.9}
BARS_BEFORE = {"search": 0.9, "indexing": 0.8}
SETTINGS = RetrievalSettings(k=K)


def synthetic(passages: int) -> list[Passage]:
    """Passages of about 100 words, the same each time."""
    words = [f"{a}{b}{c}" for a in "bdgklmnprst" for b in "aeiou" for c in WORD_ENDS]
    corpus = []
    for number in range(passages):
        rng = random.Random(number)
        text = " ".join(rng.choices(words, k=rng.randint(60, 140)))
        corpus.append(Passage(id=f"passage-{number}", title=words[number % len(words)], text=text))
    return corpus


WORD_ENDS = ("ram", "lin", "tor", "ven", "sak", "pel", "dum", "fit", "gol", "nex", "bir", "cas")


def main() -> int:
    options = parsed()
    if options.arm:
        print(ARMS[options.arm](options.url, options))
        return 0
    bars = BARS_BEFORE if options.before else BARS
    missed = False
    with ExitStack() as stack:
        url = options.url or started(stack)
        for what in options.what or bars:
            ratios = against(what, url, options) if options.before else RUNS[what](url, options)
            ratio = median(ratios)
            missed |= ratio < bars[what]
            print(
                f"{what}: median {ratio:.2f} of {len(ratios)} "
                f"({min(ratios):.2f} to {max(ratios):.2f}), bar ≥ {bars[what]}",
                flush=True,
            )
    return int(missed)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="*", choices=[[], *BARS])
    parser.add_argument("--url", help="of a server; by default one is started")
    parser.add_argument("--before", type=Path, help="source tree of an earlier version")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--arm", choices=[*BARS], help=argparse.SUPPRESS)
    return parser.parse_args()


def started(stack: ExitStack) -> str:
    from tests.elastic.server import Server

    server = stack.enter_context(Server(say=lambda line: print(line, file=sys.stderr, flush=True)))
    return server.address.url


def timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def against(what: str, url: str, options: argparse.Namespace) -> list[float]:
    """The time of the other source tree over that of this one, in processes of their own."""
    trees = {"now": ROOT, "before": options.before.resolve()}
    command = [sys.executable, __file__, "--url", url, "--arm", what]
    command += ["--queries", str(options.queries), "--passages", str(options.passages)]

    def seconds(arm: str) -> float:
        environment = os.environ | {TREE: str(trees[arm]), "PYTHONPATH": str(trees[arm])}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return float(done.stdout)

    ratios = []
    for pair in range(options.pairs):
        times = {arm: seconds(arm) for arm in (trees if pair % 2 else [*trees][::-1])}
        ratios.append(times["before"] / times["now"])
        print(
            f"  pair {pair + 1}: now {times['now']:.2f} s, before {times['before']:.2f} s, "
            f"{ratios[-1]:.2f}×",
            flush=True,
        )
    return ratios


def searched(url: str, options: argparse.Namespace) -> float:
    """Seconds for all queries in one batch, the median of 5."""
    corpus, queries = nq_open(options.queries)
    suite = f"bench-{secrets.token_hex(4)}"
    try:
        with Connection(connection_settings(url, {})) as connection:
            retriever = open_elastic(corpus, SETTINGS, connection, suite=suite, encoder=no_encoder)
            for _ in range(3):  # the server compiles what is used often
                retriever.retrieve(queries, K)
            return median(timed(lambda: retriever.retrieve(queries, K)) for _ in range(5))
    finally:
        remove(url, f"ragft-{suite}*")


def searching(url: str, options: argparse.Namespace) -> list[float]:
    corpus, queries = nq_open(options.queries)
    suite = f"bench-{secrets.token_hex(4)}"
    ratios = []
    try:
        with Connection(connection_settings(url, {})) as connection:
            index = ManagedIndex(connection, corpus, SETTINGS, suite=suite, encoder=no_encoder)
            retriever = open_elastic(corpus, SETTINGS, connection, suite=suite, encoder=no_encoder)
            expected = retriever.retrieve(queries, K)

            def one_by_one() -> None:
                found = connection.call(
                    "searching",
                    lambda client: [
                        [
                            corpus[hit["sort"][1]].id
                            for hit in client.search(
                                index=index.alias,
                                query={"match": {"content": query}},
                                sort=[{"_score": "desc"}, {"position": "asc"}],
                                size=K,
                                source=False,
                                stored_fields="_none_",
                                track_total_hits=False,
                            )["hits"]["hits"]
                        ]
                        for query in queries
                    ],
                )
                assert found == [[hit.passage_id for hit in hits] for hits in expected]

            def ours_one_by_one() -> None:
                for query in queries:
                    retriever.retrieve([query], K)

            def batched() -> None:
                assert retriever.retrieve(queries, K) == expected

            for _ in range(3):  # the server compiles what is used often
                one_by_one()
                batched()
            for pair in range(options.pairs):
                single, own, batch = timed(one_by_one), timed(ours_one_by_one), timed(batched)
                ratios.append(single / batch)
                print(
                    f"  pair {pair + 1}: one by one {single:.2f} s (the retriever's own {own:.2f} "
                    f"s), batched {batch:.2f} s, {single / batch:.2f}×",
                    flush=True,
                )
    finally:
        remove(url, f"ragft-{suite}*")
    return ratios


def nq_open(queries: int) -> tuple[list[Passage], list[str]]:
    """The gold passages, and the first questions."""
    data = os.environ.get("RAGFT_DATA")
    if not data:
        sys.exit("RAGFT_DATA names no folder with nq_open_oracle")
    golds = list(gold_passages(Path(data)))
    corpus = [Passage(id=f"g{i}", title=g.title, text=g.text) for i, g in enumerate(golds)]
    return corpus, [gold.question for gold in golds[:queries]]


def indexing(url: str, options: argparse.Namespace) -> list[float]:
    corpus = synthetic(options.passages)
    indexed_by_us(url, corpus[:5000])
    indexed_by_the_client(url, corpus[:5000])
    ratios = []
    for pair in range(options.pairs):
        arms = [indexed_by_us, indexed_by_the_client]
        times = {arm: arm(url, corpus) for arm in (arms if pair % 2 else arms[::-1])}
        ratios.append(times[indexed_by_the_client] / times[indexed_by_us])
        print(
            f"  pair {pair + 1}: ours {times[indexed_by_us]:.1f} s, streaming_bulk "
            f"{times[indexed_by_the_client]:.1f} s, {ratios[-1]:.2f}×",
            flush=True,
        )
    return ratios


def indexed_by_us(url: str, corpus: list[Passage]) -> float:
    suite = f"bench-{secrets.token_hex(4)}"
    try:
        with Connection(connection_settings(url, {}, request_timeout=120)) as connection:
            index = ManagedIndex(connection, corpus, SETTINGS, suite=suite, encoder=no_encoder)
            return timed(index.ensure)
    finally:
        remove(url, f"ragft-{suite}*")


def indexed_by_the_client(url: str, corpus: list[Passage]) -> float:
    name = f"bench-{secrets.token_hex(4)}"
    body = index_body(SETTINGS, None)

    def index() -> None:
        client.indices.create(index=name, settings=body["settings"], mappings=body["mappings"])
        actions = (
            {"_index": name, "_id": str(document["position"]), "_source": document}
            for document in documents(corpus, SETTINGS, None)
        )
        for _ in streaming_bulk(client, actions):
            pass
        client.indices.refresh(index=name)
        assert client.count(index=name)["count"] == len(corpus)

    try:
        with Elasticsearch(url, request_timeout=120) as client:
            return timed(index)
    finally:
        remove(url, name)


def indexed(url: str, options: argparse.Namespace) -> float:
    corpus = synthetic(options.passages)
    indexed_by_us(url, corpus[:5000])
    return indexed_by_us(url, corpus)


RUNS = {"search": searching, "indexing": indexing}
ARMS = {"search": searched, "indexing": indexed}


if __name__ == "__main__":
    sys.exit(main())
