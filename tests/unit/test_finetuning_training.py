"""Trainings that are stopped, killed or fail: what is lost, what is said, what the gate loads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_ragft.errors import InputError, SpecError, TrainingError
from pytest_ragft.finetuning import training
from pytest_ragft.finetuning.base import Base, open_base
from pytest_ragft.finetuning.loss import IGNORED, answer_loss, collate
from pytest_ragft.finetuning.methods import trainable
from pytest_ragft.finetuning.recipe import METHODS, Recipe
from pytest_ragft.finetuning.run import Prepared, expect_place, finetune, prepare, work_folder
from pytest_ragft.finetuning.training import last_checkpoint
from pytest_ragft.generation.source import open_source
from pytest_ragft.models.tensorfile import read_entries
from pytest_ragft.progress import NoProgress
from pytest_ragft.suite import load_suite
from tests.example import Example
from tests.tiny import answer_all, open_tiny, rewrite, tiny_folder, tiny_requests

pytestmark = pytest.mark.newest

WEIGHTS = "adapter_model.safetensors"


class Bench(NamedTuple):
    """What a training takes."""

    base: Base
    folder: Path

    def prepared(self, recipe: Recipe) -> Prepared:
        suite = load_suite(self.folder / "suites" / "demo" / "suite.toml")
        return prepare(suite, recipe, self.base, lambda *_: {})

    def train(self, recipe: Recipe, out: str = "ft") -> training.Trained:
        return finetune(
            self.prepared(recipe), recipe, self.base, self.folder / out,
            source="demo", progress=NoProgress(),
        )  # fmt: skip

    def work(self, recipe: Recipe, out: str = "ft") -> Path:
        return work_folder(self.prepared(recipe), recipe, self.base, self.folder / out)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    Example(tmp_path).suite(documents=6, per_document=3)
    shutil.copytree(tiny_folder() / "model", tmp_path / "base")
    return Bench(open_base(str(tmp_path / "base")), tmp_path)


QUICK: dict[str, Any] = {"epochs": 2, "batch": 4, "learning_rate": 0.02}


def recipe_of(method: str) -> Recipe:
    layers = (1,) if method == "layers" else ()
    return Recipe(method=method, layers=layers, virtual_tokens=4, rank=4, **QUICK)


@pytest.mark.parametrize("method", METHODS)
def test_the_gate_loads_what_each_method_makes_and_it_answers_otherwise(
    bench: Bench, method: str
) -> None:
    trained = bench.train(recipe_of(method))

    assert trained.loss_end < trained.loss_start
    out = bench.folder / "ft"
    full = method == "full"
    opened = open_tiny(out, baseline=str(bench.base.folder) if full else None)
    asked = tiny_requests(6)
    assert answer_all(opened["v0"], asked) != answer_all(opened["baseline"], asked)
    assert not opened["v0"].notes
    facts = json.loads((out / "ragft.json").read_text(encoding="utf-8"))
    assert facts["base"]["weights"] == bench.base.weights
    assert facts["recipe"]["method"] == method
    assert facts["data"]["pairs"] + facts["data"]["development"] == 18
    assert (out / "README.md").read_text(encoding="utf-8").count("\n| ") > 15
    assert str(bench.folder) not in "".join(
        file.read_text(encoding="utf-8") for file in out.glob("*.json")
    )


def test_layers_are_those_that_were_chosen(bench: Bench) -> None:
    bench.train(recipe_of("layers"))

    names = [entry.name for entry in read_entries(bench.folder / "ft" / WEIGHTS)]
    assert names
    assert all(".layers.1." in name for name in names)


@pytest.mark.parametrize("method", ["prompt", "prefix"])
def test_virtual_tokens_are_trained_where_they_stand_when_served(bench: Bench, method: str) -> None:
    """The loss of a padded batch is the mean of what each row loses without padding."""
    import torch

    made = bench.prepared(recipe_of(method))
    torch.manual_seed(0)
    model = trainable(bench.base, recipe_of(method)).eval()
    rows = [made.rows[0], {k: v[-20:] for k, v in made.rows[1].items()}]
    taught = [sum(label != IGNORED for label in row["labels"]) for row in rows]
    alone = [answer_loss(model, collate([row], 0)).item() for row in rows]

    together = answer_loss(model, collate(rows, 0)).item()

    weighted = sum(n * loss for n, loss in zip(taught, alone, strict=True)) / sum(taught)
    assert together == pytest.approx(weighted, rel=1e-4)


class _Killed(BaseException):
    """As a signal does: nothing catches it."""


class KillingProgress:
    """Ends the process, as far as anything inside can tell, after some steps."""

    def __init__(self, after: int) -> None:
        self._left = after

    def phase(self, *_: object) -> Any:
        from contextlib import nullcontext

        return nullcontext(self)

    def advance(self, done: int, what: str = "") -> None:
        self._left -= done
        if self._left < 0:
            raise _Killed


def kill(bench: Bench, recipe: Recipe, after: int) -> None:
    with pytest.raises(_Killed):
        finetune(
            bench.prepared(recipe), recipe, bench.base, bench.folder / "ft",
            source="demo", progress=KillingProgress(after),
        )  # fmt: skip


def test_a_killed_training_goes_on_and_ends_as_if_it_had_not_been_killed(bench: Bench) -> None:
    recipe = Recipe(epochs=3, batch=4, learning_rate=0.02)
    whole = bench.train(recipe, "whole")

    kill(bench, recipe, 6)  # four steps an epoch, at whose end there is a checkpoint

    assert not (bench.folder / "ft").exists()
    kept = last_checkpoint(bench.work(recipe))
    assert kept is not None
    assert kept.name == "checkpoint-4"
    again = bench.train(recipe)
    assert again.loss_start == whole.loss_start
    assert [point.step for point in again.curve] == [point.step for point in whole.curve]
    assert (bench.folder / "ft" / WEIGHTS).read_bytes() == (
        bench.folder / "whole" / WEIGHTS
    ).read_bytes()
    assert not bench.work(recipe).exists()


def test_a_checkpoint_that_was_being_written_is_not_gone_on_from(bench: Bench) -> None:
    recipe = Recipe(epochs=4, batch=4, learning_rate=0.02)
    kill(bench, recipe, 9)
    work = bench.work(recipe)
    newest = work / "checkpoint-8"
    (newest / WEIGHTS).write_bytes((newest / WEIGHTS).read_bytes()[:100])

    assert last_checkpoint(work) == work / "checkpoint-4"
    assert bench.train(recipe).steps == 16


def test_another_recipe_does_not_go_on_from_these_checkpoints(bench: Bench) -> None:
    recipe, other = Recipe(epochs=3, batch=4), Recipe(epochs=3, batch=4, rank=2)

    assert bench.work(recipe) != bench.work(other)


def test_a_process_killed_while_it_writes_leaves_no_model(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> str:
        raise _Killed

    monkeypatch.setattr("pytest_ragft.finetuning.writing.render_card", killed)
    with pytest.raises(_Killed):
        bench.train(Recipe(**QUICK))
    assert not (bench.folder / "ft").exists()

    monkeypatch.undo()
    assert bench.train(Recipe(**QUICK)).steps == 8
    open_source(str(bench.folder / "ft"), offline=True)


def test_checkpoints_are_no_model_to_gate(bench: Bench) -> None:
    recipe = Recipe(epochs=3, batch=4)
    kill(bench, recipe, 6)

    with pytest.raises(SpecError, match="only checkpoints of a training"):
        open_source(str(bench.work(recipe)), offline=True)


def test_a_loss_that_is_no_number_stops_with_step_and_remedy(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def broken(model: Any, batch: Any) -> Any:
        calls.append(1)
        return answer_loss(model, batch) * (float("nan") if len(calls) > 3 else 1.0)

    monkeypatch.setattr("pytest_ragft.finetuning.trainer.answer_loss", broken)

    with pytest.raises(
        TrainingError, match=r"no number any more at step 4 of 120.*--learning-rate"
    ):
        bench.train(Recipe(epochs=30, batch=4))
    assert not (bench.folder / "ft").exists()


def test_a_base_whose_loss_is_no_number_is_not_trained(bench: Bench) -> None:
    rewrite(bench.base.folder, lambda tensors: [t.fill_(float("nan")) for t in tensors.values()])

    with pytest.raises(TrainingError, match="no number before the first step"):
        bench.train(recipe_of("lora"))
    assert not (bench.folder / "ft").exists()


def test_one_step_in_warm_up_is_told_before_and_writes_nothing(bench: Bench) -> None:
    recipe = Recipe(epochs=1, batch=100, development=0)

    (fault,) = bench.prepared(recipe).faults
    assert (fault.kind, fault.severity) == ("one-step", "error")
    with pytest.raises(TrainingError, match=r"nothing was learnt in the one step.*--warmup 0"):
        bench.train(recipe)
    assert not (bench.folder / "ft").exists()

    recipe = Recipe(epochs=1, batch=100, development=0, warmup=0, learning_rate=0.02)
    assert bench.prepared(recipe).faults == ()
    trained = bench.train(recipe)
    assert trained.loss_end != trained.loss_start


def test_best_weights_of_before_the_first_change_are_not_written(bench: Bench) -> None:
    # Steps so large that the model only gets worse on what it does not see.
    recipe = Recipe(method="full", epochs=6, batch=100, learning_rate=1, development=0.3)

    with pytest.raises(TrainingError, match="nothing was learnt: the weights with the lowest"):
        bench.train(recipe)
    assert not (bench.folder / "ft").exists()


def test_early_stopping_keeps_the_best_weights(bench: Bench) -> None:
    # Steps so large that the model only gets worse on what it does not see.
    recipe = Recipe(
        method="full", epochs=12, batch=4, learning_rate=0.1, warmup=0, patience=1, development=0.3
    )

    trained = bench.train(recipe)

    assert trained.steps < trained.planned
    looks = {p.step: p.development for p in trained.curve if p.development is not None}
    assert trained.kept_step == min(looks, key=lambda step: looks[step] or 0)
    assert "stopped early" in (bench.folder / "ft" / "README.md").read_text(encoding="utf-8")


def test_no_free_disk_is_said_before_the_first_step(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(training.shutil, "disk_usage", lambda _: Usage(1000))

    with pytest.raises(TrainingError, match=r"has 0 MB free.*make room"):
        bench.train(recipe_of("lora"))


def test_memory_that_runs_out_is_said_with_a_remedy(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("pytest_ragft.finetuning.trainer.answer_loss", full)

    with pytest.raises(TrainingError, match="does not fit into memory; lower --batch"):
        bench.train(recipe_of("lora"))


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (Recipe(targets=("nowhere",)), "lora does not fit .* name modules of the model with"),
        (Recipe(method="layers", layers=(7,)), "has the layers 0 to 1, and no 7"),
    ],
)
def test_a_method_that_does_not_fit_the_base_is_refused(
    bench: Bench, recipe: Recipe, said: str
) -> None:
    with pytest.raises(TrainingError, match=said):
        bench.train(recipe)


@pytest.mark.parametrize(
    ("there", "replace", "said"),
    [
        (["notes.txt"], True, "something else stands there"),
        (["ragft.json"], False, "a trained model stands there"),
    ],
)
def test_what_stands_in_the_folder_is_not_overwritten(
    tmp_path: Path, there: Sequence[str], replace: bool, said: str
) -> None:
    (tmp_path / "ft").mkdir()
    for name in there:
        (tmp_path / "ft" / name).write_text("{}", encoding="utf-8")

    with pytest.raises(InputError, match=said):
        expect_place(tmp_path / "ft", replace=replace)


class _OtherWrites(NoProgress):
    """Another process writes its model to the folder while this one trains."""

    def __init__(self, out: Path) -> None:
        self._out = out

    def phase(self, *given: Any, **named: Any) -> Any:
        self._out.mkdir()
        (self._out / "ragft.json").write_text("the other's", encoding="utf-8")
        return super().phase(*given, **named)


def test_what_another_process_wrote_meanwhile_is_not_overwritten(bench: Bench) -> None:
    recipe, out = Recipe(**QUICK), bench.folder / "ft"
    made = bench.prepared(recipe)

    with pytest.raises(InputError, match=r"stands there.*goes on from the last checkpoint"):
        finetune(made, recipe, bench.base, out, source="demo", progress=_OtherWrites(out))

    assert [file.read_text(encoding="utf-8") for file in out.iterdir()] == ["the other's"]
    assert last_checkpoint(bench.work(recipe)) is not None


def test_pairs_that_all_lie_beyond_the_window_are_no_training(bench: Bench) -> None:
    questions = bench.folder / "suites" / "demo" / "questions.jsonl"
    lines = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    long = [json.dumps(line | {"references": ["bridge " * 3000]}) for line in lines]
    questions.write_text("\n".join(long), encoding="utf-8")

    with pytest.raises(InputError, match=r"no pair is left .*longer than the window"):
        bench.prepared(Recipe())
