"""A judge that pays for each metric is asked for those that gates are about, and for no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.endpoint_server import Server
from tests.example import Example, Result
from tests.llm_scripts import honest, is_probe, probed, read_blocks

FAITHFUL = '[[gate]]\nmetric = "faithfulness"\n'
ACCURATE = '[[gate]]\nmetric = "accuracy"\n'
WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one", "workers"])


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(probed(honest)) as running:
        yield running


@pytest.fixture
def ready(example: Example) -> Example:
    example.suite(per_document=1).recorded("baseline.jsonl").recorded("variant.jsonl")
    return example


def gate(example: Example, server: Server, *arguments: str, kind: str = "claims") -> Result:
    result = example.gate(f"--ragft-judge={kind}:m@{server.url}", *arguments)
    assert "Traceback" not in result.out + result.err
    return result


def asked(server: Server, start: int = 0) -> set[str]:
    """What the calls since `start` were about."""
    found: set[str] = set()
    for call in server.calls[start:]:
        if is_probe(call):
            continue
        blocks = read_blocks(call)
        if "ANSWER" in blocks:
            found.add("rating")
        elif "STATEMENTS" in blocks:
            # Passages are what answers must be faithful to.
            found.add("support" if "In demo the code" in blocks["TEXT"] else "coverage")
        else:
            found.add("split")
    return found


@WORKERS
def test_what_no_gate_is_about_is_not_asked(
    ready: Example, server: Server, workers: tuple[str, ...]
) -> None:
    default = gate(ready, server, *workers)
    assert default.code == 0, default.out
    # The facts are given, so that nothing is split but answers that must be faithful.
    assert asked(server) == {"rating", "coverage"}
    ready.write("suites/ragft.toml", ACCURATE)
    start = len(server.calls)
    alone = gate(ready, server, *workers)
    assert alone.code == 0, alone.out
    assert asked(server, start) == {"rating"}
    assert "ragft.completeness.variant" not in alone.properties("q0-0")


def test_half_of_the_calls_are_saved_where_accuracy_alone_is_gated(
    ready: Example, server: Server
) -> None:
    ready.write("suites/ragft.toml", ACCURATE)
    assert gate(ready, server, kind="openai").code == 0
    # Equal answers of both arms are judged once.
    assert Counter(map(is_probe, server.calls)) == {True: 1, False: 60}
    assert gate(ready, server, "--ragft-offline", kind="openai").code == 0, "kept under its key"


@WORKERS
@pytest.mark.parametrize(("wrong", "verdict"), [(0.0, "PASS"), (0.4, "REGRESSION")])
def test_faithfulness_can_be_gated(
    ready: Example, server: Server, wrong: float, verdict: str, workers: tuple[str, ...]
) -> None:
    ready.recorded("variant.jsonl", wrong=wrong).write("suites/ragft.toml", FAITHFUL)
    result = gate(ready, server, *workers)
    assert result.code == (verdict != "PASS"), result.out
    properties = result.properties("gate-faithfulness")
    assert properties["ragft.verdict"] == verdict
    assert float(properties["ragft.mean.variant"]) == pytest.approx(1 - wrong, abs=0.1)
    assert asked(server) == {"split", "support"}


def test_its_margin_can_be_set_on_the_command_line(ready: Example, server: Server) -> None:
    ready.write("suites/ragft.toml", FAITHFUL)
    result = gate(ready, server, "--ragft-margin=faithfulness:0.2")
    assert result.properties("gate-faithfulness")["ragft.margin"] == "0.2"


@pytest.mark.parametrize("judge", ["reference", "openai", "jury"])
def test_a_judge_that_does_not_score_it_is_a_usage_error(
    ready: Example, server: Server, judge: str
) -> None:
    ready.write("suites/ragft.toml", FAITHFUL)
    named = {
        "reference": "reference",
        "openai": f"openai:m@{server.url}",
        "jury": f"jury:claims:m@{server.url},reference",
    }
    result = ready.gate(f"--ragft-judge={named[judge]}")
    assert result.code == 4
    said = " ".join((result.out + result.err).split())
    assert "gate-faithfulness" in said
    assert "does not score 'faithfulness'" in said
    assert "claims:MODEL@URL" in said
    assert server.calls == []


@pytest.mark.parametrize("metric", ["completeness", "faithfulness"])
def test_scores_of_fewer_metrics_do_not_stand_for_those_of_more(
    ready: Example, server: Server, metric: str
) -> None:
    ready.write("suites/ragft.toml", ACCURATE)
    assert gate(ready, server).code == 0
    ready.recorded("variant.jsonl", wrong=0.4).write(
        "suites/ragft.toml", f'{ACCURATE}[[gate]]\nmetric = "{metric}"\n'
    )
    both = gate(ready, server)
    assert both.code == 1
    for name in ("accuracy", metric):
        properties = both.properties(f"gate-{name}")
        assert properties["ragft.verdict"] == "REGRESSION"
        assert properties["ragft.n"] == "60", "no score is missing"


def test_a_saved_baseline_without_its_scores_is_refused(ready: Example, server: Server) -> None:
    ready.write("suites/ragft.toml", ACCURATE)
    saved = ready.run_pytest(
        "suites",
        "--ragft-model=prod=baseline.jsonl",
        "--ragft-baseline=none",
        "--ragft-save-baseline=prod",
        f"--ragft-judge=claims:m@{server.url}",
    )
    assert saved.code == 0, saved.out
    assert asked(server) == {"rating", "coverage"}, "completeness is kept for gates to come"

    def against(file: str) -> Result:
        ready.write("suites/ragft.toml", file)
        return ready.run_pytest(
            "suites",
            "--ragft-model=variant.jsonl",
            "--ragft-baseline=saved:prod",
            f"--ragft-judge=claims:m@{server.url}",
        )

    refused = against(FAITHFUL)
    assert refused.code == 4
    assert "holds no scores of 'faithfulness'" in refused.out + refused.err
    compared = against('[[gate]]\nmetric = "completeness"\n')
    assert compared.code == 0, compared.out


@WORKERS
def test_a_hand_written_test_gets_the_metrics_that_it_reads(
    ready: Example, server: Server, workers: tuple[str, ...]
) -> None:
    ready.write("suites/ragft.toml", ACCURATE)
    ready.recorded("variant.jsonl", wrong=0.4)
    ready.write(
        "suites/test_by_hand.py",
        "import pytest\n"
        '@pytest.mark.ragft(suite="demo")\n'
        "def test_compared(ragft_comparison):\n"
        "    verdict = ragft_comparison.verdict('completeness')\n"
        "    assert (verdict.outcome, verdict.n) == ('REGRESSION', 60)\n"
        "    assert ragft_comparison.verdict('faithfulness').outcome == 'REGRESSION'\n"
        '@pytest.mark.ragft(suite="demo")\n'
        "def test_case(ragft_case, ragft_judge):\n"
        "    assert set(ragft_case.scores) >= {'accuracy', 'completeness'}\n"
        "    assert ragft_case.scores['completeness'].value in (0.0, 1.0)\n"
        "    assert 'faithfulness' in ragft_judge.metrics\n",
    )
    result = gate(ready, server, *workers)
    assert result.code == 1
    assert result.outcome("gate-accuracy") == "failed"
    assert result.outcome("test_compared[variant]") == "passed", result.out
    assert " 1 failed" in result.out, result.out
    accuracies = [c for c in server.calls if not is_probe(c) and "ANSWER" in read_blocks(c)]
    assert len(accuracies) == len({call.text for call in accuracies}), "none is asked twice"


def test_a_gate_whose_metric_was_never_scored_is_an_error(ready: Example, server: Server) -> None:
    ready.write(
        "conftest.py",
        "from pytest_ragft.gating import plan, preflight\n"
        "preflight._check_offered = lambda *given: None\n"
        "plan.Plan.metrics = frozenset(['accuracy'])\n",
    )
    result = gate(ready, server)
    assert result.code == 1
    assert result.outcome("gate-accuracy") == "passed", result.out
    assert result.outcome("gate-completeness") == "error"
    assert "was never scored in 'completeness'" in " ".join(result.out.split())
