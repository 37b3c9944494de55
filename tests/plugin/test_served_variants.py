"""Gating models behind a server: verdicts, what is refused before any work, what is kept."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint_server import Answer, Call, Server, refuse
from tests.example import PLUGINS, Example, Result, clean_environment
from tests.plugin.test_models import stored
from tests.served_scripts import Model


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def server(model: Model) -> Iterator[Server]:
    with Server(model) as running:
        yield running


@pytest.fixture
def ready(example: Example) -> Example:
    return example.suite().recorded("baseline.jsonl")


def gate(
    example: Example, url: str, *arguments: str, spec: str = "openai:ft", **env: str
) -> Result:
    result = example.run_pytest(
        "suites",
        f"--ragft-model={spec}@{url}",
        "--ragft-json=report.json",
        *(arguments if _has_baseline(arguments) else ("--ragft-baseline=baseline.jsonl",)),
        *(arguments if not _has_baseline(arguments) else ()),
        env=env,
    )
    assert "Traceback" not in result.out + result.err
    return result


def _has_baseline(arguments: tuple[str, ...]) -> bool:
    return any(argument.startswith("--ragft-baseline") for argument in arguments)


def facts(example: Example, name: str = "ft") -> dict[str, Any]:
    report = json.loads((example.folder / "report.json").read_text())
    (found,) = [variant for variant in report["variants"] if variant["name"] == name]
    return found


def said(result: Result) -> str:
    return " ".join((result.out + result.err).split())


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize(
    ("wrong", "verdict", "code"), [(0.0, "PASS", 0), (0.3, "REGRESSION", 1)], ids=["same", "worse"]
)
def test_served_models_are_gated_as_any_other(
    ready: Example, model: Model, server: Server, workers: tuple[str, ...], wrong: float,
    verdict: str, code: int,
) -> None:  # fmt: skip
    model.wrong = wrong
    result = gate(ready, server.url, *workers, RAGFT_GENERATION_PRICES="1/2")
    assert result.code == code, result.out + result.err
    assert result.properties("gate-accuracy")["ragft.verdict"] == verdict
    assert len(model.asked) == 240
    found = facts(ready)
    assert found["usage"]["calls"] == 241
    assert found["usage"]["cost"] == pytest.approx(
        (found["usage"]["prompt_tokens"] + 2 * found["usage"]["completion_tokens"]) / 1e6
    )
    assert found["notes"][0].startswith("identity unverified")
    assert "ft: 241 calls in this run" in said(result)
    assert "identity unverified: whoever runs" in said(result)


def test_baseline_and_variant_of_one_server(ready: Example, model: Model, server: Server) -> None:
    model.reply = lambda call, given: (
        given if call.body["model"] == "base" else _says(given, "Zanzibar, perhaps.")
    )
    result = gate(ready, server.url, f"--ragft-baseline=completions:base@{server.url}")
    assert (result.code, result.outcome("gate-accuracy")) == (1, "failed")
    asked = {(call.path, call.body["model"]) for call in model.asked}
    assert asked == {("/v1/completions", "base"), ("/v1/chat/completions", "ft")}
    assert result.properties("gate-accuracy")["ragft.mean.baseline"] == "1"
    same = gate(ready, server.url, f"--ragft-baseline=openai:ft@{server.url}")
    assert "is the baseline, by its fingerprint" in said(same)


def _says(answer: Answer, text: str) -> Answer:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return replace(answer, body=answer.body | {"choices": [choice]})


def test_several_answers_a_question(example: Example, model: Model, server: Server) -> None:
    toml = "[generation]\nsamples = 2\ntemperature = 0.7\n"
    example.suite(per_document=1, toml=toml)
    ask = f"--ragft-baseline=base=openai:base@{server.url}"
    result = gate(example, server.url, ask)
    assert result.code == 0, said(result)
    drawn = [(c.body["model"], c.text, c.body["seed"]) for c in model.asked]
    assert len(set(drawn)) == len(drawn) == 2 * 2 * 60
    assert {call.body["temperature"] for call in model.asked} == {0.7}
    assert gate(example, server.url, ask).code == 0
    assert len(model.asked) == len(drawn)


def test_answers_with_other_passages_stay_apart(
    example: Example, model: Model, server: Server
) -> None:
    """Answers come in any order: each stays with the passages that it was asked with."""
    example.suite(per_document=1)
    model.reply = lambda call, given: replace(given, delay=0.1 * (call.number % 3))
    ask = f"--ragft-baseline=base=openai:base@{server.url}"
    result = gate(example, server.url, ask, "--ragft-knowledge=retrieved,gold,none")
    assert result.code == 0, said(result)
    report = json.loads((example.folder / "report.json").read_text())
    found = {(s["variant"], s["knowledge"]): s for s in report["knowledge"]["scores"]}
    for variant in ("baseline", "ft"):
        means = [found[variant, kind]["mean"] for kind in ("retrieved", "gold", "none")]
        assert means == [1.0, 1.0, 0.0]


def test_what_is_kept_is_not_asked_again(ready: Example, model: Model, server: Server) -> None:
    limited = gate(ready, server.url, "--ragft-limit=30")
    assert (limited.code, len(model.asked)) == (1, 30)
    first = gate(ready, server.url)
    assert len(model.asked) == 240, "answers hang on no batch, so that those of the look count"
    again = gate(ready, server.url)
    assert len(model.asked) == 240
    assert (first.code, again.code, facts(ready)["computed"]) == (0, 0, 0)
    anew = gate(ready, server.url, "--ragft-max-age=0")
    assert (anew.code, len(model.asked)) == (0, 480)
    model.probe = "Another model has another answer."
    changed = gate(ready, server.url)
    assert (changed.code, len(model.asked)) == (0, 720)
    refreshed = gate(ready, server.url, "--ragft-cache=refresh", "-n", "2")
    assert (refreshed.code, len(model.asked)) == (0, 960)


def test_offline_opens_no_socket(ready: Example, model: Model) -> None:
    with Server(model) as server:
        unknown = gate(ready, server.url, "--ragft-offline")
        assert (unknown.code, server.calls) == (4, [])
        assert "offline: what http" in said(unknown)
        gate(ready, server.url)
        calls = len(server.calls)
        offline = gate(ready, server.url, "--ragft-offline")
        assert (offline.code, len(server.calls)) == (0, calls)
    gone = gate(ready, server.url, "--ragft-offline")
    assert (gone.code, facts(ready)["usage"]) == (0, None)
    late = gate(ready, server.url, "--ragft-offline", "--ragft-max-age=0.001s")
    assert late.code == 1
    assert "count for 0 seconds" in said(late)


def test_looking_at_what_there_is_asks_nobody(ready: Example, server: Server) -> None:
    result = gate(ready, server.url, "--collect-only", "-q")
    assert (result.code, server.calls) == (0, [])
    assert "gate-accuracy" in result.out


@pytest.mark.parametrize(
    ("spec", "change", "why"),
    [
        ("openai:ft", {"listed": ("base", "other")}, "it serves 'base', 'other'"),
        ("openai:ft", {"listed": None, "called": "llama"}, "answers for 'llama' where 'ft' was"),
        ("openai:ft", {"refuses": ("model",)}, "the model 'ft' cannot be asked"),
        ("", {}, "is not MODEL@URL; name both"),
    ],
)
def test_what_cannot_be_gated_is_one_message_before_any_work(
    ready: Example, model: Model, server: Server, spec: str, change: dict[str, Any], why: str
) -> None:
    for name, value in change.items():
        setattr(model, name, value)
    result = gate(ready, server.url, spec=spec or "openai:")
    assert result.code == 4
    assert why in said(result)
    assert (model.asked, stored(ready.folder)) == ([], {})


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refuse(401, "no key"), "the key was refused; set RAGFT_GENERATION_API_KEY"),
        (refuse(404, "nothing here"), "unknown model or wrong URL"),
        (Answer(body=b"<html>hello</html>"), "did not answer in JSON"),
        (Answer(body={"object": "list"}), "its reply holds no choices"),
        (Answer(drop=True), "cannot be reached"),
    ],
    ids=["no key", "wrong place", "garbage", "no API", "dropped"],
)
def test_a_server_that_does_not_answer_is_one_message(
    ready: Example, answer: Answer, why: str
) -> None:
    with Server(lambda _: answer) as server:
        result = gate(ready, server.url, RAGFT_GENERATION_API_KEY="sk-not-this-one")
    assert result.code == 4
    assert why in said(result)
    assert "sk-not-this-one" not in result.out + result.err


def test_a_server_that_dies_loses_nothing(ready: Example, model: Model, server: Server) -> None:
    model.reply = lambda call, given: given if len(model.asked) <= 100 else Answer(drop=True)
    ready.write(
        "conftest.py",
        "import pytest_ragft.endpoint.client as client\n"
        "client.Endpoint.__init__.__kwdefaults__.update(backoff=0.01, attempts=2)\n",
    )
    lost = gate(ready, server.url)
    assert lost.code == 1
    assert lost.properties("gate-accuracy")["ragft.verdict"] != "PASS"
    assert "scores are missing for" in said(lost)
    kept = len(stored(ready.folder))
    assert 90 <= kept <= 100
    model.reply = lambda call, given: given
    model.asked.clear()
    assert gate(ready, server.url).code == 0
    assert len(model.asked) == 240 - kept


def test_ctrl_c_loses_nothing_that_came(ready: Example, model: Model, server: Server) -> None:
    model.reply = lambda call, given: given if len(model.asked) <= 100 else Answer(hang=True)
    command = [
        *(sys.executable, "-m", "pytest", *PLUGINS, "suites"),
        *(f"--ragft-model=openai:ft@{server.url}", "--ragft-baseline=baseline.jsonl"),
    ]
    with subprocess.Popen(
        command, cwd=ready.folder, env=clean_environment(), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
        # As in test_models: background jobs are deaf to Ctrl-C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:  # fmt: skip
        while len(stored(ready.folder)) < 100:
            time.sleep(0.05)
            assert process.poll() is None, process.communicate()[0]
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
    assert process.returncode == 2, out
    assert "Traceback" not in out
    assert len(stored(ready.folder)) == 100


def test_a_strict_run_accepts_no_model_that_nobody_vouches_for(
    ready: Example, server: Server
) -> None:
    result = gate(ready, server.url, "--ragft-strict")
    assert result.code == 1
    assert "--ragft-strict: ft: identity unverified" in said(result)


def test_a_saved_baseline_is_known_again_tomorrow(
    ready: Example, model: Model, server: Server
) -> None:
    save = ("--ragft-baseline=none", "--ragft-save-baseline=now")
    assert gate(ready, server.url, *save).code == 0
    again = gate(ready, server.url, *save, "--ragft-max-age=0")
    assert again.code == 0, said(again)
    content = Path(ready.folder, ".ragft/baselines/now.json").read_text()
    assert "usage" not in json.loads(content)["variant"]
    model.probe = "Another."
    other = gate(ready, server.url, *save)
    assert other.code == 4
    assert "is that of another model" in said(other)
    compared = gate(ready, server.url, "--ragft-baseline=saved:now")
    assert compared.code == 0, said(compared)


def test_hand_written_tests_ask_as_the_gates_do(
    ready: Example, model: Model, server: Server
) -> None:
    ready.write(
        "test_mine.py",
        "import pytest\n"
        "@pytest.mark.ragft(suite='demo')\n"
        "def test_no_worse(ragft_comparison):\n"
        "    assert ragft_comparison.verdict('accuracy').outcome == 'PASS'\n"
        "@pytest.mark.ragft(suite='demo')\n"
        "def test_one(ragft_variant):\n"
        "    answer = ragft_variant.ask('Which code has item 0x0 in demo?')\n"
        "    assert answer.text == 'democode00000'\n",
    )
    arguments = ("--ragft-baseline=baseline.jsonl", "test_mine.py")
    for workers in ((), ("-n", "2")):
        result = ready.run_pytest(
            f"--ragft-model=openai:ft@{server.url}", *arguments, *workers, env={}
        )
        assert result.code == 0, said(result)
        assert len({(c.text, c.body["model"]) for c in model.asked}) == len(model.asked) == 240


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("RAGFT_GENERATION_CONCURRENCY", "many", "give a whole number"),
        ("RAGFT_GENERATION_PRICES", "cheap", "give the prices of a million"),
        ("RAGFT_GENERATION_API_KEY", "a b", "the key holds spaces"),
        ("RAGFT_GENERATION_API_KY", "x", "did you mean RAGFT_GENERATION_API_KEY?"),
        ("RAGFT_MAX_AGE", "yesterday", "expected a time with its unit"),
        ("RAGFT_MAX_AGE", "12", "expected a time with its unit"),
    ],
)
def test_variables_are_checked_before_any_work(
    ready: Example, server: Server, variable: str, value: str, why: str
) -> None:
    result = gate(ready, server.url, **{variable: value})
    assert (result.code, server.calls) == (4, [])
    assert why in said(result)
    assert re.search(rf"{variable}\b", said(result))


def test_calls_of_a_judge_are_told_apart(ready: Example, server: Server) -> None:
    def rate(call: Call) -> Answer:
        return refuse(401, "not for you")

    with Server(rate) as judge:
        result = gate(ready, server.url, f"--ragft-judge=openai:m@{judge.url}",
                      RAGFT_GENERATION_API_KEY="sk-g", RAGFT_JUDGE_API_KEY="sk-j")  # fmt: skip
    assert result.code == 1
    assert {call.headers.get("Authorization") for call in server.calls} == {"Bearer sk-g"}
    assert {call.headers.get("Authorization") for call in judge.calls} == {"Bearer sk-j"}
