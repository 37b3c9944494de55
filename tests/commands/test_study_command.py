"""`ragft study` as a user meets it: run, stopped, run again, in parts, and when it has changed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.generation import engine
from pytest_ragft.study import running, training
from tests import warm
from tests.commands.running import Done, ragft
from tests.example import clean_environment
from tests.small_study import CELLS, FILE, write_study

pytestmark = pytest.mark.newest

OFFLINE = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
RESULTS = ("index.html", "results.csv", "results.md", "figure.svg", "figure.pdf")


def study(folder: Path, *arguments: str) -> Done:
    return ragft(folder, "study", "study.toml", *arguments)


def results(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in RESULTS}


def files(folder: Path) -> list[str]:
    """All but what SQLite puts beside a file that it reads."""
    found = [path for path in folder.rglob("*") if not path.name.startswith("store.sqlite-")]
    return sorted(map(str, found))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the small study has been run to its end; to be read, not changed."""
    folder = tmp_path_factory.mktemp("whole")
    write_study(folder)
    done = study(folder)
    assert done.code == 0, done.err
    assert "cell 2 of 2: bells-lora-closed-book-8-s0" in done.err
    return folder


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


@contextmanager
def nothing_computed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it was there")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "load_model", never)
        patch.setattr(training, "finetune", never)
        patch.setattr(training, "prepare", never)
        yield


def test_its_results_name_no_place_of_this_machine(whole: Path) -> None:
    out = whole / "small"

    for name in (*RESULTS, "study.json"):
        assert str(whole).encode() not in (out / name).read_bytes()
    assert sorted(os.listdir(out / "models")) == sorted(CELLS)
    assert sorted(os.listdir(out / "runs")) == ["bells.html", "bells.json", "bells.md"]


