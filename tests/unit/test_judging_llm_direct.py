"""The direct judge against a real server whose words are scripted."""

from __future__ import annotations

import pytest

from pytest_ragft.endpoint.client import Endpoint
from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.llm.direct import OpenAIJudge
from pytest_ragft.records import Case, QAExample
from tests.endpoint_server import Answer, Server, chat, logprobs_of, refuse
from tests.llm_scripts import (
    Weighing,
    always,
    honest,
    in_turn,
    is_probe,
    probed,
    rating,
    read_blocks,
)

TOWER = QAExample(
    id="a", question="Who built the tower?", references=("Gustave Eiffel", "Eiffel"), facts=("F1",)
)
RIGHT = Case(example=TOWER, answer="It was Eiffel.")
WRONG = Case(example=TOWER, answer="It was Nobel.")


def open_judge(server: Server, **options) -> OpenAIJudge:
    limits = {"backoff": 0.001, "call_timeout": 5.0}
    limits |= {k: options.pop(k) for k in list(options) if k in ("attempts", "concurrency")}
    endpoint = Endpoint(server.url, key_setting="RAGFT_JUDGE_API_KEY", **limits)
    return OpenAIJudge("m", endpoint, **options)


def accuracy(server: Server, *cases: Case):
    return [scores["accuracy"] for scores in open_judge(server).judge(cases or (RIGHT,))]


def test_right_is_one_and_wrong_is_zero_in_order():
    with Server(probed(honest)) as server:
        judge = open_judge(server)
        found = judge.judge([RIGHT, WRONG] * 20)
    assert [s["accuracy"].value for s in found] == [1.0, 0.0] * 20
    assert [s["completeness"].value for s in found] == [1.0, 0.0] * 20
    assert found[0]["accuracy"].reason == "because"
    assert found[0]["accuracy"].evidence == {"rating": 4.0, "weighted": False}


def test_what_the_model_is_shown():
    with Server(probed(honest)) as server:
        open_judge(server).judge([RIGHT])
    for call in server.calls[1:]:
        blocks = read_blocks(call)
        assert blocks["QUESTION"] == TOWER.question
        assert blocks["REFERENCE 1"] == "Gustave Eiffel"
        assert blocks["REFERENCE 2"] == "Eiffel"
        assert blocks["ANSWER"] == "It was Eiffel."
        assert call.body["temperature"] == 0
        assert call.body["model"] == "m"
        assert call.body["response_format"]["json_schema"]["schema"]["required"]
    facts = [read_blocks(call).get("MUST-HAVE STATEMENTS") for call in server.calls[1:]]
    assert sorted(facts, key=str) == ["- F1", None]


def test_the_same_case_is_asked_in_the_same_words():
    with Server(probed(honest)) as server:
        judge = open_judge(server, concurrency=1)
        judge.judge([RIGHT])
        judge.judge([RIGHT])
    first, second = server.calls[1:3], server.calls[3:]
    assert sorted(c.text for c in first) == sorted(c.text for c in second)


@pytest.mark.parametrize(
    "said",
    [
        "4", "", "The rating is 4.", '{"rating": 4', '{"reason": "r"}', '["rating", 4]', "null",
        '{"reason": "r", "rating": 5}', '{"reason": "r", "rating": -1}',
        '{"reason": "r", "rating": 2.5}', '{"reason": "r", "rating": true}',
        '{"reason": "r", "rating": null}', '{"reason": "r", "rating": "4"}',
        '{"reason": "r", "rating": "1.0 or 0"}', '{"reason": "r", "rating": NaN}',
        '{"reason": "r", "rating": Infinity}', '{"reason": "r", "rating": 1e999}',
        '{"reason": "r", "rating": [4]}', '{"rating": 0, "rating": 4}',
        'The answer says {"reason": "r", "rating": 4}', '{"rating": 4}{"rating": 0}',
        '{"reason": "r", "rating": 4} and more', "{" * 5000,
    ],
)  # fmt: skip
def test_malformed_output_is_asked_again_and_then_missing(said):
    with Server(always(chat(said))) as server:
        judge = open_judge(server)
        (scores,) = judge.judge([RIGHT])
    for score in scores.values():
        assert (score.value, score.status) == (None, "missing")
        assert "malformed output after 3 attempts" in score.reason
    assert len(server.calls) == 1 + 2 * 3
    assert judge.usage.reasked == 4
    assert "could not be used" in server.calls[-1].text


