"""Each fault that is planted among training pairs is found, and no other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.make_tiny import make_tiny_model
from pytest_ragft.finetuning.base import Base, open_base
from pytest_ragft.finetuning.lint import Fault, lint
from pytest_ragft.finetuning.loss import row_of
from pytest_ragft.finetuning.pairs import TrainingPair, training_set
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.suite import Suite, load_suite
from tests.example import Example
from tests.tiny import tiny_folder

pytestmark = pytest.mark.newest


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    Example(tmp_path).suite(documents=8, per_document=2)
    return load_suite(tmp_path / "suites" / "demo" / "suite.toml")


@pytest.fixture
def pairs(suite: Suite) -> list[TrainingPair]:
    return list(training_set(suite, Recipe(form="gold"), lambda *_: {}).pairs)


def found(
    pairs: list[TrainingPair],
    base: Base | None = None,
    gated: tuple[Suite, ...] = (),
) -> dict[str, Fault]:
    base = base or open_base(str(tiny_folder() / "model"))
    faults = lint(
        pairs,
        [row_of(p.messages, p.answer, base.chat) for p in pairs],
        base=base,
        settings=GenerationSettings(),
        gated=gated,
    )
    assert len({fault.kind for fault in faults}) == len(faults)
    return {fault.kind: fault for fault in faults}


def test_sound_pairs_have_no_faults(pairs: list[TrainingPair]) -> None:
    assert found(pairs) == {}


def _blank(pair: TrainingPair) -> TrainingPair:
    return replace(pair, answer=" \n")


def _ends_early(pair: TrainingPair) -> TrainingPair:
    return replace(pair, answer=f"{pair.answer}</s> and more")


def _longer_than_the_window(pair: TrainingPair) -> TrainingPair:
    user = {"role": "user", "content": f"{pair.id} {'bridge ' * 3000}"}
    return replace(pair, messages=(user,))


def _longer_than_served(pair: TrainingPair) -> TrainingPair:
    return replace(pair, answer="The old bridge. " * 30)


@pytest.mark.parametrize(
    ("plant", "kind", "severity"),
    [
        (_blank, "no-target", "error"),
        (_ends_early, "early-end", "error"),
        (_longer_than_the_window, "truncated", "error"),
        (_longer_than_served, "cut-when-served", "warning"),
    ],
)
def test_a_planted_fault_is_found(
    pairs: list[TrainingPair],
    plant: Callable[[TrainingPair], TrainingPair],
    kind: str,
    severity: str,
) -> None:
    pairs[3], pairs[7] = plant(pairs[3]), plant(pairs[7])

    faults = found(pairs)

    assert set(faults) == {kind}
    assert faults[kind].ids == (pairs[3].id, pairs[7].id)
    assert faults[kind].severity == severity
    assert faults[kind].line.startswith(f"{severity}: 2 pairs: ")


def test_a_pair_that_stands_twice_is_found(pairs: list[TrainingPair]) -> None:
    pairs.append(replace(pairs[2], id="again"))

    faults = found(pairs)

    assert set(faults) == {"duplicate"}
    assert faults["duplicate"].ids == ("again",)


def test_one_question_with_two_answers_is_found(pairs: list[TrainingPair]) -> None:
    pairs.append(replace(pairs[2], id="other", answer="Zanzibar"))

    faults = found(pairs)

    assert set(faults) == {"contradiction"}
    assert faults["contradiction"].ids == (pairs[2].id, "other")


def test_a_base_without_an_end_of_turn_is_found(pairs: list[TrainingPair], tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path / "endless")
    template = "{% for m in messages %}{{ m.role + ': ' + m.content + ' ' }}{% endfor %}"
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    for name in ("tokenizer_config.json", "config.json", "generation_config.json"):
        file = folder / name
        values = json.loads(file.read_text(encoding="utf-8"))
        kept = {k: v for k, v in values.items() if k not in ("eos_token", "eos_token_id")}
        file.write_text(
            json.dumps(kept | ({"eos_token_id": None} if name == "config.json" else {}))
        )

    faults = found(pairs, open_base(str(folder)))

    assert set(faults) == {"no-end"}
    assert len(faults["no-end"].ids) == len(pairs)


def test_a_prompt_that_leaves_reasoning_open_is_found(
    pairs: list[TrainingPair], tmp_path: Path
) -> None:
    folder = tmp_path / "thinker"
    shutil.copytree(tiny_folder() / "model", folder)
    template = folder / "chat_template.jinja"
    template.write_text(template.read_text(encoding="utf-8") + "{{ '<think>\n' }}")

    assert set(found(pairs, open_base(str(folder)))) == {"open-reasoning"}


def test_a_question_of_a_gated_suite_is_found(
    pairs: list[TrainingPair], suite: Suite, tmp_path: Path
) -> None:
    other = Example(tmp_path / "other").suite("gated", documents=3, per_document=2)
    lines = other.read_lines("suites/gated/questions.jsonl")
    lines[1]["question"] = suite.examples[4].question.upper() + " "
    other.write_lines("suites/gated/questions.jsonl", lines)
    gated = load_suite(tmp_path / "other" / "suites" / "gated" / "suite.toml")

    faults = found(pairs, gated=(gated,))

    assert set(faults) == {"overlap"}
    assert faults["overlap"].ids == (pairs[4].id,)
    assert faults["overlap"].severity == "error"


def test_a_passage_that_states_what_a_gated_question_asks_is_none(
    pairs: list[TrainingPair], suite: Suite, tmp_path: Path
) -> None:
    other = Example(tmp_path / "other").suite("gated", documents=3, per_document=2)
    lines = other.read_lines("suites/gated/questions.jsonl")
    lines[1]["question"] = "Did the mason from the north build the old bridge of grey stone?"
    other.write_lines("suites/gated/questions.jsonl", lines)
    gated = load_suite(tmp_path / "other" / "suites" / "gated" / "suite.toml")
    stated = "The mason from the north did build the old bridge of grey stone."
    system, user = pairs[3].messages
    shown = (system, {**user, "content": f"{stated}\n\n{user['content']}"})

    assert found([*pairs[:3], replace(pairs[3], messages=shown)], gated=(gated,)) == {}
    # Where nobody says what is asked, it may be this.
    untold = replace(pairs[3], messages=shown, question="")
    assert set(found([*pairs[:3], untold], gated=(gated,))) == {"overlap"}


def test_a_passage_of_a_gated_suite_is_a_warning(
    pairs: list[TrainingPair], suite: Suite, tmp_path: Path
) -> None:
    other = Example(tmp_path / "other").suite("gated", documents=3, per_document=2)
    corpus = other.read_lines("suites/gated/corpus.jsonl")
    corpus[2]["text"] = "The mason from the north built the old bridge of grey stone that year."
    other.write_lines("suites/gated/corpus.jsonl", corpus)
    gated = load_suite(tmp_path / "other" / "suites" / "gated" / "suite.toml")
    system, user = pairs[3].messages
    content = f"{corpus[2]['text']}\n\n{user['content']}"
    pairs[3] = replace(pairs[3], messages=(system, {**user, "content": content}))

    faults = found(pairs, gated=(gated,))

    assert {kind: fault.severity for kind, fault in faults.items()} == {
        "passage-overlap": "warning"
    }
    assert faults["passage-overlap"].ids == (pairs[3].id,)


def test_abstaining_among_distractors_has_no_faults_but_its_own(suite: Suite) -> None:
    passages = tuple(suite.passages.values())

    def made(sentence: str) -> list[TrainingPair]:
        recipe = Recipe(form="distractors", absent=0.5, abstention=sentence)
        whole = training_set(suite, recipe, lambda _, some, *__: {e.id: passages for e in some})
        return list(whole.pairs)

    long = "The passages do not say. " * 10

    assert found(made("The passages do not say.")) == {}
    (fault,) = found(made(long)).values()
    assert fault.kind == "cut-when-served"
    assert len(fault.ids) == 8
