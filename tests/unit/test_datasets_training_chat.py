"""Rows of training data as chats: what a reply follows, in the roles that templates know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_ragft.datasets.training import TrainingPair, read_training


def read(folder: Path, *rows: object) -> list[TrainingPair]:
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return list(read_training(file))


def chats(folder: Path, *rows: object) -> list[tuple[list[tuple[str, str]], str]]:
    return [
        ([(m["role"], m["content"]) for m in pair.messages], pair.reply)
        for pair in read(folder, *rows)
    ]


def say(*said: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in said]


ASKED = [("user", "Name a river.")]


@pytest.mark.parametrize(
    ("row", "messages", "reply"),
    [
        ({"prompt": "Name a river.", "completion": "The Ilse."}, ASKED, "The Ilse."),
        (
            {"instruction": "Name it.", "input": "a river", "output": "The Ilse.", "id": "r-1"},
            [("user", "Name it.\na river")],
            "The Ilse.",
        ),
        (
            {"system": "Be brief.", "question": "Name a river.", "answers": ["Ilse", "the Ilse"]},
            [("system", "Be brief."), *ASKED],
            "Ilse",
        ),
        (
            {"prompt": say(*ASKED), "completion": say(("assistant", "The Ilse."))},
            ASKED,
            "The Ilse.",
        ),
        (
            {
                "chosen": say(*ASKED, ("assistant", "The Ilse.")),
                "rejected": say(*ASKED, ("assistant", "No.")),
            },
            ASKED,
            "The Ilse.",
        ),
        (
            {"system": "Be brief.", "conversations": [
                {"from": "human", "value": "Name a river."}, {"from": "gpt", "value": "The Ilse."},
            ]},
            [("system", "Be brief."), *ASKED],
            "The Ilse.",
        ),
    ],
)  # fmt: skip
def test_a_row_is_a_chat_with_one_reply(
    tmp_path: Path, row: object, messages: list[tuple[str, str]], reply: str
) -> None:
    assert chats(tmp_path, row) == [(messages, reply)]


def test_each_reply_of_a_conversation_follows_all_that_was_said(tmp_path: Path) -> None:
    turns = [("system", "Be brief."), *ASKED, ("assistant", "The Ilse."), ("user", "Another."),
             ("assistant", "The Wend.")]  # fmt: skip

    first, second = chats(tmp_path, {"messages": say(*turns)})

    assert first == (turns[:2], "The Ilse.")
    assert second == (turns[:4], "The Wend.")


@pytest.mark.parametrize(
    "row",
    [
        {"text": "Name a river. The Ilse."},
        {"prompt": "Name a river."},
        {"completion": "The Ilse."},
        {"messages": say(*ASKED)},
        {"messages": say(("assistant", "Hello."), ("user", "Name a river."))},
        {"messages": say(*ASKED, ("tool", "rivers: Ilse"), ("assistant", "The Ilse."))},
        {"prompt": "Name a river.", "completion": say(("user", "The Ilse."))},
    ],
)
def test_what_says_no_reply_to_a_user_is_no_chat(tmp_path: Path, row: object) -> None:
    assert {(pair.messages, pair.reply) for pair in read(tmp_path, row)} == {((), "")}
