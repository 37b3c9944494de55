"""Reader of answers to be judged outside any suite: one JSON object a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.jsonl import named_lines, parse_line, read_rows
from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.foreign import mended
from pytest_ragft.reasoning import REASONING_FIELDS, split_reasoning
from pytest_ragft.records import Answer, Case, Passage, QAExample, QuestionType

_PASSAGE_LISTS = ("contexts", "passages")
_KEYS = ("id", "question", "references", "answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """A line to be judged."""

    id: str | int
    """As it was given, to be given back."""
    case: Case
    unanswered: str = ""
    """Why there is no answer to judge, where all was reasoning."""


def read_answers(text: str, name: str) -> tuple[AnswerLine, ...]:
    """The answers of a JSONL text, in its order.

    Fields: `id` (a text or a whole number), `question`, `references` (a list, which may be empty,
    or one text), `answer` (which may be empty or null, and hold reasoning, which is not judged);
    optional `facts`, `answerable` (default true), `type`, `reasoning` or `reasoning_content`, and
    `contexts` or `passages`, a list of texts or of objects with `text` and perhaps `title` and
    `id`. Other fields are not read.

    Args:
        text: of the file.
        name: of the file, for messages.

    Raises:
        InputError: a line is wrong, or there is none; the message names file, line and field of
            the first five.
    """
    try:
        answers = read_rows(named_lines(text, name), _line, name)
    except SuiteError as error:
        raise InputError(str(error)) from None
    if not answers:
        raise InputError(f"{name}: holds no answer; give one JSON object a line")
    return tuple(answers)


def _line(line: str, where: str) -> AnswerLine:
    fields = Fields(parse_line(line, where), where=where, known=_KEYS, others=True)
    value = fields.given
    kind = fields.choice("type", get_args(QuestionType)) if "type" in fields else None
    given = value.get("id")
    if isinstance(given, bool) or not isinstance(given, int):
        given = fields.text("id")
    example = QAExample(
        id=str(given),
        question=fields.text("question"),
        references=fields.texts("references", required=True, lone=True),
        facts=fields.texts("facts", lone=True),
        answerable=fields.flag("answerable", True),
        type=cast("QuestionType | None", kind),
    )
    # Whatever cut an answer in the middle of a character, the rest of it is judged.
    whole = {key: mended(said) if isinstance(said, str) else said for key, said in value.items()}
    answer = read_answer(whole, where)
    case = Case(example=example, answer=answer.text, passages=_passages(fields, value))
    return AnswerLine(id=given, case=case, unanswered=answer.unanswered)


def read_answer(value: Mapping[str, object], where: str) -> Answer:
    """An answer that was recorded, from the keys `answer`, `reasoning_content` and `reasoning`.

    Reasoning between markers is told apart from the answer. Beside reasoning in a key of its own
    `answer` may be null or missing: the model was cut while it thought. Any other null is an empty
    answer, for that reason.

    Args:
        value: Of a line; other keys are not read.
        where: File and line, for messages.

    Raises:
        SuiteError: there is no answer, or it is no text.
    """
    keys = ("answer", *REASONING_FIELDS)
    fields = Fields({k: value[k] for k in keys if k in value}, where=where, known=keys)
    apart = next((fields.text(key, empty=True) for key in REASONING_FIELDS if key in fields), "")
    null = "answer" in value and value["answer"] is None
    text = fields.text("answer", "" if null or apart.strip() else None, empty=True)
    parts = split_reasoning(text, apart=apart)
    return Answer(
        text=parts.text,
        finish="recorded",
        absent="null" if null else "",
        reasoning=parts.reasoning,
        reasoning_cut=parts.cut,
    )


def _passages(fields: Fields, value: Mapping[str, object]) -> tuple[Passage, ...]:
    given = [key for key in _PASSAGE_LISTS if key in fields]
    if not given:
        return ()
    if len(given) > 1:
        raise fields.wrong(given[1], "'contexts' says the same; give one of the two")
    key = given[0]
    items = [value[key]] if isinstance(value[key], str) else value[key]
    if not isinstance(items, list):
        raise fields.wrong(key, "must be a list of texts, or of objects with 'text'")
    return tuple(_passage(item, i, f"{fields.where}, {key}[{i}]") for i, item in enumerate(items))


def _passage(value: object, position: int, where: str) -> Passage:
    value = {"text": value} if isinstance(value, str) else value
    fields = Fields(value, where=where, known=("text", "title", "id"), others=True)
    return Passage(
        id=fields.optional_identifier("id") or str(position),
        text=fields.text("text", "" if "text" in fields.given else None, empty=True),
        title=fields.text("title", "", empty=True),
    )
