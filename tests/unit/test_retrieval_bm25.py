"""The embedded retriever against BM25's formula, and the factory."""

import math
import subprocess
import sys
from collections import Counter
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.analysis import Analyzer
from pytest_ragft.retrieval.bm25 import BM25Retriever
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.suite.opening import Access, open_retriever

TEXTS = [
    "Photosynthesis turns light into sugar, and sugar feeds the plant.",
    "Light travels fast; light bends in glass.",
    "Sugar dissolves in water.",
    "",
    "Plants need water and light. Plants need soil.",
]


def bm25(query: str, texts: list[str], k1: float, b: float) -> list[float]:
    """The literal definition: Robertson's BM25 with Lucene's idf."""
    documents = [Counter(Analyzer().terms(text)) for text in texts]
    mean = sum(d.total() for d in documents) / len(documents)
    scores = []
    for d in documents:
        score = 0.0
        for term in Analyzer().terms(query):
            df = sum(term in other for other in documents)
            idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
            length = 1 - b + b * d.total() / mean
            score += idf * d[term] / (d[term] + k1 * length)
        scores.append(score)
    return scores


@pytest.mark.parametrize("query", ["light", "sugar water", "plants light light", "glass zebra"])
@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (2.0, 0.0)])
def test_scores_are_those_of_the_formula(query, k1, b):
    passages = [Passage(id=str(i), text=text) for i, text in enumerate(TEXTS)]
    hits = BM25Retriever(passages, k1=k1, b=b).retrieve([query], 10)[0]
    expected = {str(i): s for i, s in enumerate(bm25(query, TEXTS, k1, b)) if s > 0}
    assert {h.passage_id: h.score for h in hits} == pytest.approx(expected, abs=1e-8)


def test_defaults_are_those_of_lucene():
    passages = [Passage(id=str(i), text=text) for i, text in enumerate(TEXTS)]
    default = BM25Retriever(passages)
    assert default.fingerprint == BM25Retriever(passages, k1=1.2, b=0.75).fingerprint
    assert default.fingerprint != BM25Retriever(passages, k1=1.3, b=0.75).fingerprint
    assert default.fingerprint != BM25Retriever(passages, k1=1.2, b=0.7).fingerprint


def test_noise_of_summation_order_does_not_order():
    # Each passage has the same three addends in another order, so the last bits differ.
    counts = list(permutations((1, 2, 5)))
    passages = [
        Passage(id=str(i), text=" ".join(["alpha"] * x + ["beta"] * y + ["gamma"] * z))
        for i, (x, y, z) in enumerate(counts)
    ]
    exact = bm25("alpha beta gamma", [p.text for p in passages], 1.2, 0.75)
    assert len(set(exact)) > 1
    hits = BM25Retriever(passages).retrieve(["alpha beta gamma"], 6)[0]
    assert [h.passage_id for h in hits] == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The cat's whiskers", ["cat", "whisker"]),
        ("Darwin’s finches", ["darwin", "finch"]),
        ("CO2 in 2001", ["co2", "2001"]),
        ("ﬁne STRASSE straße", ["fine", "strass", "strass"]),
        ("vitamin B and s", ["vitamin", "b", "s"]),
        ("to be or not to be", []),
    ],
)
def test_terms(text, terms):
    assert Analyzer().terms(text) == terms


@pytest.mark.parametrize(("k1", "b"), [(-1, 0.5), (1, 1.5), (float("nan"), 0.5)])
def test_parameters_out_of_range(k1, b):
    with pytest.raises(ValueError, match="k1 must be"):
        BM25Retriever([], k1=k1, b=b)


def suite(**settings: str) -> SimpleNamespace:
    passages = {"p": Passage(id="p", text="cat")}
    return SimpleNamespace(
        name="demo",
        path=Path("suite.toml"),
        passages=passages,
        retrieval=RetrievalSettings(**settings),
    )


@pytest.mark.parametrize("settings", [{}, {"backend": "embedded"}, {"mode": "hybrid"}])
def test_factory_opens_the_embedded_retriever(settings):
    retriever = open_retriever(suite(**settings), Access())
    assert "embedded bm25" in retriever.description
    assert retriever.retrieve(["cats"], 1)[0][0].passage_id == "p"


def test_factory_wants_a_url_for_elasticsearch():
    with pytest.raises(RetrievalError, match="--ragft-es-url"):
        open_retriever(suite(backend="elasticsearch"), Access())


def test_hits_do_not_depend_on_the_hash_seed():
    program = (
        "from pytest_ragft.records import Passage;"
        "from pytest_ragft.retrieval.bm25 import BM25Retriever;"
        "ps=[Passage(id=str(i),text=f'w{i%7} w{i%5} w{i%3} x') for i in range(60)];"
        "r=BM25Retriever(ps);print(r.fingerprint,r.retrieve(['x w1 w2 w3','w4 w0'],9))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
