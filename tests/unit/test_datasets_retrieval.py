"""BEIR folders and TREC's files, as other tools of the field write and read them."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import ir_measures
import pytest
from ir_measures import nDCG

from pytest_ragft.datasets.formats.opening import read_set
from pytest_ragft.datasets.trec import read_qrels, read_run, read_topics
from pytest_ragft.errors import SuiteError
from pytest_ragft.suite import load_suite

CORPUS = [
    {"_id": "d1", "title": "Dome", "text": "The dome has 52 ribs.", "metadata": {}},
    {"_id": "d2", "title": None, "text": "", "metadata": {"url": "x"}},
    {"_id": "d3", "title": "", "text": "Three tons.", "pubmed_id": 3},
]
QUERIES = [
    {"_id": "q1", "text": "How many ribs?", "metadata": {"answers": ["52"]}},
    {"_id": "q2", "text": "How heavy?", "metadata": {}},
    {"_id": "q3", "text": "Not judged?", "metadata": {}},
]


def beir(folder: Path) -> Path:
    """As BEIR's documentation says, and as its data sets are packed."""
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    for split, rows in {
        "test": [("q1", "d1", 2), ("q1", "d3", 0), ("q2", "d3", 1)],
        "train": [("q3", "d1", 1)],
    }.items():
        with (folder / "qrels" / f"{split}.tsv").open("w", newline="") as stream:
            writer = csv.writer(stream, delimiter="\t")
            writer.writerows([("query-id", "corpus-id", "score"), *rows])
    return folder


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_beir_folder(tmp_path: Path) -> None:
    beir(tmp_path / "test" / "dome")
    toml = tmp_path / "test" / "suite.toml"
    toml.write_text(
        '[suite]\nname = "dome"\nformat = "beir"\npath = "dome"\n[suite.reader]\nsplit = "test"'
    )

    suite = load_suite(toml)

    assert list(suite.passages) == ["d1", "d2", "d3"]
    assert (suite.passages["d2"].title, suite.passages["d2"].text) == ("", "")
    assert [(e.id, e.relevant, e.references) for e in suite.examples] == [
        ("q1", ("d1",), ()),
        ("q2", ("d3",), ()),
    ]
    assert suite.notes == ("queries without judgments of relevance, left out: 1 (q3)",)


def test_references_in_the_metadata_of_queries(tmp_path: Path) -> None:
    options = {"split": "test", "columns": {"references": "metadata.answers"}}

    found = read_set("beir", files(beir(tmp_path)), options)

    assert [(e.id, e.references) for e in found.examples] == [("q1", ("52",))]
    assert found.notes[1].startswith("queries without a reference answer, left out, since others")


def test_the_least_grade_of_a_relevant_passage(tmp_path: Path) -> None:
    found = read_set("beir", files(beir(tmp_path)), {"split": "test", "least_grade": 2})

    assert [example.relevant for example in found.examples] == [("d1",), ()]


def test_a_corpus_is_not_read_before_it_is_asked_for(tmp_path: Path) -> None:
    folder = beir(tmp_path)
    (folder / "corpus.jsonl").write_text("no JSON")

    found = read_set("beir", files(folder), {"split": "test"})

    with pytest.raises(SuiteError, match=r"corpus\.jsonl, line 1, column 1: not JSON"):
        len(found.passages)


