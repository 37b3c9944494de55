from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.errors import SpecError
from pytest_ragft.evaluation.codec import answer_from, answer_to_plain
from pytest_ragft.generation.recorded import RecordedGenerator
from pytest_ragft.records import Prompt, Request


def line(suite: object = "s", id: object = "q1", answer: object = "yes", **others: object) -> str:
    return json.dumps({"suite": suite, "id": id, "answer": answer} | others)


def write(folder: Path, *lines: str) -> Path:
    path = folder / "answers.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def request(suite: str, id: str) -> Request:
    prompt = Prompt(system="", user="{context}{question}", question="?")
    return Request(suite=suite, id=id, prompt=prompt)


def test_answers_are_found_by_suite_and_id(tmp_path: Path) -> None:
    path = write(tmp_path, line(answer="one"), "", line("t", "q1", "zwei ü 🦉"), line(id="q2"))
    generator = RecordedGenerator(path)
    asked = [request("t", "q1"), request("s", "q2"), request("s", "q1")]
    answers = generator.generate(asked)
    assert [answer.text for answer in answers] == ["zwei ü 🦉", "yes", "one"]
    assert {answer.finish for answer in answers} == {"recorded"}
    assert generator.engine is None
    assert "recorded answers" in generator.notes


def test_an_empty_answer_is_an_answer(tmp_path: Path) -> None:
    (answer,) = RecordedGenerator(write(tmp_path, line(answer=""))).generate([request("s", "q1")])
    assert (answer.text, answer.error) == ("", None)


@pytest.mark.parametrize(
    ("keys", "text", "reasoning", "cut"),
    [
        ({"answer": "<think>b</think>\n\na"}, "a", "b", False),
        ({"answer": "<think>b"}, "", "b", True),
        ({"answer": "a", "reasoning_content": "b"}, "a", "b", False),
        ({"answer": "a", "reasoning": "b", "reasoning_content": None}, "a", "b", False),
        ({"answer": "<think>c</think>a", "reasoning": "b"}, "a", "b\n\nc", False),
        ({"answer": None, "reasoning_content": "b"}, "", "b", True),
        ({"answer": "", "reasoning_content": "b"}, "", "b", True),
        ({"answer": " a ", "reasoning_content": ""}, " a ", "", False),
    ],
)
def test_reasoning_is_kept_apart(
    tmp_path: Path, keys: dict[str, object], text: str, reasoning: str, cut: bool
) -> None:
    (answer,) = RecordedGenerator(write(tmp_path, line(**keys))).generate([request("s", "q1")])
    assert (answer.text, answer.reasoning, answer.reasoning_cut) == (text, reasoning, cut)


@pytest.mark.parametrize("more", [{}, {"reasoning": ""}, {"reasoning_content": None}])
def test_an_answer_that_is_null_is_empty_for_that_reason(
    tmp_path: Path, more: dict[str, object]
) -> None:
    path = write(tmp_path, line(answer=None, **more), line(id="q2", answer=""))
    null, empty = RecordedGenerator(path).generate([request("s", "q1"), request("s", "q2")])
    assert (null.text, null.error, null.unanswered) == ("", None, "the recorded answer is null")
    assert (empty.text, empty.unanswered) == ("", "")
    assert answer_from(answer_to_plain(null)) == null
    assert "absent" not in answer_to_plain(empty)


def test_ids_that_are_numbers_are_those_of_the_suite(tmp_path: Path) -> None:
    path = write(tmp_path, line(id=7), line(id="8"), "\ufeff" + line(id=9))
    RecordedGenerator(path).check("s", ["7", "8", "9"])
    with pytest.raises(SpecError, match="question '7' of suite 's' was answered in line 1"):
        RecordedGenerator(write(tmp_path, line(id=7), line(id="7")))


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + (line() + "\r\n" + line(id="q2") + "\r\n").encode())
    RecordedGenerator(path).check("s", ["q1", "q2"])


