"""Elasticsearch: searches in batches, indexing, and memory while indexing.

    RAGFT_DATA=… python bench/elastic.py [search] [indexing] [memory] [--url URL] [--pairs 5]

search: 1,000 queries over the passages of NQ-open, k = 5, one warm keep-alive client; batched
against one by one with the client's own `search`. Bar 4×.
indexing: 50,000 passages against the client's own `streaming_bulk` into an index of the same
mapping; ours includes the fingerprint, the claim, the count and the alias. Bar 0.9×.
memory: peak of a fresh process that indexes 200,000 passages against one with 50,000. Bar 1.2×.

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
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from elasticsearch import Elasticsearch  # noqa: E402
from elasticsearch.helpers import streaming_bulk  # noqa: E402

from pytest_ragft.records import Passage  # noqa: E402
from pytest_ragft.retrieval.elastic.access import connection_settings  # noqa: E402
from pytest_ragft.retrieval.elastic.connection import Connection  # noqa: E402
from pytest_ragft.retrieval.elastic.index import ManagedIndex  # noqa: E402
from pytest_ragft.retrieval.elastic.managed import ManagedRetriever  # noqa: E402
from pytest_ragft.retrieval.elastic.mapping import documents, index_body  # noqa: E402
from pytest_ragft.retrieval.settings import RetrievalSettings  # noqa: E402
from studies.natural_questions import gold_passages  # noqa: E402
from tests.elastic.opening import no_encoder, remove  # noqa: E402

K = 5
BARS = {"search": (4.0, 1), "indexing": (0.9, 1), "memory": (1.2, -1)}
"""The bar, and whether more or less is better."""
SETTINGS = RetrievalSettings(k=K)


class Synthetic:
    """Passages of about 100 words that are made as they are read, the same each time."""

    def __init__(self, passages: int) -> None:
        self.passages = passages

    def __iter__(self) -> Iterator[Passage]:
        words = [f"{a}{b}{c}" for a in "bdgklmnprst" for b in "aeiou" for c in WORD_ENDS]
        for number in range(self.passages):
            rng = random.Random(number)
            text = " ".join(rng.choices(words, k=rng.randint(60, 140)))
            yield Passage(id=f"passage-{number}", title=words[number % len(words)], text=text)


WORD_ENDS = ("ram", "lin", "tor", "ven", "sak", "pel", "dum", "fit", "gol", "nex", "bir", "cas")


def main() -> int:
    options = parsed()
    if options.build:
        return build(options.url, options.build)
    missed = False
    with ExitStack() as stack:
        url = options.url or started(stack)
        for what in options.what or BARS:
            ratios = RUNS[what](url, options)
            bar, sign = BARS[what]
            ratio = median(ratios)
            missed |= sign * ratio < sign * bar
            print(
                f"{what}: median {ratio:.2f} of {len(ratios)} "
                f"({min(ratios):.2f} to {max(ratios):.2f}), "
                f"bar {'≥' if sign > 0 else '≤'} {bar}",
                flush=True,
            )
    return int(missed)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="*", choices=[[], *BARS])
    parser.add_argument("--url", help="of a server; by default one is started")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--build", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def started(stack: ExitStack) -> str:
    from tests.elastic.server import Server

    server = stack.enter_context(Server(say=lambda line: print(line, file=sys.stderr, flush=True)))
    return server.address.url


def timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def searching(url: str, options: argparse.Namespace) -> list[float]:
    rows = nq_open()
    corpus = [Passage(id=f"g{i}", title=t, text=x) for i, (_, t, x) in enumerate(rows)]
    queries = [question for question, _, _ in rows[: options.queries]]
    suite = f"bench-{secrets.token_hex(4)}"
    ratios = []
    try:
        with Connection(connection_settings(url, {})) as connection:
            index = ManagedIndex(connection, corpus, SETTINGS, suite=suite, encoder=no_encoder)
            retriever = ManagedRetriever(connection, corpus, index, SETTINGS, "bm25")
            expected = retriever.retrieve(queries, K)

            def one_by_one() -> None:
                found = connection.call(
                    "searching",
                    lambda client: [
                        [
                            corpus[hit["sort"][1]].id
                            for hit in client.search(
                                index=index.names.alias,
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


def nq_open() -> list[tuple[str, str, str]]:
    """Question, title and text of the gold passage."""
    data = os.environ.get("RAGFT_DATA")
    if not data:
        sys.exit("RAGFT_DATA names no folder with nq_open_oracle")
    return [(gold.question, gold.title, gold.text) for gold in gold_passages(Path(data))]


def indexing(url: str, options: argparse.Namespace) -> list[float]:
    corpus = list(Synthetic(options.passages))
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
            {"_index": name, "_id": str(document.position), "_source": document.source}
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


def memory(url: str, options: argparse.Namespace) -> list[float]:
    small, large = (peak(url, options.passages * times) for times in (1, 4))
    print(f"  peak memory {small / 2**20:.0f} MB and {large / 2**20:.0f} MB", flush=True)
    return [large / small]


def peak(url: str, passages: int) -> int:
    """Bytes, of a process of its own."""
    command = [sys.executable, __file__, "--url", url, "--build", str(passages)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout)


def build(url: str, passages: int) -> int:
    """In a process of its own: index and print the peak memory."""
    import resource

    suite = f"bench-{secrets.token_hex(4)}"
    corpus = Synthetic(passages)
    try:
        with Connection(connection_settings(url, {}, request_timeout=120)) as connection:
            ManagedIndex(connection, corpus, SETTINGS, suite=suite, encoder=no_encoder).ensure()
    finally:
        remove(url, f"ragft-{suite}*")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    return 0


RUNS = {"search": searching, "indexing": indexing, "memory": memory}


if __name__ == "__main__":
    sys.exit(main())
