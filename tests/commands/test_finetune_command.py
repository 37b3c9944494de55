"""`ragft finetune` as a user meets it: what it says, what it refuses, what the gate makes of it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from fixtures.make_tiny import make_tiny_model
from tests.commands.running import Done, ragft, ragft_process
from tests.example import Example
from tests.tiny import tiny_folder

pytestmark = pytest.mark.newest


@pytest.fixture
def example(tmp_path: Path) -> Example:
    example = Example(tmp_path).suite(documents=6, per_document=2)
    example.suite("gated", documents=4, per_document=2)
    shutil.copytree(tiny_folder() / "model", tmp_path / "base")
    return example


def finetune(example: Example, *arguments: str, source: str = "suites/demo") -> Done:
    return ragft(example.folder, "finetune", source, "--base", "base", "--out", "ft", *arguments)


TRAINED = ("--learning-rate", "0.02", "--batch", "4", "--epochs", "2")


def test_what_it_writes_the_gate_loads_and_finds_its_base(example: Example) -> None:
    example.suite(documents=6, per_document=2, toml="[generation]\nmax_new_tokens = 8\n")

    done = finetune(example, *TRAINED, "--form", "retrieved", "--gated", "suites/gated")

    assert done.code == 0, done.err
    assert "base, lora on 10 pairs of demo (suite), retrieved; 2 more in the dev" in done.out
    assert "gate it: pytest SUITES --ragft-model=ft" in done.out
    assert "6 of 6 steps" in done.err
    result = example.run_pytest("suites/demo", "--ragft-model=ft", "--ragft-json=r.json")
    assert result.code == 1  # a tiny model babbles
    report = json.loads((example.folder / "r.json").read_text())
    assert [(v["role"], v["trained_on"]) for v in report["variants"]] == [
        ("baseline", []),
        ("variant", ["demo"]),
    ]
    assert all(cell["trained"] for cell in report["by_suite"])
    assert "base unverified" not in result.out
    assert "12 questions" in result.out
    assert "error" not in result.outcome("gate-accuracy")


def test_gold_and_closed_book_in_a_process_without_a_warning(example: Example) -> None:
    for form in ("gold", "closed-book"):
        done = ragft_process(
            example.folder, "finetune", "suites/demo", "--base", "base", "--out", f"ft-{form}",
            "--form", form, *TRAINED,
            env={"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        assert done.code == 0, done.err
        facts = json.loads((example.folder / f"ft-{form}" / "ragft.json").read_text())
        assert facts["recipe"]["form"] == form


def test_a_dry_run_writes_nothing(example: Example) -> None:
    before = sorted(os.listdir(example.folder))

    done = finetune(example, "--dry-run")

    assert done.code == 0
    assert "tokens an epoch" in done.out
    assert "6 steps" in done.out
    assert "measured on two; nothing was written" in done.out
    assert sorted({*os.listdir(example.folder)} - {".ragft"}) == before


def test_questions_of_a_gated_suite_are_refused_unless_forced(example: Example) -> None:
    done = finetune(example, *TRAINED, "--gated", "suites")

    assert done.code == 1
    assert "error: 12 pairs: a question of a suite that is to be gated stands in it" in done.out
    assert "mend the pairs, or --force it" in done.err
    assert not (example.folder / "ft").exists()
    assert finetune(example, *TRAINED, "--gated", "suites", "--force").code == 0


def test_files_in_a_form_are_asked_as_a_suite_asks(example: Example) -> None:
    example.write("faq.csv", "question,references\n" + "".join(
        f"Where is item {i}?,place {i}\n" for i in range(12)
    ))  # fmt: skip
    example.suite("gated", documents=2, toml='[prompt]\nsystem = "Be brief."\n')

    done = finetune(
        example, *TRAINED, "--format", "csv", "--like", "suites/gated", source="faq.csv"
    )

    assert done.code == 0, done.err
    assert "pairs of faq.csv (csv), closed-book" in done.out
    facts = json.loads((example.folder / "ft" / "ragft.json").read_text())
    assert facts["data"]["suites"] == ["gated"]


def test_the_same_again_is_refused_and_replaced_when_asked(example: Example) -> None:
    assert finetune(example, *TRAINED).code == 0
    weights = example.folder / "ft" / "adapter_model.safetensors"
    before = weights.read_bytes()

    again = finetune(example, *TRAINED)
    other = finetune(example, *TRAINED, "--seed", "1", "--replace")

    assert again.code == 1
    assert "a trained model stands there; name another folder, or --replace" in again.err
    assert other.code == 0
    assert weights.read_bytes() != before
    assert [name for name in os.listdir(example.folder) if name.startswith(".ft")] == []


@pytest.mark.parametrize(
    ("arguments", "source", "said"),
    [
        (("--size", "100"), "suites/demo", "--size=100: there are only 10 pairs to train on"),
        (("--warmup", "2"), "suites/demo", "--warmup=2.0: must be at least 0 and below 1"),
        (("--method", "layers"), "suites/demo", "--layers=(): must be given with the method"),
        (("--learning-rate", "7"), "suites/demo", "--learning-rate=7.0: must be in (0, 1]"),
        ((), "suites", "'suites': there are several suites; name the folder of one"),
        ((), "nowhere", "'nowhere': no suite.toml lies there"),
        (("--like", "suites/demo"), "suites/demo", "--like: is of files in a form"),
        (("--format", "cvs"), "faq.cvs", "'cvs'"),
        (("--gated", "base"), "suites/demo", "--gated='base': no suite.toml lies there"),
        (("--targets", "nowhere"), "suites/demo", "name modules of the model with --targets"),
    ],
)
def test_what_cannot_be_used_is_one_message(
    example: Example, arguments: tuple[str, ...], source: str, said: str
) -> None:
    done = finetune(example, *arguments, source=source)

    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err
    assert not (example.folder / "ft").exists()


@pytest.mark.parametrize(
    "arguments", [("--method", "qlora"), ("--layers", "a-b"), ("--size", "0"), ("--form", "open")]
)
def test_wrong_usage_is_2(example: Example, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        finetune(example, *arguments)

    assert ended.value.code == 2


def test_a_base_without_a_chat_template_is_refused(example: Example) -> None:
    shutil.rmtree(example.folder / "base")
    make_tiny_model(example.folder / "base", chat_template=False)

    done = finetune(example)

    assert done.code == 1
    assert "chat template" in done.err


def test_an_adapter_is_no_base(example: Example) -> None:
    shutil.rmtree(example.folder / "base")
    shutil.copytree(tiny_folder() / "alive", example.folder / "base")

    done = finetune(example)

    assert done.code == 1
    assert "training starts from a full model" in done.err


def test_a_suite_with_targets_that_exceed_the_window_is_refused(example: Example) -> None:
    shutil.rmtree(example.folder / "base")
    make_tiny_model(example.folder / "base", window=100)
    lines = example.read_lines("suites/demo/questions.jsonl")
    lines[0]["references"] = ["The old bridge over the river. " * 20]
    example.write_lines("suites/demo/questions.jsonl", lines)

    done = finetune(example)

    assert done.code == 1
    assert "1 pair: prompt and answer are longer than the window of 100 tokens" in done.out
    assert "'q0-0'" in done.out
    forced = finetune(example, "--force", "--dry-run", "--development", "0")
    assert forced.code == 0
    assert "lora on 11 pairs of demo" in forced.out
