"""Gating real (tiny) models through the plugin: loading, resuming, offline, and what is refused."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.example import PLUGINS, Example, Result, clean_environment
from tests.tiny import foreign_model, tiny_folder

pytestmark = pytest.mark.newest

GENERATION = "[generation]\nmax_new_tokens = 24\nbatch_tokens = 2000\n"
OFFLINE = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


@pytest.fixture
def tiny(example: Example) -> Example:
    """A suite of 60 questions, and the tiny model with its adapters beside it."""
    example.suite(documents=15, toml=GENERATION)
    shutil.copytree(tiny_folder(), example.folder / "tiny")
    return example


def gate(example: Example, *arguments: str, adapter: str = "alive") -> Result:
    return example.run_pytest(
        "suites",
        f"--ragft-model=tiny/{adapter}",
        "--ragft-base=tiny/model",
        "--ragft-json=report.json",
        *arguments,
        env=OFFLINE,
    )


def report(example: Example) -> dict[str, Any]:
    return json.loads((example.folder / "report.json").read_text())


def stored(folder: Path, kind: str = "answer") -> dict[str, str]:
    path = folder / ".ragft" / "store.sqlite"
    if not path.exists():
        return {}
    connection = sqlite3.connect(path, timeout=30)
    try:
        query = "SELECT key, value FROM entries WHERE kind = ?"
        return dict(connection.execute(query, (kind,)))
    except sqlite3.OperationalError:  # killed before the table was there
        return {}
    finally:
        connection.close()


def test_an_adapter_is_gated_against_its_base_and_read_back(tiny: Example) -> None:
    first = gate(tiny)
    facts = {v["name"]: v for v in report(tiny)["variants"]}
    assert {name: v["computed"] for name, v in facts.items()} == {"baseline": 60, "alive": 60}
    assert facts["baseline"]["fingerprint"] != facts["alive"]["fingerprint"]

    tiny.write(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    print('HEAVY', sorted({'torch', 'transformers', 'peft'} & set(sys.modules)))\n",
    )
    verdicts = [g["verdict"] for g in report(tiny)["gates"]]
    tiny.cold = True
    again = gate(tiny)

    assert first.code == again.code
    assert "HEAVY []" in again.out
    assert [v["computed"] for v in report(tiny)["variants"]] == [0, 0]
    assert [g["verdict"] for g in report(tiny)["gates"]] == verdicts


def test_xdist_gives_the_same_verdicts(tiny: Example) -> None:
    alone = gate(tiny)
    verdicts = [g["verdict"] for g in report(tiny)["gates"]]
    shutil.rmtree(tiny.folder / ".ragft")

    spread = gate(tiny, "-n", "4")

    assert spread.code == alone.code
    assert [g["verdict"] for g in report(tiny)["gates"]] == verdicts
    assert [v["computed"] for v in report(tiny)["variants"]] == [60, 60]


def test_a_narrowed_run_gives_the_answers_of_a_whole_one(tiny: Example) -> None:
    gate(tiny, "-k", "q3-1")
    narrowed = stored(tiny.folder)
    assert 0 < len(narrowed) < 120
    shutil.rmtree(tiny.folder / ".ragft")

    gate(tiny)

    whole = stored(tiny.folder)
    assert len(whole) == 120
    assert {key: whole[key] for key in narrowed} == narrowed


@pytest.fixture
def slow_tiny(tiny: Example) -> Example:
    """With a row or two a batch, so that a signal arrives before the end."""
    return tiny.suite(documents=15, toml="[generation]\nmax_new_tokens = 48\nbatch_tokens = 400\n")


@pytest.mark.parametrize("batches", [1, 3])
def test_killed_in_mid_generation_it_goes_on(slow_tiny: Example, batches: int) -> None:
    tiny = slow_tiny
    gate(tiny)
    undisturbed, answers = report(tiny), stored(tiny.folder)
    shutil.rmtree(tiny.folder / ".ragft")
    stop_after(tiny, batches, signal.SIGKILL)
    kept = stored(tiny.folder)
    assert 0 < len(kept) < 120

    gate(tiny)

    resumed = report(tiny)
    assert stored(tiny.folder) == answers
    assert [g["verdict"] for g in resumed["gates"]] == [g["verdict"] for g in undisturbed["gates"]]
    largest_batch = max(json.loads(value)["batch_rows"] for value in answers.values())
    assert sum(v["computed"] for v in resumed["variants"]) <= 120 - len(kept) + largest_batch


def test_interrupted_it_ends_as_pytest_ends_it(slow_tiny: Example) -> None:
    code, out = stop_after(slow_tiny, 1, signal.SIGINT)

    assert code == 2, out
    assert "INTERNALERROR" not in out
    assert "KeyboardInterrupt" in out
    assert 0 < len(stored(slow_tiny.folder)) < 120


def stop_after(example: Example, batches: int, how: signal.Signals) -> tuple[int, str]:
    """Send a signal to a gating run once it has committed some batches."""
    command = [
        sys.executable, "-m", "pytest", *PLUGINS, "suites",
        "--ragft-model=tiny/alive", "--ragft-base=tiny/model",
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        cwd=example.folder,
        env=clean_environment() | OFFLINE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell makes its background jobs deaf to Ctrl-C, and what they start inherits that.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    commits = seen = 0
    while process.poll() is None and commits < batches:
        count = len(stored(example.folder))
        commits, seen = commits + (count > seen), count
        time.sleep(0.001)
    process.send_signal(how)
    out, _ = process.communicate()
    return process.returncode, out


def test_an_adapter_that_changes_nothing_is_an_error(tiny: Example) -> None:
    result = gate(tiny, adapter="noop")

    assert result.code == 4
    assert "'tiny/noop' changes nothing" in result.err


def test_offline_refuses_what_the_store_lacks(tiny: Example) -> None:
    empty = gate(tiny, "--ragft-offline")
    assert empty.code == 1
    assert result_is_error(empty)
    assert "run once without --ragft-offline" in " ".join(empty.out.split())

    online = gate(tiny)
    full = gate(tiny, "--ragft-offline")
    assert full.code == online.code
    assert [v["computed"] for v in report(tiny)["variants"]] == [0, 0]


def result_is_error(result: Result) -> bool:
    return result.outcome("gate-accuracy") == "error"


def truncated(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def pickled(folder: Path) -> None:
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")


def of_another_base(folder: Path) -> None:
    identity = json.loads((folder / "ragft.json").read_text())
    identity["base"]["weights"] = "0" * 64
    (folder / "ragft.json").write_text(json.dumps(identity))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (truncated, "truncated"),
        (pickled, "pickled"),
        (of_another_base, "trained on a base"),
    ],
    ids=["truncated", "pickle", "base"],
)
def test_an_unusable_adapter_is_a_usage_error(tiny: Example, damage: Any, told: str) -> None:
    damage(tiny.folder / "tiny" / "alive")

    result = gate(tiny)

    assert result.code == 4, result.out + result.err
    assert told in result.err
    assert "tiny/alive" in result.err
    assert "Traceback" not in result.out + result.err


def test_a_model_without_chat_template_is_a_usage_error(tiny: Example) -> None:
    model = tiny.folder / "tiny" / "model"
    (model / "chat_template.jinja").unlink(missing_ok=True)
    config = json.loads((model / "tokenizer_config.json").read_text())
    config.pop("chat_template", None)
    (model / "tokenizer_config.json").write_text(json.dumps(config))

    result = gate(tiny)

    assert result.code == 4
    assert "chat template" in result.err


def test_models_without_key_value_cache_are_errors_of_their_own(tiny: Example) -> None:
    small = {"hidden_size": 32, "num_hidden_layers": 1}
    foreign_model(tiny.folder / "tiny" / "mamba", "MambaConfig", **small)
    foreign_model(tiny.folder / "tiny" / "rwkv", "RwkvConfig", **small | {"num_hidden_layers": 2})
    broken = shutil.copytree(tiny_folder() / "model", tiny.folder / "tiny" / "broken")
    (broken / "chat_template.jinja").write_text("{{ 1 // 0 }}")
    names = ("mamba", "rwkv", "broken")

    result = gate(
        tiny, *(f"--ragft-model=tiny/{name}" for name in names), "--ragft-baseline=tiny/model"
    )

    assert result.code == 1
    assert "Traceback" not in result.out + result.err
    told = " ".join((result.out + result.err).split())
    assert "a model of the type 'mamba' keeps no key-value cache" in told
    assert "RwkvForCausalLM keeps no key-value cache" in told
    assert "rejects messages of the roles" in told
    assert "answering with baseline, alive, rwkv: done" not in told
    computed = {v["name"]: v["computed"] for v in report(tiny)["variants"]}
    assert computed == {"baseline": 60, "alive": 60, "mamba": 0, "rwkv": 0, "broken": 0}


def test_a_base_that_is_not_verified_is_said(tiny: Example) -> None:
    result = gate(tiny, adapter="unnamed")

    assert "base unverified" in " ".join(result.out.split())


@pytest.mark.parametrize(
    "drawn", ['vary = "order"', "temperature = 1.0\nseed = 3"], ids=["order", "temperature"]
)
def test_several_answers_are_computed_once_and_are_the_same_again(
    tiny: Example, drawn: str
) -> None:
    tiny.suite(documents=3, toml=f"{GENERATION}samples = 2\n{drawn}\n")
    first = gate(tiny)
    before = report(tiny)
    assert {v["name"]: v["computed"] for v in before["variants"]} == {"baseline": 24, "alive": 24}
    assert len(stored(tiny.folder)) == 48
    texts = [q["answers"]["alive"]["draws"] for q in before["questions"]]
    assert {len(draws) for draws in texts} == {2}
    assert any(one["text"] != other["text"] for one, other in texts)

    again = gate(tiny, "-n", "2")
    assert (again.code, report(tiny)["questions"]) == (first.code, before["questions"])
    assert all(v["computed"] == 0 for v in report(tiny)["variants"])
    anew = gate(tiny, "--ragft-cache=refresh")
    assert anew.code == first.code
    assert report(tiny)["questions"] == before["questions"]
