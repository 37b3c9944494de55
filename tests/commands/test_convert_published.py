"""`ragft convert` of published sets: the same suite as one that reads the files in place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pytest_ragft.suite import load_suite
from tests.commands.running import ragft
from tests.question_sets import GOOD, text_of

DATA = os.environ.get("RAGFT_DATA", "")


def assert_converted(folder: Path, form: str, path: Path, *, corpus: bool) -> None:
    """The suite that reads `path`, and the one that is made of it, hold the same."""
    more = []
    toml = f'[suite]\nname = "set"\nformat = "{form}"\npath = {json.dumps(str(path))}\n'
    if corpus:
        (folder / "pages.jsonl").write_text('{"_id": "d", "text": "The moon pulls."}\n')
        toml += 'corpus = "pages.jsonl"\n'
        more = ["--corpus=pages.jsonl"]
    (folder / "suite.toml").write_text(toml)

    done = ragft(folder, "convert", form, str(path), "--out=made", *more)

    assert done.code == 0, done.err
    in_place, made = load_suite(folder / "suite.toml"), load_suite(folder / "made/suite.toml")
    assert made.examples == in_place.examples
    assert made.passages == in_place.passages
    assert made.clusters == in_place.clusters
    for note in in_place.notes:
        assert note in done.out


@pytest.mark.parametrize("form", GOOD)
def test_a_small_set(form: str, tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(text_of(GOOD[form]), encoding="utf-8")
    assert_converted(tmp_path, form, path, corpus=form in ("nq-open", "kqa"))


@pytest.mark.skipif(not DATA, reason="RAGFT_DATA names no folder with published sets")
@pytest.mark.parametrize(
    ("form", "place"),
    [
        ("bioasq", "bioasq/golden"),
        ("nq-oracle", "nq_open_oracle"),
        ("clapnq", "clapnq_dev/annotated_data"),
        ("qasper", "qasper_sample10"),
        ("tatqa", "tatqa_dev"),
        ("kqa", "kqa/dataset/questions_w_answers.jsonl"),
        ("financebench", "financebench_half"),
    ],
)
def test_a_real_set(form: str, place: str, tmp_path: Path) -> None:
    if not Path(DATA, place).exists():
        pytest.skip(f"RAGFT_DATA holds no {place}")
    corpus = form in ("kqa", "financebench")
    assert_converted(tmp_path, form, Path(DATA, place), corpus=corpus)
