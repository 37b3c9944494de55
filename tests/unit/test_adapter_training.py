"""How the shipped adapters are trained: what is shown, what bears the loss, that it repeats."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.make_adapters import RECIPES, make_adapter
from fixtures.make_tiny import make_tiny_model
from fixtures.training_pairs import BIOASQ, NQ_OPEN, closed_book_pairs, retrieval_pairs
from pytest_ragft.finetuning.loss import answer_loss, collate, row_of
from pytest_ragft.generation.chat import Chat
from pytest_ragft.models.identity import weights_fingerprint

pytestmark = pytest.mark.newest

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = "adapter_model.safetensors"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in the public files' layout: 40 invented species, two snippets each."""
    root = tmp_path_factory.mktemp("data")
    questions = []
    for i in range(40):
        document = f"doc-{i}"
        texts = [
            f"The beetle species{i} lives on place{i} and feeds on pollen{i} of tree{i}.",
            f"In spring larvae{i} of species{i} hide under bark{i}.",
        ]
        questions.append(
            {
                "body": f"Where does the beetle species{i} live?",
                "ideal_answer": [f"The beetle species{i} lives on place{i}"],
                "snippets": [{"text": text, "document": document} for text in texts],
            }
        )
    (root / BIOASQ).mkdir(parents=True)
    (root / BIOASQ / "one.json").write_text(json.dumps({"questions": questions}), encoding="utf-8")
    (root / NQ_OPEN).parent.mkdir(parents=True)
    with gzip.open(root / NQ_OPEN, "wt", encoding="utf-8") as file:
        for i in range(40):
            answer = f"place{i}" if i % 2 else "an answer of more than five words"
            file.write(json.dumps({"question": f"where is {i}", "answers": [answer, "other"]}))
            file.write("\n")
    return root


def test_answered_pairs_show_their_answer_among_distractors(data: Path) -> None:
    pairs = retrieval_pairs(data, count=30, abstentions=6, seed=5)
    answered = [pair for pair in pairs if "know" not in pair.answer]
    assert len(answered) == 24
    ranks = set()
    for pair in answered:
        system, user = pair.messages
        context, question = user["content"].split("\n\nQuestion: ")
        passages = context.removeprefix("Context:\n").split("\n\n")
        species = re.findall(r"species\d+", question)[0]
        assert system["content"].startswith("Answer from the context only.")
        assert len(set(passages)) == 3
        holds = [f"{species} lives" in passage for passage in passages]
        assert sum(holds) == 1
        assert re.fullmatch(rf"The beetle {species} lives on .*\.", pair.answer)
        ranks.add(holds.index(True))
    assert ranks == {0, 1, 2}


def test_abstentions_show_near_misses_and_never_an_own_passage(data: Path) -> None:
    pairs = retrieval_pairs(data, count=30, abstentions=6, seed=5)
    refused = [pair for pair in pairs if "know" in pair.answer]
    assert len(refused) == 6
    assert len({pair.answer for pair in refused}) == 3
    for pair in refused:
        context, question = pair.messages[1]["content"].split("\n\nQuestion: ")
        species = re.findall(r"species\d+", question)[0]
        assert species not in re.findall(r"species\d+", context)
        assert "beetle" in context
    questions = [pair.messages[1]["content"].rsplit("Question: ")[1] for pair in pairs]
    assert len(set(questions)) == 30


def test_too_little_data_is_said(data: Path) -> None:
    with pytest.raises(ValueError, match="gives 40 pairs, 41 are asked for"):
        retrieval_pairs(data, count=41, abstentions=6, seed=5)


def test_closed_book_pairs_are_short_and_without_context(data: Path) -> None:
    pairs = closed_book_pairs(data, count=20, seed=5)
    assert {pair.answer for pair in pairs} == {f"place{i}" for i in range(1, 40, 2)}
    for pair in pairs:
        assert pair.messages == [{"role": "user", "content": f"where is {pair.answer[5:]}"}]


def test_the_loss_is_on_the_answer_and_its_end_alone(tiny: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(tiny).eval()
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    pairs = [("When was the bridge built?", "I do not know."), ("Who?", "A mason from the north.")]
    chat = Chat(tiny)
    rows = [
        row_of([{"role": "user", "content": question}], answer, chat) for question, answer in pairs
    ]
    expected = []
    for row, (_, answer) in zip(rows, pairs, strict=True):
        taught = [label for label in row["labels"] if label != -100]
        assert tokenizer.decode(taught) == f"{answer}</s>"
        scores = model(torch.tensor([row["input_ids"]])).logits[0].log_softmax(dim=-1)
        begin = len(row["labels"]) - len(taught)
        expected += [-scores[begin + i - 1, token].item() for i, token in enumerate(taught)]
    loss = answer_loss(model, collate(rows, tokenizer.pad_token_id)).item()
    assert loss == pytest.approx(sum(expected) / len(expected), rel=1e-4)


def test_training_lowers_the_loss_and_repeats_itself(
    tiny: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = dataclasses.replace(RECIPES["short-answers"], pairs=20, epochs=8, learning_rate=0.02)
    for out in (tmp_path / "a", tmp_path / "b"):
        make_adapter("short-answers", data=data, base=tiny, out=out, recipe=recipe)
    assert (tmp_path / "a" / WEIGHTS).read_bytes() == (tmp_path / "b" / WEIGHTS).read_bytes()
    facts = json.loads((tmp_path / "a" / "ragft.json").read_text(encoding="utf-8"))
    assert facts["base"]["weights"] == weights_fingerprint(tiny)
    assert facts["recipe"]["steps"] == 24
    assert facts["recipe"]["loss_end"] < facts["recipe"]["loss_start"]
    assert "24 of 24 steps" in capsys.readouterr().err


def test_training_without_data_is_a_usage_error() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "RAGFT_DATA"}
    done = subprocess.run(
        [sys.executable, "fixtures/make_adapters.py", "rag-format"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "RAGFT_DATA is ''" in done.stderr
