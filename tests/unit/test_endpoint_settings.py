"""One set of variables for each use of endpoints."""

from __future__ import annotations

import pytest

from pytest_ragft.endpoint.address import Secret
from pytest_ragft.endpoint.settings import endpoint_settings
from pytest_ragft.errors import SpecError
from tests.endpoint_server import Server, refuse

URL = "http://127.0.0.1:9/v1"


def test_each_use_has_its_own_variables():
    environ = {
        "RAGFT_JUDGE_API_KEY": "of-judges",
        "RAGFT_JUDGE_CONCURRENCY": "3",
        "RAGFT_JUDGE_TIMEOUT": "7",
        "OPENAI_API_KEY": "of-all",
    }
    judges = endpoint_settings(URL, environ, prefix="RAGFT_JUDGE")
    assert judges.api_key == Secret("of-judges")
    assert (judges.concurrency, judges.call_timeout) == (3, 7)
    others = endpoint_settings(URL, environ, prefix="RAGFT_SERVED", concurrency=8)
    assert others.api_key == Secret("of-all")
    assert (others.concurrency, others.call_timeout) == (8, 60)
    assert "of-judges" not in repr(judges)


def test_a_refused_key_names_the_variable_of_that_use():
    with Server(lambda _: refuse(401, "no")) as server:
        endpoint = endpoint_settings(server.url, {}, prefix="RAGFT_SERVED").open()
        assert "set RAGFT_SERVED_API_KEY" in endpoint.check("x", {}).error


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "²"])
@pytest.mark.parametrize("name", ["CONCURRENCY", "TIMEOUT"])
def test_limits_that_are_none(name, value):
    with pytest.raises(SpecError, match=f"RAGFT_SERVED_{name}=.*whole number"):
        endpoint_settings(URL, {f"RAGFT_SERVED_{name}": value}, prefix="RAGFT_SERVED")
