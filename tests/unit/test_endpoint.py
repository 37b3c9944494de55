"""Calls to a real HTTP server: in order, bounded, retried, timed, and never silent."""

from __future__ import annotations

import asyncio
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pytest_ragft.endpoint.client import Endpoint
from pytest_ragft.endpoint.outcome import retry_after
from tests.endpoint_server import Answer, Call, Server, refuse


def echo(call: Call) -> Answer:
    return Answer(body={"got": call.body["n"]})


def nowhere() -> str:
    """A URL that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


def endpoint(url: str, **options) -> Endpoint:
    return Endpoint(url, **{"backoff": 0.001} | options)


def first(*answers: Answer):
    """A script that gives `answers` one after the other, and then echoes."""

    def script(call: Call) -> Answer:
        return answers[call.number - 1] if call.number <= len(answers) else echo(call)

    return script


def test_replies_are_in_order_whatever_the_concurrency():
    done = []
    with Server(echo) as server:
        replies = endpoint(server.url, concurrency=7).post_many(
            "things", [{"n": n} for n in range(100)], on_done=done.append
        )
    assert [reply.value["got"] for reply in replies] == list(range(100))
    assert sum(done) == 100
    assert {call.path for call in server.calls} == {"/v1/things"}
    assert 1 < server.most_at_once <= 7


def test_it_works_inside_a_running_event_loop():
    async def main():
        return endpoint(server.url).post_many("x", [{"n": 1}])

    with Server(echo) as server:
        (reply,) = asyncio.run(main())
    assert reply.value == {"got": 1}


def test_nothing_to_post():
    assert endpoint(nowhere()).post_many("x", []) == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status):
    with Server(first(refuse(status, "busy"), refuse(status, "busy"))) as server:
        client = endpoint(server.url)
        (reply,) = client.post_many("x", [{"n": 1}])
    assert (reply.value, reply.attempts) == ({"got": 1}, 3)
    assert client.usage.retries == 2


def test_a_dropped_connection_is_tried_again():
    with Server(first(Answer(drop=True))) as server:
        (reply,) = endpoint(server.url).post_many("x", [{"n": 1}])
    assert reply.value == {"got": 1}


def test_a_call_that_hangs_is_tried_again():
    with Server(first(Answer(hang=True))) as server:
        (reply,) = endpoint(server.url, call_timeout=0.2).post_many("x", [{"n": 1}])
    assert (reply.value, reply.attempts) == ({"got": 1}, 2)


def test_retry_after_holds_all_calls_back():
    # Were it not for the header, the back-off would be next to nothing.
    with Server(first(refuse(429, "slow down", Retry_After="1"))) as server:
        client = endpoint(server.url, concurrency=1)
        begin = datetime.now(UTC)
        replies = client.post_many("x", [{"n": 1}, {"n": 2}])
        waited = datetime.now(UTC) - begin
    assert [reply.value for reply in replies] == [{"got": 1}, {"got": 2}]
    assert waited >= timedelta(seconds=1)


def test_retry_after_may_be_a_date():
    when = format_datetime(datetime.now(UTC) - timedelta(seconds=5), usegmt=True)
    with Server(first(refuse(503, "maintenance", Retry_After=when))) as server:
        (reply,) = endpoint(server.url).post_many("x", [{"n": 1}])
    assert reply.value == {"got": 1}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("17", 17.0), (" 0.5 ", 0.5), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("", None),
     ("soon", None), ("-1", None), ("nan", None), ("inf", None), ("1_0", None), ("1e3", None),
     ("Fri, 31 Dec 99999 23:59:59 GMT", None)],
)  # fmt: skip
def test_how_long_a_server_asks_to_wait(header, seconds):
    assert retry_after(header) == seconds


def test_a_server_that_asks_for_an_hour_is_not_waited_for():
    with Server(lambda _: refuse(429, "come back later", Retry_After="3600")) as server:
        (reply,) = endpoint(server.url).post_many("x", [{"n": 1}])
    assert reply.attempts == 1
    assert "3600 s" in reply.error
    assert "come back later" in reply.error


def test_attempts_are_bounded_and_the_reason_is_told():
    with Server(lambda _: refuse(500, "out of memory")) as server:
        (reply,) = endpoint(server.url, attempts=3).post_many("x", [{"n": 1}])
    assert (reply.value, reply.status, reply.attempts) == (None, 500, 3)
    assert "500" in reply.error
    assert "out of memory" in reply.error


@pytest.mark.parametrize(
    ("status", "remedy"),
    [(401, "set MY_KEY"), (403, "set MY_KEY"), (404, "unknown model"), (405, "wrong URL")],
)
def test_what_no_retry_can_help_ends_everything_at_once(status, remedy):
    with Server(lambda _: refuse(status, "no")) as server:
        client = endpoint(server.url, concurrency=2, key_setting="MY_KEY")
        replies = client.post_many("x", [{"n": n} for n in range(50)])
    assert len(server.calls) <= 2
    assert len(replies) == 50
    assert all(remedy in reply.error for reply in replies)


def test_one_refused_call_does_not_end_the_others():
    # Gateways answer 403 to single texts that they do not like.
    script = first(echo(Call(path="", body={"n": 0}, headers={}, number=0)), refuse(403, "flagged"))
    with Server(script) as server:
        replies = endpoint(server.url, concurrency=1).post_many("x", [{"n": n} for n in range(4)])
    assert [reply.error is None for reply in replies] == [True, False, True, True]


def test_a_spent_quota_is_not_retried():
    body = {"error": {"message": "no money", "code": "insufficient_quota"}}
    with Server(lambda _: Answer(status=429, body=body)) as server:
        replies = endpoint(server.url, concurrency=1).post_many("x", [{"n": 1}, {"n": 2}])
    assert len(server.calls) == 1
    assert all("no money" in reply.error for reply in replies)


def test_a_bad_request_is_the_calls_own_failure():
    script = lambda call: refuse(400, "bad") if call.body["n"] == 1 else echo(call)  # noqa: E731
    with Server(script) as server:
        replies = endpoint(server.url).post_many("x", [{"n": n} for n in range(3)])
    assert [reply.status for reply in replies] == [200, 400, 200]
    assert replies[1].attempts == 1


def test_a_server_that_is_down_is_given_up():
    client = endpoint(nowhere(), concurrency=4, attempts=2, give_up_after=3)
    replies = client.post_many("x", [{"n": n} for n in range(1000)])
    assert len(replies) == 1000
    assert all("cannot be reached" in reply.error for reply in replies)
    assert sum(reply.attempts > 0 for reply in replies) <= 2 * 4
    # It stays given up, so that the next batch costs nothing either.
    (reply,) = client.post_many("x", [{"n": 1}])
    assert reply.attempts == 0
    assert "given up after 3 calls" in reply.error
    assert client.usage.failed == client.usage.calls


def test_a_server_that_answers_now_and_then_is_not_given_up():
    script = lambda call: refuse(500, "no") if call.body["n"] % 3 else echo(call)  # noqa: E731
    with Server(script) as server:
        client = endpoint(server.url, concurrency=1, attempts=1, give_up_after=3)
        replies = client.post_many("x", [{"n": n} for n in range(30)])
    assert sum(reply.error is None for reply in replies) == 10


def test_the_total_limit_ends_a_run_with_a_reason_for_each_call():
    script = lambda call: Answer(hang=True) if call.body["n"] else echo(call)  # noqa: E731
    with Server(script) as server:
        client = endpoint(server.url, concurrency=1, total_timeout=0.5)
        replies = client.post_many("x", [{"n": n} for n in range(5)])
    assert replies[0].value == {"got": 0}
    assert all(reply.value is None and reply.error for reply in replies[1:])
    assert "the limit of 0.5 s" in replies[-1].error


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a": NaN}', b"[" * 100_000, b"null"])
def test_what_is_no_json_is_no_value(body):
    with Server(lambda _: Answer(body=body)) as server:
        (reply,) = endpoint(server.url).post_many("x", [{"n": 1}])
    assert reply.value is None
    assert "did not answer in JSON" in reply.error


def test_a_redirect_is_not_followed():
    with (
        Server(echo) as other,
        Server(lambda _: Answer(status=307, headers={"Location": f"{other.url}/x"})) as server,
    ):
        (reply,) = endpoint(server.url, api_key="sk-1").post_many("x", [{"n": 1}])
    assert other.calls == []
    assert f"redirects to '{other.url}/x'" in reply.error


def test_the_key_is_sent_and_shown_nowhere():
    with Server(lambda call: refuse(401, f"wrong: {call.headers['Authorization']}")) as server:
        client = endpoint(server.url, api_key="sk-secret")
        (reply,) = client.post_many("x", [{"n": 1}])
    assert server.calls[0].headers["Authorization"] == "Bearer sk-secret"
    assert "sk-secret" not in reply.error
    assert "sk-secret" not in repr(client) + repr(vars(client))


def test_no_key_no_header():
    with Server(echo) as server:
        endpoint(server.url).post_many("x", [{"n": 1}])
    assert "Authorization" not in server.calls[0].headers


def test_what_a_server_says_is_shortened_to_one_plain_line():
    with Server(lambda _: refuse(400, "a\n\x1b[31mb " + "x " * 5000)) as server:
        (reply,) = endpoint(server.url).post_many("x", [{"n": 1}])
    assert "a [31mb" in reply.error
    assert len(reply.error) < 400


def test_check_asks_once_and_names_what_is_wrong():
    reply = endpoint(nowhere()).check("x", {"n": 1})
    assert reply.attempts == 1
    assert "check that the server runs" in reply.error
    with Server(lambda _: refuse(503, "loading")) as server:
        assert endpoint(server.url).check("x", {"n": 1}).attempts == 1
    with Server(echo) as server:
        client = endpoint(server.url)
        assert client.check("x", {"n": 1}).value == {"got": 1}


def test_a_failed_check_leaves_later_calls_alone():
    with Server(first(refuse(404, "loading the model"))) as server:
        client = endpoint(server.url)
        assert client.check("x", {"n": 1}).error
        assert client.post_many("x", [{"n": 1}])[0].value == {"got": 1}


def test_jobs_make_calls_one_after_the_other():
    async def job(post):
        one = await post("x", {"n": 1})
        return (await post("x", {"n": one.value["got"] + 1})).value["got"]

    with Server(echo) as server:
        assert endpoint(server.url).run([job] * 5) == [2] * 5


def test_calls_of_one_job_are_bounded_too():
    async def job(post):
        return await asyncio.gather(*(post("x", {"n": n}) for n in range(30)))

    with Server(echo) as server:
        (replies,) = endpoint(server.url, concurrency=3).run([job])
    assert [reply.value["got"] for reply in replies] == list(range(30))
    assert server.most_at_once <= 3


def test_the_mistake_of_a_job_is_raised():
    async def job(post):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        endpoint(nowhere()).run([job])


def test_tokens_are_counted():
    usage = {"usage": {"prompt_tokens": 7, "completion_tokens": True}}
    with Server(lambda _: Answer(body=usage)) as server:
        client = endpoint(server.url)
        client.post_many("x", [{"n": 1}] * 3)
    assert (client.usage.calls, client.usage.prompt_tokens) == (3, 21)
    assert client.usage.completion_tokens == 0


def test_an_interrupted_run_stops_its_calls(monkeypatch):
    interrupted = threading.Event()

    def script(_: Call) -> Answer:
        interrupted.set()
        return Answer(hang=True)

    with Server(script) as server:
        client = endpoint(server.url)
        join, calls = threading.Thread.join, []

        def join_once(thread, timeout=None):
            if thread.name == "ragft-endpoint" and not calls:
                calls.append(1)
                assert interrupted.wait(10)
                raise KeyboardInterrupt
            return join(thread, timeout)

        monkeypatch.setattr(threading.Thread, "join", join_once)
        with pytest.raises(KeyboardInterrupt):
            client.post_many("x", [{"n": 1}] * 10)
    assert not any(thread.name == "ragft-endpoint" for thread in threading.enumerate())


@pytest.mark.parametrize("bad", [{"concurrency": 0}, {"attempts": 0}, {"call_timeout": 0}])
def test_limits_are_positive(bad):
    with pytest.raises(ValueError, match="positive"):
        Endpoint("http://127.0.0.1:1", **bad)
