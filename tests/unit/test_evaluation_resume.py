"""Killed, out of disk, or several at once: the same evaluation ends with the same result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.evaluation.judging_cases import BATCH

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX processes")

# Two arms on one engine, 20 batches of 32 each, and 1,280 cases to judge. Each batch and each case
# leaves a line in calls.txt; what is named in the arguments is the last.
EVALUATE = """
import json, os, sys
from pathlib import Path
from pytest_ragft.store import Store
from tests.evaluation_parts import *

folder, dies_in, size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
if size:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

def note(what):
    def before(call):
        line = f"{what} {call}"
        with (folder.parent / f"{folder.name}.calls").open("a") as file:
            file.write(line + "\\n")
        if line == dies_in:
            kill_myself()
    return before

def answer(name):
    return lambda request: f"{name}: {request.prompt.passages[0].text}"

engine = ToyEngine()
toys = {
    name: Toy(name=name, engine=engine, rows=32, answer=answer(name), before=note(name))
    for name in ("baseline", "variant")
}
class Noted(WordJudge):
    judged = 0

    def _judge(self, case):
        self.judged += 1
        note("judge")(self.judged)
        return super()._judge(case)

judge = Noted()
store = Store(folder / "store.sqlite")
evaluator = make_evaluator(store, toys, [make_suite(questions=640)], judge)
evaluation = evaluator.evaluate(everything(evaluator))
plain = evaluation.to_plain()
json.dump(plain, sys.stdout)
"""


def start(folder: Path, dies_in: str = "", size: int = 0) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", EVALUATE, str(folder), dies_in, str(size)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate()
    assert process.returncode == 0, err
    return dict(json.loads(out))


def calls(folder: Path) -> list[str]:
    return (folder.parent / f"{folder.name}.calls").read_text().splitlines()


def of(kind: str, lines: Iterable[str]) -> int:
    return sum(line.startswith(kind) for line in lines)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    plain = result(start(folder))
    assert not plain["errors"]
    assert of("judge", calls(folder)) == 1280
    return plain, calls(folder)


Undisturbed = tuple[dict[str, Any], list[str]]


@pytest.mark.parametrize(
    "dies_in", ["baseline 1", "baseline 7", "variant 20", "judge 1", "judge 700"]
)
def test_killed_and_started_again(tmp_path: Path, undisturbed: Undisturbed, dies_in: str) -> None:
    folder = tmp_path / "run"
    killed = start(folder, dies_in)
    killed.communicate()
    assert killed.returncode == -9
    before = len(calls(folder))

    again = result(start(folder))

    assert again == undisturbed[0]
    # All that was done before is kept, but for the batch that was being computed.
    lost = len(calls(folder)) - len(undisturbed[1])
    assert lost == 1 or (dies_in == "judge 700" and 1 <= lost <= BATCH)
    assert calls(folder)[before - 1] == dies_in


def test_killed_again_and_again(tmp_path: Path, undisturbed: Undisturbed) -> None:
    folder = tmp_path / "run"
    for dies_in in ("baseline 5", "baseline 6", "variant 3", "variant 9", "judge 2"):
        killed = start(folder, dies_in)
        killed.communicate()
        assert killed.returncode == -9

    assert result(start(folder)) == undisturbed[0]
    assert len(calls(folder)) == len(undisturbed[1]) + 5


def test_several_at_once_share_the_work(tmp_path: Path, undisturbed: Undisturbed) -> None:
    folder = tmp_path / "run"
    processes = [start(folder) for _ in range(3)]
    results = [result(process) for process in processes]

    assert results == [undisturbed[0]] * 3
    assert sorted(calls(folder)) == sorted(undisturbed[1])


@pytest.mark.parametrize(("size", "stage"), [(500_000, "answers"), (2_400_000, "scores")])
def test_a_disk_that_fills_up_in_mid_run(
    tmp_path: Path, undisturbed: Undisturbed, size: int, stage: str
) -> None:
    """Every arm has the one error; what was done is there to be read, and is there afterwards."""
    folder = tmp_path / "run"
    full = result(start(folder, size=size))

    messages = {message for *_, message in full["errors"]}
    assert sorted(variant for variant, *_ in full["errors"]) == ["baseline", "variant"]
    (message,) = messages
    assert "cannot be written" in message
    assert "free space on the disk" in message
    answers = {variant: found for variant, _, found in full["answers"]}
    scores = {variant: found for variant, _, found in full["scores"]}
    wanted = {variant: found for variant, _, found in undisturbed[0]["answers"]}
    if stage == "answers":
        assert 0 < len(answers["baseline"]) < 640
    else:
        assert answers == wanted
        assert 0 < len(scores["baseline"]) < 640
    assert answers["baseline"].items() <= wanted["baseline"].items()

    computed = of("baseline", calls(folder)) + of("variant", calls(folder))
    again = result(start(folder))
    assert again == undisturbed[0]
    computed_again = of("baseline", calls(folder)) + of("variant", calls(folder)) - computed
    # Each arm lost the batch that could not be kept, and nothing else.
    assert computed + computed_again == 40 + (2 if stage == "answers" else 0)
