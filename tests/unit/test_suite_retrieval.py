"""The table ``[retrieval]``: what it may say, and every way to say it wrongly."""

import json
from pathlib import Path

import pytest

from pytest_ragft.errors import SuiteError
from pytest_ragft.retrieval.settings import OwnIndex, RetrievalSettings
from pytest_ragft.suite import Suite, load_suite

LONG = " ".join(f"Sentence number {i} has exactly these seven words." for i in range(40))


def load(folder: Path, retrieval: str, *, corpus: bool = True, text: str = "Paris.") -> Suite:
    question = {"id": "q", "question": "Capital?", "references": ["Paris"], "relevant": ["p1"]}
    (folder / "questions.jsonl").write_text(json.dumps(question))
    (folder / "corpus.jsonl").write_text(json.dumps({"_id": "p1", "title": "T", "text": text}))
    head = '[suite]\nname = "demo"\nquestions = "questions.jsonl"\n'
    given = 'corpus = "corpus.jsonl"\n' if corpus else ""
    file = folder / "suite.toml"
    file.write_text(f"{head}{given}[retrieval]\n{retrieval}")
    return load_suite(file)


def test_nothing_said(tmp_path):
    assert load(tmp_path, "").retrieval == RetrievalSettings()


def test_everything_said_of_a_corpus(tmp_path):
    toml = """
        backend = "elasticsearch"
        mode = "hybrid"
        k = 4
        analyzer = "german"
        k1 = 0
        b = 1
        fields = { title = 2, text = 1 }
        encoder = "hf:encoder"
        query_prompt = "query: "
        document_prompt = ""
        vectors = "flat"
        fusion = "weighted"
        chunk_words = 50
        chunk_overlap = 0
        url = "http://127.0.0.1:9200"
    """
    assert load(tmp_path, toml).retrieval == RetrievalSettings(
        backend="elasticsearch", mode="hybrid", k=4, analyzer="german", k1=0.0, b=1.0,
        fields={"title": 2.0, "text": 1.0}, encoder="hf:encoder", query_prompt="query: ",
        document_prompt="", vectors="flat",
        fusion="weighted", chunk_words=50, chunk_overlap=0, url="http://127.0.0.1:9200",
    )  # fmt: skip


def test_a_suite_without_prompts_is_what_it_was_before_there_were_any(tmp_path):
    plain = load(tmp_path, "").retrieval.plain()
    assert "query_prompt" not in plain
    prompted = RetrievalSettings(encoder="hf:x", query_prompt="")
    assert prompted.plain() == plain | {"encoder": "hf:x", "query_prompt": ""}
    assert prompted.prompts == {"query": ""}


def test_an_index_of_the_users_own_needs_no_corpus(tmp_path):
    toml = """
        index = "wiki"
        text_field = "body"
        title_field = "headline"
        id_field = "key"
        query = '{"query": {"match": {"body": "{query}"}}}'
        filter = '{"term": {"lang": "en"}}'
    """
    suite = load(tmp_path, toml, corpus=False)
    assert suite.passages == {}
    assert suite.retrieval.index == OwnIndex(
        name="wiki", text_field="body", title_field="headline", id_field="key",
        query='{"query": {"match": {"body": "{query}"}}}', filter='{"term": {"lang": "en"}}',
    )  # fmt: skip


def test_long_lines_are_cut_and_relevance_is_stated_by_line(tmp_path):
    suite = load(tmp_path, "chunk_words = 60", text=LONG)
    assert len(suite.passages) > 3
    assert {passage.source for passage in suite.passages.values()} == {"p1"}
    assert suite.examples[0].relevant == ("p1",)


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ('query_prompt = "query: "', ["query_prompt = 'query: '", "hf:PATH"]),
        ('mode = "dens"', ["mode = 'dens'", "did you mean 'dense'?"]),
        ('backend = "es"', ["backend = 'es'", "elasticsearch"]),
        ("k1 = -1", ["k1 = -1", "at least 0"]),
        ("b = 1.5", ["b = 1.5", "at most 1"]),
        ('vectors = "hnsw"', ["vectors = 'hnsw'", "flat"]),
        ('fusion = "sum"', ["fusion = 'sum'", "weighted"]),
        ("chunk_words = 0", ["chunk_words = 0", "1 or more"]),
        ("chunk_overlap = 2", ["chunk_overlap = 2", "needs chunk_words"]),
        ("fields = { title = 2 }", ["fields = ", "text a weight"]),
        ("fields = { text = 0 }", ["text = 0", "greater than 0"]),
        ("fields = { body = 1 }", ["fields: unknown key 'body'"]),
        ("fields = 3", ["fields: 3 is not a table"]),
        ('url = "localhost:9200"', ["url:", "http://HOST:PORT"]),
        ('text_field = "body"', ["text_field = 'body'", "index = "]),
        ('index = "wiki"', ["corpus = 'corpus.jsonl'", "keep one of them"]),
    ],
)
def test_mistakes(tmp_path, toml, parts):
    with pytest.raises(SuiteError) as caught:
        load(tmp_path, toml)
    for part in ["suite.toml", *parts]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ('analyzer = "german"', ["analyzer = 'german'", "is settled by the index"]),
        ("chunk_words = 50", ["chunk_words = 50", "is settled by the index"]),
        ('document_prompt = ""', ["document_prompt", "is settled by the index"]),
        ('backend = "embedded"', ["backend = 'embedded'", "Elasticsearch"]),
        ('mode = "dense"', ["mode = 'dense'", "vector_field"]),
        ('mode = "hybrid"\nvector_field = "v"', ["encoder = ", "hf:PATH"]),
        ('query = "{query}"', ["query = '{query}'", "JSON object"]),
        ("query = '[1]'", ["query = '[1]'", "JSON object"]),
        ("filter = 'nope'", ["filter = 'nope'", "JSON object"]),
    ],
)
def test_mistakes_with_an_index_of_the_users_own(tmp_path, toml, parts):
    with pytest.raises(SuiteError) as caught:
        load(tmp_path, f'index = "wiki"\n{toml}', corpus=False)
    for part in ["suite.toml", *parts]:
        assert part in str(caught.value)


def test_a_password_in_the_url_is_never_shown(tmp_path):
    with pytest.raises(SuiteError) as caught:
        load(tmp_path, 'url = "http://me:hunter2@127.0.0.1:9200"')
    assert "hunter2" not in str(caught.value)
    assert "environment" in str(caught.value)
