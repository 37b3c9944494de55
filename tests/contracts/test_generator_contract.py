"""What every generator owes, whatever is behind it."""

from __future__ import annotations

import atexit
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.port import Generator
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import parse_variant
from pytest_ragft.records import Request
from pytest_ragft.testing import check_generator
from tests.endpoint_server import Answer, Call, Server, chat, refuse
from tests.tiny import answer_all, open_tiny, tiny_folder, tiny_requests

pytestmark = pytest.mark.newest

UNICODE = "Wer baute die Brücke über den Fluß – 橋 🦉 \u202e?"


def requests() -> list[Request]:
    made = tiny_requests(11)
    odd = replace(made[4].prompt, question=UNICODE, passages=())
    return [*made[:4], replace(made[4], id=UNICODE, prompt=odd), *made[5:]]


def model(folder: Path) -> Generator:
    settings = GenerationSettings(max_new_tokens=12, batch_tokens=700)
    return open_tiny(tiny_folder() / "model", wants_baseline=False, settings=settings)["v0"]


def adapter(folder: Path) -> Generator:
    settings = GenerationSettings(max_new_tokens=12, batch_tokens=700)
    return open_tiny(tiny_folder() / "alive", settings=settings)["v0"]


def recorded(folder: Path) -> Generator:
    lines = [{"suite": r.suite, "id": r.id, "answer": f"{r.id} 橋"} for r in requests()]
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return open_tiny(path, wants_baseline=False)["v0"]


def served(folder: Path) -> Generator:
    (generator,) = open_generators(
        [parse_variant(f"x=openai:m@{url_of_echo()}")],
        baseline=None,
        wants_baseline=False,
        base=None,
        options={"suite": GenerationSettings(max_new_tokens=12)},
        offline=False,
    ).values()
    return generator


@cache
def url_of_echo() -> str:
    """A server that repeats the end of what it is asked, for the rest of the process."""

    def echo(call: Call) -> Answer:
        if call.body is None:
            return refuse(404, "no list")
        return chat(call.text[-60:], tokens=(10_000, 20))

    server = Server(echo)
    server.__enter__()
    atexit.register(server.__exit__)
    return server.url


@pytest.fixture(params=[model, adapter, recorded, served])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Generator]:
    return lambda: request.param(tmp_path)


def test_it_keeps_the_port(make: Callable[[], Generator]) -> None:
    check_generator(make(), requests=requests())


def test_cutting_is_deterministic_and_a_batch_cut_again_is_itself(
    make: Callable[[], Generator],
) -> None:
    batches = make().cut(requests())
    generator = make()
    assert generator.cut(requests()) == batches
    for batch in batches:
        again = generator.cut([requests()[i] for i in batch])
        assert again == [list(range(len(batch)))]


def test_answers_are_deterministic_and_do_not_hang_on_what_was_asked_before(
    make: Callable[[], Generator],
) -> None:
    generator, asked = make(), requests()
    first = answer_all(generator, asked)
    assert len(set(first)) > 3
    assert answer_all(generator, asked) == first
    assert answer_all(make(), asked) == first
    assert [answer_all(generator, [request])[0] for request in asked] == first


def test_every_answer_is_whole(make: Callable[[], Generator]) -> None:
    for answer in make().generate(requests()):
        assert answer.error is None
        assert answer.finish in ("stop", "length", "recorded")
        answer.text.encode("utf-8")


def test_the_fingerprint_is_the_same_every_time(make: Callable[[], Generator]) -> None:
    assert make().fingerprint == make().fingerprint


def test_kinds_of_generators_differ_in_their_fingerprint(tmp_path: Path) -> None:
    assert len({kind(tmp_path).fingerprint for kind in (model, adapter, recorded)}) == 3


def test_an_engine_that_was_released_loads_again(make: Callable[[], Generator]) -> None:
    generator, asked = make(), requests()[:2]
    answers = answer_all(generator, asked)
    if generator.engine is not None:
        key = generator.engine.key
        generator.engine.release()
        assert generator.engine.key == key
    assert answer_all(generator, asked) == answers


def test_a_check_of_what_can_be_answered_passes(make: Callable[[], Generator]) -> None:
    make().check("suite", [request.id for request in requests()])
