"""Forms of training beyond those that a gating run shows: distractors, and abstaining."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_ragft.errors import InputError
from pytest_ragft.finetuning.forms import Retrieve
from pytest_ragft.finetuning.pairs import TrainingPair, TrainingSet, parted, training_set
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.finetuning.sources import retrieving
from pytest_ragft.finetuning.targets import told
from pytest_ragft.judging.abstention import abstains
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, Passage, QAExample
from pytest_ragft.store import Store
from pytest_ragft.suite import Suite, load_suite
from pytest_ragft.suite.opening import Access
from tests.example import Example

SILENCE = "The passages do not say."


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    Example(tmp_path).suite(documents=10, per_document=3, toml="[retrieval]\nk = 3\n")
    return load_suite(tmp_path / "suites" / "demo" / "suite.toml")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.sqlite")
    yield store
    store.close()


def made(suite: Suite, store: Store, **recipe: object) -> TrainingSet:
    of = Recipe(**({"form": "distractors"} | recipe))  # type: ignore[arg-type]
    return training_set(suite, of, retrieving(Access(), store))


def blind(missed: Sequence[str] = ()) -> Retrieve:
    """A retriever that finds the whole corpus in its order, without what some questions name."""

    def retrieve(
        suite: Suite, examples: Sequence[QAExample], depth: int | None = None, /
    ) -> dict[str, tuple[Passage, ...]]:
        every = tuple(suite.passages.values())
        return {
            e.id: tuple(p for p in every if e.id not in missed or p.source not in e.relevant)[
                : depth or suite.retrieval.k
            ]
            for e in examples
        }

    return retrieve


def shown(pair: TrainingPair, suite: Suite) -> list[str]:
    """Ids of the passages in a prompt, in their order."""
    text = pair.messages[-1]["content"]
    places = {i: text.find(passage.text) for i, passage in suite.passages.items()}
    return sorted((i for i, at in places.items() if at >= 0), key=places.__getitem__)


@pytest.mark.parametrize("absent", [0.0, 0.2, 0.5, 0.99])
def test_a_share_is_shown_no_relevant_passage_and_the_others_one(
    suite: Suite, store: Store, absent: float
) -> None:
    pairs = made(suite, store, absent=absent).pairs
    relevant = {e.id: e.relevant[0] for e in suite.examples}

    assert len(pairs) == 30
    assert sum(pair.absent for pair in pairs) == round(absent * 30)
    for pair in pairs:
        seen = shown(pair, suite)
        assert len(seen) == 3
        assert (relevant[pair.id] not in seen) == pair.absent


def test_the_order_is_shuffled_by_the_seed_and_hangs_on_the_question(
    suite: Suite, store: Store
) -> None:
    first = made(suite, store, absent=0.0)
    places = [
        shown(pair, suite).index(e.relevant[0])
        for pair, e in zip(first.pairs, suite.examples, strict=True)
    ]

    assert set(places) == {0, 1, 2}
    assert made(suite, store, absent=0.0) == first
    assert made(suite, store, absent=0.0, seed=1).pairs != first.pairs


def test_which_pairs_lack_it_does_not_hang_on_the_size(suite: Suite, store: Store) -> None:
    whole = made(suite, store, absent=0.4)
    small, large = (
        parted(whole, Recipe(form="distractors", size=n)).training.pairs for n in (10, 20)
    )

    assert small == large[:10]
    assert {p.id for p in whole.pairs if p.absent} != {
        p.id for p in made(suite, store, absent=0.4, seed=1).pairs if p.absent
    }


def test_what_retrieval_missed_takes_the_place_of_the_last(suite: Suite) -> None:
    retrieve = blind(["q5-0"])
    pairs = training_set(suite, Recipe(form="distractors", absent=0.0), retrieve).pairs
    (pair,) = (pair for pair in pairs if pair.id == "q5-0")

    assert set(shown(pair, suite)) == {"d0-p0", "d0-p1", "d5-p0"}


def test_of_a_line_in_parts_the_one_with_the_answer_is_shown(suite: Suite) -> None:
    (example,) = (e for e in suite.examples if e.id == "q5-0")
    texts = ("Of item 5x0 much is said.", f"Its code is {example.references[0]}.", "No more.")
    parts = {
        f"d5-p0:{i}": Passage(id=f"d5-p0:{i}", text=text, parent="d5-p0", document="demo 5")
        for i, text in enumerate(texts)
    }
    passages = {i: p for i, p in suite.passages.items() if i != "d5-p0"} | parts
    changed = replace(suite, passages=passages, examples=(example,))
    recipe = Recipe(form="distractors", absent=0.0)

    (pair,) = training_set(changed, recipe, blind(["q5-0"])).pairs

    assert "d5-p0:1" in shown(pair, changed)
    assert not {"d5-p0:0", "d5-p0:2"} & set(shown(pair, changed))


def test_a_withheld_passage_is_replaced_by_the_next_hits(suite: Suite) -> None:
    recipe = Recipe(form="distractors", absent=0.99)
    pairs = training_set(suite, recipe, blind()).pairs

    (first,) = (pair for pair in pairs if pair.id == "q0-1")
    assert first.absent
    assert set(shown(first, suite)) == {"d0-p0", "d0-p2", "d1-p0"}


def test_questions_that_name_no_passage_are_left_out_with_a_count(
    suite: Suite, store: Store
) -> None:
    first, *rest = suite.examples
    changed = replace(suite, examples=(replace(first, relevant=()), *rest))

    whole = made(changed, store)

    assert len(whole.pairs) == 29
    assert whole.notes == ("1 question that names no relevant passage is not taught",)


def test_distractors_need_a_corpus(suite: Suite, store: Store) -> None:
    with pytest.raises(InputError, match="put among those that are retrieved"):
        made(replace(suite, passages={}), store)


def test_without_a_sentence_absent_pairs_keep_the_answer(suite: Suite, store: Store) -> None:
    references = {e.id: e.references[0] for e in suite.examples}
    pairs = made(suite, store, absent=0.5).pairs

    assert all(pair.answer == references[pair.id] for pair in pairs)
    assert {pair.target for pair in pairs} == {"people"}


def unanswerable(suite: Suite) -> Suite:
    first, second, *rest = suite.examples
    return replace(
        suite,
        examples=(
            replace(first, answerable=False, references=(), relevant=()),
            replace(second, answerable=False, references=(), relevant=()),
            *rest,
        ),
    )


def test_abstaining_is_taught_where_no_passage_holds_the_answer(suite: Suite, store: Store) -> None:
    recipe = Recipe(form="distractors", absent=0.25, abstention=SILENCE)
    whole = training_set(unanswerable(suite), recipe, retrieving(Access(), store))

    declining = [pair for pair in whole.pairs if pair.answer == SILENCE]
    assert len(whole.pairs) == 30
    assert len(declining) == 2 + 7
    assert all(p.absent for p in declining if p.id not in ("q0-0", "q0-1"))
    assert {p.target for p in declining} == {"abstention"}
    assert len(shown(whole.pairs[0], suite)) == 3
    assert told(whole.pairs, recipe) == [
        "7 of 30 pairs shown no relevant passage",
        "9 of 30 pairs taught to abstain: 7 for want of a relevant passage, 2 as the question has "
        "no answer",
    ]


def test_retrieval_that_missed_teaches_to_abstain(suite: Suite) -> None:
    recipe = Recipe(form="retrieved", abstention=SILENCE)
    pairs = training_set(suite, recipe, blind()).pairs

    # The first three passages of the corpus are shown with every question.
    assert [pair.id for pair in pairs if pair.answer != SILENCE] == ["q0-0", "q0-1", "q0-2"]


def test_closed_book_abstains_from_unanswerable_questions_alone(suite: Suite, store: Store) -> None:
    pairs = made(unanswerable(suite), store, form="closed-book", abstention=SILENCE).pairs

    assert [pair.id for pair in pairs if pair.answer == SILENCE] == ["q0-0", "q0-1"]
    assert not any(pair.absent for pair in pairs)


def test_a_passage_that_the_window_takes_is_absent(suite: Suite) -> None:
    recipe = Recipe(form="gold", abstention=SILENCE)
    pairs = training_set(suite, recipe, blind(), lambda _: 0).pairs

    assert {pair.answer for pair in pairs} == {SILENCE}


def test_what_is_taught_counts_as_an_abstention(suite: Suite, store: Store) -> None:
    changed = unanswerable(suite)
    pairs = made(changed, store, abstention=SILENCE).pairs
    examples = {e.id: e for e in changed.examples}
    declining = [pair for pair in pairs if pair.target == "abstention"]

    assert all(abstains(pair.answer, examples[pair.id].question) for pair in declining)
    scores = ReferenceJudge().judge(
        [Case(example=changed.examples[0], answer=SILENCE, passages=())]
    )
    assert scores[0]["accuracy"].value == 1.0


def test_a_sentence_that_no_judge_takes_for_an_abstention_is_refused(
    suite: Suite, store: Store
) -> None:
    with pytest.raises(InputError, match=r"--abstention='Zanzibar': .* from 6 of 6 questions"):
        made(suite, store, abstention="Zanzibar")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    absent=st.floats(0, 0.999),
    seed=st.integers(0, 5),
    k=st.integers(1, 6),
    missed=st.sets(st.integers(0, 29)),
)
def test_every_pair_has_k_passages_and_a_relevant_one_unless_it_is_absent(
    suite: Suite, absent: float, seed: int, k: int, missed: set[int]
) -> None:
    changed = replace(suite, retrieval=replace(suite.retrieval, k=k))
    relevant = {e.id: e.relevant[0] for e in suite.examples}
    retrieve = blind([suite.examples[i].id for i in missed])
    recipe = Recipe(form="distractors", absent=absent, seed=seed)

    pairs = training_set(changed, recipe, retrieve).pairs

    assert sum(pair.absent for pair in pairs) == round(absent * 30)
    for pair in pairs:
        seen = shown(pair, suite)
        assert len(seen) == k
        assert (relevant[pair.id] in seen) != pair.absent


@pytest.mark.parametrize("absent", [-0.1, 1.0, float("nan")])
def test_a_share_out_of_range_is_refused(absent: float) -> None:
    with pytest.raises(ValueError, match=r"absent = .*: must be at least 0 and below 1"):
        Recipe(form="distractors", absent=absent)


# Taken before there were forms, targets and a mix besides these.
@pytest.mark.parametrize(
    ("recipe", "known"),
    [
        (Recipe(), "811938dfb892894d9460bfaf3392807c"),
        (Recipe(form="gold", seed=3, method="prompt"), "0c260be0449f11a2ee6c74880540267a"),
        (
            Recipe(form="retrieved", method="full", size=200),
            "b3f3bfc65517b83a3389993860e94d7d",
        ),
    ],
)
def test_a_recipe_of_before_keeps_its_fingerprint(recipe: Recipe, known: str) -> None:
    assert recipe.fingerprint == known
    assert replace(recipe, absent=0.5).fingerprint == known


@pytest.mark.parametrize(
    ("form", "known"),
    [
        ("closed-book", "45aa244f3c3cbf849fcbaa775c3eff99"),
        ("gold", "daeb51e9bbc77ed4935815a22ccf03d1"),
    ],
)
def test_pairs_of_before_keep_their_fingerprint(tmp_path: Path, form: str, known: str) -> None:
    Example(tmp_path).suite(documents=4, per_document=2)
    suite = load_suite(tmp_path / "suites" / "demo" / "suite.toml")

    assert training_set(suite, Recipe(form=form), blind()).fingerprint == known


def test_what_bears_on_a_recipe_changes_its_fingerprint() -> None:
    some = Recipe(form="distractors")

    assert some.fingerprint != replace(some, absent=0.1).fingerprint
    assert Recipe().fingerprint != Recipe(abstention=SILENCE).fingerprint
