"""What others wrote is shown without secrets, and is no command to a CI service."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_ragft.errors import (
    BaselineError,
    MissingDependencyError,
    RagftError,
    StoreError,
    described,
    reason_of,
)
from pytest_ragft.foreign import harmless, scrubbed
from pytest_ragft.records import Score
from pytest_ragft.reporting.junit import question_properties
from pytest_ragft.reporting.text import clean, wrap

SECRETS = [
    "http://me:hush@proxy:3128", "http://me:h/ush@proxy", "http://me:hu@sh/hush@proxy/v1",
    "https://hush@host/v1", "407, url='http://me:hush@proxy:3128'", "socks5://a:hush@[::1]:9",
    "Authorization: Basic hushhushhush=", "{'authorization': 'Bearer hush-1'}",
    "sent Bearer hushhushhush1", "proxy-authorization=hush", "http://h/v1?x=1&api_key=hush",
    "http://h/?token=hush#x", "key sk-hush0hush0hush0hush", "hf_hushhushhushhush0",
    "two http://a:hush@x, and http://b:hush@y",
]  # fmt: skip
PLAIN = [
    "jury:openai:m@http://127.0.0.1:8000,openai:n@http://h/v1", "org/m@1@http://h:80/v1/",
    "https://host/@scope/package", "bearer of bad news, in a long-winded way", "to a@b.example",
    "the task-based risk-adjusted desk-research", "",
]  # fmt: skip


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_shown_nowhere(text: str) -> None:
    assert "hush" not in scrubbed(text)
    assert "hush" not in str(BaselineError(f"x: {text}"))
    assert "hush" not in described(ValueError(text)) + reason_of(ValueError(text))


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_secret_stays(text: str) -> None:
    assert scrubbed(text) == text


def test_secrets_that_are_known_are_found_in_any_text() -> None:
    assert (
        scrubbed("wrong: opensesame, opensesam", ["opensesame", "", "opensesam"]) == "wrong: …, …"
    )


@given(st.text(st.characters(exclude_characters="/?#@…,", codec="utf-8"), min_size=1))
@example("'\"<>")
def test_no_user_of_any_url_is_shown(user: str) -> None:
    user = "".join(user.split()) or "u"
    assert scrubbed(f"at http://{user}:{user}@host.example/v1 now") in (
        "at http://…@host.example/v1 now",
    )


def test_errors_keep_their_kind_and_are_made_harmless_once() -> None:
    error = StoreError("x\n::error::y")
    assert isinstance(error, OSError)
    assert str(error) == "x\n|::error::y" == str(RagftError(str(error)))
    missing = MissingDependencyError("a", extra="b", purpose="c")
    assert "pip install 'pytest-ragft[b]'" in str(missing)


COMMANDS = [
    "::error::x", "::set-output name=a::b", " \t::add-mask::x", "a\n::stop-commands::t",
    "##[error]x", "x ##vso[task.setvariable variable=a]b", "##TeamCity[buildProblem]",
    "\r::debug::x", "###[group]x", "\u2028::warning::x",
]  # fmt: skip


def is_command(line: str) -> bool:
    """As the runners of GitHub, Azure and TeamCity read a line."""
    return line.lstrip().startswith("::") or bool(re.search(r"##\w*\[", line))


def any_text() -> st.SearchStrategy[str]:
    pieces = st.sampled_from(
        ["::", "##", "#", "[", "vso[", "error", " ", "\n", "\r", "\u2028", "a"]
    )
    return st.lists(st.one_of(pieces, st.text(max_size=3))).map("".join)


@given(any_text() | st.sampled_from(COMMANDS), st.integers(20, 40))
@example("a ::error::b", 20)
def test_no_line_is_a_command_however_it_is_wrapped(text: str, width: int) -> None:
    shown = harmless(text)
    lines = [*re.split("[\r\n\u2028]", shown), *wrap(clean(text), width, first="   ")]
    assert not any(is_command(line) for line in lines if line.strip() not in ("::",))
    assert harmless(shown) == shown


@given(any_text())
def test_nothing_else_is_changed(text: str) -> None:
    assert harmless(text).replace("|", "") == text.replace("|", "")


@pytest.mark.parametrize("text", COMMANDS)
def test_every_renderer_shows_it_with_a_mark(text: str) -> None:
    score = Score(metric="accuracy", value=None, status="missing", reason=text)
    ((_, _), (_, reason)) = question_properties({}, {"accuracy": score})
    for shown in (clean(text), reason, described(ValueError(text)), str(RagftError(text))):
        assert "|" in shown
        assert not any(map(is_command, shown.splitlines()))


@pytest.mark.parametrize(
    "text",
    [
        "api-key: abc123def456", "X-Api-Key: abc123def456", "Authorization: Token abc123def456",
        "?client_secret=abc123def456", "github_pat_abc123def456abc123def456",
        "glpat-abc123def456abc123", "AIzaabc123def456abc123def456abc123def456",
    ],
)  # fmt: skip
def test_credentials_in_other_forms_are_hidden(text: str) -> None:
    assert "abc123def456" not in scrubbed(f"it said {text} and ended")


@pytest.mark.parametrize("text", ["sk-" * 33_000, "://a:" * 10_000, "http://" * 15_000])
def test_endless_texts_are_cut_before_they_are_looked_through(text: str) -> None:
    shown = scrubbed(f"it said {text} and ended")
    assert shown.startswith("it said")
    assert shown.endswith("and ended")
    assert len(shown) < 12_000
