"""What a model is trained on is, byte for byte, what it is served with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.further import further_requests
from pytest_ragft.evaluation.requests import SuiteRequests
from pytest_ragft.evaluation.retrieving import retrieve
from pytest_ragft.finetuning.base import open_base
from pytest_ragft.finetuning.forms import show
from pytest_ragft.finetuning.loss import IGNORED
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.finetuning.run import Prepared, prepare
from pytest_ragft.finetuning.sources import retrieving
from pytest_ragft.generation import hf
from pytest_ragft.generation.decoding import Row
from pytest_ragft.records import Request
from pytest_ragft.store import Store
from pytest_ragft.suite import Suite, load_suite
from pytest_ragft.suite.opening import Access, open_retriever
from tests.tiny import tiny_folder, tiny_model

pytestmark = pytest.mark.newest

ROOT = Path(__file__).parents[2]
SUITES = sorted((ROOT / "suites").rglob("suite.toml"))
TEMPLATES = {
    "tags": (
        "{% for m in messages %}{{ '<s>' + m.role + '\n' + m.content + '</s>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<s>assistant\n' }}{% endif %}"
    ),
    # The system message goes into the user's, contents are trimmed, no marker opens the answer.
    "inst": (
        "{% if messages[0].role == 'system' %}{% set system = messages[0].content + '\n\n' %}"
        "{% set rest = messages[1:] %}{% else %}{% set system = '' %}{% set rest = messages %}"
        "{% endif %}<s>{% for m in rest %}{% if m.role == 'user' %}"
        "{{ '[INST] ' + (system if loop.first else '') + m.content | trim + ' [/INST]' }}"
        "{% else %}{{ ' ' + m.content | trim + '</s>' }}{% endif %}{% endfor %}"
    ),
    # Prints the day, has a default system message and closes a turn by a word of its own.
    "dated": (
        "{{ '<s>' }}{% if messages[0].role != 'system' %}{{ 'system: help, today is ' + "
        "strftime_now('%Y-%m-%d') + '\n' }}{% endif %}{% for m in messages %}"
        "{{ m.role + ': ' + m.content + '</s>' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
    ),
}


@pytest.fixture(params=TEMPLATES)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder() / "model", folder)
    (folder / "chat_template.jinja").write_text(TEMPLATES[request.param], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("store") / "store.sqlite")
    yield store
    store.close()


def served(
    model: Path, suite: Suite, requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> dict[str, list[int]]:
    """The prompts that reach the model when requests are answered."""
    seen: list[list[int]] = []

    def decode(model: Any, prompts: list[list[int]], **_: Any) -> list[Row]:
        seen.extend(prompts)
        return [Row(tokens=[5], ended=True) for _ in prompts]

    monkeypatch.setattr(hf, "decode", decode)
    generator = tiny_model(model, max_new_tokens=suite.generation.max_new_tokens)
    ids = []
    for batch in generator.cut(requests):
        generator.generate([requests[i] for i in batch])
        ids += [requests[i].id for i in batch]
    return dict(zip(ids, seen, strict=True))


def trained(made: Prepared) -> dict[str, list[int]]:
    """The prompts of training pairs: all that bears no loss."""
    return {
        pair.id: [
            token
            for token, label in zip(row["input_ids"], row["labels"], strict=True)
            if label == IGNORED
        ]
        for pair, row in zip(made.parts.training.pairs, made.rows, strict=True)
    }


@pytest.mark.parametrize("file", SUITES, ids=[file.parent.name for file in SUITES])
def test_prompts_are_those_that_reach_the_model_when_it_is_served(
    file: Path, model: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite, base, access = load_suite(file), open_base(str(model)), Access()
    retriever = open_retriever(suite, access)
    found = retrieve(suite, suite.examples, retriever, Archive(store), suite.retrieval.k)
    asked = {
        "retrieved": SuiteRequests(
            suite, suite.examples, found.shown(suite.retrieval.k), found.texts
        ).requests,
        "closed-book": further_requests(suite, suite.examples, "none").requests,
    }
    if any(e.relevant for e in suite.examples):
        asked["gold"] = further_requests(suite, suite.examples, "gold").requests
    for form, requests in asked.items():
        recipe = Recipe(form=form, development=0)
        made = trained(prepare(suite, recipe, base, retrieving(access, store)))
        reached = served(model, suite, requests, monkeypatch)
        wanted = [e.id for e in suite.examples if e.answerable and e.references and e.id in reached]

        assert len(wanted) >= 20
        assert sorted(made) == sorted(wanted)
        assert made == {i: reached[i] for i in wanted}


def test_distractors_are_served_as_they_are_trained(
    model: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same passages in the same order give the same bytes."""
    suite, base = load_suite(SUITES[0]), open_base(str(model))
    suite = replace(suite, examples=suite.examples[:12])
    recipe = Recipe(form="distractors", absent=0.3, development=0)
    prompts = show(suite, suite.examples, recipe, retrieving(Access(), store))
    requests = [Request(suite=suite.name, id=i, prompt=p) for i, p in prompts.items()]

    made = trained(prepare(suite, recipe, base, retrieving(Access(), store)))

    reached = served(model, suite, requests, monkeypatch)
    assert len(made) >= 10
    assert made == {i: reached[i] for i in made}


def test_a_prompt_that_exceeds_the_window_loses_the_same_passages(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fixtures.make_tiny import make_tiny_model

    model = make_tiny_model(tmp_path / "narrow", window=700)
    suite, base, access = load_suite(SUITES[0]), open_base(str(model)), Access()
    found = retrieve(
        suite, suite.examples, open_retriever(suite, access), Archive(store), suite.retrieval.k
    )
    requests = SuiteRequests(
        suite, suite.examples, found.shown(suite.retrieval.k), found.texts
    ).requests
    recipe = Recipe(form="retrieved", development=0)
    made = prepare(suite, recipe, base, retrieving(access, store))
    reached = served(model, suite, requests, monkeypatch)

    assert any("to the window" in note for note in made.parts.training.notes)
    assert trained(made) == {i: reached[i] for i in trained(made)}
