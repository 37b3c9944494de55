"""Four answers a question against one: the variance of the differences on the shipped suites.

    python -m studies.samples.worth --base MODEL order
    python -m studies.samples.worth --base MODEL temperature

Each run adds its rows to results.json and writes the table of README.md anew. Answers are kept
under .cache, so that a run that was ended goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.settings import DTYPES
from pytest_ragft.generation.source import VariantSpec
from pytest_ragft.judging.factory import open_judge
from pytest_ragft.records import BASELINE, Comparison
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.stats.draws import draw_spread
from pytest_ragft.store import Store
from pytest_ragft.suite import METRICS, Suite, load_suite
from pytest_ragft.suite.opening import Access, open_retriever
from studies import CACHE

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WAYS: dict[str, dict[str, Any]] = {
    "order": {"vary": "order"},
    "temperature": {"temperature": 0.7},
}
BAR = 0.75
"""Variance of the differences of four answers, of that of one."""
TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end -->)", re.DOTALL)


def suites(options: argparse.Namespace) -> list[Suite]:
    """Those that are shipped, with so many answers a question."""
    found = [load_suite(path) for path in sorted(options.suites.glob("*/suite.toml"))]
    drawn = {"samples": options.samples, "dtype": options.dtype, **WAYS[options.way]}
    return [replace(s, generation=replace(s.generation, **drawn)) for s in found]


def evaluate(options: argparse.Namespace, asked: list[Suite], store: Store) -> Evaluation:
    """Baseline and adapter on the first questions of each suite."""
    access = Access(backend="embedded", offline=True)
    retrievers: dict[str, Retriever] = {}

    def retriever_of(suite: Suite) -> Retriever:
        if suite.name not in retrievers:
            retrievers[suite.name] = open_retriever(suite, access)
        return retrievers[suite.name]

    generators = open_generators(
        [VariantSpec(name="adapter", spec=str(options.adapter))],
        baseline=str(options.base),
        wants_baseline=True,
        base=options.base,
        options={suite.name: suite.generation for suite in asked},
        offline=True,
        store=store,
    )
    evaluator = Evaluator(
        store=store,
        judge=open_judge("reference", offline=True, store=store, places=[]),
        suites={suite.name: suite for suite in asked},
        generators=generators,
        retriever_of=retriever_of,
        progress=progress_to(sys.stderr),
        limit=options.questions,
    )
    return evaluator.evaluate(dict.fromkeys(generators))


def rows(way: str, comparison: Comparison, samples: int) -> Iterator[dict[str, Any]]:
    """What a metric's differences vary by, with one draw and with the mean of all."""
    drawn = [[v - b for b, v in pair.draws] for pair in comparison.pairs if pair.draws]
    whole = np.array([of for of in drawn if len(of) == samples])
    spread = draw_spread(drawn)
    if spread is None or len(whole) < 2:
        return
    one, mean = whole.var(axis=0, ddof=1).mean(), whole.mean(axis=1).var(ddof=1)
    yield {
        "way": way,
        "metric": comparison.metric,
        "questions": len(whole),
        "samples": samples,
        "variance of one": float(one),
        "variance of the mean": float(mean),
        "ratio": float(mean / one),
        "within": spread.share,
        "worth of 2": spread.worth(2),
        "worth of 4": spread.worth(4),
        "worth at most": spread.worth(np.inf),
        "differences": [float(x) for x in whole.mean(axis=0)],
    }


def table(results: list[dict[str, Any]]) -> str:
    """Markdown."""
    lines = [
        "| answers vary by | metric | questions | variance of four, of one | within questions "
        "| 2 draws are worth | 4 | at most | mean difference by draw |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {r['way']} | {r['metric']} | {r['questions']} | {r['ratio']:.2f} | {r['within']:.0%} "
        f"| {r['worth of 2']:.2f} | {r['worth of 4']:.2f} | {r['worth at most']:.2f} "
        f"| {', '.join(f'{x:+.3f}' for x in r['differences'])} |"
        for r in results
    ]
    return "\n".join(lines) + "\n"


def write(out: Path, results: list[dict[str, Any]]) -> None:
    """Replace the rows of the same ways, and the table where there is a README."""
    file = out / "results.json"
    known = json.loads(file.read_text("utf-8")) if file.exists() else []
    ways = {row["way"] for row in results}
    every = [*(row for row in known if row["way"] not in ways), *results]
    every.sort(key=lambda row: (list(WAYS).index(row["way"]), row["metric"]))
    file.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8")
    readme = out / "README.md"
    if readme.exists():
        text = TABLE.sub(lambda _: table(every), readme.read_text("utf-8"))
        readme.write_text(text, encoding="utf-8")


def main() -> int:
    """1 where four answers vary by more than the bar allows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument(
        "--adapter", type=Path, default=ROOT / "fixtures" / "adapters" / "rag-format"
    )
    parser.add_argument("--suites", type=Path, default=ROOT / "suites")
    parser.add_argument("--questions", type=int, default=50, help="of each suite")
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--dtype", choices=DTYPES, help="default: the base's own")
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--cache", type=Path, default=CACHE / "samples")
    options = parser.parse_args()
    asked = suites(options)
    options.cache.mkdir(parents=True, exist_ok=True)
    store = Store(options.cache / "store.sqlite")
    try:
        evaluation = evaluate(options, asked, store)
    finally:
        store.close()
    for arm, error in evaluation.errors.items():
        print(*arm, error, file=sys.stderr)
    found: list[dict[str, Any]] = []
    for metric in METRICS:
        compared = evaluation.comparison(metric, "adapter", asked, limit=options.questions)
        assert compared.baseline == BASELINE
        found += rows(options.way, compared, options.samples)
    write(options.out, found)
    print(table(found))
    return int(any(row["ratio"] > BAR for row in found))


if __name__ == "__main__":
    sys.exit(main())
