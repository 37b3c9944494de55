"""General data among what is trained on: its share, its draw, and that it is looked through."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_ragft.errors import InputError
from pytest_ragft.finetuning.base import Base, open_base
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.finetuning.replay import of_questions, replayed
from pytest_ragft.finetuning.run import Prepared, prepare
from pytest_ragft.suite import Suite, load_suite
from tests.example import Example
from tests.tiny import tiny_folder

pytestmark = pytest.mark.newest


def general(number: int) -> list[dict[str, Any]]:
    return [
        {"prompt": f"Name river number {i}.", "completion": f"Ilse {i}."} for i in range(number)
    ]


class Bench(NamedTuple):
    """A base, a suite, and a place for general data."""

    base: Base
    suite: Suite
    example: Example

    def file(self, rows: Sequence[Mapping[str, Any]], name: str = "general.jsonl") -> str:
        return str(self.example.write_lines(name, rows))

    def prepared(self, mix: str, gated: Sequence[Suite] = (), **recipe: Any) -> Prepared:
        of = Recipe(mix=mix, **{"development": 0.25} | recipe)
        return prepare(self.suite, of, self.base, lambda *_: {}, gated)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    example = Example(tmp_path).suite(documents=8, per_document=2)
    shutil.copytree(tiny_folder() / "model", tmp_path / "base")
    suite = load_suite(tmp_path / "suites" / "demo" / "suite.toml")
    return Bench(open_base(str(tmp_path / "base")), suite, example)


def mixed(made: Prepared) -> list[str]:
    return [pair.id for pair in made.parts.training.pairs if pair.form == "mix"]


def test_a_share_of_what_is_trained_on_is_general(bench: Bench) -> None:
    file = bench.file(general(40))

    made = bench.prepared(file, mix_share=0.25)

    assert len(made.rows) == 16
    assert len(mixed(made)) == 4
    assert made.parts.training.notes == ("4 of 16 pairs replayed from general.jsonl",)
    assert all(pair.form != "mix" for pair in made.parts.development.pairs)
    assert len(made.parts.development.pairs) == 4
    own = bench.prepared("", mix_share=0.25).parts
    assert tuple(of_questions(made.parts.training.pairs)) == own.training.pairs


def test_a_smaller_draw_is_part_of_a_larger_one(bench: Bench) -> None:
    file = bench.file(general(40))
    small, large = (mixed(bench.prepared(file, mix_share=0.5, size=n)) for n in (4, 10))

    assert len(small) == 4
    assert len(large) == 10
    assert large[:4] == small
    assert mixed(bench.prepared(file, mix_share=0.5, size=10)) == large
    assert mixed(bench.prepared(file, mix_share=0.5, size=10, seed=1)) != large


def test_conversations_keep_their_turns(bench: Bench) -> None:
    turns = [
        {"role": role, "content": f"{role} {i}"}
        for i in range(6) for role in ("user", "assistant")
    ]  # fmt: skip
    made = bench.prepared(bench.file([{"messages": turns}]), mix_share=0.2)

    pairs = {p.id: p for p in made.parts.training.pairs if p.form == "mix"}
    assert len(pairs) == 3
    for pair in pairs.values():
        assert list(pair.messages) == turns[: len(pair.messages)]
        assert pair.answer == turns[len(pair.messages)]["content"]


def test_a_file_counts_by_what_it_holds(bench: Bench) -> None:
    one, same = bench.file(general(4), "one.jsonl"), bench.file(general(4), "same.jsonl")
    other = bench.file(general(5), "other.jsonl")
    prints = [Recipe(mix=file).fingerprint for file in (one, same, other)]

    assert prints[0] == prints[1] != prints[2]
    assert str(bench.example.folder) not in str(Recipe(mix=one).plain())
    assert str(bench.example.folder) not in str(bench.prepared(one).parts)
    assert Recipe(mix_share=0.5).fingerprint == Recipe().fingerprint


def test_questions_of_gated_suites_are_found_in_it(bench: Bench) -> None:
    bench.example.suite("gated", documents=2, per_document=2)
    gated = load_suite(bench.example.folder / "suites" / "gated" / "suite.toml")
    leak = {"prompt": gated.examples[0].question, "completion": "A code."}

    made = bench.prepared(bench.file([leak, *general(2)]), [gated], mix_share=0.2)

    (fault,) = [fault for fault in made.faults if fault.severity == "error"]
    assert fault.kind == "overlap"
    assert fault.ids == ("general.jsonl, line 1",)


def test_faults_of_both_are_one(bench: Bench) -> None:
    bench.example.suite("gated", documents=2, per_document=2)
    gated = load_suite(bench.example.folder / "suites" / "gated" / "suite.toml")
    first, *rest = bench.suite.examples
    suite = replace(
        bench.suite, examples=(replace(first, question=gated.examples[1].question), *rest)
    )
    leak = {"prompt": gated.examples[0].question, "completion": "A code."}

    made = bench._replace(suite=suite).prepared(
        bench.file([leak, *general(2)]), [gated], mix_share=0.2
    )

    (fault,) = [fault for fault in made.faults if fault.severity == "error"]
    assert fault.ids == (first.id, "general.jsonl, line 1")


def test_what_does_not_fit_or_repeats_is_passed_over(bench: Bench) -> None:
    base = replace(bench.base, window=120)
    long = {"prompt": "Name rivers. " * 200, "completion": "Ilse."}
    rows = [long, *general(2), *general(2), {"text": "no reply"}]

    made = bench._replace(base=base).prepared(bench.file(rows), mix_share=0.14)

    assert len(mixed(made)) == 2
    with pytest.raises(InputError, match=r"has 2 rows to replay, and a share of 0.5 beside 12"):
        bench._replace(base=base).prepared(bench.file(rows), mix_share=0.5)
    taken, notes = replayed(
        Recipe(mix=bench.file([long, *general(1)]), mix_share=0.5), 1, base, 120, None
    )
    assert len(taken) == 1
    # The long one comes first for one of two seeds.
    assert len(notes) in (1, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no row of training data"),
        ('{"text": "no reply"}\n', "has 0 rows to replay"),
        ("[1, 2]", "no row of training data"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(bench: Bench, text: str, said: str) -> None:
    file = bench.example.write("general.jsonl", text)

    with pytest.raises(InputError, match=said):
        bench.prepared(str(file))


def test_a_file_that_is_not_there_is_refused(bench: Bench) -> None:
    with pytest.raises(InputError, match=r"nowhere\.jsonl: cannot be read"):
        bench.prepared("nowhere.jsonl")


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_a_share_of_nothing_or_everything_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"mix_share = .*: must be above 0 and below 1"):
        Recipe(mix="general.jsonl", mix_share=share)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(beside=st.integers(1, 60), share=st.floats(0.05, 0.6), seed=st.integers(0, 3))
def test_the_share_is_as_near_as_whole_pairs_can_be(
    bench: Bench, beside: int, share: float, seed: int
) -> None:
    file = bench.file(general(100))
    recipe = Recipe(mix=file, mix_share=share, seed=seed)

    taken, _ = replayed(recipe, beside, bench.base, None, None)

    assert abs(len(taken) - share * (beside + len(taken))) <= 0.5 * (1 - share) + 1e-9
    assert len({pair.id for pair in taken}) == len(taken)
