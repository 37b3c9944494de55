"""MODEL@URL, base URLs and keys."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_ragft.endpoint.address import (
    Secret,
    api_key,
    base_url,
    is_loopback,
    masked,
    parse_model_at_url,
)
from pytest_ragft.errors import SpecError

NAMES = ("RAGFT_JUDGE_API_KEY", "OPENAI_API_KEY")


@pytest.mark.parametrize(
    ("text", "model", "url"),
    [
        ("gpt-x@https://api.openai.com/v1", "gpt-x", "https://api.openai.com/v1"),
        ("org/m@1@http://127.0.0.1:80/v1/", "org/m@1", "http://127.0.0.1:80/v1"),
        (" m@HTTP://LocalHost:8000 ", "m", "http://localhost:8000"),
        ("/models/a b@http://[::1]:8000/v1", "/models/a b", "http://[::1]:8000/v1"),
    ],
)
def test_model_and_url(text, model, url):
    assert parse_model_at_url(text, where="--x") == (model, url)


@pytest.mark.parametrize(
    "text",
    ["", "gpt-x", "@http://h/v1", " @http://h", "m@ftp://h/v1", "m@http://", "m@https:///v1"],
)
def test_what_is_no_model_at_url(text):
    with pytest.raises(SpecError, match=r"--x: .*http://127\.0\.0\.1:8000/v1"):
        parse_model_at_url(text, where="--x")


@pytest.mark.parametrize(
    "url",
    ["http://h:99999/v1", "http://[::1/v1", "http://h/v1?api_key=hush", "http://h/v1#hush"],
)
def test_unusable_urls(url):
    with pytest.raises(SpecError) as error:
        base_url(url, where="--x")
    assert "hush" not in str(error.value)


@pytest.mark.parametrize("text", ["m@http://me:hush@h/v1", "m@ftp://me:hush@h", "me:hush//hush@h"])
def test_a_password_in_a_url_is_refused_and_not_repeated(text):
    with pytest.raises(SpecError) as error:
        parse_model_at_url(text, where="--x")
    if "//me" in text:
        assert "hush" not in str(error.value)


@given(st.text(st.characters(codec="utf-8", exclude_characters="…"), min_size=3))
@example("half/hush")
@example("half@hush")
@example("half?hush")
def test_no_part_of_a_password_is_shown(password):
    text = f"m@http://me:{password}@h.example/v1"
    for of in (text, f"http://me:{password}@h.example:port"):
        for read in (parse_model_at_url, base_url):
            with pytest.raises(SpecError) as error:
                read(of, where="--x")
            assert "me:" not in str(error.value)
    assert masked(f"http://me:{password}@") == "http://…@"


def test_this_machine():
    assert all(map(is_loopback, ("http://localhost/v1", "http://127.9.9.9:1", "http://[::1]/")))
    assert not any(map(is_loopback, ("http://10.0.0.1", "https://localhost.example.com")))


def test_the_own_key_comes_first():
    environ = {"RAGFT_JUDGE_API_KEY": "own", "OPENAI_API_KEY": "theirs"}
    assert api_key(environ, NAMES, "https://h/v1") == "own"
    assert api_key({"OPENAI_API_KEY": " theirs "}, NAMES, "https://h/v1") == "theirs"
    assert api_key({"RAGFT_JUDGE_API_KEY": ""}, NAMES, "https://h/v1") is None


def test_the_key_of_openai_goes_over_no_open_line():
    environ = {"OPENAI_API_KEY": "theirs"}
    assert api_key(environ, NAMES, "http://10.0.0.1/v1") is None
    assert api_key(environ, NAMES, "http://127.0.0.1/v1") == "theirs"
    assert api_key({"RAGFT_JUDGE_API_KEY": "own"}, NAMES, "http://10.0.0.1/v1") == "own"


@pytest.mark.parametrize("key", ["two words", "line\r\nX-Header: 1", "schlüssel"])
def test_a_key_that_no_header_can_hold(key):
    with pytest.raises(SpecError, match="RAGFT_JUDGE_API_KEY") as error:
        api_key({"RAGFT_JUDGE_API_KEY": key}, NAMES, "https://h")
    assert key not in str(error.value)


def test_a_secret_shows_nothing():
    assert "hush" not in f"{Secret('hush')} {Secret('hush')!r}"
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
