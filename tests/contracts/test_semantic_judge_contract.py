"""The semantic judge keeps what every judge keeps."""

from __future__ import annotations

import pytest

from pytest_ragft.judging.semantic.judge import SemanticJudge
from tests.contracts.test_judge_contract import (
    test_it_keeps_the_port,
    test_right_and_wrong,
    test_unanswerable_has_no_completeness,
    test_what_cannot_be_judged_is_missing_with_the_reason,
)
from tests.encoder import PLACE, needs_encoder

__all__ = (
    "test_it_keeps_the_port",
    "test_right_and_wrong",
    "test_unanswerable_has_no_completeness",
    "test_what_cannot_be_judged_is_missing_with_the_reason",
)
pytestmark = [pytest.mark.newest, needs_encoder]


@pytest.fixture(scope="module")
def judge() -> SemanticJudge:
    import torch

    torch.set_num_threads(1)
    return SemanticJudge(PLACE)
