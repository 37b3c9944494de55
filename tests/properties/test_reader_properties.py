"""What is written in a form is read back: as tables, and by `ragft convert`."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_ragft.datasets import jsonl
from pytest_ragft.datasets.formats.collecting import question_id
from pytest_ragft.datasets.formats.opening import read_set
from pytest_ragft.datasets.jsonl import is_question_id
from pytest_ragft.drafting.folder import SuiteFolder
from pytest_ragft.records import Passage, QAExample
from pytest_ragft.suite import load_suite

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30
).filter(lambda text: text.strip())
PLAIN = TEXT.map(str.strip)
IDS = st.text("abcxyz019_.~", min_size=1, max_size=8)
TYPES = st.sampled_from([None, "factoid", "yesno", "list", "number", "date", "summary"])
TUPLES = st.lists(PLAIN, max_size=3, unique=True).map(tuple)


@st.composite
def examples(draw: st.DrawFn) -> tuple[QAExample, ...]:
    made = []
    for name in draw(st.lists(IDS, min_size=1, max_size=6, unique=True)):
        answerable = draw(st.booleans())
        references = draw(st.lists(PLAIN, min_size=1, max_size=3, unique=True))
        made.append(
            QAExample(
                id=name,
                question=draw(PLAIN),
                references=tuple(references) if answerable else (),
                facts=draw(TUPLES) if answerable else (),
                document=draw(st.none() | PLAIN),
                answerable=answerable,
                type=draw(TYPES),
                tags=draw(TUPLES),
            )
        )
    return tuple(made)


def rows_of(made: tuple[QAExample, ...], listed: Callable[[tuple[str, ...]], object]) -> list[dict]:
    return [
        {
            "id": e.id,
            "question": e.question,
            "references": listed(e.references),
            "facts": listed(e.facts),
            "document": e.document,
            "answerable": e.answerable,
            "type": e.type,
            "tags": listed(e.tags),
        }
        for e in made
    ]


@settings(max_examples=60, deadline=None)
@given(examples())
def test_questions_survive_every_form_of_table(made: tuple[QAExample, ...]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as at:
        folder = Path(at)
        rows = rows_of(made, list)
        (folder / "l").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        (folder / "a").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        pq.write_table(pa.Table.from_pylist(rows), folder / "p")
        with (folder / "c").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows_of(made, lambda texts: json.dumps(list(texts))))

        for name, form in {"l": "jsonl", "a": "json", "p": "parquet", "c": "csv"}.items():
            assert read_set(form, [folder / name], {}).examples == made


@settings(max_examples=60, deadline=None)
@given(examples(), st.dictionaries(PLAIN, st.tuples(PLAIN | st.just(""), PLAIN), min_size=1))
def test_a_written_suite_is_read_back(
    made: tuple[QAExample, ...], corpus: dict[str, tuple[str, str]]
) -> None:
    passages = tuple(
        Passage(id=name, title=title, text=text) for name, (title, text) in corpus.items()
    )
    with tempfile.TemporaryDirectory() as at:
        SuiteFolder(Path(at) / "made", "ragft convert").write_suite(made, passages)
        suite = load_suite(Path(at) / "made" / "suite.toml")

    assert tuple(suite.passages.values()) == passages
    found = {example.id for ids in suite.cleaned.values() for example in made if example.id in ids}
    assert [e for e in suite.examples if e.id not in found] == [
        e for e in made if e.id not in found
    ]


@given(st.text(min_size=1), st.text(min_size=1))
def test_ids_of_makers_become_valid_and_stay_apart(one: str, other: str) -> None:
    made = question_id(one), question_id(other)

    assert all(map(is_question_id, made))
    assert (made[0] == made[1]) == (one == other)


ANYTHING = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.just("\ud800"))


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["_id", "text", "title", "document", "url"]), ANYTHING),
        max_size=4,
    ),
    st.sampled_from(["\n", "\r\n", "\n\n", "\n\ufeff", " \n"]),
    st.booleans(),
)
def test_a_corpus_is_the_same_with_and_without_the_short_way(
    rows: list[dict], end: str, others: bool
) -> None:
    text = "".join(json.dumps(row) + end for row in rows)

    short = jsonl._plain_passages(text, others=others)

    if short is not None:
        parse = partial(jsonl._passage, others=others)
        assert jsonl._read(text, Path("corpus.jsonl"), parse, "passage") == short
