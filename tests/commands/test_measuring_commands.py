"""Every command of bench/ and studies/ runs once on its smallest size, and prints figures.

Whoever adds a command adds its smallest run to `RUNS`: a file or a first argument without one
fails the test. Nothing is measured here, so a bar that is missed (exit code 1) is no failure.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import warm
from tests.commands.running import Done
from tests.commands.thin_data import thin_copy
from tests.encoder import make_tiny_encoder
from tests.example import Example, clean_environment
from tests.tiny import tiny_folder

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Smallest:
    """A command on its smallest size."""

    arguments: str
    """Names in braces are filled in: places that the test makes, or fixtures."""
    prints: str
    """A regular expression that what it prints must match."""
    elsewhere: str = ""
    """Why it cannot run here; it is skipped with this reason."""


GENERATED = "--base {model} --questions 2 --repeats 1 --max-new-tokens 3"
DRAWN = (
    "--base {model} --adapter {adapter} --suites {suites}/suites --questions 2 --samples 2 "
    "--out {out} --cache {out}"
)
SMALL_SEARCH = "--url {elasticsearch} --pairs 1 --queries 5 --passages 40"
RUNS: dict[str, tuple[Smallest, ...]] = {
    "bench/decide.py": (Smallest(arguments="--calls 1", prints=r"10000 +integers +\d"),),
    "bench/elastic.py": (
        Smallest(arguments=f"search {SMALL_SEARCH}", prints=r"search: median \d"),
        Smallest(arguments=f"indexing {SMALL_SEARCH}", prints=r"indexing: median \d"),
        Smallest(arguments=f"search {SMALL_SEARCH} --before {{tree}}", prints=r"search: median \d"),
        Smallest(
            arguments=f"indexing {SMALL_SEARCH} --before {{tree}}", prints=r"indexing: median \d"
        ),
    ),
    "bench/finetuning.py": (
        Smallest(
            arguments="--base {model} --size 2 --batch 1 --pairs 1",
            prints=r"2 pairs, \d+ tokens, wall: \d.\d\d times as fast as the plain",
        ),
    ),
    "bench/generation.py": (
        Smallest(arguments=f"one-by-one {GENERATED} --adapter {{adapter}}", prints=r"\d"),
        Smallest(arguments=f"memory {GENERATED} --adapter {{adapter}}", prints=r"\d"),
        Smallest(arguments=f"ablation {GENERATED}", prints=r"\d"),
        Smallest(
            arguments="lm-eval",
            prints="",
            elsewhere="lm-eval lives in an environment of its own (see bench/generation.py)",
        ),
    ),
    "bench/judge_calls.py": (
        Smallest(
            arguments="--calls 4 --concurrency 2 --milliseconds 1 --repeats 1",
            prints=r"deepeval +[\d.]+×",
        ),
    ),
    "bench/judges.py": (
        Smallest(arguments="--encoder {encoder} --answers 4", prints=r"semantic +\d+ answers/s"),
    ),
    "bench/readers.py": (
        Smallest(arguments="--passages 200 --pairs 1", prints=r"median \d+\.\d\d, bar"),
    ),
    "bench/reports.py": (
        Smallest(
            arguments="--questions 20 --variants 2 --repeats 1", prints=r"together: time [\d.]+×"
        ),
    ),
    "bench/served.py": (
        Smallest(
            arguments="calls --answers 8 --concurrency 4 --milliseconds 1 --repeats 1",
            prints=r"1 ms an answer, ideal [\d.]+ s: [\d.]+×",
        ),
        Smallest(
            arguments="equal --questions 1 --base {model} --adapters {adapter} --cache {out}",
            prints=r"equal texts: \d of 2",
        ),
    ),
    "bench/unused.py": (Smallest(arguments="2", prints=r"processor +difference +-?\d"),),
    "bench/warm.py": (Smallest(arguments="1 --cases 800", prints=r"ratio +\d"),),
    "studies/finetuning/data.py": (
        Smallest(arguments="--tested 6 --out {out}", prints=r"bioasq: \d+ gated, \d+ to train on"),
    ),
    "studies/finetuning/seeds.py": (
        Smallest(
            arguments="--base {model} --adapter {adapter} --suites {suites}/suites --pairs 16 "
            "--seeds 1 --epochs 2 --targets q_proj --questions 2 --cache {out} --out {out}/none",
            prints=r"\| accuracy \| [+-]\d\.\d{3} \| [+-]\d\.\d{3} \| (yes|no) \|",
        ),
    ),
    "studies/judge/agreement.py": (
        Smallest(arguments="--out {out}/agreement.json", prints=r"\| statement \|"),
    ),
    "studies/judge/evaluate.py": (Smallest(arguments="", prints=r"\| K-QA, 40 statements \| κ"),),
    "studies/judge/evaluate_semantic.py": (
        Smallest(arguments="--part nq301", prints=r'"semantic": \{\s+"kappa"'),
    ),
    "studies/judge/fit_reference.py": (
        Smallest(arguments="--out {out}/reference.json", prints="mean_auc_over_systems"),
    ),
    "studies/judge/train_equivalence.py": (
        Smallest(
            arguments="--part first --base {tiny_encoder} --epochs 1 --out {trained}",
            prints=r"\d+ labelled and \d+ weakly labelled",
        ),
    ),
    "studies/judge/fit_semantic.py": (
        Smallest(
            arguments="--held-out {trained} --shipped {trained} --base {tiny_encoder} --out {out}",
            prints='"statements": {',
        ),
    ),
    "studies/judge/count_words.py": (
        Smallest(arguments="--out {out}/frequencies.json", prints=r"\d+ stems of \d+ passages"),
    ),
    "studies/judge/domains.py": (
        Smallest(arguments="", prints=r"\| shipped suites \| “It is not …” \| \d"),
    ),
    "studies/judge/question_sets.py": (
        Smallest(arguments="", prints=r"\| TAT-QA \| 12 \| .* \| 100\.0%, 100\.0% \|"),
    ),
    "studies/judge/refusals.py": (
        Smallest(arguments="", prints=r"\| EVOUNA-NQ, right \| \d+ \| \d"),
    ),
    "studies/judge/speed.py": (Smallest(arguments="", prints=r"before: \d+ \(processor\)"),),
    "studies/leakage/measure.py": (
        Smallest(arguments="planted --questions 3", prints=r"\| BioASQ \(reported\) \| [01]\."),
        Smallest(arguments="alarms", prints=r"NQ-open \(fitted\): \d+ of \d+"),
        Smallest(arguments="overlap", prints=r"found as exact: \d+ of \d+"),
        Smallest(arguments="support --questions 8", prints=r"\| NQ-open \| \d+ \|"),
        Smallest(arguments="time --rows 20", prints=r"20 rows: \d"),
    ),
    "studies/recorded/pairs.py": (
        Smallest(
            arguments="--judge reference --draws 2 --sizes 6 --out {out}",
            prints=r"\| FinanceBench half \| reference \| 240 \|",
        ),
    ),
    "studies/retention/measure.py": (
        Smallest(
            arguments="--base {model} --adapters {adapter} --pairs 4 --epochs 4 --targets q_proj "
            "--questions 1 --cache {out} --out {out}/none",
            prints=r"\| german \| 1 \| \d\.\d{3} \| \d\.\d{3} \([+−]?\d",
        ),
    ),
    "studies/retrieval/compare.py": (
        Smallest(
            arguments="--backend embedded --encoder {tiny_encoder} --out {tables}",
            prints="embedded bioasq hybrid MiniLM weighted",
        ),
        Smallest(
            arguments="--backend elasticsearch --url {elasticsearch} --data bioasq "
            "--encoder {tiny_encoder} --out {tables}",
            prints="elasticsearch bioasq hybrid MiniLM weighted",
        ),
    ),
    "studies/retrieval/hits.py": (
        Smallest(arguments="{suites} --url {elasticsearch}", prints=r"\| demo \| 12 \| 0 \| 0 \|"),
    ),
    "studies/samples/worth.py": (
        Smallest(arguments=f"order {DRAWN}", prints=r"\| answers vary by \| metric"),
        Smallest(arguments=f"temperature {DRAWN}", prints=r"\| answers vary by \| metric"),
    ),
    "studies/statistics/other_rules.py": (
        Smallest(arguments="--gates 2 --out {out}", prints=r"\| recorded pairs \|"),
    ),
    "studies/statistics/spread.py": (
        Smallest(arguments="", prints=r"\| FinanceBench \| \d+ \| 0\.\d\d, "),
    ),
    "studies/imported.py": (
        Smallest(arguments="", prints=r"\| biomedical \| 112 \| 236 \| \d\d\.\d % \| 100\.0 % "),
    ),
    "studies/statistics/figures.py": (Smallest(arguments="--out {out}", prints=r"rules\.svg"),),
}
COMMANDS = [(file, run) for file, runs in RUNS.items() for run in runs]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    whole = os.environ.get("RAGFT_DATA")
    if not whole:
        pytest.skip("RAGFT_DATA names no folder with the labelled data")
    return thin_copy(Path(whole), tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all commands of this file: what one makes, another may need."""
    return tmp_path_factory.mktemp("kept")


