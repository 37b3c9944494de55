"""Filled sheets joined to the answers of a run: what counts, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.calibration.filled_sheets import check_names, pair_labels, read_sheets
from pytest_ragft.calibration.key import key_text
from pytest_ragft.calibration.sheet import AnsweredPair, SheetRow, draw_sheet, sheet_text
from pytest_ragft.errors import InputError
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.records import Answer, PairLabels
from pytest_ragft.suite import Suite, applies
from tests.evaluation_parts import make_suite

Rate = Callable[[SheetRow], object]


class Labelling:
    """Two suites with answers, and sheets about them in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.suites = [make_suite("one", 20), make_suite("two", 20)]
        self.evaluation = Evaluation()
        for suite in self.suites:
            for name in ("baseline", "ft"):
                self.evaluation.answers[name, suite.name] = {
                    e.id: Answer(text=f"{e.id} by {name}", finish="stop") for e in suite.examples
                }

    def sheet(
        self,
        pairs: int = 40,
        *,
        seed: int = 1,
        suites: Sequence[Suite] | None = None,
        metric: str = "accuracy",
        name: str = "",
    ) -> list[SheetRow]:
        answers = self.evaluation.answers
        answered = [
            AnsweredPair(
                suite=suite.name,
                example=example,
                baseline=answers["baseline", suite.name][example.id].text,
                variant=answers["ft", suite.name][example.id].text,
            )
            for suite in suites or self.suites
            for example in suite.examples
            if applies(metric, example)
        ]
        rows, key = draw_sheet(answered, metric=metric, variant="ft", pairs=pairs, seed=seed)
        (self.folder / f"key{name}.jsonl").write_text(key_text(key))
        self.rows = rows
        return rows

    def fill(self, rate: Rate, name: str = "sheet.csv", rater: str | None = None) -> None:
        text = sheet_text(self.rows).removeprefix("\ufeff")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        for row, shown in zip(rows, self.rows, strict=True):
            value = rate(shown)
            row["label"] = "" if value is None else str(value)
            if rater:
                row["rater"] = rater
        with (self.folder / name).open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def read(self, *names: str):
        return read_sheets([self.folder / name for name in names or ("sheet.csv", "key.jsonl")])

    def join(self, *names: str, suites: Sequence[Suite] | None = None) -> PairLabels | None:
        return pair_labels(
            self.read(*names),
            metric="accuracy",
            variant="ft",
            suites=suites or self.suites,
            evaluation=self.evaluation,
        )


@pytest.fixture
def of(tmp_path: Path) -> Labelling:
    return Labelling(tmp_path)


def by_arm(row: SheetRow) -> float:
    return 1.0 if row.answer.endswith("baseline") else 0.25


def test_labels_find_their_sides(of: Labelling) -> None:
    of.sheet(pairs=30)
    of.fill(by_arm)
    found = of.join()
    assert found is not None
    assert len(found.pairs) == 30
    assert set(found.pairs.values()) == {(1.0, 0.25)}
    assert (found.raters, found.rater_alpha, found.incomplete) == (1, None, 0)


def test_the_draw_is_a_simple_random_sample(of: Labelling) -> None:
    """Every question is drawn equally often, whatever suite it is of."""
    counts: dict[tuple[str, str], int] = {}
    for seed in range(200):
        of.sheet(pairs=10, seed=seed)
        of.fill(by_arm)
        found = of.join()
        assert found is not None
        for pair in found.pairs:
            counts[pair] = counts.get(pair, 0) + 1
    assert len(counts) == 40
    assert min(counts.values()) > 25
    assert max(counts.values()) < 80


def test_one_answer_of_both_counts_for_both(of: Labelling) -> None:
    of.evaluation.answers["ft", "one"] = dict(of.evaluation.answers["baseline", "one"])
    rows = of.sheet()
    assert len(rows) == 20 + 2 * 20
    of.fill(lambda row: 0.5)
    found = of.join()
    assert found is not None
    assert len(found.pairs) == 40


def test_a_block_counts_when_every_row_is_filled_and_nothing_else_does(of: Labelling) -> None:
    rows = of.sheet(pairs=40)
    first, second = ({id_of(row) for row in rows if row.block == block} for block in (1, 2))
    assert (len(first), len(second), len(first | second)) == (20, 20, 40)
    last = rows[39]
    assert (last.block, rows[40].block) == (1, 2)
    for number in (40, 41, 79):
        done = {row.id for row in rows[:number]}
        of.fill(lambda row, done=done: 1.0 if row.id in done else None)
        found = of.join()
        assert found is not None
        assert len(found.pairs) == 20
        assert found.incomplete == 20
    of.fill(lambda row: None if row is last else 1.0)
    found = of.join()
    assert found is not None
    assert {id_of(row) for row in rows if row.block == 2} == set(found.pairs)


