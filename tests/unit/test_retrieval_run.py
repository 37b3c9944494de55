"""A run file in place of a search."""

from __future__ import annotations

import json
from pathlib import Path

import ir_measures
import pytest
from ir_measures import RR, R, nDCG

from pytest_ragft.errors import RetrievalError, SuiteError
from pytest_ragft.records import Hit
from pytest_ragft.retrieval.metrics import mean_metrics
from pytest_ragft.suite import Suite, load_suite
from pytest_ragft.suite.opening import Access, open_retriever

RUN = "q1 Q0 d2 1 3.5 other\nq1 Q0 d1 2 4.5 other\nq1 Q0 d3 3 0.5 other\nq2 Q0 d3 1 1 other\n"


def suite(
    folder: Path, run: str = RUN, toml: str = 'run = "other.run"', second: str = "B?"
) -> Suite:
    questions = [("q1", "A?"), ("q2", second), ("q3", "C?")]
    (folder / "questions.jsonl").write_text(
        "\n".join(
            json.dumps({"id": i, "question": q, "references": ["a"], "relevant": ["d1"]})
            for i, q in questions
        )
    )
    corpus = "\n".join(json.dumps({"_id": f"d{i}", "text": f"text {i}"}) for i in (1, 2, 3))
    (folder / "corpus.jsonl").write_text(corpus)
    (folder / "other.run").write_text(run)
    (folder / "suite.toml").write_text(
        '[suite]\nname = "s"\nquestions = "questions.jsonl"\ncorpus = "corpus.jsonl"\n'
        f"[retrieval]\n{toml}\n"
    )
    return load_suite(folder / "suite.toml")


def test_its_hits_are_those_of_the_other_system(tmp_path: Path) -> None:
    of = suite(tmp_path)
    retriever = open_retriever(of, Access())

    found = retriever.retrieve(["A?", "B?", "C?"], 2)

    assert found[0] == (Hit(passage_id="d1", score=4.5), Hit(passage_id="d2", score=3.5))
    assert [len(hits) for hits in found] == [2, 1, 0]
    assert retriever.passages(["d1"])["d1"].text == "text 1"
    assert retriever.description == "run other.run"
    assert retriever.notes == ("other.run holds no hits for 1 of 3 questions",)


def test_metrics_are_those_of_ir_measures(tmp_path: Path) -> None:
    of = suite(tmp_path)
    hits = open_retriever(of, Access()).retrieve([e.question for e in of.examples], 5)
    qrels = [ir_measures.Qrel(e.id, "d1", 1) for e in of.examples]
    measures = [nDCG @ 5, R @ 5, RR @ 5]

    theirs = ir_measures.calc_aggregate(
        measures, qrels, ir_measures.read_trec_run(str(tmp_path / "other.run"))
    )

    ours = mean_metrics(of.examples, hits, 5)
    assert [ours["ndcg@5"], ours["recall@5"], ours["mrr"]] == pytest.approx(
        [theirs[measure] for measure in measures]
    )


def test_other_hits_have_another_fingerprint(tmp_path: Path) -> None:
    before = open_retriever(suite(tmp_path), Access()).fingerprint
    spaced = RUN.replace(" ", "\t").replace("other\n", "tag\n")

    assert open_retriever(suite(tmp_path, spaced), Access()).fingerprint == before
    for run in (RUN.replace("4.5", "4.6"), RUN.replace("q2 Q0 d3", "q2 Q0 d2")):
        assert open_retriever(suite(tmp_path, run), Access()).fingerprint != before


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("x Q0 d1 1 1 t\n", "holds hits for none of the 3 questions, such as 'q1'"),
        ("q1 Q0 d9 1 1 t\n", "the document 'd9' is no passage of the corpus"),
        ("q1 Q0 d1 1\n", "other.run, line 1: 'q1 Q0 d1 1' is no line of a run"),
        ("", "other.run: holds no line of a run"),
    ],
)
def test_runs_that_do_not_fit_are_found_before_any_work(
    tmp_path: Path, run: str, said: str
) -> None:
    with pytest.raises(RetrievalError) as caught:
        open_retriever(suite(tmp_path, run), Access())
    assert said in str(caught.value)


def test_questions_of_one_text_and_other_queries(tmp_path: Path) -> None:
    with pytest.raises(RetrievalError, match="'q2' has the text of another one"):
        open_retriever(suite(tmp_path, second="A?"), Access())
    with pytest.raises(RetrievalError, match=r"'Other\?' is none of them"):
        open_retriever(suite(tmp_path), Access()).retrieve(["Other?"], 1)
    with pytest.raises(RetrievalError, match=r"takes its hits from run = 'other\.run'"):
        open_retriever(suite(tmp_path), Access(backend="embedded"))


@pytest.mark.parametrize("extra", ['mode = "dense"', "chunk_words = 50", 'index = "mine"'])
def test_what_a_run_has_settled_is_refused(tmp_path: Path, extra: str) -> None:
    with pytest.raises(SuiteError, match="is settled by the run"):
        suite(tmp_path, toml=f'run = "other.run"\n{extra}')
