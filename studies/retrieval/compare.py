"""BM25, dense and hybrid retrieval on both backends, in one table.

    RAGFT_DATA=… python studies/retrieval/compare.py --backend embedded

Each run adds its rows to results.json and writes the tables of README.md anew. Vectors are kept
under .cache, so that a second run computes none.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pytest_ragft.records import Passage  # noqa: E402
from pytest_ragft.retrieval.encoding import open_encoder  # noqa: E402
from pytest_ragft.retrieval.metrics import metric_named  # noqa: E402
from pytest_ragft.retrieval.ranking import searched_text  # noqa: E402
from pytest_ragft.retrieval.settings import RetrievalSettings  # noqa: E402
from pytest_ragft.store import Store  # noqa: E402
from pytest_ragft.suite.opening import Access, open_retriever  # noqa: E402
from studies import CACHE, ENCODER  # noqa: E402
from studies.retrieval.questions import COLLECTIONS, Collection  # noqa: E402
from studies.retrieval.table import write_tables  # noqa: E402

HERE = Path(__file__).resolve().parent
METRICS = ("recall@5", "ndcg@10")
K = 10
RESAMPLES = 2000
SEED = 20240601


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """A collection with settings, as the retrievers' factory reads it."""

    name: str
    path: Path
    passages: dict[str, Passage]
    retrieval: RetrievalSettings


def systems(encoder: Path) -> dict[str, dict[str, Any]]:
    """Settings by the name of their row."""
    found: dict[str, dict[str, Any]] = {"bm25": {"mode": "bm25"}}
    for name, spec in (("tfidf", "tfidf"), ("MiniLM", f"hf:{encoder}")):
        found[f"dense {name}"] = {"mode": "dense", "encoder": spec}
        for fusion in ("rrf", "weighted"):
            settings = {"mode": "hybrid", "encoder": spec, "fusion": fusion}
            found[f"hybrid {name} {fusion}"] = settings
    return found


def values(collection: Collection, settings: dict[str, Any], access: Access) -> dict[str, Any]:
    """Each metric's value for each question, shape [questions]."""
    searched = Searched(
        name=f"study-{collection.name}",
        path=HERE / "suite.toml",
        passages=dict(collection.passages),
        retrieval=RetrievalSettings(k=K, vectors="flat", **settings),
    )
    retriever = open_retriever(searched, access)
    try:
        retriever.check()
        hits = retriever.retrieve([e.question for e in collection.examples], K)
    finally:
        retriever.close()
    rankings = [[hit.passage_id for hit in found] for found in hits]
    return {
        name: np.array([
            metric_named(name).value(example, ranking)
            for example, ranking in zip(collection.examples, rankings, strict=True)
        ])
        for name in METRICS
    }  # fmt: skip


def interval(rows: np.ndarray) -> list[float]:
    """Mean with its 95 % bootstrap interval over questions (percentiles of 2,000 resamples)."""
    rng = np.random.default_rng(SEED)
    picks = rng.integers(0, len(rows), (RESAMPLES, len(rows)))
    low, high = np.quantile(rows[picks].mean(axis=1), (0.025, 0.975))
    return [float(rows.mean()), float(low), float(high)]


def measure(collection: Collection, backend: str, access: Access, encoder: Path) -> Iterator[dict]:
    """A row of the table for each system, hybrid ones with the gain over their better part."""
    done: dict[str, dict[str, np.ndarray]] = {}
    for name, settings in systems(encoder).items():
        done[name] = values(collection, settings, access)
        row: dict[str, Any] = {"data": collection.name, "backend": backend, "system": name}
        for metric in METRICS:
            row[metric] = interval(done[name][metric])
            if settings["mode"] == "hybrid":
                row[f"{metric} gain"] = _gain(done, name, metric)
        print(backend, collection.name, name, [round(row[m][0], 4) for m in METRICS], flush=True)
        yield row


def _gain(done: dict[str, dict[str, np.ndarray]], name: str, metric: str) -> list[float]:
    parts = (done["bm25"][metric], done[f"dense {name.split()[1]}"][metric])
    return interval(done[name][metric] - max(parts, key=np.mean))


def encode(collection: Collection, encoder: Path, store: Store) -> None:
    """Compute the vectors that the store lacks, which takes minutes, with its progress shown."""
    opened = open_encoder(f"hf:{encoder}", corpus=(), store=store, offline=False, progress=Lines())
    opened.encode([example.question for example in collection.examples])
    opened.encode([searched_text(passage) for passage in collection.passages.values()])


class Lines:
    """Progress as lines on the standard error."""

    @contextmanager
    def phase(self, title: str, total: int, unit: str) -> Iterator[Lines]:
        self._done, self._total, self._title = 0, total, title
        yield self

    def advance(self, done: int, what: str = "") -> None:
        before, self._done = self._done, self._done + done
        if before // 500 < self._done // 500 or self._done == self._total:
            print(f"{self._title}: {self._done}/{self._total}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--backend", choices=("embedded", "elasticsearch", "both"), required=True)
    parser.add_argument("--url", default=os.environ.get("RAGFT_TEST_ES_URL"))
    parser.add_argument("--data", choices=tuple(COLLECTIONS), nargs="+", default=list(COLLECTIONS))
    parser.add_argument("--encoder", type=Path, default=ENCODER)
    parser.add_argument("--out", type=Path, default=HERE, help="folder of results.json, README.md")
    options = parser.parse_args(arguments)
    if "RAGFT_DATA" not in os.environ:
        parser.error("RAGFT_DATA names no folder with the data")
    backends = ["embedded", "elasticsearch"] if options.backend == "both" else [options.backend]
    if "elasticsearch" in backends and not options.url:
        parser.error("--url (or RAGFT_TEST_ES_URL) gives no server")
    file = options.out / "results.json"
    rows = {_key(r): r for r in (json.loads(file.read_text()) if file.exists() else [])}
    store = Store(CACHE / "retrieval-study" / "store.sqlite")
    for name in options.data:
        collection = COLLECTIONS[name](Path(os.environ["RAGFT_DATA"]))
        encode(collection, options.encoder, store)
        for backend in backends:
            url = options.url if backend == "elasticsearch" else None
            access = Access(backend=backend, url=url, environ=os.environ, store=store)
            for row in measure(collection, backend, access, options.encoder):
                rows[_key(row)] = row
        file.write_text(json.dumps(sorted(rows.values(), key=_key), indent=1) + "\n")
    store.close()
    write_tables(options.out / "README.md", list(rows.values()))
    return 0


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["data"], row["backend"], row["system"]


if __name__ == "__main__":
    sys.exit(main())
