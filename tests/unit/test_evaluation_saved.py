"""Saved baselines: what they hold, when they are refused, and how a variant is put to them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.errors import BaselineError
from pytest_ragft.evaluation.baseline import (
    baseline_path,
    load_baseline,
    save_baseline,
    settings_fingerprint,
)
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.records import VariantFacts
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.store import Store, fingerprint
from pytest_ragft.suite import Suite
from pytest_ragft.suite.schema import PromptSettings
from tests.evaluation_parts import (
    Toy,
    WordJudge,
    everything,
    make_evaluator,
    make_suite,
)

FACTS = VariantFacts(
    name="prod", spec="toy", role="variant", fingerprint="toy prod", notes=("cut",), answers=12
)
WORDS = ("words", WordJudge().fingerprint)


def evaluated(tmp_path: Path, suite: Suite, toy: Toy, **settings: object) -> Evaluator:
    evaluator = make_evaluator(Store(tmp_path / "store.sqlite"), {"prod": toy}, [suite], **settings)
    evaluator.evaluate(everything(evaluator))
    return evaluator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return baseline_path(tmp_path, "v1.2")


@pytest.fixture
def evaluation(tmp_path: Path, path: Path) -> Evaluation:
    """What is saved under `path`."""
    answered = evaluated(tmp_path, make_suite(), Toy(name="prod")).evaluation
    save_baseline(path, answered, [make_suite()], FACTS, WORDS)
    return answered


PROD = ("prod", "demo")


def test_holds_what_was_evaluated(path: Path, evaluation: Evaluation) -> None:
    saved = load_baseline(path)

    assert (saved.name, saved.variant, saved.judge) == ("v1.2", FACTS, "words")
    part = saved.suites["demo"]
    assert part.hits == evaluation.hits["demo"]
    assert part.answers == evaluation.answers[PROD]
    assert part.scores == evaluation.scores[PROD]
    assert dict(part.texts) == make_suite().passages
    saved.check([make_suite()], WordJudge().fingerprint)


def test_the_same_run_gives_the_same_file(path: Path, evaluation: Evaluation) -> None:
    """So that version control shows what changed, and nothing where nothing did."""
    before = path.read_bytes()
    save_baseline(path, evaluation, [make_suite()], FACTS, WORDS)

    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["v1.2.json"]


def example(**changes: Any) -> Callable[[Suite], Suite]:
    def change(suite: Suite) -> Suite:
        return replace(suite, examples=(replace(suite.examples[0], **changes), *suite.examples[1:]))

    return change


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(example(question="Another?"), "dataset", id="question"),
        pytest.param(example(references=("a",)), "dataset", id="references"),
        pytest.param(example(facts=()), "dataset", id="facts"),
        pytest.param(example(answerable=False), "dataset", id="answerable"),
        pytest.param(example(type="number"), "dataset", id="type"),
        pytest.param(example(document="d5"), "dataset", id="cluster"),
        pytest.param(example(relevant=()), "dataset", id="relevant"),
        pytest.param(example(id="q99"), "dataset", id="id"),
        pytest.param(lambda s: replace(s, examples=s.examples[1:]), "dataset", id="fewer"),
        pytest.param(
            lambda s: replace(s, prompt=PromptSettings(system="Be brief.")), "prompt", id="prompt"
        ),
        pytest.param(
            lambda s: replace(s, generation=GenerationSettings(max_new_tokens=8)),
            "generation settings",
            id="generation",
        ),
        pytest.param(
            lambda s: replace(s, generation=GenerationSettings(thinking="off")),
            "generation settings",
            id="thinking",
        ),
    ],
)
def test_refused_for_another_suite(
    path: Path, evaluation: Evaluation, change: Callable[[Suite], Suite], what: str
) -> None:
    suite = make_suite()
    with pytest.raises(BaselineError) as caught:
        load_baseline(path).check([change(suite)], WordJudge().fingerprint)

    message = str(caught.value)
    assert "baseline 'v1.2' was built from" in message
    assert what in message
    assert "'demo'" in message
    assert message.endswith("save it again with --ragft-save-baseline=v1.2")


def test_refused_for_another_judge(path: Path, evaluation: Evaluation) -> None:
    with pytest.raises(BaselineError, match=r"judged by 'words' .*--ragft-save-baseline=v1.2"):
        load_baseline(path).check([make_suite()], WordJudge(version="2").fingerprint)


def test_refused_for_a_suite_that_it_lacks(path: Path, evaluation: Evaluation) -> None:
    with pytest.raises(BaselineError, match=r"no suite 'more' .*has 'demo'; .*save it again"):
        load_baseline(path).check([make_suite(), make_suite("more")], WORDS[1])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(example(tags=("hard",)), id="tags"),
        pytest.param(lambda s: replace(s, examples=s.examples[::-1]), id="order"),
        pytest.param(lambda s: replace(s, retrieval=RetrievalSettings(k=9)), id="retrieval"),
        pytest.param(lambda s: replace(s, passages={}), id="corpus"),
        pytest.param(lambda s: replace(s, path=Path("elsewhere/suite.toml")), id="place"),
    ],
)
def test_accepted_where_the_comparison_is_the_same(
    path: Path, evaluation: Evaluation, change: Callable[[Suite], Suite]
) -> None:
    load_baseline(path).check([change(make_suite())], WORDS[1])


def edited(path: Path, change: Callable[[dict[str, Any]], None], *, seal: bool = False) -> None:
    from pytest_ragft.store import fingerprint

    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    if seal:
        content.pop("checksum")
        content["checksum"] = fingerprint(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def set_score(content: dict[str, Any]) -> None:
    content["suites"]["demo"]["questions"]["q3"]["scores"][0]["value"] = 0.5


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda p: p.write_text(""), id="empty"),
        pytest.param(lambda p: p.write_bytes(p.read_bytes()[:-300]), id="cut"),
        pytest.param(lambda p: p.write_bytes(b"\xff\xfe"), id="bytes"),
        pytest.param(lambda p: p.write_text("[" * 100_000), id="deep"),
        pytest.param(lambda p: p.write_text("[]"), id="list"),
        pytest.param(lambda p: p.write_text("{}"), id="other"),
        pytest.param(lambda p: edited(p, set_score), id="edited"),
        pytest.param(lambda p: edited(p, lambda c: c.pop("checksum")), id="unsealed"),
        pytest.param(
            lambda p: edited(p, lambda c: c.update(schema="pytest-ragft/baseline/9"), seal=True),
            id="schema",
        ),
        pytest.param(
            lambda p: edited(p, lambda c: c["suites"]["demo"]["passages"].pop("p3"), seal=True),
            id="passage",
        ),
        pytest.param(
            lambda p: edited(p, lambda c: c["suites"]["demo"].pop("dataset"), seal=True), id="part"
        ),
        pytest.param(lambda p: (p.unlink(), p.mkdir()), id="folder"),
    ],
)
def test_damaged(path: Path, evaluation: Evaluation, damage: Callable[[Path], object]) -> None:
    damage(path)
    with pytest.raises(BaselineError) as caught:
        load_baseline(path)

    message = str(caught.value)
    assert message.startswith(f"baseline {str(path)!r} is damaged: ")
    assert message.endswith(
        "restore the file, or save it again with --ragft-save-baseline=v1.2 --ragft-replace"
    )


@pytest.mark.parametrize(
    "change", [lambda q: q.pop("q3"), lambda q: q.update(q99=q["q3"])], ids=["less", "more"]
)
def test_refused_without_exactly_the_questions_of_the_suite(
    path: Path, evaluation: Evaluation, change: Callable[[dict[str, Any]], object]
) -> None:
    edited(path, lambda c: change(c["suites"]["demo"]["questions"]), seal=True)
    saved = load_baseline(path)
    for check in (
        lambda: saved.check([make_suite()], WORDS[1]),
        lambda: saved.check_rankings(make_suite(), ["recall@2"]),
    ):
        with pytest.raises(BaselineError, match=r"exactly the questions .* 'demo': 1 differ, .*'q"):
            check()


def test_missing(path: Path, evaluation: Evaluation) -> None:
    with pytest.raises(BaselineError) as caught:
        load_baseline(path.with_name("v2.json"))

    assert "no saved baseline 'v2'" in str(caught.value)
    assert "saved here: v1.2; make it with --ragft-save-baseline=v2" in str(caught.value)


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="saved here: none"):
        load_baseline(baseline_path(tmp_path, "v1"))


@pytest.mark.parametrize("how", ["error", "missing", "narrowed"])
def test_only_a_complete_run_is_saved(tmp_path: Path, path: Path, how: str) -> None:
    toy = Toy(failing=frozenset({"q3"} if how == "error" else ()))
    judge = WordJudge(failing=frozenset({"q3"} if how == "missing" else ()))
    evaluator = make_evaluator(Store(tmp_path / "store.sqlite"), {"prod": toy}, judge=judge)
    others = frozenset(e.id for e in evaluator.examples("demo")) - {"q3"}
    evaluator.evaluate({PROD: others if how == "narrowed" else None})

    with pytest.raises(BaselineError, match=r"1 questions of suite 'demo' have no score, .*'q3'"):
        save_baseline(path, evaluator.evaluation, [make_suite()], FACTS, WORDS)
    assert not path.exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path, path: Path) -> None:
    evaluation = evaluated(tmp_path, make_suite(), Toy()).evaluation
    path.parent.parent.mkdir(exist_ok=True)
    path.parent.write_text("")

    with pytest.raises(BaselineError, match=r"cannot be written: .*make the folder writable"):
        save_baseline(path, evaluation, [make_suite()], FACTS, WORDS)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX limits")
def test_a_full_disk_leaves_the_old_file(path: Path, evaluation: Evaluation) -> None:
    import resource

    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(BaselineError, match="cannot be written"):
            save_baseline(path, evaluation, [make_suite()], FACTS, WORDS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["v1.2.json"]


def test_a_switch_that_is_not_set_leaves_earlier_baselines_valid() -> None:
    """Its fields of before there was one: what was saved then is not refused."""
    suite = make_suite()
    names = ("max_new_tokens", "dtype", "device", "batch_tokens", "stop")
    then = {name: getattr(suite.generation, name) for name in names}
    assert settings_fingerprint(suite) == fingerprint(asdict(suite.prompt), then)
