"""Templates that print the time: yesterday's answers are none of today's."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.generation.chat import Chat
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import VariantSpec
from pytest_ragft.models.clock import printed_times, stopped
from pytest_ragft.models.files import tokenizer_texts
from tests.tiny import copy_of, tiny_requests

pytestmark = pytest.mark.newest

MORNING, EVENING = datetime(2026, 3, 1, 9, 0), datetime(2026, 3, 1, 21, 5, 7)
TOMORROW = datetime(2026, 3, 2, 9, 0)


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    folder = copy_of("model", tmp_path / "m")
    template = folder / "chat_template.jinja"
    template.write_text("Today is {{ strftime_now('%d %B %Y') }}.\n" + template.read_text())
    return folder


def opened(folder: Path, now: datetime) -> HFGenerator:
    (generator,) = open_generators(
        [VariantSpec(name="v", spec=str(folder))],
        baseline=None,
        wants_baseline=False,
        base=None,
        options={"suite": GenerationSettings()},
        offline=True,
        now=now,
    ).values()
    assert isinstance(generator, HFGenerator)
    return generator


def test_the_day_that_a_prompt_shows_belongs_to_the_key(dated: Path, tmp_path: Path) -> None:
    today = opened(dated, MORNING)
    assert today.fingerprint == opened(dated, EVENING).fingerprint
    assert today.fingerprint != opened(dated, TOMORROW).fingerprint
    assert "its chat template prints the time (01 March 2026): part of its key" in today.notes
    plain = copy_of("model", tmp_path / "plain")
    assert opened(plain, MORNING).fingerprint == opened(plain, TOMORROW).fingerprint


def test_the_clock_stands_still_for_a_run(dated: Path) -> None:
    chat = opened(dated, MORNING).engine.chat(dated)
    for _ in range(2):
        ids = chat.fit(tiny_requests(1)[0].prompt, None).ids
        assert chat.decode(ids).startswith("Today is 01 March 2026.")


@pytest.mark.parametrize(
    ("template", "times"),
    [
        ("{{ strftime_now('%Y-%m-%d') }}", ["2026-03-01"]),
        ('{{ strftime_now( "%d %b %Y" ) }}{{ strftime_now("%H") }}', ["01 Mar 2026", "21"]),
        ("{% if strftime_now is defined %}{{ strftime_now(f) }}{% endif %}", [EVENING.isoformat()]),
        ("{% set clock = strftime_now %}{{ clock('%Y') }}", [EVENING.isoformat()]),
        ("{{ messages }}", []),
    ],
)
@pytest.mark.parametrize("inside", [False, True], ids=["file", "configuration"])
def test_what_a_template_prints_is_found(
    tmp_path: Path, template: str, times: list[str], inside: bool
) -> None:
    if inside:
        config = json.dumps({"chat_template": template})
        (tmp_path / "tokenizer_config.json").write_text(config)
    else:
        (tmp_path / "chat_template.jinja").write_text(template)
    assert set(printed_times(tokenizer_texts(tmp_path), EVENING)) >= set(times)
    assert bool(printed_times(tokenizer_texts(tmp_path), EVENING)) == bool(times)


def test_what_it_prints_is_what_it_renders(dated: Path) -> None:
    (printed,) = printed_times(tokenizer_texts(dated), EVENING)
    chat = Chat(dated, now=EVENING)
    assert printed in chat.decode(chat.probe())


TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31))
LAYOUTS = st.lists(st.sampled_from(["%d", "%B", "%b", "%Y", "%H:%M", "%S", "%j", "at ", " - "]))


@given(layout=LAYOUTS.map("".join), quote=st.sampled_from("'\""), one=TIMES, other=TIMES)
def test_prompts_that_differ_by_the_clock_have_different_keys(
    layout: str, quote: str, one: datetime, other: datetime
) -> None:
    from transformers.utils.chat_template_utils import render_jinja_template

    template = f"Now: {{{{ strftime_now({quote}{layout}{quote}) }}}}"
    shown = []
    for now in (one, other):
        with stopped(now):
            shown += render_jinja_template([[]], chat_template=template)[0]
    for text in (template, json.dumps({"chat_template": template})):
        printed = [printed_times([text.encode()], now) for now in (one, other)]
        assert (printed[0] == printed[1]) == (shown[0] == shown[1])