def encoder() -> str:
    place = os.environ.get("RAGFT_TEST_ENCODER")
    if not place:
        pytest.skip("RAGFT_TEST_ENCODER names no sentence encoder (make it: make encoder)")
    return place


def tables(kept: Path) -> Path:
    folder = kept / "tables"
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "studies" / "retrieval" / "README.md", folder)
    return folder


def tiny_encoder(kept: Path) -> Path:
    folder = kept / "encoder"
    return folder if folder.exists() else make_tiny_encoder(folder)


def trained(kept: Path, environment: Mapping[str, str]) -> Path:
    """What train_equivalence.py writes; run where its own test has not."""
    folder = kept / "trained"
    if not (folder / "equivalence.json").exists():
        (training,) = RUNS["studies/judge/train_equivalence.py"]
        places = {"tiny_encoder": tiny_encoder(kept), "trained": folder}
        run("studies/judge/train_equivalence.py", training.arguments, places, kept, environment)
    return folder


def run(
    file: str,
    arguments: str,
    places: Mapping[str, object],
    folder: Path,
    environment: Mapping[str, str],
) -> Done:
    words = [word.format_map(places) for word in arguments.split()]
    # As CONTRIBUTING and the modules say: scripts by path, parts of a package by name.
    if file.startswith("bench/"):
        return Done(*warm.cold([str(ROOT / file), *words], cwd=folder, env=environment))
    module = file.removesuffix(".py").replace("/", ".")
    return Done(*warm.run(words, cwd=folder, env=environment, module=module, models=True))


