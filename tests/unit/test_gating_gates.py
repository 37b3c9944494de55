"""Which gates exist, and over how many guards each splits its error rate."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ragft.errors import SuiteError
from pytest_ragft.gating.gates import GateSpec, Group, Overrides, find_groups, retrieval_metrics
from tests.example import Example

ANSWERS = '[[gate]]\nmetric = "accuracy"\n'
RECALL = '[[gate]]\nmetric = "recall@5"\n'
NONE = Overrides(margin={}, alpha=None)


def group(folder: Path, first: str, second: str, rules: str, over: Overrides = NONE) -> Group:
    example = Example(folder)
    example.suite("first", documents=2, toml=first).suite("second", documents=2, toml=second)
    example.write("suites/ragft.toml", rules)
    files = [folder / "suites" / name / "suite.toml" for name in ("first", "second")]
    (found,) = find_groups(files, over)
    return found


def guards(found: Group) -> dict[str, int]:
    return {
        f"{spec.path.parent.name}/{spec.gate.metric}": spec.guards
        for spec in found.specs
        if spec.gate.role == "guard"
    }


def test_guards_of_answers_and_of_retrieval_are_two_families(tmp_path: Path) -> None:
    """A gate on retrieval must not change the verdicts on answers, nor the other way round."""
    found = group(tmp_path, ANSWERS + RECALL, ANSWERS, f'{RECALL}role = "guard"\n')

    assert guards(found) == {
        "first/accuracy": 2,
        "second/accuracy": 2,
        "first/recall@5": 2,
        "suites/recall@5": 2,
    }


def test_without_a_guard_of_its_kind_nothing_is_split(tmp_path: Path) -> None:
    found = group(tmp_path, ANSWERS, ANSWERS, RECALL)
    (pooled,) = [spec for spec in found.specs if spec.retrieval]

    assert (pooled.gate.role, pooled.guards) == ("primary", 1)
    assert pooled.suites == ("first", "second")
    assert pooled.name == "gate-recall@5"


def test_the_metrics_of_each_suite(tmp_path: Path) -> None:
    deep = RECALL.replace("@5", "@20")
    found = group(tmp_path, deep + ANSWERS, RECALL, '[[gate]]\nmetric = "recall@5"\n')

    assert retrieval_metrics(found.specs) == {
        "first": ("recall@5", "recall@20"),
        "second": ("recall@5",),
    }
    answers: list[GateSpec] = [spec for spec in found.specs if not spec.retrieval]
    assert retrieval_metrics(answers) == {}


def test_the_command_line_overrides_a_margin_of_retrieval(tmp_path: Path) -> None:
    over = Overrides(margin={"recall@5": 0.02}, alpha=0.1)
    found = group(tmp_path, RECALL, "", RECALL, over)

    gates = [spec.gate for spec in found.specs if spec.retrieval]
    assert {(gate.margin, gate.margin_is_default, gate.alpha) for gate in gates} == {
        (0.02, False, 0.1)
    }


class TestExclude:
    """What ragft.toml leaves out is not pooled, whatever is given."""

    def found(self, folder: Path, *given: str) -> tuple[Group, ...]:
        example = Example(folder)
        for name in ("live", "archive/old", "archive/older"):
            example.suite(name, documents=2)
            example.write(
                f"suites/{name}/suite.toml",
                f'[suite]\nname = "{Path(name).name}"\nquestions = "questions.jsonl"\n'
                'corpus = "corpus.jsonl"\n',
            )
        example.write("suites/ragft.toml", 'exclude = ["archive/*"]\n')
        files = [folder / "suites" / name / "suite.toml" for name in given]
        return find_groups(files, NONE)

    @pytest.mark.parametrize("given", [["live"], ["live", "archive/old"]])
    def test_excluded_suites_are_not_pooled(self, tmp_path: Path, given: list[str]) -> None:
        (group,) = self.found(tmp_path, *given)
        assert [suite.name for suite in group.suites] == ["live"]
        assert [path.parent.name for path in group.excluded] == ["old", "older"]

    def test_an_excluded_suite_alone_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        with pytest.raises(SuiteError, match=r"archive/old/suite\.toml: is left out by `exclude`"):
            self.found(tmp_path, "archive/old")
