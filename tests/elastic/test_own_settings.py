"""Settings that do not fit the user's index: each one error that names setting, value, remedy."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pytest_ragft.errors import RetrievalError
from tests.elastic.own_index import encoder


def said(act):
    with pytest.raises(RetrievalError) as raised:
        act()
    message = str(raised.value)
    assert "\n" not in message
    return message


def both(retriever):
    """The message of the check, which is that of a search without one."""
    checked = said(retriever.check)
    assert said(lambda: retriever.retrieve(["cat"], 1)) == checked
    return checked


@pytest.mark.parametrize("index", ["own-nowhere", "own-nowhere-*"])
def test_an_unknown_index(open_own, index):
    message = both(open_own(index=index))
    assert message == (
        f"[retrieval] index = {index!r}: the server has no such index, alias or pattern; "
        "check the name"
    )


@pytest.mark.parametrize("field", ["text_field", "title_field", "id_field", "vector_field"])
def test_an_unknown_field(open_own, own_name, field):
    message = both(open_own(**{field: "nowhere"}))
    assert message == (
        f"[retrieval] {field} = 'nowhere': the index has no such field; check the name "
        f"(index {own_name!r})"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"id_field": "head"}, "id_field = 'head': is of type text without doc values"),
        ({"vector_field": "body"}, "vector_field = 'body': is of type text, but kNN needs"),
        ({"text_field": "hidden"}, "text_field = 'hidden': is not searchable"),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_a_field_of_the_wrong_kind(open_own, given, words):
    assert words in both(open_own(**given))


def test_a_field_that_one_of_the_indices_lacks(open_own, server, own_name):
    server.indices.create(
        index=f"{own_name}-b", mappings={"properties": {"key": {"type": "keyword"}}}
    )
    try:
        message = both(open_own(index=f"{own_name}*"))
    finally:
        server.indices.delete(index=f"{own_name}-b")
    assert f"text_field = 'body': some of the indices have no such field: {own_name}-b" in message


def test_vectors_of_another_length(open_own, own_name):
    retriever = open_own(
        mode="dense", make=lambda: encoder(lambda texts, role: np.ones((len(texts), 2), np.float32))
    )
    message = said(lambda: retriever.retrieve(["cat"], 1))
    assert message.startswith("[retrieval] encoder = ")
    assert f"vector_field = 'near' of index {own_name!r}" in message
    assert "[2]" in message
    assert "[3]" in message


@pytest.mark.parametrize(
    ("given", "start"),
    [
        ({"filter": '{"tern": {"key": "x"}}'}, "[retrieval] filter = "),
        ({"query": '{"query": {"mach": {"body": "{query}"}}}'}, "[retrieval] query = "),
    ],
)
def test_what_the_server_refuses(open_own, given, start):
    message = both(open_own(**given))
    assert message.startswith(start)
    assert "the server refuses" in message


def missing(server, name, field):
    source = {"key": "late", "head": "h", "body": "zebra"}
    del source[field]
    server.index(index=name, document=source | {"extra": "zebra"}, refresh=True)


@pytest.mark.parametrize(("field", "setting"), [("body", "text_field"), ("key", "id_field")])
def test_a_hit_without_a_field(open_own, server, own_name, field, setting):
    missing(server, own_name, field)
    template = json.dumps({"query": {"match": {"extra": "{query}"}}})
    retriever = open_own(query=template)
    message = said(lambda: retriever.retrieve(["zebra"], 3))
    assert message.startswith(f"[retrieval] {setting} = {field!r}: index {own_name!r}: the hit ")


def test_a_hit_without_a_title_has_none(open_own, server, own_name):
    missing(server, own_name, "head")
    retriever = open_own()
    retriever.retrieve(["zebra"], 3)
    assert retriever.passages(["late"])["late"].title == ""


def test_ids_that_are_not_unique(open_own, own_name):
    message = said(lambda: open_own(id_field="about.language").retrieve(["cat"], 3))
    assert "two hits of one query have the same id_field = 'about.language'" in message


def test_more_hits_than_the_server_gives(open_own):
    message = said(lambda: open_own().retrieve(["cat"], 10_001))
    assert message.startswith("[retrieval] k = 10001: ")
