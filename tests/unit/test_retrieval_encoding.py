"""TF-IDF vectors, the cache of vectors, and what the setting may name."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.encoding import open_encoder
from pytest_ragft.retrieval.encoding.cache import CachedEncoder
from pytest_ragft.store import Store

CORPUS = [
    "Cats sleep on mats.",
    "A dog chases a cat.",
    "Volcanoes erupt molten rock.",
    "",
    "Rock music is loud; loud rock.",
]


def tfidf(corpus):
    return open_encoder("tfidf", corpus=corpus, store=None, offline=True)


def test_tfidf_rows_are_of_length_one_or_zero():
    vectors = tfidf(CORPUS).encode([*CORPUS, "zebra", "the of", "dogs"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (8, tfidf(CORPUS).dimensions)
    lengths = np.linalg.norm(vectors, axis=1)
    assert lengths == pytest.approx([1, 1, 1, 0, 1, 0, 0, 1], abs=1e-6)


def test_tfidf_is_near_to_what_shares_terms():
    encoder = tfidf(CORPUS)
    query, *passages = encoder.encode(["molten rocks", *CORPUS])
    near = [float(query @ passage) for passage in passages]
    assert np.argmax(near) == 2
    assert near[4] > 0.05
    assert near[0] == pytest.approx(0, abs=1e-6)


def test_tfidf_on_small_corpora_is_the_cosine_of_its_weights():
    """As many components as passages keep every distance between passages."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    from pytest_ragft.retrieval.analysis import Analyzer

    weights = TfidfVectorizer(analyzer=Analyzer().terms, sublinear_tf=True).fit_transform(CORPUS)
    vectors = tfidf(CORPUS).encode(CORPUS)
    assert vectors @ vectors.T == pytest.approx((weights @ weights.T).toarray(), abs=1e-6)


@pytest.mark.parametrize(
    "corpus", [[], [""], ["the of"], ["cat"], ["cat", "cat"], ["cat dog", "cat dog", "sun"]]
)
def test_tfidf_on_tiny_corpora(corpus):
    encoder = tfidf(corpus)
    vectors = encoder.encode([*corpus, "cat", "zebra"])
    assert vectors.shape == (len(corpus) + 2, encoder.dimensions)
    assert np.isfinite(vectors).all()
    assert bool(vectors[-2].any()) == ("cat" in " ".join(corpus))
    assert not vectors[-1].any()
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_tfidf_identity_is_its_corpus():
    assert tfidf(CORPUS).fingerprint == tfidf(list(CORPUS)).fingerprint
    assert tfidf(CORPUS).fingerprint != tfidf(CORPUS[::-1]).fingerprint


