"""Published sets as they stand in ``RAGFT_DATA``: what readers give equals a direct count.

The counts are made here by plain loops over the files, apart from any code of the readers.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.datasets.formats.port import QuestionSet
from pytest_ragft.suite import load_suite
from pytest_ragft.suite.opening import Access, open_retriever
from pytest_ragft.suite.schema import Suite
from pytest_ragft.suite.sources import read_places

DATA = Path(os.environ.get("RAGFT_DATA", ""))
pytestmark = pytest.mark.skipif(
    not os.environ.get("RAGFT_DATA"), reason="RAGFT_DATA names no folder with published sets"
)

PLACES = {
    "bioasq": "bioasq/golden/*.json",
    "nq-oracle": "nq_open_oracle/qa_data/nq-open-oracle.jsonl.gz",
    "nq-open": "nq_open_oracle/qa_data/nq-open-oracle.jsonl.gz",
    "clapnq": "clapnq_dev/annotated_data/dev",
    "qasper": "qasper_sample10/qasper-original-sample.json",
    "tatqa": "tatqa_dev/tatqa_dataset_dev.json",
    "kqa": "kqa/dataset/questions_w_answers.jsonl",
    "financebench": "financebench_half/answers.jsonl",
}


def read(form: str, options: Mapping[str, object] | None = None) -> QuestionSet:
    """The set of a form; skipped where the folder lacks it."""
    files = sorted(DATA.glob(PLACES[form]))
    if not files:
        pytest.skip(f"RAGFT_DATA holds no {PLACES[form]}")
    return read_places(form, [str(file) for file in files], options or {}, folder=DATA)


def lines(form: str) -> Iterator[Any]:
    """The objects of JSONL files, plain or gzip."""
    for file in sorted(DATA.glob(PLACES[form])):
        for path in sorted(file.iterdir()) if file.is_dir() else [file]:
            data = path.read_bytes()
            text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
            yield from (json.loads(line) for line in text.split("\n") if line.strip())


def test_bioasq() -> None:
    found = read("bioasq")
    rows = [
        row
        for file in sorted(DATA.glob(PLACES["bioasq"]))
        for row in json.loads(file.read_text(encoding="utf-8"))["questions"]
    ]
    snippets = [
        (snippet["document"].rsplit("/", 1)[1], snippet["text"])
        for row in rows
        for snippet in row["snippets"]
    ]

    assert len(found.examples) == len(rows)
    assert [e.id for e in found.examples] == [row["id"] for row in rows]
    assert Counter(e.type for e in found.examples) == Counter(row["type"] for row in rows)
    assert all(e.answerable for e in found.examples)
    assert {(p.document, p.text) for p in found.passages} == set(snippets)
    assert len(found.passages) == len(set(snippets))
    pairs = 0
    for example, row in zip(found.examples, rows, strict=True):
        own = {(s["document"].rsplit("/", 1)[1], s["text"]) for s in row["snippets"]}
        assert len(example.relevant) == len(own)
        pairs += len(own)
        if row["type"] != "yesno":
            assert set(map(str.strip, row["ideal_answer"])) <= set(example.references)
        if row["type"] == "factoid":
            assert {n.strip(" ,;") for i in row["exact_answer"] for n in i if n} <= set(
                example.references
            )
        if row["type"] == "list" and all(len(item) == 1 for item in row["exact_answer"]):
            items = dict.fromkeys(item[0].strip(" ,;") for item in row["exact_answer"])
            assert example.facts == tuple(items)
        if row["type"] == "yesno":
            said = row["exact_answer"].lower()
            assert example.facts == (said,)
            assert all(text.lower().lstrip("\"' ").startswith(said) for text in example.references)
    assert sum(len(e.relevant) for e in found.examples) == pairs


def test_bioasq_clusters_are_questions_that_share_abstracts() -> None:
    found = read("bioasq")
    documents = {p.id: p.document for p in found.passages}
    groups: list[tuple[set[str], set[str | None]]] = []
    for example in found.examples:
        ids, cited = {example.id}, {documents[p] for p in example.relevant}
        for group in [group for group in groups if group[1] & cited]:
            groups.remove(group)
            ids |= group[0]
            cited |= group[1]
        groups.append((ids, cited))
    named = {e.id: e.document for e in found.examples}

    assert len({e.document for e in found.examples}) == len(groups)
    for ids, cited in groups:
        assert len({named[name] for name in ids}) == 1
        assert named[next(iter(ids))] in cited


@pytest.mark.parametrize("form", ["nq-oracle", "nq-open"])
def test_natural_questions(form: str) -> None:
    found, rows = read(form), list(lines(form))

    assert len(found.examples) == len(rows)
    assert sum(len(e.references) for e in found.examples) == sum(
        len(set(row["answers"])) for row in rows
    )
    for example, row in zip(found.examples, rows, strict=True):
        assert example.question == row["question"]
        assert set(example.references) == set(row["answers"])
    if form == "nq-open":
        assert not found.passages
        return
    assert len(found.passages) == len({(c["title"], c["text"]) for r in rows for c in r["ctxs"]})
    texts = {p.id: p.text for p in found.passages}
    for example, row in zip(found.examples, rows, strict=True):
        assert [texts[p] for p in example.relevant] == [
            c["text"] for c in row["ctxs"] if c["isgold"]
        ]
        assert example.document == row["ctxs"][0]["title"]


def test_clapnq() -> None:
    found, rows = read("clapnq"), list(lines("clapnq"))
    answers = [
        {o["answer"].strip() for o in row["output"] if o["answer"].strip() not in ("", "NA", ".")}
        for row in rows
    ]

    assert len(found.examples) == len(rows)
    assert sum(not e.answerable for e in found.examples) == sum(not own for own in answers)
    assert [set(e.references) for e in found.examples] == answers
    assert len(found.passages) == len(
        {(p["title"].strip(), p["text"]) for row in rows for p in row["passages"]}
    )
    assert sum(len(e.relevant) for e in found.examples) == sum(
        len(row["passages"]) for row, own in zip(rows, answers, strict=True) if own
    )


def test_qasper() -> None:
    found = read("qasper")
    text = (DATA / PLACES["qasper"]).read_text(encoding="utf-8")
    papers = json.loads("[" + re.sub(r"(?m)^\s*\}\s*\{", "},{", text.strip()) + "]")
    asked = [
        (paper, question, [a for a in answers["answer"]])
        for paper in papers
        for question, answers in zip(paper["qas"]["question"], paper["qas"]["answers"], strict=True)
    ]
    paragraphs = [
        (paper["id"], part.strip())
        for paper in papers
        for section in [
            [paper["abstract"]],
            *paper["full_text"]["paragraphs"],
            paper["figures_and_tables"]["caption"],
        ]
        for part in section
        if part.strip()
    ]
    most = [sum(a["unanswerable"] for a in own) > len(own) / 2 for _, _, own in asked]
    evidence = [any(a["evidence"] for a in own if not a["unanswerable"]) for _, _, own in asked]

    assert [e.question for e in found.examples] == [question for _, question, _ in asked]
    assert [not e.answerable for e in found.examples] == most
    assert [e.document for e in found.examples] == [paper["id"] for paper, _, _ in asked]
    assert Counter((p.document, p.text) for p in found.passages).keys() == set(paragraphs)
    assert [bool(e.relevant) for e in found.examples] == [
        has and not none for has, none in zip(evidence, most, strict=True)
    ]
    kinds = {"extractive": 0, "abstractive": 0, "yes-no": 0}
    for (_, _, own), none in zip(asked, most, strict=True):
        answered = [a for a in own if not a["unanswerable"] and not none]
        kinds["yes-no"] += any(a["yes_no"] is not None for a in answered)
        kinds["extractive"] += any(a["extractive_spans"] for a in answered)
        kinds["abstractive"] += any(a["free_form_answer"] for a in answered)
    assert {kind: sum(kind in e.tags for e in found.examples) for kind in kinds} == kinds
    assert not any("stand in no passage" in note for note in found.notes)


def test_tatqa() -> None:
    found = read("tatqa")
    contexts = json.loads((DATA / PLACES["tatqa"]).read_text(encoding="utf-8"))
    asked = [(context, row) for context in contexts for row in context["questions"]]

    assert [e.id for e in found.examples] == [row["uid"] for _, row in asked]
    assert len(found.passages) == sum(1 + len(context["paragraphs"]) for context in contexts)
    assert len({e.document for e in found.examples}) == len(contexts)
    paragraphs = sum(len(row["rel_paragraphs"]) for _, row in asked)
    tables = sum(row["answer_from"] in ("table", "table-text") for _, row in asked)
    assert sum(len(e.relevant) for e in found.examples) == paragraphs + tables
    texts = {p.id: p.text for p in found.passages}
    for example, (context, row) in zip(found.examples, asked, strict=True):
        cells = [c for line in context["table"]["table"] for c in line if c.strip()]
        assert all(" ".join(c.split()) in texts[context["table"]["uid"]] for c in cells)
        given = row["answer"] if isinstance(row["answer"], list) else [row["answer"]]
        assert all(str(part).strip() in example.references[0] for part in given)
        parts = {str(part).strip() for part in given} - {""}
        assert len(example.facts) == (len(parts) if len(given) > 1 else 0)
        if row["scale"] in ("thousand", "million", "billion") and row["answer_type"] != "span":
            assert example.references[0].count(row["scale"]) >= 1


def test_kqa() -> None:
    found, rows = read("kqa"), list(lines("kqa"))

    assert [e.question for e in found.examples] == [row["Question"].strip() for row in rows]
    assert [e.references for e in found.examples] == [
        (row["Free_form_answer"].strip(),) for row in rows
    ]
    given = sum(len(row["Must_have"]) for row in rows)
    blank = sum(not text.strip() for row in rows for text in row["Must_have"])
    twice = sum(
        len(own) - len(set(own))
        for row in rows
        for own in [[text.strip() for text in row["Must_have"] if text.strip()]]
    )
    assert sum(len(e.facts) for e in found.examples) == given - blank - twice
    assert any(f"left out: {blank} (" in note for note in found.notes)


def test_financebench() -> None:
    found, rows = read("financebench"), list(lines("financebench"))
    first = {row["id"]: row for row in reversed(rows)}

    assert {e.id for e in found.examples} == set(first)
    for example in found.examples:
        row = first[example.id]
        assert example.question == row["question"].strip()
        assert set(example.references) == {text.strip() for text in row["references"]}
        assert (example.document, example.tags) == (row["document"], (row["question_type"],))
    assert any(f"{len(rows):,} (" in note for note in found.notes)


@pytest.mark.parametrize("form", PLACES)
def test_ids_and_order_are_the_same_each_time(form: str) -> None:
    assert read(form) == read(form)


FOUND = {
    "bioasq": 0.85, "nq-oracle": 0.9, "clapnq": 0.9, "qasper": 0.25, "tatqa": 0.6
}  # fmt: skip
"""Share of questions for which BM25 has a relevant passage among five of the pooled corpus: far
less where `relevant` names wrong ones. Qasper's questions do not say which paper they mean."""


@pytest.mark.parametrize("form", FOUND)
def test_a_suite_of_the_files_finds_what_it_calls_relevant(form: str, tmp_path: Path) -> None:
    suite = suite_of(form, tmp_path)
    asked = [e for e in suite.examples if e.relevant]

    with closing(open_retriever(suite, Access())) as retriever:
        hits = retriever.retrieve([e.question for e in asked], 5)

    met = [
        bool({hit.passage_id for hit in ranked} & set(example.relevant))
        for example, ranked in zip(asked, hits, strict=True)
    ]
    assert sum(met) / len(met) >= FOUND[form]


def suite_of(form: str, folder: Path) -> Suite:
    if not list(DATA.glob(PLACES[form])):
        pytest.skip(f"RAGFT_DATA holds no {PLACES[form]}")
    file = folder / "suite.toml"
    path = json.dumps(str(DATA / PLACES[form]))
    file.write_text(f'[suite]\nname = "published"\nformat = "{form}"\npath = {path}\n')
    return load_suite(file)
