"""Models behind a server: what is asked, what comes of each reply, and who it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.errors import GenerationError
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.port import kept_under
from pytest_ragft.generation.served import ServedGenerator
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import parse_variant
from pytest_ragft.records import Answer as Given
from pytest_ragft.records import Passage, Prompt, Request, Sampling
from pytest_ragft.store import Store
from tests.endpoint_server import Answer, Call, Server, refuse
from tests.served_scripts import Model, message, said

NOW = datetime(2026, 11, 29, 12)
QUESTION = "Which code has item 0x0 in demo?"


def passage(i: int, words: int = 0) -> Passage:
    text = f"In demo the code of item {i}x0 is code{i}." + " more" * words
    return Passage(id=f"p{i}", title=f"Item {i}", text=text)


def asked(passages: int = 2, system: str = "Be brief.", words: int = 0) -> Request:
    prompt = Prompt(
        system=system,
        user="Context:\n{context}\n\nQuestion: {question}",
        question=QUESTION,
        passages=tuple(passage(i, words) for i in range(passages)),
    )
    return Request(suite="demo", id="q0", prompt=prompt)


def opened(
    url: str,
    store: Store | None = None,
    *,
    kind: str = "openai",
    name: str = "ft",
    settings: GenerationSettings | None = None,
    **options: Any,
) -> ServedGenerator:
    options = {"now": NOW, "offline": False, **options}
    (generator,) = open_generators(
        [parse_variant(f"x={kind}:{name}@{url}")],
        baseline=None,
        wants_baseline=False,
        base=None,
        options={"demo": settings or GenerationSettings()},
        store=store,
        **options,
    ).values()
    assert isinstance(generator, ServedGenerator)
    return generator


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def server(model: Model) -> Iterator[Server]:
    with Server(model) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def answer(server: Server, request: Request | None = None, **options: Any) -> Given:
    (given,) = opened(server.url, **options).generate([request or asked()])
    return given


def test_a_question_is_asked_greedily_with_all_that_is_set(server: Server, model: Model) -> None:
    settings = GenerationSettings(max_new_tokens=7, stop=("\n\n", "END"))
    given = answer(server, settings=settings, environ={"RAGFT_GENERATION_API_KEY": "key-1"})
    (call,) = model.asked
    assert given == Given(
        text="code0",
        finish="stop",
        prompt_tokens=2 * len(call.text.split()),
        completion_tokens=10,
        platform=f"server {server.url}",
    )
    assert call.path == "/v1/chat/completions"
    assert call.headers["Authorization"] == "Bearer key-1"
    assert call.body == {
        "model": "ft",
        "messages": asked().prompt.messages(),
        "stream": False,
        "temperature": 0,
        "seed": 0,
        "max_tokens": 7,
        "stop": ["\n\n", "END"],
    }


@pytest.mark.parametrize("kind", ["openai", "completions"])
def test_a_draw_is_asked_as_it_is_drawn(server: Server, model: Model, kind: str) -> None:
    drawn = Sampling(temperature=0.7, top_p=0.9, seed=123)
    answer(server, replace(asked(), sampling=drawn), kind=kind)
    body = model.asked[-1].body
    assert (body["temperature"], body["top_p"], body["seed"]) == (0.7, 0.9, 123)
    answer(server, replace(asked(), sampling=replace(drawn, top_p=None)), kind=kind)
    assert "top_p" not in model.asked[-1].body
    model.refuses = ("temperature",)
    answer(server, replace(asked(), sampling=drawn), kind=kind)
    assert {"temperature", "top_p"}.isdisjoint(model.asked[-1].body)


def test_a_raw_prompt_is_the_system_prompt_an_empty_line_and_the_question(
    server: Server, model: Model
) -> None:
    given = answer(server, kind="completions")
    (call,) = model.asked
    system, user = asked().prompt.messages()
    assert given.text == "code0"
    assert call.path == "/v1/completions"
    assert call.body == {
        "model": "ft",
        "prompt": f"{system['content']}\n\n{user['content']}",
        "stream": False,
        "temperature": 0,
        "seed": 0,
        "max_tokens": 64,
    }
    answer(server, asked(system=""), kind="completions")
    assert model.asked[-1].body["prompt"] == user["content"]


@pytest.mark.parametrize(
    ("field", "instead", "told"),
    [
        ("max_tokens", {"max_completion_tokens": 64}, "max_completion_tokens was sent instead"),
        ("temperature", {}, "it decides how answers are drawn"),
        ("seed", {}, "it draws by a seed of its own"),
        ("stop", {}, "answers are cut there once they have come"),
    ],
)
def test_what_a_server_refuses_is_left_out_and_said(
    server: Server, model: Model, field: str, instead: dict[str, Any], told: str
) -> None:
    settings = GenerationSettings(stop=("e0",))
    plain = opened(server.url, settings=settings).fingerprint
    model.refuses = (field,)
    generator = opened(server.url, settings=settings)
    (given,) = generator.generate([asked()])
    assert given.text == "cod", "cut here where the server does not"
    assert field not in model.asked[0].body
    assert instead.items() <= model.asked[0].body.items()
    assert any(told in note for note in generator.notes)
    assert generator.fingerprint != plain, "what is granted decides what is answered"


def test_thinking_is_switched_where_that_makes_a_difference(server: Server, model: Model) -> None:
    settings = GenerationSettings(thinking="off")
    generator = opened(server.url, settings=settings)
    generator.generate([asked()])
    switch = {"enable_thinking": False, "thinking": False}
    assert model.asked[0].body["chat_template_kwargs"] == switch
    assert any('thinking = "off"' in note and "not applied" in note for note in generator.notes)

    def thinks(call: Call) -> Answer:
        on = call.body.get("chat_template_kwargs", {}).get("thinking")
        return message(call, content="It is.", reasoning_content="Hm." if on else "")

    with Server(lambda c: thinks(c) if c.body else refuse(404, "no list")) as other:
        applied = opened(other.url, settings=settings)
        applied.negotiate()
    assert not any("not applied" in note for note in applied.notes)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (
            lambda call: message(call, "length", content="code0 and"),
            {"text": "code0 and", "finish": "length"},
        ),
        (
            lambda call: message(call, content="code0", reasoning_content="Passage 0 says so."),
            {"text": "code0", "reasoning": "Passage 0 says so."},
        ),
        (
            lambda call: message(call, content="<think>It says so.</think>\ncode0"),
            {"text": "code0", "reasoning": "It says so."},
        ),
        (
            lambda call: message(call, "length", content=None, reasoning="Passage 0 says"),
            {
                "text": "",
                "reasoning": "Passage 0 says",
                "reasoning_cut": True,
                "unanswered": "cut while thinking (finish: length)",
            },
        ),
        (
            lambda call: message(call, "length", content=""),
            {"text": "", "unanswered": "cut while thinking (finish: length)"},
        ),
        (
            lambda call: message(call, "content_filter", content="code"),
            {"text": "code", "finish": "content_filter", "unanswered": ""},
        ),
        (
            lambda call: message(call, "content_filter", content=None),
            {"text": "", "unanswered": "the server's content filter withheld the answer"},
        ),
        (
            lambda call: message(call, "tool_calls", content=None, tool_calls=[{"id": "1"}]),
            {"text": "", "unanswered": "the server's answer is a call of a tool"},
        ),
        (
            lambda call: message(call, content=None),
            {"text": "", "unanswered": "the server's answer is null"},
        ),
        (
            lambda call: message(call, content=None, refusal="I cannot help with that."),
            {"text": "I cannot help with that.", "unanswered": ""},
        ),
        (
            lambda call: message(
                call,
                content=[
                    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
                    {"type": "text", "text": "code0"},
                ],
            ),
            {"text": "code0", "reasoning": "Hm."},
        ),
    ],
)
def test_each_end_of_an_answer_is_a_stated_outcome(
    server: Server, model: Model, reply: Callable[[Call], Answer], expected: dict[str, Any]
) -> None:
    model.reply = lambda call, _: reply(call)
    given = answer(server)
    assert given.error is None
    assert {name: getattr(given, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (lambda call: Answer(body={"choices": []}), "its reply holds no choices"),
        (lambda call: Answer(body=[1]), "its reply holds no choices"),
        (lambda call: Answer(body={"choices": [{"text": "x"}]}), "its reply holds no message"),
        (lambda call: message(call, content=7), "its content is of the type int"),
        (lambda call: message(call, "abort", content="co"), "it broke off (finish_reason 'abort')"),
        (lambda call: Answer(body={"error": {"message": "overload"}}), "it says: overload"),
        (lambda call: Answer(body=b'{"choices": [{"mess'), "did not answer in JSON"),
        (lambda call: refuse(400, "the prompt has a bad word"), "the prompt has a bad word"),
        (
            lambda call: Answer(
                status=400, body={"error": {"message": "No.", "code": "content_filter"}}
            ),
            "its content filter refused the prompt",
        ),
        (
            lambda call: replace(message(call, content="x"), body={
                **message(call, content="x").body, "model": "base"}),
            "its server answered for 'base', and for 'ft' when the run began",
        ),
        (
            lambda call: said(call, "code0") if False else Answer(body={
                **message(call, content="code0").body, "usage": {"prompt_tokens": 9}}),
            "it cuts prompts to its window",
        ),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_an_error_that_says_why(
    server: Server, model: Model, reply: Callable[[Call], Answer], why: str
) -> None:
    model.reply = lambda call, _: reply(call)
    given = answer(server)
    assert (given.text, given.finish) == ("", "error")
    assert given.error is not None
    assert why in given.error


def test_a_prompt_beyond_the_window_loses_passages_from_the_end(
    server: Server, model: Model
) -> None:
    request = asked(passages=5, words=40)
    model.window = 170
    given = answer(server, request)
    assert (given.text, given.passages_dropped, given.error) == ("code0", 2, None)
    assert len(model.asked) == 3
    model.window = 5
    hopeless = answer(server, request)
    assert hopeless.passages_dropped == 5
    assert hopeless.error is not None
    assert "too long without any passage" in hopeless.error


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "No.", "code": "context_length_exceeded"}},
        {"error": {"message": "No.", "type": "exceed_context_size_error", "code": 400}},
        {"error": "`inputs` tokens + `max_new_tokens` must be <= 2048", "error_type": "validation"},
        {"object": "error", "message": "This model's maximum context length is 9.", "code": 400},
    ],
)
def test_servers_say_too_long_in_their_own_ways(
    server: Server, model: Model, error: dict[str, Any]
) -> None:
    model.reply = lambda call, given: (
        Answer(status=422, body=error) if "Item 1" in call.text else given
    )
    given = answer(server)
    assert (given.text, given.passages_dropped) == ("code0", 1)


def test_a_window_that_is_told_spares_the_requests_that_cannot_fit(
    server: Server, model: Model
) -> None:
    model.about = {"max_model_len": 240}
    model.window = 170
    given = answer(server, asked(passages=5, words=60))
    assert (given.passages_dropped, given.error) == (3, None)
    assert len(model.asked) == 2


def test_answers_come_in_their_order_and_many_at_a_time(server: Server, model: Model) -> None:
    model.reply = lambda call, given: replace(given, delay=0.02)
    requests = [replace(asked(), prompt=replace(asked().prompt, question=
        QUESTION.replace("0x0", f"{i}x0"), passages=(passage(i),))) for i in range(40)]  # fmt: skip
    generator = opened(server.url, environ={"RAGFT_GENERATION_CONCURRENCY": "8"})
    assert [a.text for a in generator.generate(requests)] == [f"code{i}" for i in range(40)]
    assert server.most_at_once == 8
    assert generator.usage.calls == 41, "and the probe"


def test_a_server_that_is_busy_is_asked_again_when_it_says(server: Server, model: Model) -> None:
    busy = iter([refuse(429, "slow down", Retry_After="0.05"), refuse(503, "loading")])
    model.reply = lambda call, given: next(busy, given)
    generator = opened(server.url)
    generator.engine.endpoint._limits = replace(generator.engine.endpoint._limits, backoff=0.01)
    (given,) = generator.generate([asked()])
    assert given.text == "code0"
    assert generator.usage.retries == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"listed": ("base", "other")}, "does not exist.; it serves 'base', 'other'"),
        ({"listed": None, "called": "other"}, "answers for 'other' where 'ft' was asked for"),
        ({"refuses": ("messages",)}, "cannot be asked"),
    ],
)
def test_a_server_of_something_else_is_refused(
    server: Server, model: Model, change: dict[str, Any], why: str
) -> None:
    for name, value in change.items():
        setattr(model, name, value)
    with pytest.raises(GenerationError, match=why.replace(".", r"\.")):
        opened(server.url).negotiate()
    assert model.asked == []


def test_a_server_that_echoes_any_name_is_told_by_its_list() -> None:
    def echo(call: Call) -> Answer:
        if call.body is None:
            listed = {"id": "/models/other.gguf", "owned_by": "llamacpp"}
            return Answer(body={"data": [listed]})
        return message(call, content="Yes.")

    with Server(echo) as server:
        with pytest.raises(GenerationError, match=r"answers for '/models/other.gguf' where 'ft'"):
            opened(server.url).negotiate()
        opened(server.url, name="other").negotiate()


@pytest.mark.parametrize(
    "change",
    [
        {"probe": "Nobody knows."},
        {"about": {"root": "/adapters/new"}},
        {"about": {"created": 1_700_000_000}},
        {"about": {"max_model_len": 4096}},
        {"called": "ft-2026-11-28"},
        {"refuses": ("seed",)},
        {"listed": None},
    ],
)
def test_what_the_server_says_tells_models_apart(
    server: Server, model: Model, change: dict[str, Any]
) -> None:
    one = opened(server.url).fingerprint
    assert opened(server.url).fingerprint == one
    for name, value in change.items():
        setattr(model, name, value)
    assert opened(server.url).fingerprint != one


def test_the_moment_of_a_listing_is_no_property_of_a_model(server: Server, model: Model) -> None:
    stamps = []
    for second in range(2):
        model.about = {"created": int(NOW.timestamp()) + second, "permission": [{"id": second}]}
        stamps.append(opened(server.url).fingerprint)
    assert len(set(stamps)) == 1


@pytest.mark.parametrize(
    "settings",
    [
        GenerationSettings(max_new_tokens=65),
        GenerationSettings(stop=("x",)),
        GenerationSettings(thinking="on"),
    ],
)
def test_settings_tell_answers_apart(server: Server, settings: GenerationSettings) -> None:
    assert opened(server.url).fingerprint != opened(server.url, settings=settings).fingerprint
    other = opened(server.url, settings=replace(settings, dtype="float32", batch_tokens=9))
    assert other.fingerprint == opened(server.url, settings=settings).fingerprint
    assert any("dtype, batch_tokens under [generation] not applied" in n for n in other.notes)


def test_names_apis_and_servers_tell_answers_apart(server: Server) -> None:
    with Server(Model()) as other:
        found = {
            opened(server.url).fingerprint,
            opened(server.url, name="base").fingerprint,
            opened(server.url, kind="completions").fingerprint,
            opened(other.url).fingerprint,
        }
    assert len(found) == 4


def test_answers_count_for_a_time_and_are_then_asked_again(server: Server, store: Store) -> None:
    def key(hours: float, run: str, **options: Any) -> str:
        of = Store(store.path, run=run)
        return kept_under(opened(server.url, of, now=NOW + timedelta(hours=hours), **options))

    first = key(0, "a")
    assert key(23, "b") == first
    assert key(25, "a") == first, "a run that takes long"
    second = key(25, "c")
    assert second != first
    assert key(26, "d") == second, "the later ones count from then on"
    third = key(26, "e", max_age=0.0)
    assert third not in (first, second)
    assert key(26.1, "e", max_age=0.0) == third, "another process of the run"
    assert key(26.2, "f", max_age=0.0) != third


def test_offline_what_the_server_said_last_counts(store: Store, model: Model) -> None:
    with Server(model) as server:
        with pytest.raises(GenerationError, match=r"offline: what .* serves as 'ft' is not known"):
            opened(server.url, store, offline=True).negotiate()
        online = opened(server.url, store)
        key = kept_under(online)
        calls = len(server.calls)
    offline = opened(server.url, store, offline=True)
    offline.check("demo", ["q0"])
    assert kept_under(offline) == key
    assert offline.notes == online.notes
    assert len(server.calls) == calls
    later = Store(store.path)
    late = opened(server.url, later, offline=True, now=NOW + timedelta(days=2))
    with pytest.raises(GenerationError, match="are 2 days old and count for 1 day"):
        kept_under(late)
    assert kept_under(opened(server.url, later, offline=True, max_age=1e6)) == key


def test_the_baseline_may_have_a_key_of_its_own(server: Server) -> None:
    def keys(**environ: str) -> list[str | None]:
        server.calls.clear()
        generators = open_generators(
            [parse_variant(f"openai:ft@{server.url}")],
            baseline=f"openai:base@{server.url}",
            wants_baseline=True,
            base=None,
            options={"demo": GenerationSettings()},
            offline=False,
            environ=environ,
        )
        for name in ("baseline", "ft"):
            _ = generators[name, "demo"].fingerprint
        return [call.headers.get("Authorization") for call in server.calls if call.body]

    assert keys() == [None, None]
    assert keys(OPENAI_API_KEY="o") == ["Bearer o"] * 2
    assert keys(RAGFT_GENERATION_API_KEY="g", OPENAI_API_KEY="o") == ["Bearer g"] * 2
    both = {"RAGFT_GENERATION_API_KEY": "g", "RAGFT_GENERATION_BASELINE_API_KEY": "b"}
    assert keys(**both) == ["Bearer b", "Bearer g"]


def test_what_is_kept_holds_no_key(server: Server, store: Store) -> None:
    generator = opened(server.url, store, environ={"RAGFT_GENERATION_API_KEY": "sk-secret"})
    _ = kept_under(generator)
    generator.generate([asked()])
    held = json.dumps([str(vars(generator)), str(vars(generator.engine)), repr(generator.engine)])
    assert "sk-secret" not in held
    assert b"sk-secret" not in b"".join(p.read_bytes() for p in store.path.parent.glob("*"))
