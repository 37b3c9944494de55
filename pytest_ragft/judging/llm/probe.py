"""What a judge's server grants: the question that finds out, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_ragft.endpoint.chat import ChatModel, Question
from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.replies import read_rating

PROBE: Question[object] = Question(
    system=rubrics.ACCURACY,
    user=f"Question: Is water wet?\nReference answer: Yes\nAnswer: Yes\n\n{rubrics.RATING_FORM}",
    form=rubrics.RATING_FORM,
    schema=rubrics.RATING_SCHEMA,
    logprobs=True,
    read=lambda completion: read_rating(completion.content),
)
"""No case's text decides how the others are asked."""

_CONSEQUENCES: Mapping[str, str] = {
    "logprobs": "ratings are whole numbers",
    "response_format": "the prompt alone says how to reply",
    "temperature": "it decides how replies are drawn",
    "max_tokens": "replies may be longer",
    "system": "the rubric stands in the question",
}


def check(chat: ChatModel) -> None:
    """Ask one small question, once.

    Raises:
        JudgeError: there is no answer; the message names the remedy.
        StoreError: what the server grants cannot be kept.
    """
    if (error := chat.negotiate(patient=False)) is not None:
        raise JudgeError(f"the judge model {chat.model!r} cannot be asked: {error}")


def notes(chat: ChatModel) -> tuple[str, ...]:
    """What the server does not grant and what follows from it, in one note."""
    if chat.capabilities is None:
        return ("what its server grants is not known",)
    lacking = [f"{part} ({_CONSEQUENCES[part]})" for part in chat.lacking]
    return (f"its server does not grant {', '.join(lacking)}",) if lacking else ()
