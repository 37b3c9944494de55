"""Encoders behind an OpenAI-compatible endpoint, on a real server."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("aiohttp", reason="the extra 'endpoint' is not installed")

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.encoding import open_encoder
from pytest_ragft.store import Store
from tests.endpoint_server import Answer, Call, Server, refuse


def vector(text: str) -> list[float]:
    return [float(len(text)), float(text.count("a")), 1.0]


def embed(call: Call, **changes: object) -> Answer:
    data = [
        {"object": "embedding", "index": i, "embedding": vector(text)}
        for i, text in enumerate(call.body["input"])
    ]
    return Answer(body={"object": "list", "model": call.body["model"], "data": data} | changes)


def open_(server: Server, **settings: object):
    settings = {"store": None, "offline": False, "corpus": ()} | settings
    return open_encoder(f"openai:small@{server.url}", **settings)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("RAGFT_EMBEDDINGS_API_KEY", raising=False)


def test_vectors_in_order_and_of_length_one():
    texts = ["banana " * i for i in range(1, 150)]
    with Server(embed) as server:
        encoder = open_(server)
        vectors = encoder.encode([*texts, "", texts[3]])
        assert encoder.dimensions == 3
    expected = np.array([vector(text) for text in texts])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert vectors[:149] == pytest.approx(expected, abs=1e-6)
    assert not vectors[149].any()
    assert np.array_equal(vectors[150], vectors[3])
    assert {call.path for call in server.calls} == {"/v1/embeddings"}
    assert {call.body["model"] for call in server.calls} == {"small"}
    sent = [text for call in server.calls for text in call.body["input"]]
    assert sorted(sent) == sorted(texts)
    assert max(len(call.body["input"]) for call in server.calls) == 64


def test_replies_in_another_order():
    def reversed_(call: Call) -> Answer:
        answer = embed(call)
        answer.body["data"].reverse()
        return answer

    with Server(embed) as server, Server(reversed_) as other:
        texts = ["a", "bb", "ccc"]
        assert np.array_equal(open_(server).encode(texts), open_(other).encode(texts))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "0 usable embeddings for 2 texts"),
        ([{"index": 0, "embedding": [1.0]}], "1 usable embeddings"),
        ([{"index": 0, "embedding": [1.0]}] * 2, "1 usable embeddings"),
        ([{"index": i, "embedding": [1.0]} for i in range(3)], "3 usable embeddings"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": "AAA="}], "1 usable"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [None]}], "list of numbers"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [True]}], "list of numbers"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": []}], "length above 0"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [0]}], "length above 0"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1e999]}], "encoder"),
        ([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1, 2]}], "several lengths"),
        ([{"index": i % 2, "embedding": [1.0]} for i in range(3)], "2 usable embeddings"),
        ("nothing", "0 usable embeddings"),
        ([None, 3], "0 usable embeddings"),
    ],
)
def test_incomplete_and_malformed_replies(tmp_path, data, said):
    store = Store(tmp_path / "store.sqlite")
    with Server(lambda call: embed(call, data=data)) as server:
        with pytest.raises(RetrievalError, match=said) as caught:
            open_(server, store=store).encode(["one", "two"])
        assert "[retrieval] encoder" in str(caught.value)
        assert server.url in str(caught.value)
        with pytest.raises(RetrievalError, match="offline, and 2 of 2"):
            open_(server, store=store, offline=True).encode(["one", "two"])
    store.close()


def test_a_reply_that_is_no_object():
    with (
        Server(lambda call: Answer(body=[1, 2])) as server,
        pytest.raises(RetrievalError, match=r"\[retrieval\] encoder"),
    ):
        open_(server).encode(["one"])


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refusals(status):
    with Server(lambda call: refuse(status, "no such model")) as server:
        with pytest.raises(RetrievalError, match=f"answered {status}"):
            open_(server).encode(["one"])
        with pytest.raises(RetrievalError, match=r"\[retrieval\] encoder"):
            open_(server).check()


def test_a_busy_server_is_asked_again():
    def script(call: Call) -> Answer:
        return refuse(429, "busy", Retry_After="0") if call.number == 1 else embed(call)

    with Server(script) as server:
        assert open_(server).encode(["one"]).shape == (1, 3)
    assert len(server.calls) == 2


def test_vectors_are_kept_and_a_server_is_not_needed_again(tmp_path):
    store = Store(tmp_path / "store.sqlite")
    with Server(embed) as server:
        encoder = open_(server, store=store)
        encoder.check()
        before = encoder.encode(["one", "two"])
    for offline in (True, False):
        again = open_(server, store=store, offline=offline)
        again.check()
        assert np.array_equal(again.encode(["two", "one"]), before[::-1])
    store.close()


def test_offline_asks_nobody():
    with Server(embed) as server:
        encoder = open_(server, offline=True)
        encoder.check()
        with pytest.raises(RetrievalError, match="offline"):
            encoder.encode(["one"])
        with pytest.raises(RetrievalError, match="offline"):
            _ = encoder.dimensions
    assert server.calls == []


def test_keys_come_from_the_environment_and_stay_there(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    monkeypatch.setenv("RAGFT_EMBEDDINGS_API_KEY", "sk-very-secret")
    with Server(embed) as server:
        encoder = open_(server)
        encoder.encode(["one"])
    assert server.calls[0].headers["Authorization"] == "Bearer sk-very-secret"
    monkeypatch.delenv("RAGFT_EMBEDDINGS_API_KEY")
    other = open_(server)
    assert other.fingerprint == encoder.fingerprint
    with (
        Server(lambda call: refuse(401, "wrong key")) as server,
        pytest.raises(RetrievalError, match="RAGFT_EMBEDDINGS_API_KEY") as caught,
    ):
        open_(server).encode(["one"])
    assert server.calls[0].headers["Authorization"] == "Bearer sk-other"
    trace = "".join(map(str, [caught.value, caught.value.__cause__, vars(encoder)]))
    assert "sk-" not in trace


def test_identity_is_model_and_server():
    def identity(spec: str) -> str:
        return open_encoder(spec, corpus=(), store=None, offline=False).fingerprint

    one = identity("openai:small@http://127.0.0.1:1/v1")
    assert one == identity("openai:small@HTTP://127.0.0.1:1/v1/")
    assert one != identity("openai:large@http://127.0.0.1:1/v1")
    assert one != identity("openai:small@http://127.0.0.1:2/v1")


@pytest.mark.parametrize(
    "target", ["small", "small@", "@http://h/v1", "small@ftp://h", "s@http://"]
)
def test_targets_that_are_none(target):
    with pytest.raises(RetrievalError, match=r"\[retrieval\] encoder"):
        open_encoder(f"openai:{target}", corpus=(), store=None, offline=False)


def test_a_key_that_no_header_holds(monkeypatch):
    monkeypatch.setenv("RAGFT_EMBEDDINGS_API_KEY", "sk-secret\nX: y")
    with pytest.raises(RetrievalError, match="RAGFT_EMBEDDINGS_API_KEY") as caught:
        open_encoder("openai:m@http://127.0.0.1:1/v1", corpus=(), store=None, offline=False)
    assert "secret" not in str(caught.value)
