"""Whose words are taught: what the judge lets through, and what takes the place of the rest."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.errors import GenerationError, InputError, SpecError
from pytest_ragft.finetuning.answers import answering
from pytest_ragft.finetuning.base import open_base
from pytest_ragft.finetuning.forms import Prompts
from pytest_ragft.finetuning.pairs import TrainingSet, parted, training_set
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.finetuning.run import prepare
from pytest_ragft.finetuning.sources import retrieving
from pytest_ragft.finetuning.targets import Ask, Writers, told, with_targets
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.progress import NoProgress
from pytest_ragft.records import Answer, Prompt
from pytest_ragft.store import Store
from pytest_ragft.suite import Suite, load_suite
from pytest_ragft.suite.opening import Access
from tests.elastic.connecting import closed_port
from tests.endpoint_server import Server
from tests.example import Example, code_word
from tests.served_scripts import Model
from tests.tiny import tiny_folder

Say = Callable[[str, Prompt], str | Answer]


@pytest.fixture
def example(tmp_path: Path) -> Example:
    return Example(tmp_path).suite(documents=4, per_document=2, toml="[retrieval]\nk = 3\n")


@pytest.fixture
def suite(example: Example) -> Suite:
    return load_suite(example.folder / "suites" / "demo" / "suite.toml")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.sqlite")
    yield store
    store.close()


class Writer:
    """Answers as it is told, and knows what it was asked."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.asked: list[tuple[str, Prompts]] = []

    def __call__(self, suite: Suite, spec: str, prompts: Prompts, /) -> Mapping[str, Answer]:
        self.asked.append((spec, prompts))
        return {i: self._answer(self.say(i, prompt)) for i, prompt in prompts.items()}

    @staticmethod
    def _answer(said: str | Answer) -> Answer:
        return said if isinstance(said, Answer) else Answer(text=said, finish="stop")


def taught(suite: Suite, recipe: Recipe, ask: Ask) -> TrainingSet:
    writers = Writers(base="base", ask=ask, judge=ReferenceJudge())
    whole = training_set(suite, recipe, lambda *_: {})
    parts = parted(whole, replace(recipe, development=0))
    part = with_targets(parts, suite, recipe, writers).training
    return replace(part, notes=tuple(told(part.pairs, recipe)))


def answers(whole: TrainingSet) -> dict[str, tuple[str, str]]:
    return {pair.id: (pair.target, pair.answer) for pair in whole.pairs}


def code(example_id: str) -> str:
    return code_word("demo", *map(int, example_id[1:].split("-")))


def test_the_base_is_shown_question_passages_and_reference(suite: Suite) -> None:
    writer = Writer(lambda i, _: f"That is {code(i)}.")

    whole = taught(suite, Recipe(form="gold", target="self"), writer)

    (asked,) = writer.asked
    assert asked[0] == "base"
    text = asked[1]["q1-0"].messages()[-1]["content"]
    assert suite.examples[2].question in text
    assert f"A right answer is: {code('q1-0')}\n" in text
    assert suite.passages["d1-p0"].text in text
    assert answers(whole)["q1-0"] == ("self", f"That is {code('q1-0')}.")
    assert whole.notes == ("of 8 pairs taught by self: 8 in the base's own words, 0 the reference",)


def test_what_is_taught_does_not_change_what_is_shown(suite: Suite) -> None:
    own = taught(suite, Recipe(target="self"), Writer(lambda i, _: f"It is {code(i)}."))
    people = taught(suite, Recipe(), Writer(lambda *_: "?"))

    assert [pair.messages for pair in own.pairs] == [pair.messages for pair in people.pairs]
    assert own.fingerprint != people.fingerprint


def test_a_reference_with_a_field_of_the_template_in_it_is_shown_as_it_is(suite: Suite) -> None:
    first, *rest = suite.examples
    changed = replace(
        suite, examples=(replace(first, references=("{question} {context}",), facts=()), *rest)
    )
    writer = Writer(lambda *_: "?")

    taught(changed, Recipe(target="self"), writer)

    text = writer.asked[0][1][first.id].messages()[-1]["content"]
    assert "A right answer is: {question} {context}\n" in text


