"""What the base keeps of the retention suites under three adapters, one of one word only.

    python -m studies.retention.measure --base MODEL

The third adapter is trained here, on the questions of the domain suites that one word answers, by
`ragft finetune`. All are gated on the retention suites in one run. What was trained and answered is
kept in the cache, so that a run that was ended goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

import pytest

from pytest_ragft.cli import main as ragft
from pytest_ragft.numbers import fixed
from pytest_ragft.records import BASELINE, CHECKS, RunResult
from pytest_ragft.reporting.by_suite import SuiteMatrix, suite_matrices
from pytest_ragft.reporting.json import read_report
from pytest_ragft.suite import load_suites, suites_at
from studies import CACHE, called, put_tables

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOMAINS = [ROOT / "suites" / name for name in ("biomedical", "encyclopedia", "papers")]
ADAPTERS = [ROOT / "fixtures" / "adapters" / name for name in ("rag-format", "short-answers")]
ONE_WORD = "one-word"


def write_pairs(domains: Sequence[Path], count: int, file: Path) -> None:
    """Questions that one word answers, yes and no left out: a model shall learn the form alone."""
    files = [file for domain in domains for file in suites_at(domain)]
    found = [
        {"id": f"{suite.name}-{example.id}", "question": example.question, "references": [word]}
        for suite in load_suites(files)
        for example in suite.examples
        for word in [r for r in example.references if len(r.split()) == 1][:1]
        if word.lower() not in ("yes", "no")
    ]
    drawn = random.Random(0).sample(found, min(count, len(found)))
    file.write_text("".join(json.dumps(row) + "\n" for row in drawn), encoding="utf-8")


def train(options: argparse.Namespace) -> Path:
    """The adapter of one word, unless it is there."""
    out, pairs = options.cache / ONE_WORD, options.cache / "pairs.jsonl"
    if not out.exists():
        write_pairs(options.domains, options.pairs, pairs)
        called(
            ragft,
            ["finetune", pairs, "--format", "jsonl", "--base", options.base,
             "--gated", options.suites, "--epochs", options.epochs, "--learning-rate", 1e-3,
             "--targets", ",".join(options.targets), "--development", 0, "--out", out,
             "--root", options.cache],
            accepted=[0],
        )  # fmt: skip
    return out


def gate(options: argparse.Namespace, models: Sequence[Path]) -> RunResult:
    """One run over all models."""
    report = options.cache / "report.json"
    limit = [] if options.questions is None else [f"--ragft-limit={options.questions}"]
    called(
        pytest.main,
        [options.suites, "-q", "-p", "no:cacheprovider", "-p", "no:deepeval",
         "-p", "no:asyncio", "--rootdir", options.cache, "-c", os.devnull,
         *(f"--ragft-model={model}" for model in models), *limit, f"--ragft-base={options.base}",
         f"--ragft-json={report}", "--ragft-texts=full"],
        accepted=[0, 1],
    )  # fmt: skip
    return read_report(report)


def suite_table(of: SuiteMatrix) -> str:
    """Suites by models: what each has of the base's level, and the verdict of the suite's guard."""
    lines = [
        f"| suite | questions | base | {' | '.join(of.variants)} |",
        "| --- " * (len(of.variants) + 3) + "|",
    ]
    for suite, row in of.rows.items():
        first = next(iter(row.values()))
        cells = [_cell(of, suite, name) for name in of.variants]
        lines.append(f"| {suite} | {first.n} | {first.baseline:.3f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(of: SuiteMatrix, suite: str, name: str) -> str:
    move = of.rows[suite][name]
    text = f"{move.variant:.3f} ({fixed(move.difference, signed=True)})"
    if move.gate is not None and move.gate.verdict.outcome == "REGRESSION":
        text += " REGRESSION"
    return f"**{text}, worst**" if of.worst == (suite, name) else text


def kind_table(run: RunResult, names: Sequence[str]) -> str:
    """What base and models reach on each kind of question."""
    held: dict[tuple[str, str], dict[str, list[float]]] = {}
    for key in run.cases:
        case = run.cases[key]
        of = held.setdefault((case.suite, case.example.tags[0]), {})
        of.setdefault(case.variant, []).append(case.scores[CHECKS].value or 0.0)
        if case.variant == names[0]:
            of.setdefault(BASELINE, []).append(case.baseline_scores[CHECKS].value or 0.0)
    lines = [
        f"| suite | kind | questions | base | {' | '.join(names)} |",
        "| --- " * (len(names) + 4) + "|",
    ]
    for (suite, kind), of in held.items():
        means = [f"{fmean(of[arm]):.2f}" for arm in (BASELINE, *names)]
        lines.append(f"| {suite} | {kind} | {len(of[BASELINE])} | {' | '.join(means)} |")
    return "\n".join(lines)


def caught(of: SuiteMatrix) -> Mapping[str, str]:
    """By variant: the suites whose guard names it, worst first."""
    found: dict[str, str] = {}
    for name in of.variants:
        moves = [row[name] for row in of.rows.values()]
        lost = [m for m in moves if m.gate and m.gate.verdict.outcome == "REGRESSION"]
        found[name] = ", ".join(m.suite for m in sorted(lost, key=lambda m: m.difference))
    return found


def main() -> int:
    """1 where no guard catches the adapter of one word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--adapters", type=Path, nargs="*", default=ADAPTERS)
    parser.add_argument("--suites", type=Path, default=ROOT / "suites" / "retention")
    parser.add_argument("--domains", type=Path, nargs="+", default=DOMAINS)
    parser.add_argument("--pairs", type=int, default=96)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--targets", nargs="+", default=["q_proj", "v_proj"])
    parser.add_argument("--questions", type=int, help="of each suite (default: all)")
    parser.add_argument("--cache", type=Path, default=CACHE / "retention")
    parser.add_argument("--out", type=Path, default=HERE / "README.md")
    options = parser.parse_args()
    for name in ("base", "suites", "cache"):
        setattr(options, name, getattr(options, name).resolve())
    (options.cache / ".ragft").mkdir(parents=True, exist_ok=True)
    models = [*(adapter.resolve() for adapter in options.adapters), train(options)]
    run = gate(options, models)
    (matrix,) = [of for of in suite_matrices(run) if of.metric == CHECKS]
    by_guards = caught(matrix)
    said = [f"{name}: {suites or 'no loss found'}" for name, suites in by_guards.items()]
    tables = "\n\n".join(
        [
            suite_table(matrix),
            "Suites whose guard finds a loss, the largest first – " + "; ".join(said) + ".",
            kind_table(run, matrix.variants),
        ]
    )
    if options.out.exists():
        put_tables(options.out, "measure.py", tables)
    print(tables)
    return int(not by_guards[ONE_WORD])


if __name__ == "__main__":
    sys.exit(main())
