"""What a server may send: so much, in these numbers, and nothing secret comes back."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.endpoint import body as bodies
from pytest_ragft.endpoint.body import BodyError, read_body
from pytest_ragft.endpoint.client import Endpoint
from pytest_ragft.endpoint.usage import Prices, Usage
from pytest_ragft.gating.judge_facts import judge_usage
from pytest_ragft.judging.llm.opening import open_llm_judge
from tests.endpoint_server import Answer, Call, Server, chat, logprobs_of, refuse
from tests.unit.test_evaluation_judging_apart import case


def endpoint(url: str, **options) -> Endpoint:
    return Endpoint(url, **{"backoff": 0.001} | options)


def read(data: bytes, encoding: str, *, most: int = 1000, size: int = 7) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(data), size):
            yield data[start : start + size]

    return asyncio.run(read_body(chunks(), encoding, most=most))


@given(st.binary(max_size=300), st.integers(1, 50), st.sampled_from(["", "gzip", "Deflate"]))
def test_a_body_is_read_as_it_was_sent(data: bytes, size: int, encoding: str) -> None:
    pack = {"": bytes, "gzip": gzip.compress, "Deflate": zlib.compress}[encoding]
    assert read(pack(data), encoding, size=size) == data


def test_members_of_one_gzip_follow_each_other() -> None:
    assert read(gzip.compress(b"one ") + gzip.compress(b"two"), "x-gzip") == b"one two"


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("length", [1000, 1001, 1 << 24])
def test_the_limit_is_that_of_decoded_bytes(encoding: str, length: int) -> None:
    data = gzip.compress(bytes(length)) if encoding == "gzip" else bytes(length)
    if length <= 1000:
        assert read(data, encoding, size=1 << 16) == bytes(length)
        return
    with pytest.raises(BodyError, match="longer than"):
        read(data, encoding, size=1 << 16)


@pytest.mark.parametrize(
    ("data", "encoding", "said"),
    [
        (b"x", "br", "'br', which was not asked for"), (b"no gzip at all", "gzip", "damaged"),
        (gzip.compress(b"long enough", mtime=0)[:-9], "gzip", "ends before its end"),
    ],
)  # fmt: skip
def test_what_cannot_be_decoded_is_not_read(data: bytes, encoding: str, said: str) -> None:
    with pytest.raises(BodyError, match=said):
        read(data, encoding)


def test_no_more_is_ever_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """2 GB came of eight bodies of 200 kB."""
    monkeypatch.setattr(bodies, "LARGEST", 10)
    held: list[int] = []
    decoded = bodies._Decoder.decoded

    def counted(self, data: bytes, most: int) -> bytes:
        held.append(len(out := decoded(self, data, most)))
        return out

    monkeypatch.setattr(bodies._Decoder, "decoded", counted)
    with pytest.raises(BodyError):
        read(gzip.compress(bytes(1 << 26)), "gzip", most=5000, size=1 << 20)
    assert sum(held) <= 5001


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_bomb_is_an_error_and_ends_the_endpoint(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies.read_body, "__kwdefaults__", {"most": 1 << 16})
    bomb = gzip.compress(json.dumps({"got": "x" * (1 << 20)}).encode())
    answer = Answer(body=bomb, status=status, headers={"Content-Encoding": "gzip"})
    with Server(lambda _: answer) as server:
        client = endpoint(server.url, concurrency=2)
        replies = client.post_many("x", [{"n": n} for n in range(9)])
    assert len(server.calls) <= 2
    assert all("the reply is longer than 0.0625 MiB" in str(reply.error) for reply in replies)


def test_a_compressed_reply_is_read() -> None:
    packed = gzip.compress(b'{"got": 1}')
    answer = Answer(body=packed, headers={"Content-Encoding": "gzip"})
    with Server(lambda _: answer) as server:
        (reply,) = endpoint(server.url).post_many("x", [{}])
    assert reply.value == {"got": 1}
    assert server.calls[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("digits", ["9" * 19, "-" + "9" * 400, "9" * 4300, "9" * 100_000])
def test_a_number_of_any_length_is_read_and_counts_nothing(digits: str) -> None:
    body = f'{{"usage": {{"prompt_tokens": {digits}, "completion_tokens": 1}}}}'
    answer = Answer(body=body.encode())
    with Server(lambda _: answer) as server:
        client = endpoint(server.url)
        (reply,) = client.post_many("x", [{}])
    assert reply.error is None
    assert (client.usage.prompt_tokens, client.usage.completion_tokens) == (0, 1)
    assert client.usage.uncounted == 1
    assert client.usage.cost(Prices(prompt=1.0, completion=1.0)) == 1e-6


@pytest.mark.parametrize("count", ["7", -1, 1.5, True, None, 1 << 40, [], float(1 << 70)])
def test_odd_counts_of_tokens_are_missing_and_told(count: object) -> None:
    usage = Usage()
    usage.count({"usage": {"prompt_tokens": count, "completion_tokens": 3}}, attempts=1)
    assert (usage.prompt_tokens, usage.completion_tokens, usage.uncounted) == (0, 3, 1)


def scripted(tokens: object = 100, alternatives: Mapping[str, float] | None = None, odd: str = ""):
    """A judge's server that always rates 3, with an odd number in the log-probabilities."""
    pieces = ['{"reason": "r", "rating": ', "3", "}"]

    def script(call: Call) -> Answer:
        answer = chat("".join(pieces), logprobs=logprobs_of(pieces, 1, alternatives or {"3": 1.0}))
        body = json.loads(json.dumps(answer.body))
        body["usage"]["prompt_tokens"] = tokens
        half = "-0.6931471805599453"
        return Answer(body=json.dumps(body).replace(half, odd or half).encode())

    return script


@pytest.mark.parametrize("odd", ["-" + "9" * 400, "9" * 5000, "0.7", '"-1"', "-1e999"])
def test_an_odd_log_probability_leaves_the_score_missing_with_the_reason(odd: str) -> None:
    with Server(scripted(alternatives={"3": 0.5, "4": 0.5}, odd=odd)) as server:
        judge = open_llm_judge(f"openai:m@{server.url}", {})
        (scores,) = judge.judge([case(1, "a code of another kind")])
    assert {score.status for score in scores.values()} == {"missing"}
    assert "is no log-probability" in scores["accuracy"].reason


def test_what_was_not_counted_stands_in_the_report() -> None:
    with Server(scripted(tokens=int("9" * 30))) as server:
        judge = open_llm_judge(f"openai:m@{server.url}", {})
        judge.judge([case(1, "a code of another kind")])
    usage = judge_usage(judge, {"RAGFT_JUDGE_PRICES": "1/1"})
    assert usage is not None
    assert usage.uncounted == usage.calls == 3
    assert "without 3 of the calls" in usage.uncounted_note


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "HTTP_PROXY"])
def test_the_password_of_a_proxy_is_not_shown(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(lambda _: refuse(407, "who is cHc6aHVzaCBodXNo, who is hush hush?")) as server:
        host = server.url.removeprefix("http://").removesuffix("/v1")
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.lower(), raising=False)
        monkeypatch.setenv(variable, f"http://pw:hush%20hush@{host}")
        scheme = variable.partition("_")[0].lower()
        (reply,) = endpoint(f"{scheme}://judge.invalid/v1", attempts=1).post_many("x", [{}])
    assert reply.error is not None
    for part in ("hush", "cHc6aHVzaCBodXNo"):
        assert part not in reply.error