@pytest.mark.parametrize(
    "said",
    [
        "Zanzibar, perhaps.",
        "I do not know.",
        " ",
        Answer(text=code_word("demo", 0, 0), finish="length"),
        Answer(text="", finish="error", error="too long"),
    ],
)
def test_what_is_wrong_cut_or_missing_is_not_taught_but_the_reference(
    suite: Suite, said: str | Answer
) -> None:
    writer = Writer(lambda i, _: said if i == "q0-0" else f"It is {code(i)}.")

    whole = taught(suite, Recipe(target="self"), writer)

    assert answers(whole)["q0-0"] == ("people", code("q0-0"))
    assert whole.notes == ("of 8 pairs taught by self: 7 in the base's own words, 1 the reference",)


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("William Shakespeare", "self"),
        ("Hamlet was written by William Shakespeare.", "self"),
        ("Shakespeare", "people"),
        ("Christopher Marlowe", "people"),
    ],
)
def test_without_facts_the_accuracy_alone_decides(suite: Suite, said: str, source: str) -> None:
    first, *rest = suite.examples
    asked = replace(
        first, question="Who wrote Hamlet?", references=("William Shakespeare",), facts=()
    )

    whole = taught(
        replace(suite, examples=(asked, *rest)), Recipe(target="self"), Writer(lambda *_: said)
    )

    assert answers(whole)[first.id][0] == source


def test_an_answer_that_leaves_facts_out_is_not_taught(suite: Suite) -> None:
    first, *rest = suite.examples
    facts = ("The bridge was built in 1642.", "It was built of oak.")
    full = " ".join(facts)
    changed = replace(suite, examples=(replace(first, references=(full,), facts=facts), *rest))

    half = taught(changed, Recipe(target="self"), Writer(lambda *_: facts[0]))
    all_of_it = taught(changed, Recipe(target="self"), Writer(lambda *_: " ".join(facts[::-1])))

    assert answers(half)[first.id] == ("people", full)
    assert answers(all_of_it)[first.id][0] == "self"


def test_a_right_answer_is_kept_and_a_wrong_one_changed(suite: Suite) -> None:
    def say(example_id: str, prompt: Prompt) -> str:
        if "Your answer was" in prompt.question:
            return f"I say {code(example_id)}." if example_id == "q1-0" else "Zanzibar."
        return code(example_id) if example_id.startswith("q0") else "I say Atlantis."

    writer = Writer(say)
    whole = taught(suite, Recipe(form="gold", target="minimal"), writer)

    first, second = (prompts for _, prompts in writer.asked)
    assert len(first) == 8
    assert sorted(second) == ["q1-0", "q1-1", "q2-0", "q2-1", "q3-0", "q3-1"]
    text = second["q1-0"].messages()[-1]["content"]
    assert "Your answer was: I say Atlantis.\n" in text
    assert f"A right answer is: {code('q1-0')}\n" in text
    assert all(first[pair.id].messages() == list(pair.messages) for pair in whole.pairs)
    assert answers(whole)["q0-0"] == ("own", code("q0-0"))
    assert answers(whole)["q1-0"] == ("changed", f"I say {code('q1-0')}.")
    assert answers(whole)["q2-0"] == ("people", code("q2-0"))
    assert whole.notes == (
        "of 8 pairs taught by minimal: 2 the base's own answer, 1 the base's answer with few "
        "changes, 5 the reference",
    )


def test_only_what_was_drawn_is_written(suite: Suite) -> None:
    writer = Writer(lambda i, _: code(i))

    small = taught(suite, Recipe(target="self", size=3), writer)

    assert {i for _, prompts in writer.asked for i in prompts} == {p.id for p in small.pairs}
    assert [p.id for p in small.pairs] == [
        p.id for p in taught(suite, Recipe(size=3), writer).pairs
    ]


def test_a_recorded_answer_beyond_the_window_is_an_error(
    example: Example, suite: Suite, store: Store, tmp_path: Path
) -> None:
    shutil.copytree(tiny_folder() / "model", tmp_path / "base")
    base = replace(open_base(str(tmp_path / "base")), window=100)
    short = replace(suite, generation=replace(suite.generation, max_new_tokens=8))
    lines = [{"suite": "demo", "id": e.id, "answer": code(e.id)} for e in suite.examples]
    lines[0]["answer"] += f". It is {code('q0-0')}" * 30
    recipe = Recipe(target=str(example.write_lines("long.jsonl", lines)), development=0)
    ask = answering(store, environ={}, progress=NoProgress())

    made = prepare(short, recipe, base, lambda *_: {}, ask=ask)

    assert [(f.kind, f.ids) for f in made.faults if f.severity == "error"] == [
        ("truncated", ("q0-0",))
    ]
    assert len(made.rows) == 7


def test_who_abstains_is_not_asked(suite: Suite) -> None:
    first, *rest = suite.examples
    changed = replace(suite, examples=(replace(first, answerable=False, references=()), *rest))
    writer = Writer(lambda i, _: code(i))

    whole = taught(changed, Recipe(target="self", abstention="I do not know."), writer)

    assert first.id not in writer.asked[0][1]
    assert answers(whole)[first.id] == ("abstention", "I do not know.")


