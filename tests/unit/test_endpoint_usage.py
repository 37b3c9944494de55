"""What calls have cost."""

from __future__ import annotations

import pytest

from pytest_ragft.endpoint.usage import Prices, Usage, prices
from pytest_ragft.errors import SpecError


def test_costs_are_tokens_times_prices_of_a_million():
    usage = Usage(prompt_tokens=2_000_000, completion_tokens=500_000)
    assert usage.cost(Prices(prompt=0.15, completion=0.6)) == pytest.approx(0.6)


def test_prices_come_from_the_environment():
    found = prices({"RAGFT_JUDGE_PRICES": " 0.15 / 0.60 "}, "RAGFT_JUDGE_PRICES")
    assert found == Prices(prompt=0.15, completion=0.6)
    assert prices({"RAGFT_JUDGE_PRICES": "1/2"}, "RAGFT_SERVED_PRICES") is None


@pytest.mark.parametrize("text", ["1", "a/b", "1/2/3", "-1/2", "1e3/2", "nan/1"])
def test_what_is_no_price(text):
    with pytest.raises(SpecError, match="RAGFT_JUDGE_PRICES"):
        prices({"RAGFT_JUDGE_PRICES": text}, "RAGFT_JUDGE_PRICES")


def test_usage_adds_up():
    one = Usage(calls=1, failed=1, retries=2, reasked=3, prompt_tokens=4, completion_tokens=5)
    assert one + one == Usage(
        calls=2, failed=2, retries=4, reasked=6, prompt_tokens=8, completion_tokens=10
    )


def test_odd_counts_of_a_server_count_nothing():
    usage = Usage()
    for reported in (
        None,
        "x",
        {"prompt_tokens": "7"},
        {"prompt_tokens": -1},
        {"prompt_tokens": 2},
    ):
        usage.count({"usage": reported}, attempts=1)
    usage.count([], attempts=3)
    usage.count(None, attempts=0)
    assert (usage.calls, usage.failed, usage.retries, usage.prompt_tokens) == (7, 1, 2, 2)