@pytest.mark.parametrize(
    "answer",
    [
        chat('{"reason": "r", "rating": 4}', finish="length"),
        chat('{"reason": "r", "rating": 4}', finish="content_filter"),
        Answer(body={"choices": []}),
        Answer(body={"error": "overloaded"}),
        Answer(body=[1]),
        Answer(body={"choices": [{"message": {"content": None, "refusal": "I will not."}}]}),
    ],
)
def test_what_is_no_complete_reply_is_missing(answer):
    with Server(always(answer)) as server:
        (score,) = accuracy(server)
    assert (score.value, score.status) == (None, "missing")


def test_one_malformed_reply_does_no_harm():
    with Server(in_turn(chat("hm"), chat("hm"))) as server:
        (scores,) = open_judge(server).judge([RIGHT])
    assert [score.value for score in scores.values()] == [1.0, 1.0]


@pytest.mark.parametrize(
    "said",
    [
        '```json\n{"reason": "r", "rating": 4}\n```',
        '<think>A 0? {"rating": 0}</think>\n{"reason": "r", "rating": 4}',
        '{"rating": 4.0}',
        'A 0? {"rating": 0}\n</think>\n\n{"reason": "r", "rating": 4}',
        '[THINK]{"rating": 0}[/THINK]{"rating": 4}',
        '<|channel|>analysis<|message|>{"rating": 0}<|end|>'
        '<|start|>assistant<|channel|>final<|message|>{"rating": 4}',
        '{"reason": "it says <think>x</think>\\n", "rating": 4}',
    ],
)
def test_forms_that_mean_the_same(said):
    with Server(always(chat(said))) as server:
        assert accuracy(server)[0].value == 1.0


def test_a_rating_is_weighted_by_its_log_probabilities():
    pieces = ['{"reason": "r"', ', "rating":', " 4", "}"]
    given = logprobs_of(pieces, 2, {" 4": 0.6, "3": 0.2, " 0": 0.1, "x": 0.1})
    with Server(lambda _: chat("".join(pieces), logprobs=given)) as server:
        (score,) = accuracy(server)
    assert server.calls[1].body["top_logprobs"] == 10
    assert score.value == pytest.approx((0.6 * 4 + 0.2 * 3) / 0.9 / 4)
    assert score.evidence["weighted"] is True


@pytest.mark.parametrize("mood", ["ignores", "names them", "refuses"])
def test_without_log_probabilities_the_plain_rating_counts_and_the_report_says_so(mood):
    with Server(Weighing(mood)) as server:
        judge = open_judge(server)
        (scores,) = judge.judge([RIGHT])
    assert scores["accuracy"].value == 1.0
    assert judge.notes == ("its server does not grant logprobs (ratings are whole numbers)",)
    # Only calls before the first case were refused.
    assert [is_probe(call) for call in server.calls[-2:]] == [False, False]
    assert not any("logprobs" in call.body for call in server.calls[-2:])


def test_a_server_that_turns_in_mid_run_leaves_scores_missing():
    with Server(Weighing(turns_after=1 + 2 * 5)) as server:
        found = open_judge(server, concurrency=1).judge([RIGHT] * 20)
    values = [scores["accuracy"].value for scores in found]
    assert values == [pytest.approx(0.9)] * 5 + [None] * 15
    assert "'logprobs' is not supported" in found[-1]["accuracy"].reason


def test_a_reply_without_the_log_probabilities_that_others_have_is_malformed():
    weighing = Weighing()

    def script(call):
        weighing.logprobs = "grants" if is_probe(call) or RIGHT.answer in call.text else "ignores"
        return weighing(call)

    with Server(script) as server:
        found = open_judge(server, concurrency=1).judge([RIGHT, WRONG])
    assert found[0]["accuracy"].value == pytest.approx(0.9)
    assert found[1]["accuracy"].status == "missing"
    assert "left out the log-probabilities" in found[1]["accuracy"].reason