def recorded(example: Example, file: str = "teacher.jsonl", without: tuple[str, ...] = ()) -> str:
    example.recorded(file, wrong=0.3)
    lines = [line for line in example.read_lines(file) if line["id"] not in without]
    return str(example.write_lines(file, lines))


def test_recorded_answers_are_taught_where_they_are_right(
    example: Example, suite: Suite, store: Store
) -> None:
    file = recorded(example)
    wrong = {line["id"] for line in example.read_lines("teacher.jsonl") if "Zan" in line["answer"]}
    ask = answering(store, environ={}, progress=NoProgress())

    whole = taught(suite, Recipe(target=file), ask)

    assert 0 < len(wrong) < 8
    assert {pair.id for pair in whole.pairs if pair.target == "people"} == wrong
    assert {pair.target for pair in whole.pairs} == {"people", "other"}
    (note,) = whole.notes
    assert note.startswith("of 8 pairs taught by teacher.jsonl: ")


def test_a_file_that_lacks_questions_is_refused(
    example: Example, suite: Suite, store: Store
) -> None:
    file = recorded(example, without=("q1-0", "q2-1"))
    ask = answering(store, environ={}, progress=NoProgress())

    with pytest.raises(InputError, match=r"has no answer to 2 of 8 questions, such as 'q"):
        taught(suite, Recipe(target=file), ask)


def test_a_file_counts_by_what_it_holds(example: Example, tmp_path: Path) -> None:
    one, same = recorded(example, "one.jsonl"), recorded(example, "same.jsonl")
    other = recorded(example, "other.jsonl", without=("q1-0",))
    prints = [Recipe(target=file).fingerprint for file in (one, same, other)]

    assert prints[0] == prints[1] != prints[2]
    assert str(tmp_path) not in str(Recipe(target=one).plain())


def test_a_served_model_writes_targets_and_is_asked_once(suite: Suite, store: Store) -> None:
    script = Model(wrong=0.3)
    with Server(script) as server:
        recipe = Recipe(form="gold", target=f"openai:ft@{server.url}")
        ask = answering(store, environ={}, progress=NoProgress())
        whole, again = (taught(suite, recipe, ask) for _ in range(2))

    assert len(script.asked) == 8
    assert again == whole
    assert {pair.target for pair in whole.pairs} == {"people", "other"}
    assert recipe.plain()["target"] == "openai:ft"


def test_a_dead_server_is_one_error(suite: Suite, store: Store) -> None:
    recipe = Recipe(target=f"openai:ft@http://127.0.0.1:{closed_port()}/v1")
    ask = answering(store, environ={}, progress=NoProgress())

    with pytest.raises(GenerationError, match="does not answer"):
        taught(suite, recipe, ask)


def test_a_file_that_is_not_there_is_refused(suite: Suite, store: Store) -> None:
    ask = answering(store, environ={}, progress=NoProgress())

    with pytest.raises(SpecError, match="there is no such file"):
        taught(suite, Recipe(target="nowhere.jsonl"), ask)


@pytest.mark.parametrize("target", ["", "model", "answers.json"])
def test_no_other_target_is_known(target: str) -> None:
    with pytest.raises(ValueError, match=r"target = .*: must be one of people, self, minimal"):
        Recipe(target=target)


@pytest.mark.newest
@pytest.mark.parametrize("target", ["self", "minimal"])
def test_the_base_answers_once_and_never_again(
    tmp_path: Path, suite: Suite, store: Store, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    shutil.copytree(tiny_folder() / "model", tmp_path / "base")
    short = replace(suite, generation=replace(suite.generation, max_new_tokens=8))
    base, recipe = open_base(str(tmp_path / "base")), Recipe(form="retrieved", target=target)
    ask = answering(store, environ={}, progress=NoProgress())

    first = prepare(short, recipe, base, retrieving(Access(), store), ask=ask)

    def loaded(*_: object, **__: object) -> None:
        raise AssertionError("the model was loaded again")

    monkeypatch.setattr("pytest_ragft.generation.engine.load_model", loaded)
    again = prepare(short, recipe, base, retrieving(Access(), store), ask=ask)
    assert again.parts == first.parts
    # A tiny model babbles.
    assert {pair.target for pair in first.parts.training.pairs} == {"people"}
    with pytest.raises(GenerationError, match="cannot here"):
        prepare(short, recipe, base, retrieving(Access(), store))
