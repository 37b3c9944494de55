"""A chat model's identity: what its server grants belongs to it, now, later and offline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.endpoint.capabilities import OF_QUESTIONS
from pytest_ragft.endpoint.chat import ChatModel, Question, Unusable
from pytest_ragft.endpoint.client import Endpoint
from pytest_ragft.store import Latest, Store
from tests.endpoint_server import Answer, Server, chat, refuse
from tests.llm_scripts import Weighing

PROBE = Question(
    system="Be brief.",
    user="Is water wet?",
    form="",
    schema={"type": "object"},
    logprobs=True,
    read=lambda said: said.content,
)
WITHOUT = OF_QUESTIONS - {"logprobs"}


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path / "store.sqlite")
    yield opened
    opened.close()


def model(url: str, store: Store | None = None, **options) -> ChatModel:
    memory = None if store is None else Latest(store, "capabilities")
    endpoint = Endpoint(url, backoff=0.0, attempts=2)
    return ChatModel("m", endpoint, **{"probe": PROBE, "memory": memory} | options)


def test_what_is_granted_is_part_of_the_identity():
    with Server(Weighing()) as server:
        of = model(server.url)
        unknown = of.identity
        assert of.negotiate() is None
        granting = of.identity
        server._script.logprobs = "refuses"
        other = model(server.url)
        assert other.negotiate() is None
    assert (of.capabilities, other.capabilities) == (OF_QUESTIONS, WITHOUT)
    assert other.lacking == ("logprobs",)
    assert len({str(i) for i in (unknown, granting, other.identity)}) == 3


def test_it_is_asked_once_and_read_by_later_processes_without_a_call(store):
    with Server(Weighing("ignores")) as server:
        first = model(server.url, store)
        first.negotiate()
        first.negotiate()
        assert len(server.calls) == 1
        later = model(server.url, store)
        assert later.identity == first.identity
        assert len(server.calls) == 1


def test_it_stays_what_it_is_until_this_process_has_asked(store):
    weighing = Weighing()
    with Server(weighing) as server:
        one = model(server.url, store)
        one.negotiate()
        standing, fresh = model(server.url, store), model(server.url, store)
        before = standing.identity
        weighing.logprobs = "names them"
        fresh.negotiate()
        assert standing.identity == before != fresh.identity
        standing.negotiate()
    assert standing.identity == fresh.identity
    assert model(server.url, store).identity == fresh.identity


def test_a_server_that_is_down_leaves_what_it_last_granted(store):
    with Server(Weighing()) as server:
        model(server.url, store).negotiate()
    later = model(server.url, store)
    assert "cannot be reached" in later.negotiate()
    assert later.capabilities == OF_QUESTIONS
    assert model(server.url).capabilities is None


def test_what_cannot_be_asked_is_not_tried_again():
    with Server(lambda _: refuse(503, "loading")) as server:
        of = model(server.url)
        assert "loading" in of.negotiate()
        tried = len(server.calls)
        assert "loading" in of.negotiate()
        assert len(server.calls) == tried
        assert "loading" in of.negotiate(patient=False)
        assert len(server.calls) == tried + 1


@pytest.mark.parametrize("damage", ["telepathy", "logprobs,telepathy", "LOGPROBS"])
def test_what_this_version_does_not_know_was_never_granted(store, damage):
    with Server(Weighing()) as server:
        of = model(server.url, store)
        of.negotiate()
        Latest(store, "capabilities").put(*of._place, text=damage)
        assert model(server.url, store).capabilities is None


def test_nothing_granted_is_known_too(store):
    def script(call):
        few = call.body.keys() <= {"model", "messages", "stream", "max_completion_tokens"}
        plain = few and len(call.body["messages"]) == 1
        return chat("ok") if plain else refuse(422, "")

    with Server(script) as server:
        assert model(server.url, store).negotiate() is None
        assert model(server.url, store).capabilities == frozenset()


@pytest.mark.parametrize(
    "change",
    [{"user": "U"}, {"schema": None}, {"logprobs": False}],
    ids=str,
)
def test_another_probe_is_remembered_apart(store, change):
    with Server(Weighing()) as server:
        model(server.url, store).negotiate()
        other = replace(PROBE, **change)
        assert model(server.url, store, probe=other).capabilities is None


def test_a_model_can_be_asked_in_ones_own_words():
    question = Question(system="S", user="U", form="Say it", read=lambda said: said.content)

    def script(call):
        assert not {"response_format", "logprobs"} & call.body.keys()
        return chat("" if call.number == 2 else "hello")

    with Server(script) as server:
        of = model(server.url, probe=replace(question, user="Hello"))
        of.negotiate()
        (told,) = of.endpoint.run([lambda post: of.ask(post, question)])
    assert told == "hello"
    assert server.calls[2].text.endswith("could not be used: the reply is empty. Say it.")


def test_nothing_is_asked_before_it_is_known_how():
    with Server(lambda _: Answer()) as server:
        of = model(server.url)
        (told,) = of.endpoint.run([lambda post: of.ask(post, PROBE)])
    assert isinstance(told, Unusable)
    assert server.calls == []
