"""Answers of served models: how fast they come, and whether they are those of the same model here.

    python bench/served.py calls [--answers 1000] [--concurrency 64] [--milliseconds 500 50]
                                 [--repeats 3]
    python bench/served.py equal [--suite suites/biomedical] [--questions 60] [--base PATH]
                                 [--adapters short-answers rag-format] [--device cpu] [--dtype auto]
                                 [--cache FOLDER]

`calls` asks a server of its own that answers each call after the given time, through the whole
path: requests, calls, reading, the store. Ideal is answers / concurrency times that. Bars: 1.15× at
500 ms and 1.5× at 50 ms.

`equal` gates adapters in this process and, merged into folders, behind `transformers serve`, on
questions spread over a suite, and compares texts and verdicts. In this process each question is a
batch by itself, as it is there: in bfloat16 a row hangs on its batch. Bar: 95 % equal texts, the
same verdicts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SHOWN = 3


def suite_of(answers: int) -> Any:
    from pytest_ragft.records import Passage, QAExample
    from pytest_ragft.retrieval.settings import RetrievalSettings
    from pytest_ragft.suite import Suite

    return Suite(
        name="demo",
        path=Path("suites/demo/suite.toml"),
        examples=tuple(
            QAExample(id=f"q{i}", question=f"Which code has item {i}?", references=(f"c{i}",))
            for i in range(answers)
        ),
        passages={
            f"p{i}": Passage(id=f"p{i}", text=f"item {i} has the code c{i}. " + "more words " * 18)
            for i in range(answers)
        },
        retrieval=RetrievalSettings(k=5),
        fingerprint="demo",
    )


class Neighbours:
    """Retrieves what stands at the number in the question, and behind it."""

    fingerprint = "neighbours"
    description = "by number"
    notes = ()

    def __init__(self, suite: Any) -> None:
        self.suite = suite

    def check(self) -> None:
        pass

    def passages(self, ids: Any) -> Any:
        return {i: self.suite.passages[i] for i in ids}

    def retrieve(self, queries: Any, k: int) -> Any:
        from pytest_ragft.records import Hit

        size = len(self.suite.passages)
        return [
            tuple(
                Hit(passage_id=f"p{(int(query.split()[-1][:-1]) + n) % size}", score=1 / (1 + n))
                for n in range(k)
            )
            for query in queries
        ]


def timed(url: str, answers: int, concurrency: int, folder: Path) -> tuple[float, float]:
    """Seconds of answering a suite, the probe left out, and of the processor for it."""
    from pytest_ragft.evaluation.evaluator import Evaluator
    from pytest_ragft.generation.factory import open_generators
    from pytest_ragft.generation.source import parse_variant
    from pytest_ragft.judging.lexical.reference import ReferenceJudge
    from pytest_ragft.progress import NoProgress
    from pytest_ragft.store import Store

    suite = suite_of(answers)
    store = Store(folder / "store.sqlite")
    judge = ReferenceJudge()
    generators = open_generators(
        [parse_variant(f"served=openai:m@{url}")],
        baseline=None,
        wants_baseline=False,
        base=None,
        options={suite.name: suite.generation},
        offline=False,
        store=store,
        environ={"RAGFT_GENERATION_CONCURRENCY": str(concurrency)},
    )
    retriever = Neighbours(suite)
    evaluator = Evaluator(
        store=store,
        judge=judge,
        suites={suite.name: suite},
        generators=generators,
        retriever_of=lambda _: retriever,
        progress=NoProgress(),
    )
    jobs = evaluator._jobs({("served", suite.name): None}, judge)
    start, before = time.perf_counter(), time.process_time()
    evaluator._answering.run(jobs)
    seconds, processor = time.perf_counter() - start, time.process_time() - before
    given = evaluator.evaluation.answers["served", suite.name].values()
    assert [answer.error for answer in given] == [None] * answers
    assert not evaluator.evaluation.errors
    store.close()
    return seconds, processor


def calls(chosen: argparse.Namespace) -> None:
    stub = Path(__file__).with_name("judge_calls.py")
    with subprocess.Popen(
        [sys.executable, str(stub), "serve"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            print(f"{chosen.answers} answers, {chosen.concurrency} at a time")
            for delay in chosen.milliseconds:
                url = f"http://127.0.0.1:{port}/{delay}/v1"
                ideal = chosen.answers / chosen.concurrency * delay / 1000
                found = []
                for _ in range(chosen.repeats + 1):
                    with tempfile.TemporaryDirectory() as folder:
                        found.append(timed(url, chosen.answers, chosen.concurrency, Path(folder)))
                times = [seconds / ideal for seconds, _ in found[1:]]
                low, middle, high = (f(times) for f in (min, statistics.median, max))
                processor = statistics.median(seconds for _, seconds in found[1:])
                print(
                    f"{delay} ms an answer, ideal {ideal:.2f} s: {middle:.2f}× "
                    f"({low:.2f} to {high:.2f}), {processor:.2f} s of the processor"
                )
        finally:
            server.terminate()


def part_of(suite: Path, questions: int, target: Path, toml: str) -> None:
    """Questions spread over a suite, and its corpus, in a folder of their own."""
    target.mkdir(parents=True)
    lines = (suite / "questions.jsonl").read_text().splitlines()
    step = max(1, len(lines) // questions)
    (target / "questions.jsonl").write_text("\n".join(lines[::step][:questions]) + "\n")
    shutil.copyfile(suite / "corpus.jsonl", target / "corpus.jsonl")
    text = (suite / "suite.toml").read_text()
    (target / "suite.toml").write_text(text.replace("[generation]", f"[generation]\n{toml}"))


def gate(folder: Path, *arguments: str) -> dict[str, Any]:
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:deepeval"),
        *(str(folder / "suites"), f"--rootdir={folder}", f"--ragft-json={report}"),
        *("--ragft-texts=full", *arguments),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "RAGFT_GENERATION_CONCURRENCY": "2"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def texts(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (name, question["id"]): answer["text"]
        for question in report["questions"]
        for name, answer in question["answers"].items()
    }


def verdicts(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (result["variant"], result["node_id"]): result["verdict"]["outcome"]
        for result in report["gates"]
    }


def equal(chosen: argparse.Namespace) -> None:
    from tests.transformers_serve import merged, serving

    base = chosen.base.resolve()
    given = [ROOT / "fixtures/adapters" / name for name in chosen.adapters]
    adapters = {path.name: path.resolve() for path in given}
    folders = {name: merged(base, path, chosen.cache) for name, path in adapters.items()}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        own = f'batch_tokens = 1\ndevice = "{chosen.device}"\ndtype = "{chosen.dtype}"\n'
        part_of(ROOT / chosen.suite, chosen.questions, folder / "suites/part", own)
        models = [f"--ragft-model={name}={path}" for name, path in adapters.items()]
        start = time.perf_counter()
        here = gate(folder, *models, f"--ragft-base={base}")
        between = time.perf_counter()
        with serving(folder / "log", dtype=chosen.dtype) as url:
            served = [f"--ragft-model={n}=openai:{p}@{url}" for n, p in folders.items()]
            there = gate(folder, *served, f"--ragft-baseline=openai:{base}@{url}")
        print(
            f"{chosen.questions} questions: {between - start:.0f} s here, "
            f"{time.perf_counter() - between:.0f} s behind the server"
        )
    ours, theirs = texts(here), texts(there)
    assert ours.keys() == theirs.keys(), "the same questions"
    same = sum(ours[key] == theirs[key] for key in ours)
    print(f"equal texts: {same} of {len(ours)} ({same / len(ours):.1%})")
    for key in [key for key in ours if ours[key] != theirs[key]][:SHOWN]:
        print(f"  {key}: {ours[key]!r} here, {theirs[key]!r} there")
    ruled, elsewhere = verdicts(here), verdicts(there)
    print(f"verdicts: {'the same' if ruled == elsewhere else 'differ'}, {ruled} and {elsewhere}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(required=True)
    fast = kinds.add_parser("calls")
    fast.add_argument("--answers", type=int, default=1000)
    fast.add_argument("--concurrency", type=int, default=64)
    fast.add_argument("--milliseconds", type=int, nargs="+", default=[500, 50])
    fast.add_argument("--repeats", type=int, default=3)
    fast.set_defaults(run=calls)
    alike = kinds.add_parser("equal")
    alike.add_argument("--suite", default="suites/biomedical")
    alike.add_argument("--questions", type=int, default=60)
    alike.add_argument("--base", type=Path, default=ROOT / ".cache/models/SmolLM2-135M-Instruct")
    alike.add_argument("--adapters", nargs="+", default=["short-answers", "rag-format"])
    alike.add_argument("--cache", type=Path, default=ROOT / ".cache/merged")
    alike.add_argument("--dtype", default="auto")
    alike.add_argument("--device", default="cpu")
    alike.set_defaults(run=equal)
    chosen = parser.parse_args()
    chosen.run(chosen)


if __name__ == "__main__":
    main()
