"""Which questions of suites get other passages from Elasticsearch than from the embedded index.

python -m studies.retrieval.hits suites --url http://localhost:9200 [--list]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_ragft.records import Hit
from pytest_ragft.suite import Suite, load_suites, suites_in
from pytest_ragft.suite.opening import Access, open_retriever


def hits(suite: Suite, backend: str, url: str | None) -> list[tuple[Hit, ...]]:
    """Ranked hits of each question, best first."""
    retriever = open_retriever(suite, Access(backend=backend, url=url, environ=os.environ))
    try:
        retriever.check()
        found = retriever.retrieve([e.question for e in suite.examples], suite.retrieval.k)
    finally:
        retriever.close()
    return [tuple(row) for row in found]


def shown(row: Sequence[Hit]) -> str:
    """Ids with their scores."""
    return ", ".join(f"{hit.passage_id} {hit.score:.3f}" for hit in row)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a row of a table for each suite, and the rankings themselves with --list."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--url", required=True)
    parser.add_argument("--list", action="store_true", help="the rankings that differ")
    options = parser.parse_args(arguments)
    print("| suite | questions | another order | other passages |\n| --- | --- | --- | --- |")
    for suite in load_suites([file for path in options.paths for file in suites_in(path)]):
        here = hits(suite, "embedded", None)
        both = zip(here, hits(suite, "elasticsearch", options.url), strict=True)
        order = others = 0
        lines = []
        for example, (one, other) in zip(suite.examples, both, strict=True):
            ids, other_ids = ([hit.passage_id for hit in row] for row in (one, other))
            if ids == other_ids:
                continue
            others += set(ids) != set(other_ids)
            order += set(ids) == set(other_ids)
            lines.append(f"  {example.id}: embedded {shown(one)}; elasticsearch {shown(other)}")
        print(f"| {suite.name} | {len(suite.examples)} | {order} | {others} |")
        if options.list:
            print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