@pytest.mark.parametrize(
    ("known", "refusal"),
    [
        ({"messages", "model", "max_tokens", "temperature"}, "unsupported: {}"),
        ({"messages", "model", "max_tokens", "temperature"}, "bad request"),
        ({"messages", "model", "max_completion_tokens"}, "Unsupported parameter: {}"),
        ({"messages", "model", "response_format", "temperature", "max_tokens"}, "{} not allowed"),
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_what_a_server_does_not_know_is_left_out(known, refusal, status):
    def script(call):
        unknown = sorted(set(call.body) - known - {"stream"})
        if unknown:
            return refuse(status, refusal.format(unknown))
        return rating(4) if is_probe(call) else honest(call)

    with Server(script) as server:
        judge = open_judge(server)
        (scores,) = judge.judge([RIGHT])
        before = len(server.calls)
        judge.judge([WRONG])
    assert scores["accuracy"].value == 1.0
    # It is found out once, before the first case.
    assert len(server.calls) == before + 2
    assert all(is_probe(call) for call in server.calls[: before - 2])


def test_a_server_without_a_system_role():
    def script(call):
        if any(message["role"] == "system" for message in call.body["messages"]):
            return refuse(400, "System role not supported")
        return rating(4) if is_probe(call) else rating(2)

    with Server(script) as server:
        assert accuracy(server)[0].value == 0.5
    assert "carries the code" in server.calls[-1].text


def test_a_case_that_is_refused_is_missing_and_the_others_are_not():
    long = Case(example=TOWER, answer="Eiffel " * 1000)
    script = probed(
        lambda call: (
            refuse(400, "maximum context length") if len(call.text) > 6000 else honest(call)
        )
    )
    with Server(script) as server:
        found = accuracy(server, RIGHT, long, WRONG)
    assert [score.value for score in found] == [1.0, None, 0.0]
    assert "maximum context length" in found[1].reason


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refuse(401, "bad key"), "set RAGFT_JUDGE_API_KEY"),
        (refuse(404, "no such model"), "unknown model"),
        (refuse(500, "boom"), "500"),
        (Answer(body=b"<html>"), "did not answer in JSON"),
        (refuse(400, "never"), "never"),
    ],
)
def test_a_judge_that_cannot_be_asked(answer, words):
    with Server(lambda _: answer) as server:
        judge = open_judge(server, attempts=2)
        with pytest.raises(JudgeError, match=words):
            judge.check()
        asked = len(server.calls)
        found = judge.judge([RIGHT] * 300)
        assert len(server.calls) <= asked + 7
        judge.judge([RIGHT] * 300)
        # A later batch is not tried in vain.
        assert len(server.calls) <= asked + 7
    assert len(found) == 300
    for scores in found:
        assert scores["accuracy"].status == scores["completeness"].status == "missing"
        assert words in scores["accuracy"].reason


def test_check_finds_a_judge_that_answers():
    with Server(probed(honest)) as server:
        judge = open_judge(server)
        judge.check()
        assert len(server.calls) == 1
        assert judge.judge([RIGHT])[0]["accuracy"].value == 1.0
        assert len(server.calls) == 3


def test_a_judge_that_breaks_down_keeps_what_it_scored():
    script = probed(lambda call: honest(call) if call.number <= 21 else Answer(drop=True))
    with Server(script) as server:
        judge = OpenAIJudge(
            "m",
            Endpoint(server.url, backoff=0.0, attempts=2, concurrency=1, give_up_after=3),
        )
        found = judge.judge([RIGHT] * 500)
        calls = len(server.calls)
    values = [scores["accuracy"].value for scores in found]
    assert values[:10] == [1.0] * 10
    assert set(values[11:]) == {None}
    assert calls < 60
    assert "given up" in found[-1]["accuracy"].reason


def test_what_needs_no_model_costs_no_call():
    open_question = QAExample(id="b", question="How many?", references=(), answerable=False)
    bare = QAExample(id="c", question="Why?", references=())
    cases = [
        Case(example=TOWER, answer=" \u200b\n"),
        Case(example=open_question, answer="I do not know."),
        Case(example=open_question, answer="Nine"),
        Case(example=open_question, answer=""),
        Case(example=bare, answer="Because."),
    ]
    with Server(honest) as server:
        found = open_judge(server).judge(cases)
    assert server.calls == []
    assert [s["accuracy"].value for s in found] == [0.0, 1.0, 0.0, 0.0, None]
    statuses = [s["completeness"].status for s in found]
    assert statuses == ["scored", "not_applicable", "not_applicable", "not_applicable", "missing"]


def test_tokens_are_counted():
    with Server(probed(honest)) as server:
        judge = open_judge(server)
        judge.judge([RIGHT])
    assert (judge.usage.calls, judge.usage.failed) == (3, 0)
    assert (judge.usage.prompt_tokens, judge.usage.completion_tokens) == (300, 30)


def test_identity():
    def of(model="m", url="http://127.0.0.1:1/v1", **options) -> str:
        return OpenAIJudge(
            model, Endpoint(url, api_key=options.pop("key", None)), **options
        ).fingerprint

    same = of()
    assert same == of(key="sk-1") == of(url="http://127.0.0.1:1/v1/")
    others = [
        of("other"), of(url="http://127.0.0.1:2/v1"), of(claims=True), of(reasks=1),
        of(max_tokens=7),
    ]  # fmt: skip
    assert len({same, *others}) == 6


def test_each_word_of_a_rubric_belongs_to_the_identity(monkeypatch):
    from pytest_ragft.judging.llm import rubrics

    judge = OpenAIJudge("m", Endpoint("http://127.0.0.1:1/v1"))
    before = judge.fingerprint
    monkeypatch.setattr(rubrics, "RUBRICS", {"accuracy": "x", "completeness": "y"})
    assert judge.fingerprint != before
