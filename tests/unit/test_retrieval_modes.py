"""The embedded backend in all its modes: dense, hybrid, analyzers and settings."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Hit, Passage
from pytest_ragft.retrieval.analysis import Analyzer
from pytest_ragft.retrieval.bm25 import BM25Retriever
from pytest_ragft.retrieval.dense import DenseRetriever
from pytest_ragft.retrieval.embedded import open_embedded
from pytest_ragft.retrieval.encoding import open_encoder
from pytest_ragft.retrieval.hybrid import HybridRetriever
from pytest_ragft.retrieval.ranking import searched_text
from pytest_ragft.retrieval.settings import OwnIndex, RetrievalSettings


class Angles:
    """Texts that are numbers become vectors at that angle in degrees; other texts have none."""

    description = "angles"
    dimensions = 2

    def __init__(self, fingerprint="angles/1"):
        self.fingerprint = fingerprint
        self.encoded = 0

    def check(self):
        pass

    def encode(self, texts, role="document"):
        self.encoded += len(texts)
        rows = np.zeros((len(texts), 2), np.float32)
        for i, text in enumerate(texts):
            if text.strip().lstrip("-").isdigit():
                angle = np.radians(float(text))
                rows[i] = np.cos(angle), np.sin(angle)
        return rows


def corpus(*texts: str) -> list[Passage]:
    return [Passage(id=f"p{i}", text=text) for i, text in enumerate(texts)]


def found(hits: tuple[Hit, ...]) -> dict[str, float]:
    return {hit.passage_id: hit.score for hit in hits}


def test_dense_scores_are_cosines():
    retriever = DenseRetriever(corpus("0", "60", "180", "none", "270", "60"), Angles())
    (hits,) = retriever.retrieve(["0"], 10)
    assert [h.passage_id for h in hits] == ["p0", "p1", "p5", "p4", "p2"]
    assert list(found(hits).values()) == pytest.approx([1, 0.5, 0.5, 0, -1], abs=1e-6)
    assert str(found(hits)["p4"]) == "0.0"
    assert retriever.retrieve(["none", "0"], 1) == [(), hits[:1]]


def test_dense_ties_are_what_rounds_to_one_number():
    turned = ["30", "-30", "30", "-30"]
    hits = DenseRetriever(corpus(*turned), Angles()).retrieve(["0"], 4)[0]
    assert [h.passage_id for h in hits] == ["p0", "p1", "p2", "p3"]


def test_dense_encodes_the_corpus_once():
    encoder = Angles()
    retriever = DenseRetriever(corpus("0", "60"), encoder)
    assert retriever.retrieve([], 3) == []
    assert retriever.fingerprint
    assert encoder.encoded == 0
    retriever.retrieve(["1"], 1)
    retriever.retrieve(["2", "3"], 1)
    assert encoder.encoded == 2 + 3


def test_dense_identity_is_corpus_and_encoder():
    one = DenseRetriever(corpus("0"), Angles()).fingerprint
    assert one != DenseRetriever(corpus("1"), Angles()).fingerprint
    assert one != DenseRetriever(corpus("0"), Angles("angles/2")).fingerprint


def test_many_blocks_are_as_one(monkeypatch):
    from pytest_ragft.retrieval import dense

    passages = corpus(*(str(i * 7 % 360) for i in range(50)))
    queries = [str(i * 31 % 360) for i in range(23)]
    whole = DenseRetriever(passages, Angles()).retrieve(queries, 9)
    monkeypatch.setattr(dense, "_CELLS", 120)
    monkeypatch.setattr(dense, "_ROWS", 7)
    assert DenseRetriever(passages, Angles()).retrieve(queries, 9) == whole


def test_hybrid_fuses_its_parts():
    passages = corpus("0 cat", "60", "5", "cat cat")
    parts = [BM25Retriever(passages), DenseRetriever(passages, Angles())]
    queries = ["cat", "3", "60"]
    words, angles = (part.retrieve(queries, 50) for part in parts)
    fused = HybridRetriever(parts, fusion="rrf", depth=50).retrieve(queries, 3)
    for at, hits in enumerate(fused):
        ranks = [[h.passage_id for h in ranking[at]] for ranking in (words, angles)]
        sums: dict[str, float] = {}
        for ranking in ranks:
            for rank, name in enumerate(ranking, start=1):
                sums[name] = sums.get(name, 0) + 1 / (60 + rank)
        assert found(hits) == pytest.approx(dict(sorted(sums.items(), key=lambda x: -x[1])[:3]))
    weighted = HybridRetriever(parts, fusion="weighted", depth=50).retrieve(queries, 3)
    assert found(weighted[2]) == pytest.approx({"p1": 1.0, "p2": 0.0}, abs=1e-9)


class Fixed:
    """Gives the same hits to every query, cut at the depth that it is asked for."""

    description = "fixed"

    def __init__(self, *names, fingerprint="fixed", notes=(), fails=False):
        self.names, self.fingerprint, self.notes, self.fails = names, fingerprint, notes, fails
        self.depths, self.closed, self.asked = [], 0, []

    def check(self):
        if self.fails:
            raise RetrievalError("no server")

    def close(self):
        self.closed += 1
        if self.fails:
            raise RetrievalError("cannot be closed")

    def retrieve(self, queries, k):
        self.depths.append(k)
        hits = [Hit(passage_id=name, score=1 / i) for i, name in enumerate(self.names, start=1)]
        return [tuple(hits[:k]) for _ in queries]

    def passages(self, ids):
        ids = list(ids)
        self.asked += ids
        missing = [i for i in ids if i not in self.names]
        if missing:
            raise RetrievalError(f"never found {missing[0]!r}")
        return {i: Passage(id=i, text=f"text of {i}") for i in ids}


def test_hybrid_asks_its_parts_for_more_than_k():
    parts = [Fixed("a", "b", "c", "d"), Fixed("d", "a")]
    hybrid = HybridRetriever(parts, fusion="rrf", depth=2)
    assert [h.passage_id for h in hybrid.retrieve(["q"], 1)[0]] == ["a"]
    assert [h.passage_id for h in hybrid.retrieve(["q"], 4)[0]] == ["a", "d", "b", "c"]
    assert [part.depths for part in parts] == [[2, 4], [2, 4]]


def test_hybrid_texts_come_from_the_part_that_found_them():
    parts = [Fixed("a", "b"), Fixed("c")]
    hybrid = HybridRetriever(parts, fusion="rrf", depth=5)
    hybrid.retrieve(["q"], 5)
    assert {i: p.text for i, p in hybrid.passages(["a", "c"]).items()} == {
        "a": "text of a",
        "c": "text of c",
    }
    assert HybridRetriever(parts, fusion="rrf", depth=5).passages(["b"])["b"].text == "text of b"
    with pytest.raises(RetrievalError, match="never found 'x'"):
        hybrid.passages(["a", "x"])


def test_hybrid_identity_is_that_of_all_it_does():
    def identity(*parts, fusion="rrf", depth=5):
        return HybridRetriever(parts, fusion=fusion, depth=depth).fingerprint

    one, two = Fixed(fingerprint="1"), Fixed(fingerprint="2")
    seen = {
        identity(one, two),
        identity(two, one),
        identity(one),
        identity(one, two, fusion="weighted"),
        identity(one, two, depth=6),
    }
    assert len(seen) == 5
    assert identity(one, Fixed(fingerprint=None)) is None


def test_hybrid_passes_on_what_its_parts_say():
    parts = [Fixed(notes=("unordered", "old")), Fixed(notes=("old",))]
    assert HybridRetriever(parts, fusion="rrf", depth=5).notes == ("unordered", "old")
    broken = [Fixed(fails=True), Fixed()]
    hybrid = HybridRetriever(broken, fusion="rrf", depth=5)
    with pytest.raises(RetrievalError, match="no server"):
        hybrid.check()
    with pytest.raises(RetrievalError, match="cannot be closed"):
        hybrid.close()
    assert [part.closed for part in broken] == [1, 1]


@pytest.mark.parametrize(("parts", "depth"), [([], 5), ([Fixed()], 0)])
def test_hybrid_of_nothing(parts, depth):
    with pytest.raises(ValueError, match="needs a part"):
        HybridRetriever(parts, fusion="rrf", depth=depth)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The cat's Whiskers", ["the", "cat's", "whiskers"]),
        ("3.14 U.S. end.", ["3.14", "u.s", "end"]),
        ("to be, or not", ["to", "be", "or", "not"]),
        ("state-of-the-art (IL-2)", ["state", "of", "the", "art", "il", "2"]),
    ],
)
def test_standard_terms(text, terms):
    assert Analyzer("standard").terms(text) == terms


def test_an_analyzer_that_is_not_here():
    with pytest.raises(ValueError, match="'german' is no analyzer"):
        Analyzer("german")
    with pytest.raises(ValueError, match="analyzer must be one of"):
        BM25Retriever([], analyzer="german")


def open_(passages, **given):
    settings = RetrievalSettings(**given)
    texts = [searched_text(passage) for passage in passages]
    return open_embedded(
        passages,
        settings,
        lambda: open_encoder(settings.encoder, corpus=texts, store=None, offline=False),
    )


def test_settings_decide():
    passages = corpus("cats and dogs", "the cat", "cat cat cat " * 9)
    assert found(open_(passages).retrieve(["cats"], 5)[0]).keys() == {"p0", "p1", "p2"}
    assert found(open_(passages, analyzer="standard").retrieve(["cats"], 5)[0]).keys() == {"p0"}
    seen = [
        open_(passages, **settings)
        for settings in (
            {}, {"analyzer": "standard"}, {"k1": 2.0}, {"b": 0.1}, {"mode": "dense"},
            {"mode": "hybrid"}, {"mode": "hybrid", "fusion": "weighted"},
            {"mode": "hybrid", "k": 20},
        )
    ]  # fmt: skip
    assert len({retriever.fingerprint for retriever in seen}) == 8
    assert [retriever.description for retriever in seen[4:7]] == [
        "embedded dense (tfidf)",
        "hybrid rrf (embedded bm25 + embedded dense (tfidf))",
        "hybrid weighted (embedded bm25 + embedded dense (tfidf))",
    ]
    assert seen[1].description == "embedded bm25 (standard)"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"analyzer": "german"}, r"analyzer = 'german'.*'english' and 'standard'.*--ragft-es-url"),
        ({"analyzer": "german", "mode": "hybrid"}, "analyzer = 'german'"),
        ({"fields": {"title": 2.0, "text": 1.0}}, r"fields = {'title': 2.0.*--ragft-es-url"),
        ({"index": OwnIndex(name="mine")}, r"index = 'mine'.*Elasticsearch"),
        ({"mode": "dense", "encoder": "word2vec"}, r"encoder = 'word2vec'"),
        ({"mode": "hybrid", "encoder": "word2vec"}, r"encoder = 'word2vec'"),
    ],
)
def test_settings_that_the_embedded_backend_has_not(settings, said):
    with pytest.raises(RetrievalError, match=said):
        open_(corpus("cat"), **settings)


def test_dense_needs_no_analyzer():
    assert open_(corpus("cat"), mode="dense", analyzer="german").retrieve(["cat"], 1)[0]


def test_opening_is_cheap():
    program = (
        "import sys;from pytest_ragft.records import Passage;"
        "from pathlib import Path;from types import SimpleNamespace as N;"
        "from pytest_ragft.retrieval.settings import RetrievalSettings as S;"
        "from pytest_ragft.suite.opening import Access,open_retriever;"
        "ps={'p':Passage(id='p',text='cat')};p=Path('suite.toml');a=Access();"
        "modes=('bm25','dense','hybrid');"
        "rs=[open_retriever(N(path=p,passages=ps,retrieval=S(mode=m)),a) for m in modes];"
        "[(r.check(),r.fingerprint,r.description,r.passages(['p'])) for r in rs];"
        "heavy={'torch','transformers','sklearn','scipy','bm25s','aiohttp','Stemmer','sentencex'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_encoder_that_is_not_there_is_found_before_any_work(tmp_path):
    for mode in ("dense", "hybrid"):
        with pytest.raises(RetrievalError, match="no such folder"):
            open_(corpus("cat"), mode=mode, encoder=f"hf:{tmp_path / 'nowhere'}").check()