@pytest.mark.parametrize(
    ("file", "smallest"),
    COMMANDS,
    ids=[f"{file} {run.arguments.partition(' ')[0]}".strip() for file, run in COMMANDS],
)
def test_it_runs_on_its_smallest_size(
    file: str, smallest: Smallest, kept: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if smallest.elsewhere:
        pytest.skip(smallest.elsewhere)
    environment = clean_environment() | {
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "RAGFT_STUDY_CACHE": str(kept / "cache"),
    }
    if reads(file, "RAGFT_DATA") or reads(file, "studies.natural_questions"):
        environment["RAGFT_DATA"] = str(request.getfixturevalue("data"))
    if reads(file, "RAGFT_STUDY_ENCODER"):
        environment["RAGFT_STUDY_ENCODER"] = encoder()
    makers: dict[str, Callable[[], object]] = {
        "adapter": lambda: tiny_folder() / "alive",
        "elasticsearch": lambda: request.getfixturevalue("elasticsearch_url"),
        "encoder": encoder,
        "model": lambda: tiny_folder() / "model",
        "out": lambda: tmp_path,
        "suites": lambda: Example(tmp_path).suite(documents=3).folder,
        "tables": lambda: tables(kept),
        "tree": lambda: ROOT,
        "tiny_encoder": lambda: tiny_encoder(kept),
        "trained": lambda: kept / "trained" if "train_" in file else trained(kept, environment),
    }
    named = set(re.findall(r"{(\w+)}", smallest.arguments))

    done = run(
        file, smallest.arguments, {name: makers[name]() for name in named}, tmp_path, environment
    )

    missed_a_bar = done.code == 1 and "Traceback" not in done.err
    assert done.code == 0 or missed_a_bar, done.err[-3000:]
    assert re.search(smallest.prints, done.out), done.out[-3000:] + done.err[-3000:]


def reads(file: str, name: str) -> bool:
    return name in (ROOT / file).read_text(encoding="utf-8")


def test_every_command_has_a_smallest_run() -> None:
    found = {
        str(path.relative_to(ROOT))
        for folder in ("bench", "studies")
        for path in (ROOT / folder).rglob("*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }

    assert found == set(RUNS)


POSITIONAL = re.compile(r"add_(parser|argument)\(\s*\"\w")


@pytest.mark.parametrize(
    "file", [f for f in RUNS if POSITIONAL.search((ROOT / f).read_text(encoding="utf-8"))]
)
def test_every_first_argument_has_a_smallest_run(file: str, tmp_path: Path) -> None:
    environment = clean_environment() | {"PYTHONPATH": str(ROOT)}
    asked = run(file, "--help", {}, tmp_path, environment)
    choices = re.search(r"positional arguments:\n +{([\w,-]+)}", asked.out)
    if choices is None:
        return
    covered = {smallest.arguments.partition(" ")[0] for smallest in RUNS[file]}

    assert covered == set(filter(None, choices[1].split(",")))