def test_packed_beir_files_with_crlf(tmp_path: Path) -> None:
    folder = beir(tmp_path / "plain")
    packed = tmp_path / "packed"
    packed.mkdir()
    for file in files(folder):
        data = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        (packed / f"{file.name}.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + data))

    one, other = (read_set("beir", files(at), {"split": "test"}) for at in (folder, packed))

    assert one.examples == other.examples
    assert list(one.passages) == list(other.passages)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda at: None, ["the files are of several splits (test, train); choose one"]),
        (lambda at: (at / "qrels/train.tsv").write_text("q1\td1\tx\ty\tz"), ["several splits"]),
        (lambda at: (at / "queries.jsonl").unlink(), ["no queries.jsonl is among the files"]),
        (lambda at: (at / "more.jsonl").touch(), ["more.jsonl: is no corpus.jsonl, queries"]),
    ],
)
def test_folders_that_are_no_beir(tmp_path: Path, change, parts: list[str]) -> None:
    change(beir(tmp_path))
    with pytest.raises(SuiteError) as caught:
        read_set("beir", files(tmp_path), {})
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\n", "line 2: 'q1\\td1' is no"),
        ("qrels/test.tsv", "q1\td1\t1\nq1\td1\t2\n", "line 2: document 'd1' has two grades"),
        ("qrels/test.tsv", "\td1\t1\n", "line 1: '\\td1\\t1' lacks an id"),
        ("queries.jsonl", '{"_id": "q1"}\n', "queries.jsonl: no column 'text'"),
        ("queries.jsonl", '{"_id": "q1", "text": "a"}\n{"_id": "q1", "text": "b"}\n',
         "line 2: the id 'q1' is already that of another question"),
        ("corpus.jsonl", '{"_id": "d1", "text": 3}\n', "corpus.jsonl, line 1: text = 3"),
        ("corpus.jsonl", '{"_id": "d1", "text": "' + "x" * 5_000_000, "corpus.jsonl, line 1, col"),
        ("corpus.jsonl", '{"_id": "d9", "text": "a"}\n', "'q1': relevant = 'd1': no passage of"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_line(
    tmp_path: Path, name: str, content: str, part: str
) -> None:
    (beir(tmp_path / "dome") / name).write_text(content)
    toml = tmp_path / "suite.toml"
    toml.write_text(
        '[suite]\nname = "dome"\nformat = "beir"\npath = "dome"\n[suite.reader]\nsplit = "test"'
    )

    with pytest.raises(SuiteError) as caught:
        load_suite(toml)

    assert part in str(caught.value)
    assert len(str(caught.value)) < 500


QRELS = "301 0 FT-1 1\n301 0 FT-2 0\n302 0 FT-3 2\n302 0 FT-1 -1\n"
TAGGED = """<top>
<num> Number: 301
<title> International Organized   Crime

<desc> Description:
Identify organizations that take part.
</top>
<top><num>302</num><title>Polio &amp; after</title><desc>Is it gone?</desc></top>
"""


def test_topics_and_judgments_of_trec(tmp_path: Path) -> None:
    (tmp_path / "qrels.txt").write_text(QRELS)
    (tmp_path / "topics.txt").write_text(TAGGED)
    (tmp_path / "corpus.jsonl").write_text(
        "".join(json.dumps({"_id": f"FT-{i}", "text": "words"}) + "\n" for i in (1, 2, 3))
    )
    toml = tmp_path / "suite.toml"
    toml.write_text(
        '[suite]\nname = "robust"\nformat = "trec"\npath = ["topics.txt", "qrels.txt"]\n'
        'corpus = "corpus.jsonl"\n'
    )

    suite = load_suite(toml)

    assert [(e.id, e.question, e.relevant) for e in suite.examples] == [
        ("301", "International Organized Crime", ("FT-1",)),
        ("302", "Polio & after", ("FT-3",)),
    ]
    assert read_topics(tmp_path / "topics.txt", "desc") == {
        "301": "Identify organizations that take part.",
        "302": "Is it gone?",
    }


def test_topics_with_tabs_and_in_xml(tmp_path: Path) -> None:
    tabs, xml = tmp_path / "topics.tsv", tmp_path / "topics.xml"
    tabs.write_text("1\twhat is 5\r\n2\tsecond\r\n")
    xml.write_text('<topics><topic number="1"><query>what is 5</query></topic></topics>')

    assert read_topics(tabs) == {"1": "what is 5", "2": "second"}
    assert read_topics(xml, "query") == {"1": "what is 5"}
    (tmp_path / "qrels").write_text("1 0 d 1\n")
    found = read_set("trec", [tabs, tmp_path / "qrels"], {})
    assert [example.question for example in found.examples] == ["what is 5"]
    assert found.notes == ("queries without judgments of relevance, left out: 1 (2)",)


def test_judgments_and_runs_are_read_as_ir_measures_reads_them(tmp_path: Path) -> None:
    import numpy as np

    rng = np.random.default_rng(3)
    judged, ranked = [], []
    for query in range(20):
        for document in rng.permutation(50)[:30]:
            judged.append(f"q{query} 0 d{document} {rng.integers(-1, 4)}")
            score = round(float(rng.normal()), 1)  # with ties
            ranked.append(f"q{query}\tQ0 d{document} {rng.integers(99)} {score} tag")
    qrels, run = tmp_path / "qrels", tmp_path / "run"
    qrels.write_text("\n".join(judged))
    run.write_text("\n".join(ranked) + "\n")

    ours = read_run(run)
    theirs = list(ir_measures.read_trec_run(str(run)))
    grades = {(q.query_id, q.doc_id): q.relevance for q in ir_measures.read_trec_qrels(str(qrels))}

    assert {(q, d): g for q, of in read_qrels(qrels).items() for d, g in of.items()} == grades
    assert {(q, d): s for q, of in ours.items() for d, s in of} == {
        (hit.query_id, hit.doc_id): hit.score for hit in theirs
    }
    # Distinct scores by our order give what trec_eval makes of the ties.
    ordered = {q: {d: -i for i, (d, _) in enumerate(of)} for q, of in ours.items()}
    wanted = ir_measures.calc_aggregate([nDCG @ 5], ir_measures.read_trec_qrels(str(qrels)), theirs)
    assert ir_measures.calc_aggregate(
        [nDCG @ 5], ir_measures.read_trec_qrels(str(qrels)), ordered
    ) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("301 Q0 FT-1 1", "run, line 2: '301 Q0 FT-1 1' is no line of a run"),
        ("301 Q0 FT-1 1 nan tag", "run, line 2: '301 Q0 FT-1 1 nan tag' is no line of a run"),
        ("301 Q0 FT-0 1 0.5 tag", "line 2: document 'FT-0' stands twice for query '301'"),
    ],
)
def test_runs_that_are_wrong(tmp_path: Path, line: str, part: str) -> None:
    (tmp_path / "run").write_text(f"301 Q0 FT-0 1 2.5 tag\n{line}\n")
    with pytest.raises(SuiteError) as caught:
        read_run(tmp_path / "run")
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("topics", "part"),
    [
        ("1 no tab\n", "topics, line 1: is no topic, which has an id and a title"),
        ("1\ta\n1\tb\n", "topics, line 2: the topic '1' stands twice"),
        ("<top><num>1</num></top>", "topics, line 1: is no topic"),
    ],
)
def test_topics_that_are_wrong(tmp_path: Path, topics: str, part: str) -> None:
    (tmp_path / "topics").write_text(topics)
    (tmp_path / "qrels").write_text(QRELS)
    with pytest.raises(SuiteError) as caught:
        read_set("trec", [tmp_path / "topics", tmp_path / "qrels"], {})
    assert part in str(caught.value)
    (tmp_path / "topics").write_text("1\ta\n")
    with pytest.raises(SuiteError, match="no file with judgments"):
        read_set("trec", [tmp_path / "topics"], {})


def test_two_files_that_judge_a_passage_differently_are_a_mistake(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("topics.txt", "a.qrels", "b.qrels")]
    for file, text in zip(files, ("1\tHow many ribs?\n", "1 0 d1 1\n", "1 0 d1 0\n"), strict=True):
        file.write_text(text)

    with pytest.raises(
        SuiteError, match=r"b\.qrels: document 'd1' has another grade for query '1'"
    ):
        read_set("trec", files, {})
