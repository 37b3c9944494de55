"""`ragft judge --check`: a judge on trial, before money is spent on a run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_ragft.calibration.check import LabelledCase, check, labelled_cases
from pytest_ragft.judging.abstention import scored_without_judge
from pytest_ragft.judging.llm.rubrics import rubric_kind
from pytest_ragft.records import Score
from tests.commands.running import ragft, ragft_process
from tests.endpoint_server import Answer, Call, Server, chat
from tests.llm_scripts import probed, rating, read_blocks
from tests.tiny import tiny_folder

CASES = labelled_cases()
BY_TEXTS = {(of.case.example.question, of.case.answer): of for of in CASES}
KINDS = {
    "number", "scale", "date", "identifier", "polarity", "denial", "name", "choice", "hedge",
    "echo", "parts", "brief", "long", "refusal",
}  # fmt: skip


SPLIT = {"QUESTION", "TEXT"}
RULED = {of.id: scores for of in CASES if (scores := scored_without_judge(of.case)) is not None}
MISRULED = sum(
    RULED[of.id]["accuracy"].value != of.labels["accuracy"] for of in CASES if of.id in RULED
)
"""Cases that a rule decides wrongly, whatever a model would say."""


def of_call(call: Call) -> LabelledCase:
    blocks = read_blocks(call)
    return BY_TEXTS[blocks["QUESTION"], blocks["ANSWER"]]


def expert(call: Call) -> Answer:
    """Rates as the labels say."""
    metric = "completeness" if "how complete" in call.text else "accuracy"
    return rating(int(4 * of_call(call).labels.get(metric, 1.0)))


def check_of(folder: Path, script: Callable[[Call], Answer], *arguments: str, kind: str = "openai"):
    with Server(probed(script)) as server:
        done = ragft(folder, "judge", "--check", f"{kind}:m@{server.url}", *arguments)
    return done, server


def test_the_cases_are_fifty_of_every_kind_and_small() -> None:
    assert len(CASES) == len({of.id for of in CASES}) == len(BY_TEXTS) == 50
    assert set(Counter(of.kind for of in CASES)) == KINDS
    right = sum(of.labels["accuracy"] for of in CASES)
    assert 20 <= right <= 30
    assert {label for of in CASES for label in of.labels.values()} == {0.0, 1.0}
    assert not any("completeness" in of.labels for of in CASES if not of.case.example.answerable)
    data = Path(check.__code__.co_filename).parent / "data" / "check.jsonl"
    assert data.stat().st_size <= 30_000


def test_a_judge_that_agrees_passes_and_says_what_it_cost(tmp_path: Path) -> None:
    done, server = check_of(tmp_path, expert)
    assert done.code == 0, done.out + done.err
    assert f"accuracy: agrees on {50 - MISRULED} of 50, " in done.out
    assert "completeness: agrees on 43 of 43, 1.000 [" in done.out
    assert "reaches the bar" in done.out
    assert done.out.count("wrong:") == MISRULED <= 2
    # Refusals cost nothing; the small first question counts.
    calls = len(server.calls)
    assert calls == 1 + 2 * (50 - len(RULED)) <= 1 + 2 * 45
    assert f"cost: {calls} calls (0 failed), {calls * 100:,} prompt and" in done.out
    assert "50 of 50 answers" in done.err, "progress"


@pytest.mark.parametrize("says", [4, 0])
def test_a_judge_that_says_the_same_of_all_does_not(tmp_path: Path, says: int) -> None:
    done, _ = check_of(tmp_path, lambda call: rating(says))
    assert done.code == 1
    found = re.search(r"accuracy: agrees on (\d+) of 50, (\S+) \[.*?\]; κ (\S+)", done.out)
    assert found is not None, done.out
    assert int(found[1]) <= 32
    assert float(found[3]) < 0.4
    assert "below the bar" in done.out
    assert "wrong: denial-1 is 0, the judge says 1.000" in done.out or says == 0


def test_one_that_holds_in_one_metric_alone_does_not(tmp_path: Path) -> None:
    def half(call: Call) -> Answer:
        return rating(0) if "how complete" in call.text else expert(call)

    done, _ = check_of(tmp_path, half)
    assert done.code == 1
    assert "below the bar (agreement 0.8 and κ 0.6) in completeness;" in done.out


def test_a_score_that_is_missing_counts_as_wrong(tmp_path: Path) -> None:
    def unsure(call: Call) -> Answer:
        return chat("Well.") if of_call(call).kind in ("number", "scale") else expert(call)

    done, _ = check_of(tmp_path, unsure)
    assert done.code == 1
    assert f"accuracy: agrees on {38 - MISRULED} of 50" in done.out
    assert "12 scores missing, counted as wrong" in done.out
    assert "the judge says missing" in done.out
    assert "malformed output" in done.out


def test_scores_are_kept_and_only_what_lacks_is_asked_again(tmp_path: Path) -> None:
    with Server(probed(expert)) as server:
        spec = f"openai:m@{server.url}"
        first = ragft(tmp_path, "judge", "--check", spec)
        calls = len(server.calls)
        again = ragft(tmp_path, "judge", "--check", spec)
        assert len(server.calls) == calls
        anew = ragft(tmp_path, "judge", "--check", spec, "--cache=refresh")
        assert len(server.calls) > calls + 80
    assert (first.code, again.code, anew.code) == (0, 0, 0)
    assert "cost: no call: all scores were kept; --cache=refresh asks for them anew" in again.out


def test_a_server_that_is_down_is_no_agreement(tmp_path: Path) -> None:
    with Server(probed(expert)) as server:
        spec = f"openai:m@{server.url}"
    done = ragft(tmp_path, "judge", "--check", spec)
    assert done.code == 1
    assert f"{50 - len(RULED)} scores missing" in done.out


def test_the_reference_judge_costs_nothing(tmp_path: Path) -> None:
    done = ragft_process(tmp_path, "judge", "--check", "reference")
    assert "cost: no calls" in done.out
    assert done.code == ("below the bar" in done.out)
    assert "agrees on" in done.out


@pytest.mark.parametrize(
    ("kind", "code"),
    [("claims", 0), ("jury", 0), pytest.param("geval", 0, marks=pytest.mark.deepeval)],
)
def test_every_judge_that_asks_a_model_can_be_tried(tmp_path: Path, kind: str, code: int) -> None:
    def wise(call: Call) -> Answer:
        blocks = read_blocks(call)
        if "STATEMENTS" in blocks:
            of = BY_TEXTS[blocks["QUESTION"], blocks["TEXT"]]
            holds = bool(of.labels.get("completeness", 1.0))
            return chat({"verdicts": [{"number": 1, "supported": holds}]})
        if "TEXT" in blocks:
            return chat({"statements": [blocks["TEXT"]]})
        if "Evaluation Steps" in call.body["messages"][-1]["content"]:
            metric = "completeness" if "List what is required" in call.text else "accuracy"
            of = BY_TEXTS[blocks["QUESTION"], blocks["ANSWER"]]
            return chat({"reason": "r", "score": int(10 * of.labels.get(metric, 1.0))})
        return expert(call)

    with Server(probed(wise)) as server:
        one = f"{kind}:m@{server.url}"
        spec = f"jury:openai:m@{server.url},claims:m@{server.url}" if kind == "jury" else one
        done = ragft(tmp_path, "judge", "--check", spec)
    assert done.code == code, done.out + done.err
    assert f"agrees on {50 - MISRULED} of 50" in done.out
    if kind == "claims":
        # Faithfulness would split answers, which nobody asked for.
        split = [b["TEXT"] for call in server.calls[1:] if set(b := read_blocks(call)) == SPLIT]
        references = {text for of in CASES for text in of.case.example.references}
        assert references.issuperset(split)


@pytest.mark.newest
def test_a_model_in_this_process_can_be_tried(tmp_path: Path) -> None:
    done = ragft(tmp_path, "judge", "--check", f"hf:{tiny_folder() / 'model'}")
    assert done.code == 1
    assert "the model says" in done.out, "a random model does not follow the form"
    assert "refusal-1" not in done.out, "ruled without it"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--check", "wise"], "'wise'"),
        (["--check", "openai:m"], "--ragft-judge=openai"),
        (["--check", "hf:nowhere"], "no model there"),
        (["--check", "reference", "in.jsonl"], "leave IN.jsonl out"),
        (["--check", "reference", "--root=none"], "--root='none'"),
    ],
)
def test_wrong_usage_is_four_and_one_message(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = ragft(tmp_path, "judge", *arguments)
    assert done.code == 4
    assert told in done.err
    assert done.out == ""


def test_without_answers_and_without_a_judge_to_try(tmp_path: Path) -> None:
    done = ragft(tmp_path, "judge")
    assert done.code != 0
    assert "--check" in done.err


def test_a_judge_by_hand_is_measured_the_same() -> None:
    def scores(value: float) -> list[dict[str, Score]]:
        return [{m: Score(metric=m, value=value) for m in ("accuracy", "completeness")}] * 50

    accuracy, completeness = check(CASES, scores(1.0))
    assert accuracy.agreement.value == pytest.approx(22 / 50)
    assert (accuracy.kappa.value, accuracy.holds) == (pytest.approx(0.0), False)
    assert len(accuracy.misjudged) == 28
    assert completeness.n == 43
    right = [
        {m: Score(metric=m, value=of.labels.get(m, 0.5)) for m in ("accuracy", "completeness")}
        for of in CASES
    ]
    assert all(of.holds for of in check(CASES, right))


def test_the_rubric_that_a_case_meets_is_that_of_its_kind() -> None:
    known = {"scale": "number", "parts": "list", "polarity": "yesno"}
    told = ("number", "scale", "date", "identifier", "polarity", "choice", "parts", "name")
    found = {of.id: rubric_kind(of.case.example) for of in CASES if of.kind in told}
    assert found == {of.id: known.get(of.kind, of.kind) for of in CASES if of.kind in told}
