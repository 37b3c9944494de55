"""Training pairs of a suite, and how they are cut into parts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from pytest_ragft.errors import InputError
from pytest_ragft.finetuning.base import open_base
from pytest_ragft.finetuning.card import card
from pytest_ragft.finetuning.pairs import TrainingSet, once, parted, training_set
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.suite import Suite, load_suite
from tests.example import Example
from tests.tiny import tiny_folder


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    Example(tmp_path).suite(documents=20, per_document=3)
    return load_suite(tmp_path / "suites" / "demo" / "suite.toml")


def pairs_of(suite: Suite, form: str = "closed-book") -> TrainingSet:
    return training_set(suite, Recipe(form=form), lambda *_: {})


def test_closed_book_is_the_question_alone(suite: Suite) -> None:
    first = pairs_of(suite).pairs[0]

    assert first.messages == ({"role": "user", "content": suite.examples[0].question},)
    assert first.answer == suite.examples[0].references[0]
    assert (first.document, first.form, first.target) == ("demo 0", "closed-book", "people")


def test_gold_shows_the_relevant_passages_in_the_suites_own_prompt(suite: Suite) -> None:
    system, user = pairs_of(suite, "gold").pairs[0].messages
    passage = suite.passages["d0-p0"]

    assert system["content"] == suite.prompt.system
    assert user["content"] == (
        f"Context:\n{passage.title}\n{passage.text}\n\nQuestion: {suite.examples[0].question}"
    )


def test_what_is_not_taught_is_counted(suite: Suite) -> None:
    first, second, third, *rest = suite.examples
    changed = replace(
        suite,
        examples=(
            replace(first, answerable=False),
            replace(second, references=()),
            replace(third, relevant=()),
            *rest,
        ),
    )

    assert pairs_of(changed, "gold").notes == (
        "1 question without an answer is not taught",
        "1 question without a reference is not taught",
        "1 question that names no relevant passage is not taught",
    )


def test_a_suite_that_cannot_be_taught_is_refused(suite: Suite) -> None:
    without = replace(suite, examples=tuple(replace(e, relevant=()) for e in suite.examples))

    with pytest.raises(InputError, match="no question can be taught as gold; name relevant"):
        pairs_of(without, "gold")


def test_no_document_stands_in_both_parts(suite: Suite) -> None:
    parts = parted(pairs_of(suite), Recipe(development=0.2))
    training, held = (
        {pair.document for pair in part.pairs} for part in (parts.training, parts.development)
    )

    assert not training & held
    assert len(training) == 16
    assert len(held) == 4


@pytest.mark.parametrize("seed", range(3))
def test_a_larger_draw_holds_the_smaller_one(suite: Suite, seed: int) -> None:
    sizes = (5, 20, 40)
    drawn = [
        {p.id for p in parted(pairs_of(suite), Recipe(size=n, seed=seed)).training.pairs}
        for n in sizes
    ]

    assert [len(ids) for ids in drawn] == list(sizes)
    assert drawn[0] < drawn[1] < drawn[2]


def test_another_seed_draws_others(suite: Suite) -> None:
    first, second = (
        {p.id for p in parted(pairs_of(suite), Recipe(size=10, seed=seed)).training.pairs}
        for seed in (0, 1)
    )

    assert first != second


def test_more_than_there_are_cannot_be_asked_for(suite: Suite) -> None:
    with pytest.raises(InputError, match="--size=100: there are only 54 pairs to train on, 6 more"):
        parted(pairs_of(suite), Recipe(size=100))


def test_pairs_on_one_document_have_no_development_part(suite: Suite) -> None:
    whole = pairs_of(suite)
    one = TrainingSet(pairs=tuple(replace(p, document="one") for p in whole.pairs))

    assert not parted(one, Recipe()).development.pairs


def test_what_says_the_same_is_taught_once(suite: Suite) -> None:
    whole = pairs_of(suite)
    again = replace(whole.pairs[0], id="again", document="another")

    assert once(replace(whole, pairs=(*whole.pairs, again))).pairs == whole.pairs


def test_the_fingerprint_is_that_of_the_pairs(suite: Suite) -> None:
    whole = pairs_of(suite)
    other = replace(whole, pairs=(replace(whole.pairs[0], answer="x"), *whole.pairs[1:]))

    assert whole.fingerprint == pairs_of(suite).fingerprint
    assert whole.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "qlora"}, "method = 'qlora': must be one of lora, dora"),
        ({"form": "open"}, "form = 'open': must be one of closed-book"),
        ({"epochs": 0}, "epochs = 0: must be at least 1"),
        ({"development": 1.0}, "development = 1.0: must be at least 0 and below 1"),
        ({"learning_rate": float("nan")}, "learning_rate = nan: must be in"),
        ({"seed": 2**32}, r"seed = 4294967296: must be at least 0 and below 2\*\*32"),
        ({"seed": -1}, r"seed = -1: must be at least 0"),
        ({"method": "layers"}, r"layers = \(\): must be given with the method layers"),
        ({"layers": (1,)}, r"layers = \(1,\): must be given with the method layers"),
        ({"method": "prefix", "checkpointing": True}, "checkpointing = True: must be left out"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Recipe(**given)  # type: ignore[arg-type]


def test_a_recipe_is_identified_by_what_bears_on_it() -> None:
    assert Recipe().fingerprint == Recipe(virtual_tokens=8).fingerprint
    assert Recipe().fingerprint == Recipe(learning_rate=2e-4).fingerprint
    assert Recipe().fingerprint != Recipe(rank=4).fingerprint
    assert Recipe(method="full").fingerprint == Recipe(method="full", rank=4).fingerprint


def test_the_way_to_a_base_leads_past_links(tmp_path: Path) -> None:
    (tmp_path / "disk" / "deep" / "models").mkdir(parents=True)
    (tmp_path / "models").symlink_to(tmp_path / "disk" / "deep" / "models")
    shutil.copytree(tiny_folder() / "model", tmp_path / "base")
    out = tmp_path / "models" / "ft"
    out.mkdir()

    name = open_base(str(tmp_path / "base")).named_from(out)

    assert (out / name).is_dir()


@pytest.mark.parametrize("name", ["no", "a: b", "base #2", "7", "Ünal's", "org/plain-1.0", '"'])
def test_a_card_calls_a_base_as_it_is_called(name: str) -> None:
    text = card("ft", {"base_model": name}, "", {})

    assert yaml.safe_load(text.split("---")[1]) == {"base_model": name}
