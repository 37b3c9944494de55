"""Makes the suites of this study of BioASQ, NQ-open and Qasper, which are read in place.

    RAGFT_DATA=… python -m studies.finetuning.data

Into the cache go, for each set, a suite of 300 questions that is gated and one of the others that
is trained on, apart by document, and without those that are nearly a gated one. Both search all
passages of the set, cut into pieces of 60 words. Qasper's 51 questions are gated alone.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_ragft.drafting.folder import SuiteFolder
from pytest_ragft.errors import RagftError
from pytest_ragft.finetuning.overlap import overlaps
from pytest_ragft.finetuning.pairs import training_set
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.records import Passage, QAExample
from pytest_ragft.suite import Suite, load_suite
from pytest_ragft.suite.sources import read_places
from studies import CACHE

COMMAND = "python -m studies.finetuning.data"
SETS = {
    "bioasq": ("bioasq", "bioasq/golden/*.json"),
    "nq": ("nq-oracle", "nq_open_oracle/qa_data/nq-open-oracle.jsonl.gz"),
    "qasper": ("qasper", "qasper_sample10/*.json"),
}
TESTED = 300
SEED = 2026
SETTINGS = """\
[suite]
name = "{name}"
questions = "questions.jsonl"
corpus = "corpus.jsonl"

[retrieval]
k = 3
chunk_words = 60

[generation]
max_new_tokens = 64
"""


def halves(examples: Sequence[QAExample], tested: int) -> tuple[list[QAExample], list[QAExample]]:
    """Questions to gate and questions to train on, apart by document."""
    groups: dict[str, list[QAExample]] = {}
    for example in examples:
        groups.setdefault(example.document or example.id, []).append(example)
    order = sorted(groups)
    random.Random(SEED).shuffle(order)
    gated: list[QAExample] = []
    while order and len(gated) < tested:
        gated += groups[order.pop()]
    return gated, [example for name in order for example in groups[name]]


def write(folder: Path, examples: Sequence[QAExample], passages: Sequence[Passage]) -> Suite:
    """A suite in place of what this command wrote there before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    SuiteFolder(folder, COMMAND).write_suite(examples, passages)
    (folder / "suite.toml").write_text(SETTINGS.format(name=folder.name), encoding="utf-8")
    return load_suite(folder / "suite.toml")


def leaked(training: Suite, gated: Suite) -> set[str]:
    """Ids of questions that stand in a gated suite nearly, by the search of `ragft check`."""
    pairs = training_set(training, Recipe(), lambda *_: {}).pairs
    return set(overlaps(pairs, [gated]).get("training-question", ()))


def main() -> int:
    """Write the suites; 1 where the data is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("RAGFT_DATA"))
    parser.add_argument("--out", type=Path, default=CACHE / "finetuning")
    parser.add_argument("--tested", type=int, default=TESTED, help="questions that are gated")
    options = parser.parse_args()
    if options.data is None:
        print("RAGFT_DATA is not set: the folder with bioasq, nq_open_oracle and qasper_sample10")
        return 1
    for name, (form, place) in SETS.items():
        try:
            found = read_places(form, [place], {}, folder=options.data)
        except RagftError as error:
            print(error, file=sys.stderr)
            return 1
        gated, rest = halves(found.examples, options.tested)
        asked = write(options.out / "gated" / name, gated, found.passages)
        taught = []
        if rest:
            folder = options.out / "training" / f"{name}-training"
            known = leaked(write(folder, rest, found.passages), asked)
            taught = [example for example in rest if example.id not in known]
            write(folder, taught, found.passages)
        print(
            f"{name}: {len(gated)} gated, {len(taught)} to train on, {len(rest) - len(taught)} too "
            "near to a gated one",
            *found.notes,
            sep="; ",
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
