"""Query clauses and query templates."""

import json

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.query import nearest_clause, text_clause
from pytest_ragft.retrieval.elastic.retriever import open_elastic
from pytest_ragft.retrieval.elastic.template import Template
from pytest_ragft.retrieval.settings import OwnIndex, RetrievalSettings

ODD = ['say "yes"', "{query}", "{vector}", "\\", "a\nb\x00", '"}},{"match_all":{}}', "{0} %s $1"]


def test_one_field_and_several():
    assert text_clause("cat", {"body": 1.0}) == {"match": {"body": {"query": "cat"}}}
    assert text_clause("cat", {"title": 2.0, "body": 0.5}) == {
        "multi_match": {"query": "cat", "fields": ["title^2.0", "body^0.5"]}
    }
    clause = text_clause("cat", {"title": 1.0, "body": 1.0}, as_one=True)
    assert set(clause) == {"combined_fields"}


def test_a_long_query_names_each_word_once():
    query = " ".join(["cat"] * 3000 + ["dog"] * 3000 + ["emu"])
    clauses = text_clause(query, {"body": 1.0})["bool"]["should"]
    found = {c["match"]["body"]["query"]: c["match"]["body"].get("boost", 1) for c in clauses}
    assert found == {"cat dog": 3000, "emu": 1}


def test_half_a_surrogate_pair_is_replaced():
    assert text_clause("a \ud800", {"body": 1.0})["match"]["body"]["query"] == "a \ufffd"


@pytest.mark.parametrize("k", [1, 5, 300, 9_999, 10_000])
def test_candidates_are_within_what_the_server_takes(k):
    clause = nearest_clause("v", [1.0], k, rescored=True)
    assert k <= clause["num_candidates"] <= 10_000
    assert clause["k"] == k


@pytest.mark.parametrize("query", ODD)
def test_a_question_cannot_leave_its_place(query):
    template = Template(
        '{"query": {"bool": {"must": [{"match": {"text": "{query}"}}, {"term": {"x": "a {query}"}}]'
        ', "boost": 2}}, "knn": {"query_vector": "{vector}", "k": 3}}'
    )
    body = template.body(query, [0.5, 1.0])
    assert body == {
        "query": {
            "bool": {
                "must": [{"match": {"text": query}}, {"term": {"x": f"a {query}"}}],
                "boost": 2,
            }
        },
        "knn": {"query_vector": [0.5, 1.0], "k": 3},
    }
    assert json.loads(json.dumps(body)) == body


def test_a_template_is_filled_anew_each_time():
    template = Template('{"query": {"match": {"text": "{query}"}}}')
    assert template.body("a", None) != template.body("b", None)
    assert not template.needs_vector


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{query}", "is not JSON"),
        ('{"query": {"match": {"text": "{query}"}', "is not JSON"),
        ('["{query}"]', "must be a JSON object"),
        ('{"query": {"match_all": {}}}', "has no {query}"),
        ('{"query": {"{query}": 1}}', "has no {query}"),
        ('{"suggest": {"text": "{query}"}}', "is no search"),
        ('{"query": {"match": {"text": "{query} {vector}"}}}', "must be a whole value"),
        ('{"query": {"match": {"text": "{query}"}}, "pit": {}}', "must not have 'pit'"),
    ],
)
def test_a_template_that_cannot_be_used(text, said):
    with pytest.raises(RetrievalError) as raised:
        Template(text)
    assert said in str(raised.value)
    assert str(raised.value).startswith(f"[retrieval] query = {text!r}: ")


def test_a_very_deep_template():
    with pytest.raises(RetrievalError, match=r"\[retrieval\] query = .* is not JSON"):
        Template('{"a":' * 100_000)


WITH_VECTOR = '{"query": {"match": {"t": "{query}"}}, "knn": {"query_vector": "{vector}"}}'
WITHOUT = '{"query": {"match": {"t": "{query}"}}}'


def opened(own, **settings):
    return open_elastic(
        (),
        RetrievalSettings(index=OwnIndex(name="mine", **own), **settings),
        None,
        suite="s",
        encoder=lambda: None,
    )


@pytest.mark.parametrize(
    ("own", "settings", "said"),
    [
        ({"query": WITH_VECTOR}, {}, r"mode = 'bm25': the template .* has {vector}"),
        ({"query": WITHOUT}, {"mode": "dense"}, r"mode = 'dense': the template .* has no {vector}"),
        ({"query": "{"}, {}, r"query = '{': is not JSON"),
        ({"filter": "{"}, {}, r"filter = '{': is not JSON"),
        ({"filter": "[]"}, {}, r"filter = '\[\]': must be a JSON object"),
        ({}, {"fields": {"title": 2.0, "text": 1.0}}, r"fields = .* has no title_field"),
        (
            {"query": '{"retriever": {"standard": {"x": "{query}"}}}', "filter": "{}"},
            {},
            "filter = '{}': cannot be added",
        ),
    ],
)
def test_settings_that_do_not_go_together(own, settings, said):
    with pytest.raises(RetrievalError, match=said):
        opened(own, **settings)


def test_what_is_said_of_ties():
    (note,) = opened({}).notes
    assert note.startswith("ties are unordered")
    assert opened({"id_field": "key"}).notes == ()