def test_without_a_whole_block_nothing_counts(of: Labelling) -> None:
    rows = of.sheet(pairs=40)
    of.fill(lambda row: None if row in (rows[3], rows[39], rows[70]) else 1.0)
    told = f"no block that is filled whole.*: 1 of 40 rows of block 2 .*{rows[70].id}"
    with pytest.raises(InputError, match=told):
        of.read()
    of.fill(lambda row: None)
    with pytest.raises(InputError, match="no block that is filled whole"):
        of.read()


def id_of(row: SheetRow) -> tuple[str, str]:
    return "one" if "of one" in row.example.question else "two", row.example.id


def test_who_cannot_say_has_filled_the_row_and_its_pair_is_missing(of: Labelling) -> None:
    rows = of.sheet(pairs=20)
    asked = id_of(rows[0])
    of.fill(lambda row: "?" if row is rows[0] else by_arm(row))
    found = of.join()
    assert found is not None
    assert len(found.pairs) == 19
    assert found.incomplete == 0
    known = (None, 0.25) if rows[0].answer.endswith("baseline") else (1.0, None)
    assert found.unsure == {asked: known}

    of.fill(lambda row: "?" if id_of(row) == asked else by_arm(row))
    found = of.join()
    assert found is not None
    assert found.unsure == {asked: (None, None)}


def test_another_rater_may_say_what_one_cannot(of: Labelling) -> None:
    rows = of.sheet(pairs=20)
    of.fill(lambda row: "?" if row is rows[0] else by_arm(row), "ann.csv")
    of.fill(lambda row: by_arm(row) if row is rows[0] else None, "bob.csv")
    found = of.join("ann.csv", "bob.csv", "key.jsonl")
    assert found is not None
    assert not found.unsure
    assert set(found.pairs.values()) == {(1.0, 0.25)}


def unblocked(of: Labelling) -> None:
    """The key as it was written before sheets had blocks."""
    path = of.folder / "key.jsonl"
    head, *rows = [json.loads(line) for line in path.read_text().splitlines()]
    head["schema"] = "pytest-ragft/label-key/1"
    for row in rows:
        del row["block"]
    path.write_text("".join(json.dumps(line) + "\n" for line in [head, *rows]))


def test_a_sheet_from_before_there_were_blocks_counts_whole_or_not_at_all(of: Labelling) -> None:
    rows = of.sheet(pairs=40)
    unblocked(of)
    of.fill(by_arm)
    found = of.join()
    assert found is not None
    assert len(found.pairs) == 40
    of.fill(lambda row: by_arm(row) if row in rows[:60] else None)
    with pytest.raises(InputError, match=r"from before sheets had blocks, and 20 of its 80 rows"):
        of.join()


def test_blocks_are_drawn_at_random(of: Labelling) -> None:
    """The first block is a simple random sample, whatever suite a question is of."""
    counts: dict[tuple[str, str], int] = {}
    for seed in range(200):
        for row in of.sheet(pairs=40, seed=seed):
            if row.block == 1 and row.answer.endswith("baseline"):
                counts[id_of(row)] = counts.get(id_of(row), 0) + 1
    assert len(counts) == 40
    assert 60 < min(counts.values()) <= max(counts.values()) < 140


def test_raters_are_averaged_and_their_agreement_measured(of: Labelling) -> None:
    of.sheet()
    of.fill(by_arm, "ann.csv")
    of.fill(lambda row: 0.5, "bob.csv")
    found = of.join("ann.csv", "bob.csv", "key.jsonl")
    assert found is not None
    assert set(found.pairs.values()) == {(0.75, 0.375)}
    assert found.raters == 2
    assert found.rater_alpha is not None
    assert found.rater_alpha < 0.3
    of.fill(by_arm, "bob.csv")
    again = of.join("ann.csv", "bob.csv", "key.jsonl")
    assert again is not None
    assert again.rater_alpha == 1.0


def test_two_sheets_add_up(of: Labelling) -> None:
    of.sheet(pairs=15, seed=1, name="1")
    of.fill(by_arm, "s1.csv")
    of.sheet(pairs=15, seed=2, name="2")
    of.fill(by_arm, "s2.csv")
    found = of.join("s1.csv", "key1.jsonl", "s2.csv", "key2.jsonl")
    assert found is not None
    assert 15 < len(found.pairs) < 30


