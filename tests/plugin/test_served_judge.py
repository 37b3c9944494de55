"""A judge behind a server that grants something else from one run to the next: scales never mix."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.endpoint_server import Server
from tests.example import Example, Result
from tests.llm_scripts import Weighing, is_probe

NOTE = "its server does not grant logprobs (ratings are whole numbers)"


@pytest.fixture
def weighing() -> Weighing:
    return Weighing()


@pytest.fixture
def server(weighing: Weighing) -> Iterator[Server]:
    with Server(weighing) as running:
        yield running


@pytest.fixture
def ready(example: Example) -> Example:
    """Right answers as the baseline; the variant is 8 % wrong, which the margin of 5 % forbids."""
    return example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.08)


def gate(example: Example, server: Server, *arguments: str) -> Result:
    result = example.gate(f"--ragft-judge=openai:m@{server.url}", *arguments)
    assert "Traceback" not in result.out + result.err
    return result


def means(result: Result) -> tuple[float, float]:
    properties = result.properties("gate-accuracy")
    return tuple(float(properties[f"ragft.mean.{who}"]) for who in ("baseline", "variant"))


def cache_the_baseline(example: Example, server: Server) -> None:
    """Its scores are kept with log-probabilities: what is right has .9."""
    example.recorded("same.jsonl")
    first = example.run_pytest(
        "suites",
        "--ragft-model=same.jsonl",
        "--ragft-baseline=baseline.jsonl",
        f"--ragft-judge=openai:m@{server.url}",
    )
    assert first.code == 0, first.out + first.err
    assert means(first) == (pytest.approx(0.9), pytest.approx(0.9))
    assert NOTE not in said(first)


def reason_of_a_missing_score(result: Result) -> str:
    assert result.junit is not None
    name = "ragft.accuracy.variant.reason"
    found = (p.attrib["value"] for p in result.junit.iter("property") if p.get("name") == name)
    return next(found)


def said(result: Result) -> str:
    return " ".join(result.out.split())


@pytest.mark.parametrize(
    ("mood", "workers"),
    [("names them", ()), ("refuses", ()), ("ignores", ()), ("refuses", ("-n", "2"))],
)
def test_a_worse_variant_does_not_pass_by_another_scale(
    ready: Example, server: Server, weighing: Weighing, mood: str, workers: tuple[str, ...]
) -> None:
    cache_the_baseline(ready, server)
    weighing.logprobs = mood

    result = gate(ready, server, *workers)

    assert result.code == 1, result.out
    assert result.properties("gate-accuracy")["ragft.verdict"] != "PASS"
    baseline, variant = means(result)
    assert baseline == 1.0, "asked again, as whole numbers"
    assert variant == pytest.approx(0.92, abs=0.01)
    assert NOTE in said(result)

    calls = len(server.calls)
    offline = gate(ready, server, *workers, "--ragft-offline")
    assert offline.code == 1
    assert means(offline) == (baseline, variant)
    assert NOTE in said(offline)
    assert len(server.calls) == calls


def test_what_is_kept_is_read_without_a_call_and_without_a_server(
    ready: Example, server: Server, weighing: Weighing
) -> None:
    first = gate(ready, server)
    calls = len(server.calls)
    weighing.logprobs = "refuses"

    again = gate(ready, server)

    assert len(server.calls) == calls
    assert (again.code, means(again)) == (first.code, means(first))


def test_a_server_that_is_down_leaves_kept_scores_and_no_others(
    ready: Example, weighing: Weighing
) -> None:
    with Server(weighing) as server:
        cache_the_baseline(ready, server)

    gone = gate(ready, server)

    assert gone.code == 1
    assert gone.properties("gate-accuracy")["ragft.verdict"] != "PASS"
    kept = ready.run_pytest(
        "suites",
        "--ragft-model=same.jsonl",
        "--ragft-baseline=baseline.jsonl",
        f"--ragft-judge=openai:m@{server.url}",
    )
    assert kept.code == 0, kept.out


def test_a_server_that_turns_in_mid_run_is_never_green(
    ready: Example, server: Server, weighing: Weighing
) -> None:
    weighing.turns_after = 200
    ready.recorded("variant.jsonl")

    turned = gate(ready, server)

    assert turned.code == 1
    assert "'logprobs' is not supported" in reason_of_a_missing_score(turned)
    again = gate(ready, server)
    assert again.code == 0, again.out
    assert means(again) == (1.0, 1.0), "all are asked anew"


def save(example: Example, server: Server) -> None:
    saved = example.run_pytest(
        "suites",
        "--ragft-model=today=baseline.jsonl",
        "--ragft-baseline=none",
        "--ragft-save-baseline=prod",
        f"--ragft-judge=openai:m@{server.url}",
    )
    assert saved.code == 0, saved.out + saved.err


def against_saved(example: Example, server: Server, *arguments: str) -> Result:
    return example.run_pytest(
        "suites",
        "--ragft-model=variant.jsonl",
        "--ragft-baseline=saved:prod",
        f"--ragft-judge=openai:m@{server.url}",
        *arguments,
    )


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_saved_baseline_of_another_scale_is_refused(
    ready: Example, server: Server, weighing: Weighing, workers: tuple[str, ...]
) -> None:
    save(ready, server)
    weighing.logprobs = "names them"

    # That it changed shows when the variant's answers are to be judged.
    found = against_saved(ready, server, *workers)
    assert found.code == 1
    assert found.outcome("gate-accuracy") in ("error", "failed")
    assert "the two do not mix" in said(found)
    assert "PASS" not in found.out

    known = against_saved(ready, server, *workers)
    assert known.code == 4
    assert f"({NOTE})" in known.err
    assert "--ragft-save-baseline=prod" in known.err
    offline = against_saved(ready, server, *workers, "--ragft-offline")
    assert offline.code == 4

    weighing.logprobs = "grants"
    back = against_saved(ready, server, *workers)
    assert back.properties("gate-accuracy")["ragft.verdict"] != "PASS"
    assert means(back)[0] == pytest.approx(0.9)


def test_a_saved_baseline_on_a_new_machine(
    ready: Example, server: Server, weighing: Weighing
) -> None:
    save(ready, server)
    ready.recorded("variant.jsonl")
    (ready.folder / ".ragft/store.sqlite").unlink()

    offline = against_saved(ready, server, "--ragft-offline")
    assert offline.code == 4
    assert "what its server grants is not known" in offline.err

    result = against_saved(ready, server)
    assert result.code == 0, result.out + result.err
    assert means(result) == (pytest.approx(0.9), pytest.approx(0.9))
    assert sum(map(is_probe, server.calls)) == 2, "one a run"


def test_a_jury_is_another_one_when_a_members_server_is(
    ready: Example, server: Server, weighing: Weighing
) -> None:
    jury = f"--ragft-judge=jury:reference,openai:m@{server.url}"
    ready.recorded("variant.jsonl")
    first = ready.gate(jury)
    assert means(first)[0] == pytest.approx(0.95)
    weighing.logprobs = "refuses"
    ready.recorded("variant.jsonl", wrong=0.3)

    result = ready.gate(jury)

    assert result.code == 1
    assert means(result)[0] == 1.0
    assert f"openai:m@{server.url}: {NOTE}" in said(result)
    assert means(ready.gate(jury, "--ragft-offline")) == means(result)