def test_tfidf_does_not_depend_on_the_batch_or_the_process():
    program = (
        "import sys;from pytest_ragft.retrieval.encoding import open_encoder;"
        "t=[f'w{i%7} w{i%5} w{i%3} x{i}' for i in range(300)];"
        "e=open_encoder('tfidf',corpus=t,store=None,offline=True);v=e.encode(t);"
        "import numpy as np;one=np.stack([e.encode([x])[0] for x in t[:9]]);"
        "assert np.array_equal(v[:9],one);"
        "print(e.fingerprint,e.dimensions,np.round((v@v.T),5).tobytes().hex()[:4000])"
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


class CountingModel:
    """Vectors of letters; counts what it is asked."""

    description = "letters"
    dimensions: int | None = 26

    def __init__(self, fingerprint="letters/1", *, fail_at=None):
        self.fingerprint = fingerprint
        self.asked = []
        self.fail_at = fail_at

    def check(self):
        pass

    def prompt(self, role):
        return ""

    def vectors(self, texts, done):
        if self.fail_at is not None and len(self.asked) + len(texts) > self.fail_at:
            raise RetrievalError("the server went away")
        self.asked += texts
        done(len(texts))
        rows = [[text.lower().count(chr(97 + i)) + 0.01 for i in range(26)] for text in texts]
        vectors = np.array(rows, np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "store.sqlite")
    yield opened
    opened.close()


def cached(model, store, *, offline=False, progress=None):
    return CachedEncoder(model, store=store, offline=offline, progress=progress)


def test_an_unchanged_text_is_never_encoded_twice(store):
    model = CountingModel()
    first = cached(model, store).encode(["one", "two", "one", "", " \n"])
    assert sorted(model.asked) == ["one", "two"]
    again = cached(model, store).encode(["two", "one", "three"])
    assert sorted(model.asked) == ["one", "three", "two"]
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(first[:2], again[1::-1])
    assert not first[3:].any()


def test_other_encoders_have_other_vectors(store):
    cached(CountingModel(), store).encode(["one"])
    model = CountingModel("letters/2")
    cached(model, store).encode(["one"])
    assert model.asked == ["one"]


def test_given_prompts_stand_before_texts_and_belong_to_the_identity(store):
    model = CountingModel()
    plain = cached(model, store)
    given = CachedEncoder(
        model, store=store, offline=False, prompts={"query": "query: ", "document": ""}
    )
    given.encode(["one"], "query")
    given.encode(["two"], "document")
    assert model.asked == ["query: one", "two"]
    assert given.fingerprint != plain.fingerprint
    assert CachedEncoder(model, store=None, offline=False, prompts={}).fingerprint == (
        plain.fingerprint
    )


def test_offline_computes_nothing(store):
    model = CountingModel()
    cached(model, store).encode(["one", "two"])
    offline = cached(CountingModel(fail_at=0), store, offline=True)
    assert np.array_equal(offline.encode(["two", ""])[0], cached(model, store).encode(["two"])[0])
    with pytest.raises(RetrievalError, match=r"offline, and 2 of 3 vectors .* 'new'") as caught:
        offline.encode(["one", "new", "newer"])
    assert "without --ragft-offline" in str(caught.value)
    with pytest.raises(RetrievalError, match="offline"):
        cached(CountingModel(), None, offline=True).encode(["one"])


def test_what_was_computed_before_a_failure_is_kept(store):
    texts = [f"text {i:04}" for i in range(600)]
    with pytest.raises(RetrievalError, match="went away"):
        cached(CountingModel(fail_at=512), store).encode(texts)
    model = CountingModel()
    vectors = cached(model, store).encode(texts)
    assert model.asked == texts[512:]
    assert np.array_equal(vectors, cached(CountingModel(), None).encode(texts))


def test_a_changed_model_under_one_name_is_an_error(store):
    cached(CountingModel(), store).encode(["one"])
    model = CountingModel()
    model.dimensions = None
    model.vectors = lambda texts, done: np.ones((len(texts), 3), np.float32)
    with pytest.raises(RetrievalError, match=r"vector has 3 dimensions.*--ragft-cache=refresh"):
        cached(model, store).encode(["one", "two"])


def test_numbers_that_are_none(store):
    model = CountingModel()
    model.vectors = lambda texts, done: np.full((len(texts), 26), np.nan, np.float32)
    with pytest.raises(RetrievalError, match="not all of them finite"):
        cached(model, store).encode(["one"])


def test_a_damaged_entry_is_an_error(store):
    model = CountingModel()
    cached(model, store).encode(["one"])
    import sqlite3

    with sqlite3.connect(store.path) as connection:
        ((key, kind),) = connection.execute("SELECT key, kind FROM entries")
    connection.close()
    store.put(kind, {key: "AAA"}, replace=True)
    with pytest.raises(RetrievalError, match="damaged vector"):
        cached(model, store).encode(["one"])


def test_read_only_stores_are_read(store):
    model = CountingModel()
    cached(model, store).encode(["one"])
    reading = Store(store.path, mode="ro")
    cached(model, reading).encode(["one", "two"])
    cached(model, reading).encode(["two"])
    reading.close()
    assert model.asked == ["one", "two", "two"]


def test_only_a_vector_may_tell_the_dimensions(store):
    model = CountingModel()
    model.dimensions = None
    assert cached(model, store).dimensions == 26
    assert len(model.asked) == 1
    assert cached(model, store, offline=True).dimensions == 26
    cached(model, store).check()
    assert len(model.asked) == 1
    assert cached(model, store).encode([""]).shape == (1, 26)


def test_progress_is_shown_for_what_is_computed(store):
    seen = []

    class Shown:
        @contextmanager
        def phase(self, title, total, unit):
            seen.append((title, total, unit))
            yield self

        def advance(self, done, what=""):
            seen.append(done)

    cached(CountingModel(), store, progress=Shown()).encode(["one", "two", "one"])
    cached(CountingModel(), store, progress=Shown()).encode(["one"])
    assert seen == [("encoding with letters", 2, "text"), 2]


def test_halves_of_pairs_can_be_encoded(store):
    model = CountingModel()
    assert cached(model, store).encode(["a \ud800"]).any()
    assert [text.encode() for text in model.asked] == ["a \ufffd".encode()]


@pytest.mark.parametrize(
    "spec",
    ["", "TFIDF", "tfidf:", "tfidf:x", "hf", "hf:", "openai", "openai: ", "minilm", "gguf:x"],
)
def test_what_no_setting_may_name(spec):
    with pytest.raises(RetrievalError, match=r"\[retrieval\] encoder") as caught:
        open_encoder(spec, corpus=(), store=None, offline=False)
    assert repr(spec) in str(caught.value)
    assert "accepted are 'tfidf', 'hf:PATH'" in str(caught.value)


@pytest.mark.parametrize(
    "spec", ["openia:m@http://user:secret@host/v1", "openai:m@http://user:secret@host/v1"]
)
def test_passwords_are_not_shown(spec):
    with pytest.raises(RetrievalError, match=r"\[retrieval\] encoder") as caught:
        open_encoder(spec, corpus=(), store=None, offline=False)
    assert "secret" not in str(caught.value)
