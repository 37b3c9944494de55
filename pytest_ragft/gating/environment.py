"""The variables of the environment that are no options, checked before any work."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_ragft.endpoint.address import expect_sendable
from pytest_ragft.endpoint.settings import whole_number
from pytest_ragft.endpoint.usage import prices
from pytest_ragft.retrieval.elastic.access import check_credentials

PRICES = "RAGFT_JUDGE_PRICES"
GENERATION_PRICES = "RAGFT_GENERATION_PRICES"

_NUMBERS = (
    "RAGFT_JUDGE_CONCURRENCY",
    "RAGFT_JUDGE_TIMEOUT",
    "RAGFT_JUDGE_MAX_TOKENS",
    "RAGFT_EMBEDDINGS_CONCURRENCY",
    "RAGFT_EMBEDDINGS_TIMEOUT",
    "RAGFT_GENERATION_CONCURRENCY",
    "RAGFT_GENERATION_TIMEOUT",
)
_KEYS = (
    "RAGFT_JUDGE_API_KEY",
    "RAGFT_EMBEDDINGS_API_KEY",
    "RAGFT_GENERATION_API_KEY",
    "RAGFT_GENERATION_BASELINE_API_KEY",
)


def check_environment(environ: Mapping[str, str]) -> None:
    """Refuse a variable that is set and unusable, whether or not this run needs it.

    Raises:
        SpecError: naming the variable, its value where that is no secret, and what is accepted.
        RetrievalError: the credentials of Elasticsearch do not go together.
    """
    for name in _NUMBERS:
        whole_number(environ, name, 64)
    for name in _KEYS:
        expect_sendable(name, environ.get(name, "").strip())
    for name in (PRICES, GENERATION_PRICES):
        prices(environ, name)
    check_credentials(environ)
