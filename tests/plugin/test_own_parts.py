"""Judges, retrievers and generators of one's own, named by MODULE:CLASS or an entry point."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.example import PLUGINS, Example, Result, clean_environment

XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])

JUDGE = """
from pytest_ragft.records import Score

class Judge:
    name = "mine"
    fingerprint = "mine/1"
    metrics = ("accuracy", "completeness")
    reads_passages = False

    def judge(self, cases):
        return [
            {m: Score(metric=m, value=float(case.example.references[0] in case.answer))
             for m in self.metrics}
            for case in cases
        ]

    @staticmethod
    def is_bad(case):
        return "Zanzibar" in case.answer

class Bare:
    fingerprint = "bare/1"
    metrics = ("accuracy", "completeness")
"""

GENERATOR = """
from pytest_ragft.records import Answer

class Model:
    fingerprint = "mine/1"
    engine = None
    notes = ("an experiment",)

    def check(self, suite, ids):
        pass

    def cut(self, requests):
        return [[i] for i in range(len(requests))]

    def generate(self, batch):
        open("asked", "a").write("x" * len(batch))
        return [self.answer(r.prompt.passages[0].text.rpartition(" ")[2]) for r in batch]

    def answer(self, text):
        return Answer(text=text, finish="stop")
"""

RETRIEVER = """
from pytest_ragft.records import Hit

class Search:
    fingerprint = "mine/1"
    description = "by number"
    notes = ("an experiment",)

    def check(self):
        pass

    def index(self, passages):
        open("indexed", "a").write(str(len(passages)) + " ")
        self.by_code = {p.text.split(" is ")[0].split()[-1]: p for p in passages}

    def retrieve(self, queries, k):
        found = [[p for code, p in self.by_code.items() if code in q.split()] for q in queries]
        return [tuple(self.hit(p.id) for p in hits)[:k] for hits in found]

    def hit(self, passage_id):
        return Hit(passage_id=passage_id, score=1.0)

    def passages(self, ids):
        every = {p.id: p for p in self.by_code.values()}
        return {i: every[i] for i in ids}

    def close(self):
        pass
