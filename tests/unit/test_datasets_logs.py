"""Logs of other tools, made by the tools themselves (fixtures/make_logs.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.make_logs import QUESTIONS
from pytest_ragft.datasets.logs.matching import match
from pytest_ragft.datasets.logs.opening import TOOLS, read_log, tool_of
from pytest_ragft.datasets.logs.port import LoggedAnswer, prompt_text
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import Answer, QAExample

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"
EXAMPLES = [
    QAExample(id=q["id"], question=q["question"], references=tuple(q["references"]))
    for q in QUESTIONS
]
SUITES = {"lighthouse": EXAMPLES}
SAID = ["It was lit in 1858.", "Niels Sigfred Nebelong designed it.", "It is 46 metres tall."]
THOUGHT = "The page says 46 m."
FILES = [
    ("lm-eval", "samples_ragqa.jsonl", ""),
    ("inspect", "inspect.json", ""),
    ("deepeval", "deepeval.json", ""),
    ("deepeval", "deepeval.jsonl", ""),
    ("deepeval", "deepeval.csv", ""),
    ("deepeval", "deepeval-run.json", ""),
    ("ragas", "ragas.jsonl", ""),
    ("ragas", "ragas.csv", ""),
    ("ragas", "ragas-result.json", ""),
    ("promptfoo", "promptfoo.json", "fine-tuned"),
    ("promptfoo", "promptfoo.jsonl", "fine-tuned"),
    ("openai-batch", "openai-batch-responses.jsonl", ""),
    ("openai-evals", "openai-evals.json", ""),
    ("openai-evals", "openai-evals.jsonl", ""),
]


@pytest.mark.parametrize(("tool", "name", "system"), FILES, ids=[name for _, name, _ in FILES])
def test_each_question_gets_the_answer_that_the_tool_logged(
    tool: str, name: str, system: str
) -> None:
    matched = match(read_log(tool, LOGS / name, system), SUITES)
    answers = [matched.answers["lighthouse", example.id] for example in EXAMPLES]
    assert [[answer.text for answer in draws] for draws in answers] == [[said] for said in SAID]
    assert THOUGHT in answers[2][0].reasoning
    assert matched.others == 0


@pytest.mark.parametrize(
    ("tool", "name"), [(tool, name) for tool, name, _ in FILES if name.endswith(".jsonl")]
)
def test_a_line_says_which_tool_wrote_it(tool: str, name: str) -> None:
    line = (LOGS / name).read_text(encoding="utf-8").splitlines()[0]
    assert tool_of(line) == tool


@pytest.mark.parametrize("line", ['{"suite": "s", "id": "q", "answer": "a"}', "[1]", "{", ""])
def test_other_lines_are_of_no_tool(line: str) -> None:
    assert tool_of(line) is None


def test_epochs_are_draws_in_their_order() -> None:
    matched = match(read_log("inspect", LOGS / "inspect-epochs.eval"), SUITES)
    assert [len(draws) for draws in matched.answers.values()] == [2, 2, 2]


def test_an_answer_that_failed_is_an_error_and_no_text() -> None:
    (of_base,) = [
        line
        for line in read_log("promptfoo", LOGS / "promptfoo.json", "base")
        if line.ids[:1] == ("q-3",)
    ]
    assert (of_base.answer.finish, of_base.answer.error) == ("error", "timed out")
    batch = match(read_log("openai-batch", LOGS / "openai-batch.jsonl"), SUITES).answers
    assert batch["lighthouse", "q-3"][0].error == "The model is overloaded."
    assert batch["lighthouse", "q-1"][0].text == SAID[0]


def test_a_log_of_several_systems_names_them() -> None:
    with pytest.raises(SuiteError, match=r"2 systems: 'fine-tuned', 'base'.*#fine-tuned"):
        read_log("promptfoo", LOGS / "promptfoo.json")
    with pytest.raises(SuiteError, match="no system 'ft'; it holds 'fine-tuned', 'base'"):
        read_log("promptfoo", LOGS / "promptfoo.json", "ft")


def _promptfoo(provider: str, number: int, prompt: str = "rag") -> dict[str, object]:
    return {
        "provider": {"id": provider, "label": ""},
        "prompt": {"raw": "Who?", "label": prompt},
        "vars": {"question": "Who?"},
        "promptIdx": number,
        "response": {"output": f"Answer {number}"},
    }


def _batch(model: str | None) -> dict[str, object]:
    if model is None:
        body: dict[str, object] = {"error": {"message": "overloaded"}}
        return {"custom_id": "q-1", "response": {"status_code": 500, "body": body}}
    body = {"model": model, "choices": [{"message": {"content": model}}]}
    return {"custom_id": "q-1", "response": {"status_code": 200, "body": body}}


def _evals(model: str) -> dict[str, object]:
    output = [{"role": "assistant", "content": model}]
    return {"datasource_item": {"question": "Who?"}, "sample": {"model": model, "output": output}}


@pytest.mark.parametrize(
    ("tool", "records", "systems"),
    [
        ("promptfoo", [_promptfoo("gpt", 0), _promptfoo("gpt", 1)], ["gpt/0", "gpt/1"]),
        (
            "promptfoo",
            [_promptfoo("gpt", 0, "a"), _promptfoo("gpt", 1, "b"), _promptfoo("gpt", 2, "b")],
            ["gpt/a", "gpt/b/1", "gpt/b/2"],
        ),
        ("openai-batch", [_batch("base"), _batch("ft")], ["base", "ft"]),
        ("openai-evals", [_evals("base"), _evals("ft")], ["base", "ft"]),
    ],
)
def test_two_systems_of_a_log_are_no_two_draws_of_one(
    tmp_path: Path, tool: str, records: list[dict[str, object]], systems: list[str]
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    with pytest.raises(SuiteError, match=f"{len(systems)} systems: '{systems[0]}'"):
        read_log(tool, path)
    for system in systems:
        assert len(read_log(tool, path, system)) == 1


def test_a_failure_that_does_not_say_whose_it_is(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(_batch(model)) + "\n" for model in ("ft", None)))
    assert len(read_log("openai-batch", path)) == len(read_log("openai-batch", path, "ft")) == 2
    path.write_text(json.dumps(_batch(None)) + "\n")
    assert len(read_log("openai-batch", path)) == 1
    with pytest.raises(SuiteError, match="does not say which system answered; leave out '#ft'"):
        read_log("openai-batch", path, "ft")


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "[1]", "null", '{"results": [3]}'])
@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".csv", ".eval"])
def test_no_other_file_is_read_as_a_log(tmp_path: Path, tool: str, text: str, suffix: str) -> None:
    path = tmp_path / f"log{suffix}"
    path.write_text(text)
    with pytest.raises(SuiteError, match=r"log\."):
        read_log(tool, path)


def test_a_task_without_generated_answers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text('{"doc_id": 0, "doc": {}, "arguments": [], "resps": [[[-1.5, false]]]}\n')
    with pytest.raises(SuiteError, match=r"line 1: resps must hold texts.*generate_until"):
        read_log("lm-eval", path)


def _logged(**values: object) -> LoggedAnswer:
    return LoggedAnswer(where="log, line 1", answer=Answer(text="a", finish="recorded"), **values)  # type: ignore[arg-type]


def _example(name: str, question: str) -> QAExample:
    return QAExample(id=name, question=question, references=("r",))


def test_the_question_decides_where_a_log_numbers_its_own() -> None:
    suites = {"s": [_example("1", "Who?"), _example("2", "Where?")]}
    matched = match([_logged(ids=("1",), texts=("Where?",))], suites)
    assert list(matched.answers) == [("s", "2")]


def test_an_id_with_other_words_beside_it_is_no_match() -> None:
    suites = {"s": [_example("1", "Who?")]}
    matched = match(
        [_logged(ids=("1",), texts=("When?",)), _logged(ids=("1",), prompt="Why?")], suites
    )
    assert (dict(matched.answers), matched.others) == ({}, 2)


def test_an_id_alone_says_the_suite_where_several_have_it() -> None:
    suites = {"s": [_example("1", "Who?")], "t": [_example("1", "Where?")]}
    for name in ("t/1", "t::1"):
        assert list(match([_logged(ids=(name,))], suites).answers) == [("t", "1")]
    with pytest.raises(SuiteError, match="the id '1' may be s/1, t/1"):
        match([_logged(ids=("1",))], suites)


def test_of_questions_in_a_prompt_the_last_and_longest_is_asked() -> None:
    suites = {"s": [_example("short", "was it lit?"), _example("long", "When was it lit?")]}
    prompt = "Question: was it lit?\nAnswer: yes\n\nQuestion: When was it lit?\nAnswer:"
    assert list(match([_logged(prompt=prompt)], suites).answers) == [("s", "long")]


def test_an_example_in_the_prompt_of_another_question_is_not_asked() -> None:
    """Else a question that the log lacks would get the answer to another one."""
    suites = {"s": [_example("1", "Who built it?")]}
    asked = _logged(
        texts=("When was it lit?", "1858"),
        prompt="Q: Who built it?\nA: Nebelong\n\nQ: When was it lit?\nA:",
    )
    matched = match([asked], suites)
    assert (dict(matched.answers), matched.others) == ({}, 1)
    chat = [
        {"role": "user", "content": "Who built it?"},
        {"role": "assistant", "content": "Nebelong"},
        {"role": "user", "content": "When was it lit?"},
        {"role": "assistant", "content": "It was"},
    ]
    assert match([_logged(prompt=prompt_text(chat))], suites).others == 1
    assert not match([_logged(prompt=prompt_text(chat[:2]))], suites).others


@pytest.mark.parametrize(
    ("texts", "prompt"),
    [
        ((), "Question: Who built it? Context: Nebelong built it."),
        (("Answer: who built it?", "Nebelong"), "Answer: who built it? Context: by Nebelong"),
        (("who built it", "Nebelong"), "Answer: who built it? Context: by Nebelong"),
    ],
)
def test_what_follows_a_question_may_be_its_context(texts: tuple[str, ...], prompt: str) -> None:
    suites = {"s": [_example("1", "Who built it?")]}
    assert list(match([_logged(texts=texts, prompt=prompt)], suites).answers) == [("s", "1")]


def test_a_question_is_no_part_of_longer_words() -> None:
    suites = {"s": [_example("1", "What is art"), _example("2", "什么是艺术")]}
    assert match([_logged(prompt="What is artificial?")], suites).others == 1
    assert match([_logged(prompt="What is art. And what is artificial?")], suites).others == 0
    assert match([_logged(prompt="请回答什么是艺术呢")], suites).others == 0


def test_an_item_with_two_questions_of_a_suite_needs_a_prompt_or_an_id() -> None:
    suites = {"s": [_example("1", "Who?"), _example("2", "Where?")]}
    with pytest.raises(SuiteError, match="'1' and '2' of suite 's' are the same question, or both"):
        match([_logged(texts=("Who?", "Where?"))], suites)
    for more in ({"ids": ("2",)}, {"prompt": "Q: Where?"}):
        found = match([_logged(texts=("Who?", "Where?"), **more)], suites).answers
        assert list(found) == [("s", "2")]


def test_two_questions_of_the_same_words_need_an_id() -> None:
    suites = {"s": [_example("1", "Who?"), _example("2", "who?")]}
    with pytest.raises(SuiteError, match="'1' and '2' of suite 's' are the same question"):
        match([_logged(texts=("Who?",))], suites)
    assert list(match([_logged(texts=("Who?",), ids=("2",))], suites).answers) == [("s", "2")]


@given(st.permutations(range(5)), st.lists(st.text(max_size=20), max_size=3))
def test_the_order_of_a_log_and_what_else_it_holds_do_not_matter(
    order: list[int], others: list[str]
) -> None:
    questions = [f"What is the height of tower {letter}?" for letter in "abcde"]
    suites = {"s": [_example(str(at), question) for at, question in enumerate(questions)]}
    lines = [_logged(texts=(*others, f"  {questions[at]}\n")) for at in order]
    matched = match(lines, suites)
    assert sorted(matched.answers) == [("s", str(at)) for at in range(5)]


def test_a_record_is_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "batch.jsonl"
    lines = (LOGS / "openai-batch.jsonl").read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], json.dumps({"custom_id": 3, "response": None})]))
    with pytest.raises(SuiteError, match=r"batch\.jsonl', line 2: custom_id must be a text"):
        read_log("openai-batch", path)
