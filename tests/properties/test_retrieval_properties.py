"""Retrieval metrics against trec_eval (through ir_measures), and properties of rankings."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.records import Hit, Passage
from pytest_ragft.retrieval.bm25 import BM25Retriever
from pytest_ragft.retrieval.chunking import chunk
from pytest_ragft.retrieval.fusion import fuse
from pytest_ragft.retrieval.metrics import (
    by_source,
    metric_named,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
)

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
    retriever = BM25Retriever(passages)
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
    hits = BM25Retriever(passages).retrieve([query, query.upper()], 3)
    assert [len(h) <= 3 for h in hits] == [True, True]


SENTENCES = st.lists(
    st.sampled_from(
        ["Dr. Smith slept", "cats", "3.5 mg of it", "why", "東京 est beau", "e.g. this one here"]
    ),
    max_size=8,
).flatmap(
    lambda parts: st.lists(
        st.sampled_from([". ", "! ", "?\n\n", " ", ".\u00a0", "。", "; ", "\u2028"]),
        min_size=len(parts),
        max_size=len(parts),
    ).map(lambda ends: "".join(map("".join, zip(parts, ends, strict=True))))
)


@given(
    text=st.one_of(SENTENCES, st.text(max_size=120)),
    words=st.integers(1, 12),
    overlap=st.integers(0, 3),
)
def test_chunks_hold_all_of_the_text(text, words, overlap):
    whole = Passage(id="p", title="T", text=text)
    parts = chunk([whole], words=words, overlap=overlap)
    assert parts == chunk([whole], words=words, overlap=overlap)
    if len(text.split()) <= words:
        assert parts == (whole,)
        return
    assert all(0 < len(part.text.split()) <= words for part in parts)
    assert all(part.text in text and part.source == "p" for part in parts)
    assert len({part.id for part in parts}) == len(parts)
    # Each part starts no later than the one before it ends, and goes further.
    covered = 0
    for part in parts:
        gap = next(
            at
            for at in range(covered, -1, -1)
            if text.startswith(part.text, skipped(text, at)) and ends(text, at, part) > covered
        )
        covered = ends(text, gap, part)
    assert not text[covered:].strip()
    if overlap == 0:
        assert "".join("".join(part.text.split()) for part in parts) == "".join(text.split())


def skipped(text: str, at: int) -> int:
    """Where the first word at or after `at` starts."""
    return len(text) - len(text[at:].lstrip())


def ends(text: str, at: int, part: Passage) -> int:
    return skipped(text, at) + len(part.text)


RANKINGS = st.lists(
    st.lists(st.sampled_from(NAMES), unique=True, max_size=12).flatmap(
        lambda names: st.lists(
            st.sampled_from([-1.0, 0.0, 0.25, 0.5, 3.0]), min_size=len(names), max_size=len(names)
        ).map(
            lambda scores: [
                Hit(passage_id=n, score=s)
                for n, s in zip(names, sorted(scores, reverse=True), strict=True)
            ]
        )
    ),
    min_size=1,
    max_size=3,
)


@given(rankings=RANKINGS, fusion=st.sampled_from(["rrf", "weighted"]))
def test_fused_rankings(rankings, fusion):
    fused = fuse(rankings, fusion)
    names = [hit.passage_id for hit in fused]
    assert sorted(names) == sorted({h.passage_id for ranking in rankings for h in ranking})
    scores = [hit.score for hit in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(score >= 0 for score in scores)
    # A ranking fused with itself keeps its order.
    assert [h.passage_id for h in fuse([rankings[0]] * 3, fusion)] == [
        h.passage_id for h in rankings[0]
    ]
    # Whatever is nowhere behind another, and somewhere ahead of it, stays ahead.
    places = [{h.passage_id: i for i, h in enumerate(ranking)} for ranking in rankings]
    for i, name in enumerate(names):
        for later in names[:i]:
            ahead = [p.get(name, 99) < p.get(later, 99) for p in places]
            behind = [p.get(name, 99) > p.get(later, 99) for p in places]
            assert not (any(ahead) and not any(behind))


@given(
    ranking=st.lists(st.sampled_from(NAMES), unique=True, max_size=12),
    relevant=st.sets(st.sampled_from(["a", "b", "c"]), min_size=1),
    name=st.sampled_from(["recall@5", "precision@3", "ndcg@10", "mrr", "mrr@4"]),
)
def test_metrics_by_source(ranking, relevant, name):
    from pytest_ragft.records import QAExample

    sources = {passage: "abcd"[i % 4] for i, passage in enumerate(NAMES)}
    example = QAExample(id="q", question="?", references=(), relevant=tuple(relevant))
    value = metric_named(name).value(example, ranking, sources)
    assert 0 <= value <= 1
    placed = by_source(ranking, sources)
    assert len(set(placed)) == len(ranking)
    firsts = [
        (i, sources[p])
        for i, p in enumerate(ranking)
        if sources[p] not in {sources[q] for q in ranking[:i]}
    ]
    assert [(i, p) for i, p in enumerate(placed) if p in "abcd"] == firsts
