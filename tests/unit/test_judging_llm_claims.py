"""Statement by statement: completeness against the reference, faithfulness to the passages."""

from __future__ import annotations

import re

import pytest

from pytest_ragft.endpoint.client import Endpoint
from pytest_ragft.judging.llm.direct import OpenAIJudge
from pytest_ragft.records import Case, Passage, QAExample
from tests.endpoint_server import Call, Server, chat
from tests.llm_scripts import honest, probed, read_blocks

PASSAGE = Passage(id="p", title="Tower", text="Built by Eiffel. It is 330 m tall. It is iron.")
PLAIN = QAExample(
    id="a", question="What is it?", references=("Built by Eiffel. It is 330 m tall", "Iron")
)
FACTS = QAExample(
    id="b", question="What is it?", references=("No matter",), facts=("Built by Eiffel", "330 m")
)


def case(answer: str, example: QAExample = PLAIN, passages=(PASSAGE,)) -> Case:
    return Case(example=example, answer=answer, passages=passages)


def judged(script, *cases: Case, **options):
    with Server(probed(script)) as server:
        judge = OpenAIJudge("m", Endpoint(server.url, backoff=0.001, **options), claims=True)
        found = judge.judge(cases)
    return found, server


def split_calls(server: Server) -> list[Call]:
    return [c for c in server.calls[1:] if set(read_blocks(c)) == {"QUESTION", "TEXT"}]


def test_completeness_is_the_share_of_the_reference_that_is_stated():
    (scores,), _ = judged(honest, case("Built by Eiffel. It is blue."))
    assert scores["completeness"].value == 0.5
    assert scores["completeness"].evidence == {
        "covered": ["Built by Eiffel"],
        "missed": ["It is 330 m tall"],
    }
    assert scores["completeness"].reason == "1 of 2 statements covered"


def test_faithfulness_is_the_share_of_the_answer_that_is_supported():
    (scores,), _ = judged(honest, case("It is iron. It is blue. Built by Eiffel. It is tall"))
    assert scores["faithfulness"].value == 0.5
    assert scores["faithfulness"].evidence["unsupported"] == ["It is blue", "It is tall"]
    assert tuple(scores) == ("accuracy", "completeness", "faithfulness")


def test_given_facts_replace_the_split():
    (scores,), server = judged(honest, case("It is 330 m tall.", FACTS))
    assert scores["completeness"].value == 0.5
    split = [read_blocks(call)["TEXT"] for call in split_calls(server)]
    assert split == ["It is 330 m tall."]


def test_a_reference_is_split_once_for_all_answers():
    _, server = judged(honest, *[case(f"It is iron {n}") for n in range(5)])
    split = [read_blocks(call)["TEXT"] for call in split_calls(server)]
    assert split.count(PLAIN.references[0]) == 1


def test_many_statements_are_checked_in_groups():
    statements = [f"Part {n}" for n in range(25)]
    example = QAExample(id="c", question="Which?", references=("x",), facts=tuple(statements))
    (scores,), server = judged(honest, case(". ".join(statements[:20]), example, passages=()))
    assert scores["completeness"].value == 20 / 25
    checks = [read_blocks(c) for c in server.calls[1:]]
    sizes = [len(b["STATEMENTS"].splitlines()) for b in checks if "STATEMENTS" in b]
    assert sorted(sizes) == [5, 10, 10]


def test_a_fact_on_several_lines_is_one_statement():
    example = QAExample(id="c", question="q", references=("x",), facts=("a\n2. b", "c"))
    (scores,), _ = judged(honest, case("c", example, passages=()))
    assert scores["completeness"].value == 0.5


@pytest.mark.parametrize(
    ("answer", "passages", "value", "status"),
    [
        ("It is iron", (), None, "not_applicable"),
        ("", (PASSAGE,), 0.0, "scored"),
        ("I do not know.", (PASSAGE,), 1.0, "scored"),
    ],
)
def test_faithfulness_without_statements(answer, passages, value, status):
    (scores,), _ = judged(honest, case(answer, passages=passages))
    assert (scores["faithfulness"].value, scores["faithfulness"].status) == (value, status)


def test_an_unanswerable_question_can_be_answered_unfaithfully():
    example = QAExample(id="d", question="Which colour?", references=(), answerable=False)
    (scores,), _ = judged(honest, case("It is blue", example))
    assert scores["accuracy"].value == 0.0
    assert scores["completeness"].status == "not_applicable"
    assert scores["faithfulness"].value == 0.0


def garbled(kind: str):
    def script(call: Call):
        blocks = read_blocks(call)
        if kind == "split" and set(blocks) == {"QUESTION", "TEXT"}:
            return chat({"statements": []})
        if kind == "check" and "STATEMENTS" in blocks:
            return chat({"verdicts": [{"number": 1, "supported": "yes"}]})
        return honest(call)

    return script


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("split", r"split into statements|no statement was found"), ("check", "malformed output")],
)
def test_what_cannot_be_split_or_checked_is_missing(kind, reason):
    (scores,), _ = judged(garbled(kind), case("Built by Eiffel. It is blue."))
    assert scores["accuracy"].status == "scored"
    for metric in ("completeness", "faithfulness"):
        assert scores[metric].status == "missing"
        assert re.search(reason, scores[metric].reason)


def test_one_group_that_cannot_be_checked_makes_the_score_missing():
    statements = tuple(f"Part {n}" for n in range(15))
    example = QAExample(id="c", question="q", references=("x",), facts=statements)

    def script(call: Call):
        if "Part 12" in read_blocks(call).get("STATEMENTS", ""):
            return chat("I would rather not say.")
        return honest(call)

    (scores,), _ = judged(script, case(". ".join(statements), example, passages=()))
    assert scores["completeness"].status == "missing"