"""


@pytest.fixture
def ready(example: Example) -> Example:
    example.suite(documents=60, per_document=1)
    example.recorded("baseline.jsonl").recorded("variant.jsonl")
    example.write("parts/judges.py", JUDGE)
    example.write("parts/models.py", GENERATOR)
    example.write("parts/search.py", RETRIEVER)
    return example


def report_of(example: Example) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((example.folder / "report.json").read_text())
    return content


def refused(result: Result) -> str:
    """The one line of a usage error."""
    assert result.code == 4, result.out + result.err
    assert "Traceback" not in result.out + result.err
    lines = [line for line in (result.out + result.err).splitlines() if line.startswith("ERROR: ")]
    assert len(lines) == 1, result.out + result.err
    return lines[0]


@XDIST
@pytest.mark.parametrize(("wrong", "code"), [(0.0, 0), (0.5, 1)])
def test_a_judge_decides(ready: Example, wrong: float, code: int, workers: tuple[str, ...]) -> None:
    ready.recorded("variant.jsonl", wrong=wrong)

    result = ready.gate("--ragft-judge=parts.judges:Judge", "--ragft-json=report.json", *workers)

    assert result.code == code, result.out + result.err
    assert "judge: parts.judges:Judge" in result.out
    (accuracy, _) = report_of(ready)["gates"]
    assert accuracy["verdict"]["outcome"] == ("REGRESSION" if code else "PASS")


def test_it_is_found_in_the_current_folder_and_in_rootdir(ready: Example) -> None:
    """As from `python -m pytest`, and by `pytest`, whose path holds neither."""
    ready.write("pytest.ini", "[pytest]\n")
    ready.write("elsewhere/here.py", JUDGE)
    starter = "import sys; sys.path = [p for p in sys.path if p]; import pytest; "

    for module in ("parts.judges", "here"):
        code = starter + "sys.exit(pytest.main(sys.argv[1:]))"
        done = subprocess.run(
            [
                sys.executable, "-c", code, "../suites", *PLUGINS, "-k", "gate",
                "--ragft-model=../variant.jsonl", "--ragft-baseline=../baseline.jsonl",
                f"--ragft-judge={module}:Judge",
            ],
            cwd=ready.folder / "elsewhere",
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("parts.nowhere:Judge", "the module 'parts.nowhere' cannot be imported"),
        ("parts.judges:Jugde", "has no 'Jugde'; it defines Judge, Bare"),
        ("parts.judges:Bare", "lacks 'name', 'reads_passages', 'judge' of pytest_ragft.judging"),
        ("jury:reference,parts.judges:Bare", "lacks 'name'"),
    ],
)
def test_what_is_no_judge_is_a_usage_error_of_one_line(
    ready: Example, spec: str, said: str
) -> None:
    line = refused(ready.gate(f"--ragft-judge={spec}"))

    assert "--ragft-judge=" in line
    assert said in line


BAD = {
    "nan": ("Score(metric='accuracy', value=float('nan'))", "got nan"),
    "a float": ("0.5", "gave 0.5 (float) as 'accuracy' instead of a Score"),
    "raised": ("1 / 0", "raised ZeroDivisionError: division by zero"),
    "left": ("exit()", "raised SystemExit"),
}


@pytest.mark.parametrize(("given", "said"), BAD.values(), ids=BAD.keys())
def test_a_bad_score_is_missing_with_the_reason_and_costs_only_itself(
    ready: Example, given: str, said: str
) -> None:
    """Never a number, and never the end of the session."""
    ready.recorded("variant.jsonl", wrong=0.02)
    ready.write(
        "bad.py",
        "from parts.judges import *\n"
        "class Bad(Judge):\n"
        "    def judge(self, cases):\n"
        "        every = super().judge(cases)\n"
        "        for case, scores in zip(cases, every):\n"
        "            if self.is_bad(case):\n"
        f"                scores['accuracy'] = {given}\n"
        "        return every\n",
    )

    result = ready.gate("--ragft-judge=bad:Bad", "--ragft-json=report.json")

    assert result.code == 1, result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err
    accuracy = report_of(ready)["gates"][0]
    assert (accuracy["verdict"]["outcome"], accuracy["verdict"]["reason"]) == (
        "INCONCLUSIVE", "missing",
    )  # fmt: skip
    assert (accuracy["variant_missing"], accuracy["baseline_missing"]) == (2, 0)
    properties = result.properties("q0-0")
    assert accuracy["verdict"]["n"] == 58
    assert properties["ragft.accuracy.variant"] == "missing"
    assert "the judge 'bad:Bad' " in properties["ragft.accuracy.variant.reason"]
    assert said in properties["ragft.accuracy.variant.reason"]


@pytest.mark.parametrize("given", ["every[1:]", "None"])
def test_a_judge_that_never_counts_right_scores_nothing(ready: Example, given: str) -> None:
    ready.write(
        "bad.py",
        "from parts.judges import *\n"
        "class Bad(Judge):\n"
        "    def judge(self, cases):\n"
        "        every = super().judge(cases)\n"
        f"        return {given}\n",
    )

    result = ready.gate("--ragft-judge=bad:Bad", "--ragft-json=report.json", "-k", "gate")

    assert result.code == 1, result.out + result.err
    accuracy = report_of(ready)["gates"][0]
    assert (accuracy["verdict"]["reason"], accuracy["variant_missing"]) == ("missing", 60)


def test_ctrl_c_in_a_judge_passes(ready: Example) -> None:
    ready.write(
        "bad.py",
        "from parts.judges import *\n"
        "class Bad(Judge):\n"
        "    def judge(self, cases):\n"
        "        raise KeyboardInterrupt\n",
    )

    assert ready.gate("--ragft-judge=bad:Bad").code == 2


def test_judges_of_one_fingerprint_share_no_scores(ready: Example) -> None:
    """Their kept scores are found by where they stand, too."""
    assert ready.gate("--ragft-judge=parts.judges:Judge", "-k", "gate").code == 0
    ready.write("parts/strict.py", JUDGE.replace("float(case", "0 * float(case"))

    result = ready.gate(
        "--ragft-judge=parts.strict:Judge", "--ragft-json=report.json", "-k", "gate-accuracy"
    )

    assert report_of(ready)["gates"][0]["variant_mean"] == 0, result.out


def installed(example: Example, group: str, points: str) -> dict[str, str]:
    """An environment in which a distribution announces entry points."""
    example.write(
        "site/mine-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: mine\nVersion: 1\n"
    )
    example.write("site/mine-1.dist-info/entry_points.txt", f"[{group}]\n{points}")
    return {"PYTHONPATH": f"{example.folder / 'site'}:{':'.join(filter(None, sys.path))}"}


def test_entry_points_name_all_three(ready: Example) -> None:
    env = installed(
        ready,
        "pytest_ragft.judges",
        "mine = parts.judges:Judge\nreference = parts.judges:Bare\n"
        "[pytest_ragft.generators]\nmodel = parts.models:Model\n"
        "[pytest_ragft.retrievers]\nsearch = parts.search:Search\n",
    )

    result = ready.run_pytest(
        "suites", "--ragft-model=model", "--ragft-baseline=baseline.jsonl",
        "--ragft-judge=mine", "--ragft-retriever=search", "--ragft-json=report.json", env=env,
    )  # fmt: skip

    assert result.code == 0, result.out + result.err
    assert (ready.folder / "indexed").read_text() == "60 "
    # A name of ours stays ours.
    assert ready.gate("--ragft-judge=reference", env=env).code == 0


@XDIST
def test_a_generator_answers_and_its_answers_are_kept(
    ready: Example, workers: tuple[str, ...]
) -> None:
    for _ in range(2):
        result = ready.run_pytest(
            "suites", "--ragft-model=parts.models:Model", "--ragft-baseline=baseline.jsonl",
            "--ragft-json=report.json", *workers,
        )  # fmt: skip
        assert result.code == 0, result.out + result.err
        assert len((ready.folder / "asked").read_text()) == 60
    assert "Model: PASS" in result.out
    assert "an experiment" in result.out


def test_answers_computed_elsewhere_are_a_line_and_an_error_when_strict(ready: Example) -> None:
    for name in ("here", "there"):
        finish = f'finish="stop", platform="cpu {name}"'
        ready.write(f"parts/{name}.py", GENERATOR.replace('finish="stop"', finish))
    arms = "--ragft-model=parts.here:Model", "--ragft-baseline=parts.there:Model"
    line = "computed elsewhere than the baseline: 60 of 60 answers, 'cpu here' against 'cpu there'"

    result = ready.run_pytest("suites", *arms, "--ragft-json=report.json")
    assert result.code == 0, result.out + result.err
    assert line in " ".join(result.out.split())
    assert any(line in n for v in report_of(ready)["variants"] for n in v["notes"])

    strict = ready.run_pytest("suites", *arms, "--ragft-strict")
    assert strict.code == 1, "not green"
    assert f"--ragft-strict: Model: {line}" in " ".join(strict.out.split())


def test_a_file_of_that_name_comes_first(ready: Example) -> None:
    (ready.folder / "variant.jsonl").rename(ready.folder / "parts.models:Model.jsonl")

    result = ready.run_pytest(
        "suites", "--ragft-model=x=parts.models:Model.jsonl", "--ragft-baseline=baseline.jsonl"
    )

    assert result.code == 0, result.out + result.err
    assert not (ready.folder / "asked").exists()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--ragft-model=parts.models:Nothing", "has no 'Nothing'; it defines Model"),
        (r"--ragft-model=x=C:\models\ft", "there is no such file or folder"),
        ("--ragft-model=x=openai:gpt", "is not MODEL@URL; name both"),
        ("--ragft-retriever=parts.judges:Judge", "lacks 'description', 'notes', 'check'"),
    ],
)
def test_what_is_no_generator_or_retriever_is_a_usage_error(
    ready: Example, option: str, said: str
) -> None:
    model = [] if "model" in option.partition("=")[0] else ["--ragft-model=variant.jsonl"]

    line = refused(ready.run_pytest("suites", *model, "--ragft-baseline=baseline.jsonl", option))

    assert said in line


def test_a_mistyped_backend_is_a_usage_error(ready: Example) -> None:
    result = ready.gate("--ragft-retriever=elastic")

    assert result.code == 4
    assert "expected one of auto, embedded, elasticsearch, or a retriever as MODULE:CLASS" in (
        result.err
    )


ANSWERS = {
    "raises": ("raise OSError('gone')", "OSError: gone"),
    "no answer": ("return text", "gave a str instead of an Answer"),
}


@pytest.mark.parametrize(("does", "said"), ANSWERS.values(), ids=ANSWERS.keys())
def test_a_generator_that_fails_is_the_error_of_its_arm(
    ready: Example, does: str, said: str
) -> None:
    ready.write(
        "parts/models.py", GENERATOR.replace('return Answer(text=text, finish="stop")', does)
    )

    result = ready.gate(
        "--ragft-model=own=parts.models:Model", "--ragft-json=report.json", "-k", "gate"
    )

    assert result.code == 1, result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err
    decisions = {c["variant"]: c["decision"] for c in report_of(ready)["conclusions"]}
    assert decisions == {"variant": "PASS", "own": "ERROR"}
    assert said in report_of(ready)["errors"][0]


def test_a_generator_with_batches_of_its_own_kind_is_an_error(ready: Example) -> None:
    ready.write("parts/models.py", GENERATOR.replace("[[i] for", "[[0] for"))

    result = ready.gate("--ragft-model=own=parts.models:Model", "--ragft-json=report.json")

    assert result.code == 1
    assert "must put each of 60 requests into one batch" in report_of(ready)["errors"][0]


def suite_searched_by(example: Example, backend: str, more: str = "") -> Example:
    file = example.folder / "suites/demo/suite.toml"
    text = file.read_text() + f'[retrieval]\nbackend = "{backend}"\n{more}'
    file.write_text(text)
    return example


def test_a_suite_is_searched_by_a_retriever_of_ones_own(ready: Example) -> None:
    suite_searched_by(ready, "parts.search:Search", "k = 1\n")

    for _ in range(2):
        result = ready.run_pytest(
            "suites", "--ragft-model=parts.models:Model", "--ragft-baseline=baseline.jsonl",
            "--ragft-json=report.json",
        )  # fmt: skip
        assert result.code == 0, result.out + result.err
    assert (ready.folder / "indexed").read_text() == "60 "
    assert report_of(ready)["suites"][0]["retriever"] == "by number"
    assert "an experiment" in result.out


@pytest.mark.parametrize(
    ("backend", "more", "said"),
    [
        ("parts.search:Nothing", "", "[retrieval] backend = 'parts.search:Nothing': the module"),
        (
            "elastik",
            "",
            "must be one of auto, embedded, elasticsearch, none, or a retriever of your own",
        ),
        ("parts.search:Search", 'mode = "dense"\n', "is settled by the retriever of your own"),
    ],
)
def test_a_wrong_backend_of_a_suite_is_named(
    ready: Example, backend: str, more: str, said: str
) -> None:
    line = refused(suite_searched_by(ready, backend, more).gate())

    assert "suite.toml" in line
    assert said in line


HITS = {
    "raises": ("raise OSError('gone')", "OSError: gone"),
    "nan": ("return Hit(passage_id=passage_id, score=float('nan'))", "a finite score"),
    "unknown": ("return Hit(passage_id='nowhere', score=1.0)", "'nowhere'"),
}


@pytest.mark.parametrize(("does", "said"), HITS.values(), ids=HITS.keys())
def test_a_retriever_that_fails_is_an_error(ready: Example, does: str, said: str) -> None:
    text = RETRIEVER.replace("return Hit(passage_id=passage_id, score=1.0)", does)
    ready.write("parts/search.py", text)

    result = suite_searched_by(ready, "parts.search:Search").gate("--ragft-json=report.json")

    assert result.code == 1, result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err
    assert said in re.sub(r"\s+", " ", report_of(ready)["errors"][0])


def test_offline_nothing_of_ones_own_is_asked(ready: Example) -> None:
    suite_searched_by(ready, "parts.search:Search")
    command = (
        "suites", "--ragft-model=parts.models:Model", "--ragft-baseline=baseline.jsonl",
        "--ragft-judge=parts.judges:Judge", "-k", "gate",
    )  # fmt: skip

    before = ready.run_pytest(*command, "--ragft-offline")
    assert before.code == 1
    assert not (ready.folder / "asked").exists()
    assert not (ready.folder / "indexed").exists()
    assert ready.run_pytest(*command).code == 0
    assert ready.run_pytest(*command, "--ragft-offline").code == 0


ROOT = Path(__file__).parents[2]


def test_the_judge_of_the_docs_runs_and_keeps_its_contract(ready: Example) -> None:
    page = (ROOT / "docs" / "own.md").read_text(encoding="utf-8")
    judge, test = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (spec,) = re.findall(r"--ragft-judge=\w+:\w+", page)
    ready.write("exact.py", judge)
    ready.write("test_contract.py", test)

    contract = ready.run_pytest("test_contract.py", env={"PYTHONPATH": f"{ROOT}:."})
    assert contract.code == 0, contract.out + contract.err
    assert ready.gate(spec, "-k", "gate").code == 0
    ready.recorded("variant.jsonl", wrong=0.5)
    assert "accuracy and completeness regressed" in ready.gate(spec, "-k", "gate").out
