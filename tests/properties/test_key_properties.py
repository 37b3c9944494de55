"""Whatever changes tokens, weights, decoding, prompt or what is judged changes the key.

Models are those of `tests.tiny`, changed a byte or a value at a time; nothing is loaded.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pytest_ragft.errors import SpecError
from pytest_ragft.evaluation.keys import judged_fingerprint, prompt_fingerprint, score_key
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import parse_variant
from pytest_ragft.records import Passage, Prompt, QAExample
from tests.tiny import tiny_folder

in_place = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
texts = st.text(max_size=4)
TENSORS = ("model/model.safetensors", "alive/adapter_model.safetensors")
SETTINGS = ("model/tokenizer.json", "model/tokenizer_config.json")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(tiny_folder(), tmp_path_factory.mktemp("keys") / "tiny"))


def identity(model: Path, options: GenerationSettings | None = None) -> str:
    """The part of an answer's key that says who answers; empty where the adapter is refused."""
    try:
        opened = open_generators(
            [parse_variant(str(model / "alive"))], baseline=None, wants_baseline=False,
            base=model / "model", options={"demo": options or GenerationSettings()}, offline=True,
        )  # fmt: skip
    except SpecError:
        return ""
    return opened["alive", "demo"].fingerprint


@in_place
@given(file=st.sampled_from(TENSORS), at=st.floats(0, 1), change=st.integers(1, 255))
def test_any_byte_of_a_tensor(model: Path, file: str, at: float, change: int) -> None:
    path = model / file
    whole = path.read_bytes()
    start = 8 + int.from_bytes(whole[:8], "little")
    place = start + int(at * (len(whole) - start - 1))
    before = identity(model)
    try:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])
        assert identity(model) != before
    finally:
        path.write_bytes(whole)
    assert identity(model) == before


@in_place
@given(data=st.data(), file=st.sampled_from(SETTINGS))
def test_any_value_of_a_tokenizer_or_of_its_own_settings(
    model: Path, data: st.DataObject, file: str
) -> None:
    path = model / file
    assume(path.is_file())
    whole = path.read_text()
    value = json.loads(whole)
    holder, key = data.draw(st.sampled_from(list(leaves(value))))
    # What transformers writes about itself says nothing about a model.
    assume(key != "transformers_version")
    before = identity(model)
    holder[key] = other(holder[key])
    try:
        path.write_text(json.dumps(value))
        assert identity(model) != before
    finally:
        path.write_text(whole)


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where the plain values of a JSON value stand."""
    for key, held in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(held, dict | list):
            yield from leaves(held)
        else:
            yield value, key


def other(value: Any) -> Any:
    return not value if isinstance(value, bool) or value is None else value * 2 or 1


decoding = st.builds(
    GenerationSettings,
    max_new_tokens=st.integers(1, 3),
    dtype=st.sampled_from(["float32", "bfloat16"]),
    batch_tokens=st.integers(1, 3),
    stop=st.lists(st.text(min_size=1, max_size=2), max_size=2).map(tuple),
    thinking=st.sampled_from([None, "off", "on"]),
)


@in_place
@given(one=decoding, two=decoding)
def test_decoding(model: Path, one: GenerationSettings, two: GenerationSettings) -> None:
    assert (identity(model, one) == identity(model, two)) == (one == two)


passages = st.lists(st.builds(Passage, id=texts, text=texts, title=texts), max_size=2).map(tuple)
prompts = st.builds(Prompt, system=texts, user=texts, question=texts, passages=passages)


@given(prompts, prompts, st.booleans())
def test_prompts(one: Prompt, two: Prompt, same: bool) -> None:
    two = replace(one) if same else two
    assert (prompt_fingerprint(one) == prompt_fingerprint(two)) == (one == two)


examples = st.builds(
    QAExample,
    id=texts,
    question=texts,
    references=st.lists(texts, max_size=2).map(tuple),
    facts=st.lists(texts, max_size=2).map(tuple),
    tags=st.lists(texts, max_size=1).map(tuple),
    document=st.none() | texts,
    answerable=st.booleans(),
    type=st.sampled_from([None, "factoid", "list"]),
)
UNJUDGED = {"id": "", "tags": (), "document": None, "relevant": ()}


@given(examples, examples, st.booleans())
def test_questions(one: QAExample, two: QAExample, same: bool) -> None:
    two = replace(one, id="another", tags=("other",), document="d") if same else two
    judged = replace(one, **UNJUDGED) == replace(two, **UNJUDGED)
    assert (judged_fingerprint(one) == judged_fingerprint(two)) == judged


scored = st.tuples(texts, st.lists(texts, max_size=2), texts, texts, st.none() | passages)


@given(scored, scored)
def test_scores(one: tuple[Any, ...], two: tuple[Any, ...]) -> None:
    assert (score_key(*one) == score_key(*two)) == (one == two)
