"""Served models against the same models in this process, behind a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ragft.errors import GenerationError
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.port import Generator
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import parse_variant
from pytest_ragft.records import Passage, Prompt, Request
from tests.transformers_serve import merged

pytestmark = pytest.mark.newest

ROOT = Path(__file__).parents[2]
ADAPTERS = ROOT / "fixtures" / "adapters"
# In bfloat16 near ties hang on the kernel, which is another one here; see bench/README.md.
SETTINGS = GenerationSettings(max_new_tokens=12, batch_tokens=1, dtype="float32")
TEXTS = (
    "The ferry crosses the Ilse every twenty minutes from six in the morning.",
    "The old bridge was built in 1874 by the engineer Anna Brandt.",
)
ASKED = [
    Request(
        suite="demo",
        id=question,
        prompt=Prompt(
            system="Answer from the context only.",
            user="Context:\n{context}\n\nQuestion: {question}",
            question=question,
            passages=tuple(Passage(id=f"p{i}", text=text) for i, text in enumerate(TEXTS)),
        ),
    )
    for question in ("Who built the old bridge?", "How often does the ferry cross?")
]


def opened(spec: str, base: Path | None = None) -> Generator:
    (generator,) = open_generators(
        [parse_variant(f"x={spec}")],
        baseline=None,
        wants_baseline=False,
        base=base,
        options={"demo": SETTINGS},
        offline=False,
        environ={"RAGFT_GENERATION_CONCURRENCY": "1"},
    ).values()
    return generator


@pytest.mark.parametrize("adapter", ["", "short-answers", "rag-format"])
def test_its_answers_are_those_of_the_model_here(adapter: str, served_url: str, base: Path) -> None:
    here = opened(str(ADAPTERS / adapter if adapter else base), base)
    folder = merged(base, ADAPTERS / adapter, ROOT / ".cache/merged") if adapter else base
    there = opened(f"openai:{folder}@{served_url}")
    ours = [answer for request in ASKED for answer in here.generate([request])]
    theirs = there.generate(ASKED)
    assert [a.text for a in theirs] == [a.text for a in ours]
    assert [a.prompt_tokens for a in theirs] == [a.prompt_tokens for a in ours]
    assert [a.finish for a in theirs] == [a.finish for a in ours]
    assert there.notes[0].startswith("identity unverified")


def test_raw_prompts(served_url: str, base: Path) -> None:
    answers = opened(f"completions:{base}@{served_url}").generate(ASKED)
    assert all(answer.error is None and answer.prompt_tokens for answer in answers)
    assert answers != opened(f"openai:{base}@{served_url}").generate(ASKED)


def test_models_of_one_server_are_told_apart(served_url: str, base: Path) -> None:
    tuned = merged(base, ADAPTERS / "short-answers", ROOT / ".cache/merged")
    specs = [f"openai:{folder}@{served_url}" for folder in (base, tuned)]
    one, other = map(opened, specs)
    assert one.fingerprint != other.fingerprint
    assert opened(specs[0]).fingerprint == one.fingerprint


def test_a_name_that_does_not_exist(served_url: str) -> None:
    with pytest.raises(GenerationError, match="the model 'no/such-model' cannot be asked"):
        _ = opened(f"openai:no/such-model@{served_url}").fingerprint