def test_a_question_that_nobody_answered_is_an_error_by_itself(tmp_path: Path) -> None:
    (answer,) = RecordedGenerator(write(tmp_path, line())).generate([request("s", "q9")])
    assert answer.finish == "error"
    assert answer.error is not None
    assert "no answer to 'q9' of suite 's'" in answer.error


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 2, column 2: not JSON"),
        ("[1]", "line 2: [1] is not a table of keys and values; the keys are suite, id, answer"),
        ('{"suite": "s", "id": "q2"}', "line 2: 'answer' is missing"),
        ('{"suite": "s", "answer": "x"}', "line 2: 'id' is missing"),
        ('{"suite": "s", "id": "q2", "id": "q3", "answer": "x"}', "line 2: the key 'id' stands tw"),
        (line(id="q2", answer=5), "line 2: answer = 5: must be a text"),
        (line(id="q2", answer=False), "line 2: answer = False: must be a text"),
        (line(id="q2", reasoning=[]), "line 2: reasoning = []: must be a text"),
        (line(id=7.5), "line 2: id = 7.5: must be a text"),
        (line(id=True), "line 2: id = True: must be a text"),
        (line(suite=["s"]), "line 2: suite = ['s']: must be a text"),
        (line(id="q2", answer="\ud800"), "line 2: answer = '\\ud800': holds half of a surrogate"),
        (line(), "line 2: question 'q1' of suite 's' was answered in line 1 already"),
        ("[" * 100_000, "line 2: not usable JSON"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        RecordedGenerator(write(tmp_path, line(), text))
    assert said in str(caught.value)
    assert "answers.jsonl" in str(caught.value)


def test_the_first_mistakes_are_named_together(tmp_path: Path) -> None:
    with pytest.raises(
        SpecError, match=r"line 6: 'suite' is missing.*\n… and 2 more such lines in"
    ):
        RecordedGenerator(write(tmp_path, line(), *["{}"] * 7))


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(line().encode() + b'\n{"suite": "\xff"}\n')
    with pytest.raises(SpecError, match="not UTF-8 at byte 55; save the file as UTF-8"):
        RecordedGenerator(path)


def test_a_file_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="holds no answers"):
        RecordedGenerator(write(tmp_path, ""))


def test_check_lists_what_is_missing_and_what_is_unknown(tmp_path: Path) -> None:
    generator = RecordedGenerator(write(tmp_path, *(line(id=f"q{i}") for i in range(10))))
    generator.check("s", [f"q{i}" for i in range(10)])
    with pytest.raises(SpecError, match="lacks answers to 8 of 12 questions of suite 's': 'q10'"):
        generator.check("s", [f"q{i}" for i in range(6, 18)])
    with pytest.raises(SpecError, match="answers 7 questions that suite 's' does not have: 'q3', "):
        generator.check("s", ["q0", "q1", "q2"])
    with pytest.raises(SpecError, match="lacks answers to 1 of 1 questions of suite 'other'"):
        generator.check("other", ["q1"])


def test_the_fingerprint_is_that_of_the_content(tmp_path: Path) -> None:
    one = RecordedGenerator(write(tmp_path, line())).fingerprint
    assert RecordedGenerator(write(tmp_path, line())).fingerprint == one
    assert RecordedGenerator(write(tmp_path, line(answer="no"))).fingerprint != one


def test_an_answer_says_what_it_was_given(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        line(answer="retrieved"),
        line(answer="gold", knowledge="gold"),
        line(answer="none", knowledge="none"),
        line(id="q2", knowledge=None),
    )
    generator = RecordedGenerator(path)
    generator.check("s", ["q1", "q2"])
    for kind in ("retrieved", "gold", "none"):
        (answer,) = generator.generate([replace(request("s", "q1"), knowledge=kind)])
        assert answer.text == kind
        if kind != "retrieved":
            generator.check_knowledge("s", ["q1"], kind)
    with pytest.raises(SpecError, match="lacks answers with knowledge = 'gold' to 1 of 2"):
        generator.check_knowledge("s", ["q1", "q2"], "gold")
    (answer,) = generator.generate([replace(request("s", "q2"), knowledge="none")])
    assert "has no answer to 'q2' of suite 's' with knowledge 'none'" in (answer.error or "")


def test_unknown_questions_and_kinds_are_refused_with_any_knowledge(tmp_path: Path) -> None:
    stray = RecordedGenerator(write(tmp_path, line(), line(id="q9", knowledge="gold")))
    with pytest.raises(SpecError, match="answers 1 questions that suite 's' does"):
        stray.check("s", ["q1"])
    with pytest.raises(SpecError, match="must be one of retrieved, gold, none"):
        RecordedGenerator(write(tmp_path, line(knowledge="golden")))
    with pytest.raises(SpecError, match="answered in"):
        RecordedGenerator(write(tmp_path, line(knowledge="gold"), line(knowledge="gold")))