def test_started_twice_it_computes_nothing_and_says_the_same(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = results(copied / "small")
    for name in RESULTS:
        (copied / "small" / name).unlink()

    with nothing_computed(monkeypatch):
        done = study(copied)

    assert done.code == 0, done.err
    assert "training" not in done.err
    assert "answering" not in done.err
    assert "judging" not in done.err
    assert results(copied / "small") == before


def test_the_second_time_no_library_of_models_is_imported(whole: Path) -> None:
    code, out, err = warm.cold(
        [
            "-c",
            "import sys; from pytest_ragft.cli import main; code = main(sys.argv[1:]); "
            "print(code, 'torch' in sys.modules, 'transformers' in sys.modules)",
            *("study", "study.toml"),
        ],
        cwd=whole,
        env=clean_environment() | OFFLINE,
    )

    assert (code, out.splitlines()[-1]) == (0, "0 False False"), err


def test_a_dry_run_of_what_is_done_takes_no_time(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(copied)

    with nothing_computed(monkeypatch):
        done = study(copied, "--dry-run")

    assert done.code == 0, done.err
    assert "0 models to train, 0 answers to compute: about 0 s here" in done.out
    assert done.out.count("there") == 3
    assert files(copied) == before


def test_a_dry_run_of_what_is_not_shows_pairs_tokens_steps_and_answers(tmp_path: Path) -> None:
    write_study(tmp_path)
    before = sorted(os.listdir(tmp_path))

    done = study(tmp_path, "--dry-run", "--cells", "*-8-s0")

    # Ten questions three times, and nine of retention.
    assert done.code == 0, done.err
    head, base, cell, *_, last = done.out.splitlines()
    assert head.split() == ["cell", "pairs", "tokens", "steps", "training", "answers", "answering"]
    assert base.split()[:4] == ["base", "on", "bells", "39"]
    name, pairs, tokens, steps, *_ = cell.split()
    assert (name, pairs, steps) == (CELLS[1], "8", "20")
    assert int(tokens) > 8
    assert "39" in cell
    assert last.startswith("1 model to train, 78 answers to compute: about ")
    assert sorted(os.listdir(tmp_path)) == before


def test_halves_run_apart_and_merged_are_the_whole(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_study(tmp_path)
    for part in ("1/2", "2/2"):
        done = study(tmp_path, "--part", part, "--out", f"apart/{part[0]}")
        assert done.code == 0, done.err
        assert os.listdir(tmp_path / "apart" / part[0] / "models") == [CELLS[int(part[0]) - 1]]

    with nothing_computed(monkeypatch):
        merged = study(tmp_path, "--merge", "apart/1", "apart/2", "--out", "merged")

    assert merged.code == 0, merged.err
    assert results(tmp_path / "merged") == results(whole / "small")
    model = tmp_path / "merged" / "models" / CELLS[0]
    base = json.loads((model / "adapter_config.json").read_text())["base_model_name_or_path"]
    assert (model / base).resolve() == (tmp_path / "base").resolve()


def test_a_part_of_another_study_is_not_merged(copied: Path) -> None:
    other = copied / "small" / "study.json"
    text = other.read_text().replace('"epochs": 10', '"epochs": 9')
    shutil.move(copied / "small", copied / "other")
    (copied / "other" / "study.json").write_text(text)

    done = study(copied, "--merge", "other")

    assert done.code == 1
    assert f"cells.{CELLS[0]}.recipe.epochs: 9 → 10" in done.err
    assert "--merge='nowhere': no study was run there" in study(copied, "--merge", "nowhere").err


def test_a_part_that_was_run_before_cells_were_added_is_merged(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.move(copied / "small", copied / "first")
    (copied / "study.toml").write_text(FILE + "\n[[cells]]\nsizes = [5]\n")

    with nothing_computed(monkeypatch):
        done = study(copied, "--merge", "first", "--out", "both")

    assert done.code == 0, done.err
    assert "Of 3 planned models, 1 was not run." in done.out
    assert sorted(os.listdir(copied / "both" / "models")) == sorted(CELLS)


@pytest.mark.skipif(not warm.POSSIBLE, reason="forks")
def test_killed_anywhere_it_goes_on_and_says_the_same(whole: Path, tmp_path: Path) -> None:
    write_study(tmp_path).write(
        "killed.py",
        """
import os, signal, sys
from contextlib import contextmanager
import pytest_ragft.cli.study as command
from pytest_ragft.cli import main
from pytest_ragft.progress import NoProgress

title, number = sys.argv[1], int(sys.argv[2])

class Killing(NoProgress):
    def phase(self, said, total, unit):
        self.said = said
        return super().phase(said, total, unit)

    def advance(self, done, what=""):
        global number
        number -= self.said.startswith(title) and done > 0
        if not number:
            os.kill(os.getpid(), signal.SIGKILL)

command.progress_to = lambda stream: Killing()
sys.exit(main(["study", "study.toml"]))
""",
    )

    # In the first training, over the first answers, over the first scores, in the second training.
    for title, number in (("training", 4), ("answering", 1), ("judging", 1), ("training", 7)):
        code, _, err = warm.run(
            [title, str(number)],
            module="killed",
            models=True,
            cwd=tmp_path,
            env=clean_environment() | OFFLINE | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert code == -9, err
    done = study(tmp_path)

    assert done.code == 0, done.err
    assert results(tmp_path / "small") == results(whole / "small")


def test_ctrl_c_is_130_and_the_blocks_that_ended_have_their_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_study(tmp_path, FILE.replace("[0, 4]", "[0]"))

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "train_cell", stop)

    assert study(tmp_path).code == 130
    told = (tmp_path / "small" / "results.csv").read_text()
    assert told.count("bells,base,") > 0
    assert not (tmp_path / "small" / "models").exists()


def test_many_models_are_answered_for_with_one_load_of_their_base(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(copied / "small" / ".ragft")
    loads: list[object] = []
    load = engine.load_model

    def counted(*arguments: Any, **options: Any) -> Any:
        loads.append(arguments)
        return load(*arguments, **options)

    monkeypatch.setattr(engine, "load_model", counted)
    before = results(copied / "small")

    done = study(copied)

    assert done.code == 0, done.err
    assert len(loads) == 1
    assert results(copied / "small") == before


def test_what_could_not_be_measured_is_found_before_anything_is_trained(tmp_path: Path) -> None:
    write_study(tmp_path, FILE.replace('name = "small"', 'name = "small"\njudge = "nobody"'))

    done = study(tmp_path)

    assert done.code == 1
    assert "'nobody'" in done.err
    assert "training" not in done.err
    assert not (tmp_path / "small" / "models").exists()


def test_what_two_data_sets_teach_alike_is_trained_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = FILE.replace("[0, 4]", "[4]").partition("\n[[cells]]\nsizes = [8]")[0]
    example = write_study(tmp_path, file.replace("familiarity = true\n", ""))
    again = '[data.more]\ngated = "gated/more"\ntraining = "training/bells"\n\n[recipe]'
    edited("study.toml", "[recipe]", again)(tmp_path)
    shutil.copytree(tmp_path / "gated" / "bells", tmp_path / "gated" / "more")
    edited("gated/more/suite.toml", "k = 2", "k = 1")(tmp_path)
    trained: list[str] = []
    finetune = training.finetune

    def counted(*arguments: Any, **options: Any) -> Any:
        trained.append(arguments[3].name)
        return finetune(*arguments, **options)

    monkeypatch.setattr(training, "finetune", counted)

    done = study(example.folder)

    assert done.code == 0, done.err
    assert trained == [CELLS[0]]
    copy = CELLS[0].replace("bells", "more", 1)
    assert f"{copy} is {CELLS[0]}, which is there" in done.err
    models = tmp_path / "small" / "models"
    assert f"# {copy}\n" in (models / copy / "README.md").read_text()
    weights = [(models / n / "adapter_model.safetensors").read_bytes() for n in (copy, CELLS[0])]
    assert weights[0] == weights[1]


def test_what_fails_is_said_at_the_end_and_the_others_go_on(tmp_path: Path) -> None:
    write_study(tmp_path, FILE.replace("[0, 4]", "[100]"))

    done = study(tmp_path)

    assert done.code == 1
    assert (
        "bells-lora-closed-book-100-s0: failed: --size=100: there are only 12 pairs"
        in done.out.replace("\n", " ")
    )
    told = (tmp_path / "small" / "results.csv").read_text()
    assert CELLS[1] in told


def test_an_adapter_that_cannot_be_opened_costs_its_own_results_alone(copied: Path) -> None:
    weights = copied / "small" / "models" / CELLS[0] / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])

    done = study(copied)

    assert done.code == 1
    assert f"{CELLS[0]}: failed: " in done.out
    assert "adapter_model.safetensors" in done.out
    assert CELLS[1] in (copied / "small" / "results.md").read_text()


def test_a_model_of_another_training_is_not_taken_for_a_cells_own(copied: Path) -> None:
    models = copied / "small" / "models"
    shutil.rmtree(models / CELLS[0])
    shutil.copytree(models / CELLS[1], models / CELLS[0])

    done = study(copied)

    assert done.code == 1
    assert f"models/{CELLS[0]}' holds a model of another training: its recipe is " in done.out


def edited(file: str, old: str, new: str) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return edit


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (edited("study.toml", "epochs = 10", "epochs = 9"), f"{CELLS[0]}.recipe.epochs: 10 → 9"),
        (edited("study.toml", '"none", ', ""), "knowledge: ['retrieved', 'none', 'gold'] → ["),
        (edited("study.toml", "[8]", "[4]"), f"cells.{CELLS[1]} is gone"),
        (edited("gated/bells/questions.jsonl", "bell 3", "bell 4"), "data.bells.gated.bells.quest"),
        (
            edited("training/bells/suite.toml", "k = 2", "k = 3"),
            "training.bells.retrieval.k: 2 → 3",
        ),
        (edited("kept/ragft.toml", "guard", "primary"), "retention.kept.pooled: ["),
        (edited("base/chat_template.jinja", "assistant", "helper"), "bases.base.tokenizer: '"),
    ],
)
def test_what_has_changed_since_it_began_is_refused_with_what_it_was_and_is(
    copied: Path, edit: Callable[[Path], object], said: str
) -> None:
    before = results(copied / "small")
    edit(copied)

    for arguments in ((), ("--extend",), ("--dry-run",)):
        done = study(copied, *arguments)
        assert done.code == 1
        assert said in done.err
        assert "give the file its old state, or start anew with another --out" in done.err
    assert results(copied / "small") == before


def test_added_cells_are_taken_in_when_that_is_asked_for(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = """
[[cells]]
sizes = [4]
methods = ["full"]
forms = ["distractors"]
answers = ["self"]
recipe = { learning_rate = 0.001, absent = 0.5 }
"""
    name = "bells-full-distractors-self-4-s0"
    with (copied / "study.toml").open("a") as file:
        file.write(added)

    refused = study(copied)
    foreseen = study(copied, "--extend", "--dry-run")
    taken = study(copied, "--extend")

    assert refused.code == 1
    assert f"cells.{name} is new; --extend takes what is new in" in refused.err
    assert "1 model to train, 39 answers to compute" in foreseen.out
    assert taken.code == 0, taken.err
    assert f"cell 1 of 1: {name}" in taken.err
    assert name in (copied / "small" / "results.md").read_text()
    before = results(copied / "small")
    with nothing_computed(monkeypatch):
        assert study(copied).code == 0
    assert results(copied / "small") == before


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    write_study(tmp_path).write("small/mine.txt", "")

    done = study(tmp_path)

    assert done.code == 1
    assert "--out='small': something else lies there (no study.json)" in done.err
    assert os.listdir(tmp_path / "small") == ["mine.txt"]


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "a/b", "1/0"])
def test_parts_are_numbers_of_as_many(tmp_path: Path, part: str) -> None:
    write_study(tmp_path)

    with pytest.raises(SystemExit) as stopped:
        study(tmp_path, "--part", part)

    assert stopped.value.code == 2
