"""Retrieval metrics against trec_eval (through ir_measures), and properties of rankings."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.records import Passage
from pytest_ragft.retrieval.embedded import EmbeddedRetriever
from pytest_ragft.retrieval.metrics import ndcg, precision, recall, reciprocal_rank

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    ir_measures = pytest.importorskip("ir_measures")

NAMES = [f"p{i:02}" for i in range(12)]
WORDS = st.lists(
    st.sampled_from(["cat", "dog", "sun", "moon", "sea", "the", "of", "a", "run", "jump"]),
    max_size=8,
)
TEXTS = WORDS.map(" ".join)


@given(
    ranking=st.lists(st.sampled_from(NAMES), unique=True, max_size=12),
    relevant=st.sets(st.sampled_from(NAMES), min_size=1),
    k=st.integers(1, 14),
)
def test_as_trec_eval(ranking, relevant, k):
    measures = {
        ir_measures.R @ k: recall,
        ir_measures.P @ k: precision,
        ir_measures.RR @ k: reciprocal_rank,
        ir_measures.nDCG @ k: ndcg,
    }
    qrels = {"q": dict.fromkeys(relevant, 1)}
    run = {"q": {name: float(-rank) for rank, name in enumerate(ranking)}}
    expected = ir_measures.calc_aggregate(list(measures), qrels, run)
    for measure, metric in measures.items():
        assert metric(ranking, relevant, k) == pytest.approx(expected[measure], abs=1e-9)


@given(texts=st.lists(TEXTS, max_size=12), query=TEXTS, k=st.integers(1, 15))
def test_rankings(texts, query, k):
    passages = [Passage(id=f"p{i}", text=text) for i, text in enumerate(texts)]
    retriever = EmbeddedRetriever(passages)
    hits = retriever.retrieve([query], k)[0]
    every = retriever.retrieve([query], len(texts) + 1)[0]
    assert hits == every[:k]
    position = {p.id: i for i, p in enumerate(passages)}
    keys = [(-h.score, position[h.passage_id]) for h in every]
    assert keys == sorted(keys)
    asked = set(query.split()) - {"the", "of", "a"}
    matching = {p.id for p in passages if asked & set(p.text.split())}
    assert {h.passage_id for h in every} == matching
    assert all(h.score > 0 for h in every)


@given(query=st.text(max_size=300), texts=st.lists(st.text(max_size=80), max_size=6))
def test_any_text_can_be_indexed_and_asked(query, texts):
    passages = [Passage(id=str(i), text=text) for i, text in enumerate(texts)]
    hits = EmbeddedRetriever(passages).retrieve([query, query.upper()], 3)
    assert [len(h) <= 3 for h in hits] == [True, True]
