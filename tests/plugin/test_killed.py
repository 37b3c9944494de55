"""`kill -9` at any moment of answering and judging: the same command ends as if nothing had been.

RAGFT_TEST_KILLS says at how many random moments, with a judge of one's own and with one that is
served; by default at one, with one's own.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.endpoint_server import Answer, Call, Server, chat
from tests.example import PLUGINS, Example, clean_environment
from tests.llm_scripts import is_probe

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX processes")

KILLS = int(os.environ.get("RAGFT_TEST_KILLS", "1"))
LOST_SECONDS = 1.0
SLACK = 0.5
"""Seconds between a case's end and its being kept, on a machine that has more to do."""

# Each answer and each judged case takes a moment and leaves a line: what, and when it was done.
PARTS = """
import time
from pytest_ragft.records import Answer, Score

def note(what):
    time.sleep(0.004)
    with open("done.log", "a") as file:
        file.write(f"{what} {time.time()}\\n")

class Engine:
    key = "slow"
    def release(self):
        pass

class Model:
    fingerprint = "slow/1"
    engine = Engine()
    notes = ()

    def check(self, suite, ids):
        pass

    def cut(self, requests):
        return [list(range(i, min(i + 4, len(requests)))) for i in range(0, len(requests), 4)]

    def generate(self, batch):
        for request in batch:
            note(f"answer-{request.id}")
        return [
            Answer(text=f"It is {r.prompt.passages[0].text.rpartition(' ')[2]}", finish="stop")
            for r in batch
        ]

class Judge:
    name = "slow"
    fingerprint = "slow/1"
    metrics = ("accuracy", "completeness")
    reads_passages = False

    def judge(self, cases):
        return [self.one(case) for case in cases]

    def one(self, case):
        note("judge-" + "-".join((case.example.id + " " + case.answer).split()))
        right = float(case.example.references[0] in case.answer)
        return {m: Score(metric=m, value=right) for m in self.metrics}
"""


@dataclass
class Project:
    """An example under a judge, with what was done in it so far."""

    example: Example
    judge: str
    events: Callable[[], list[tuple[str, float]]]

    def start(self) -> subprocess.Popen[str]:
        command = [
            *(sys.executable, "-m", "pytest", *PLUGINS, "suites", "--ragft-json=report.json"),
            *("--ragft-model=slow=parts:Model", "--ragft-baseline=baseline.jsonl", self.judge),
        ]
        return subprocess.Popen(
            command,
            cwd=self.example.folder,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self) -> dict[str, Any]:
        process = self.start()
        out, _ = process.communicate()
        assert process.returncode == 0, out
        report = json.loads((self.example.folder / "report.json").read_text())
        # What this run computed, and what its calls cost, depends on where it began.
        for variant in report["variants"]:
            del variant["computed"]
        del report["judge_usage"]
        return dict(report)

    def run_killed_after(self, events: int) -> float:
        """Kill it once so many things are done; the moment."""
        before = len(self.events())
        process = self.start()
        while process.poll() is None and len(self.events()) < before + events:
            time.sleep(0.001)
        process.kill()
        moment = time.time()
        process.communicate()
        assert process.returncode == -9, "it was still at work"
        return moment

    def forget(self) -> None:
        shutil.rmtree(self.example.folder / ".ragft")

    def scores(self) -> dict[str, str]:
        from pytest_ragft.store import Store

        store = Store(self.example.folder / ".ragft" / "store.sqlite", mode="ro")
        store.check()
        connection = store._open(create=False)
        assert connection is not None
        rows = connection.execute("SELECT key, value FROM entries WHERE kind <> 'capabilities'")
        kept = dict(rows.fetchall())
        store.close()
        return kept


@pytest.fixture(params=["own", "served"][: 1 + (KILLS > 1)])
def project(request: pytest.FixtureRequest, example: Example) -> Iterator[Project]:
    example.suite(per_document=2).recorded("baseline.jsonl")
    example.write("parts.py", PARTS)
    log = example.write("done.log", "")

    def logged() -> list[tuple[str, float]]:
        lines = [line.split() for line in log.read_text().split("\n")[:-1]]
        return [(what, float(when)) for what, when in lines]

    if request.param == "own":
        yield Project(example, "--ragft-judge=parts:Judge", logged)
        return
    asked: list[tuple[str, float]] = []

    def script(call: Call) -> Answer:
        if not is_probe(call):
            time.sleep(0.002)
            asked.append((call.text, time.time()))
        return chat({"reason": "r", "rating": 4})

    with Server(script) as server:
        judge = f"--ragft-judge=openai:m@{server.url}"
        yield Project(
            example, judge, lambda: sorted([*logged(), *asked], key=lambda event: event[1])
        )


def test_killed_at_any_moment_it_ends_the_same(project: Project) -> None:
    whole = project.run()
    kept = project.scores()
    total = len(project.events())
    assert total >= 120 + 120, "answers, and cases to judge"
    rng = random.Random(len(project.judge))

    for _ in range(KILLS):
        project.forget()
        start = len(project.events())
        # Not so near to the end that nothing is left to kill.
        moment = project.run_killed_after(rng.randint(1, total - 10))
        before = project.events()[start:]
        middle = len(project.events())
        report = project.run()
        again = {what for what, _ in project.events()[middle:]}

        assert report == whole
        assert project.scores() == kept
        lost = [when for what, when in before if what in again and not what.startswith("answer-")]
        assert all(moment - when <= LOST_SECONDS + SLACK for when in lost)
        answers = sum(what in again for what, _ in before if what.startswith("answer-"))
        assert answers <= 4, "of one batch"