def test_a_gate_over_less_gets_its_part_and_one_over_more_nothing(of: Labelling) -> None:
    of.sheet(pairs=30)
    of.fill(by_arm)
    part = of.join(suites=of.suites[:1])
    assert part is not None
    assert {suite for suite, _ in part.pairs} == {"one"}
    of.sheet(pairs=20, suites=of.suites[:1])
    of.fill(by_arm)
    assert of.join() is None
    assert of.join(suites=of.suites[:1]) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"question": "Another one?"},
        {"references": ("code-3", "code three")},
        {"facts": ("code-3",)},
        {"answerable": False, "references": (), "facts": (), "relevant": ()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_question_that_changed_is_stale(of: Labelling, change: dict) -> None:
    of.sheet()
    of.fill(by_arm)
    one, two = of.suites
    examples = [replace(e, **change) if e.id == "q3" else e for e in one.examples]
    of.suites = [replace(one, examples=tuple(examples)), two]
    with pytest.raises(InputError, match=r"2 of 80 labelled answers are stale.*one::q3"):
        of.join()


def test_an_answer_that_changed_is_stale(of: Labelling) -> None:
    of.sheet()
    of.fill(by_arm)
    of.evaluation.answers["ft", "two"]["q5"] = Answer(text="another", finish="stop")
    with pytest.raises(InputError, match=r"1 of 80 labelled answers are stale.*two::q5 of 'ft'"):
        of.join()


def test_an_answer_that_nobody_labelled_may_change(of: Labelling) -> None:
    rows = of.sheet()
    last = rows[-1]
    of.fill(lambda row: None if row is last else 1.0)
    suite, example_id = id_of(last)
    name = last.answer.rpartition(" ")[2]
    of.evaluation.answers[name, suite][example_id] = Answer(text="x", finish="stop")
    found = of.join()
    assert found is not None
    assert len(found.pairs) == 20


def test_questions_that_came_or_went(of: Labelling) -> None:
    of.sheet()
    of.fill(by_arm)
    for size in (19, 21):
        of.suites[0] = make_suite("one", size)
        with pytest.raises(InputError, match=f"drawn from 20 questions.*now has {size}"):
            of.join()


def test_another_rater_may_fill_the_gaps(of: Labelling) -> None:
    rows = of.sheet(pairs=20)
    skipped = {rows[4].id, rows[9].id}
    of.fill(lambda row: None if row.id in skipped else 1.0)
    with pytest.raises(InputError, match="2 of 40 rows of block 1 have no label"):
        of.read()
    of.fill(lambda row: 0.0 if row.id in skipped else None, "bob.csv")
    assert of.read("sheet.csv", "bob.csv", "key.jsonl")


@pytest.mark.parametrize(
    ("files", "told"),
    [(("sheet.csv",), "there is no key"), (("key.jsonl",), "there is no filled sheet")],
)
def test_sheet_and_key_belong_together(of: Labelling, files: tuple[str, ...], told: str) -> None:
    of.sheet()
    of.fill(by_arm)
    with pytest.raises(InputError, match=told):
        of.read(*files)
    assert read_sheets([]) == ()


def test_ids_that_no_key_has(of: Labelling) -> None:
    of.sheet(pairs=10, seed=1, name="1")
    of.fill(by_arm, "s1.csv")
    of.sheet(pairs=10, seed=2, name="2")
    with pytest.raises(InputError, match="20 of 20 labelled rows have an id that is in no key"):
        of.read("s1.csv", "key2.jsonl")


def test_a_rater_labels_once(of: Labelling) -> None:
    of.sheet()
    of.fill(by_arm, "s1.csv", rater="ann")
    of.fill(by_arm, "s2.csv", rater="ann")
    with pytest.raises(InputError, match="'ann' has labelled"):
        of.read("s1.csv", "s2.csv", "key.jsonl")


def test_a_damaged_key(of: Labelling) -> None:
    of.sheet()
    of.fill(by_arm)
    path = of.folder / "key.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    moved = lines[5].replace('"block": 1', '"block": 2')
    assert moved != lines[5]
    for damaged in (
        lines[:-1],
        [*lines, lines[-1]],
        [lines[0], "[1]\n"],
        [lines[0][:80] + "\n"],
        [*lines[:5], moved, *lines[6:]],
        [line.replace('"block": ', '"block": -') for line in lines],
    ):
        path.write_text("".join(damaged))
        with pytest.raises(InputError, match=r"key\.jsonl"):
            of.read()


def test_other_variants_and_suites(of: Labelling) -> None:
    of.sheet()
    of.fill(by_arm)
    sheets = of.read()
    check_names(sheets, ["other", "ft"], ["one"])
    with pytest.raises(InputError, match="about the variant 'ft', this run's are 'other'"):
        check_names(sheets, ["other"], ["one"])
    with pytest.raises(InputError, match="about the suites 'one', 'two', this run's are 'three'"):
        check_names(sheets, ["ft"], ["three"])


def test_completeness_is_not_asked_of_unanswerable_questions(of: Labelling) -> None:
    one = of.suites[0]
    examples = [replace(e, answerable=i > 4) for i, e in enumerate(one.examples)]
    of.suites[0] = replace(one, examples=tuple(examples))
    with pytest.raises(InputError, match="completeness applies to 35 questions"):
        of.sheet(pairs=36, metric="completeness")
    of.sheet(pairs=35, metric="completeness")
    of.fill(by_arm)
    (sheet,) = of.read()
    assert sheet.key.population["one"].questions == 15
    assert of.join() is None, "no labels of accuracy"
