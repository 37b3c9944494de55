"""deepeval without its side effects, and a model of ours for its metrics."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from pytest_ragft.errors import require_packages

_ENVIRONMENT = {
    # Nothing is sent anywhere.
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    # A project's .env and .deepeval are its own.
    "DEEPEVAL_DISABLE_DOTENV": "1",
    "DEEPEVAL_DISABLE_LEGACY_KEYFILE": "1",
}


class UnjudgedError(Exception):
    """There is no usable reply; carries the reason through deepeval, which would retry others."""


def require() -> None:
    """Find out whether deepeval is installed; imports nothing.

    Raises:
        MissingDependencyError: it is not.
    """
    require_packages("deepeval", extra="deepeval", purpose="the judge geval")


def load() -> SimpleNamespace:
    """Deepeval's names that are needed; telemetry, files and .env are off before the import."""
    os.environ.update(_ENVIRONMENT)
    from deepeval.metrics import GEval
    from deepeval.metrics.g_eval.schema import ReasonScore
    from deepeval.test_case import LLMTestCase, SingleTurnParams

    return SimpleNamespace(
        GEval=GEval,
        LLMTestCase=LLMTestCase,
        ReasonScore=ReasonScore,
        params=[
            SingleTurnParams.INPUT,
            SingleTurnParams.ACTUAL_OUTPUT,
            SingleTurnParams.EXPECTED_OUTPUT,
        ],
        Model=_model_class(),
    )


def _model_class() -> type[Any]:
    from deepeval.models import DeepEvalBaseLLM

    class EndpointModel(DeepEvalBaseLLM):  # type: ignore[misc]
        """A model whose calls, retries and time limits are ours."""

        def __init__(self, name: str, ask: Callable[[str], Awaitable[Any]]) -> None:
            self._ask = ask
            super().__init__(name)

        def load_model(self) -> Any:
            return self

        def get_model_name(self) -> str:
            return str(self.name)

        def generate(self, prompt: str, schema: Any = None) -> Any:
            raise UnjudgedError("asked synchronously")

        async def a_generate(self, prompt: str, schema: Any = None) -> Any:
            return await self._ask(prompt)

    return EndpointModel
