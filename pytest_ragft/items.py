"""The test items: a question put to a variant, and a gate. They compute nothing: they read."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from pytest_ragft.datasets.jsonl import numbered_lines
from pytest_ragft.foreign import harmless
from pytest_ragft.gating.facts import variant_facts
from pytest_ragft.gating.gates import GateSpec
from pytest_ragft.gating.ignored_suites import not_wanted
from pytest_ragft.gating.verdicts import GateKey, gate_key, gate_result, run_errors
from pytest_ragft.gating.weaker_rules import rule_notes
from pytest_ragft.records import BASELINE, CHECKS, Answer, AnsweredCase, Draw, GateResult, Score
from pytest_ragft.reporting.junit import (
    WORST,
    gate_output,
    gate_properties,
    question_properties,
)
from pytest_ragft.reporting.question import value_text, worst_movers
from pytest_ragft.reporting.questions import cut_scores, cut_text, foreign_reason
from pytest_ragft.reporting.text import clean
from pytest_ragft.suite import Suite
from pytest_ragft.suite.finding import SUITE_FILE

if TYPE_CHECKING:
    from pytest_ragft.gating.plan import Wanted
    from pytest_ragft.gating.run import GatingRun

_METRIC = re.compile(r"""\s*metric\s*=\s*["']([^"']+)["']""")

# Characters of a reasoning.
_SHOWN = 1_000


class RagftItem(pytest.Item):
    """What question and gate items have in common."""

    def __init__(self, *, run: GatingRun, variant: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run, self.variant = run, variant
        # What plugins read of every item, as of a test function; there are no fixtures.
        self.fixturenames: list[str] = []
        self.funcargs: dict[str, object] = {}

    def _initrequest(self) -> None:
        """Nothing to begin anew: what pytest-retry calls on every item before another try."""

    def setup(self) -> None:
        """Forget what an earlier try has told."""
        told = self.user_properties
        told[:] = [(key, value) for key, value in told if not key.startswith("ragft.")]

    @abstractmethod
    def wanted(self) -> Wanted:
        """What has to be evaluated before the item can be read."""


class QuestionItem(RagftItem):
    """A question put to a variant. Fails only on what is wrong by itself."""

    def __init__(self, *, suite: Suite, position: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.suite, self._position = suite, position

    def wanted(self) -> Wanted:
        """The answers of baseline and variant to this question."""
        return self.run.plan.arms(self.variant, [self.suite.name], frozenset([self.name]))

    def setup(self) -> None:
        """A question that could not be put to the variant is an error."""
        super().setup()
        if self.config.option.setupplan:
            return
        if self.name not in self.run.evaluation.answers[self._arm]:
            reason = self.run.evaluation.errors.get(self._arm, "it was not evaluated")
            _fail(f"not answered: {reason}")

    def runtest(self) -> None:
        """Check the answer as it is."""
        answer = self.run.evaluation.answers[self._arm][self.name]
        scores = self._scores(self.variant)
        baseline = self._scores(BASELINE) if self.run.plan.settings.gated else {}
        # junitxml reads the teardown report, so these are in time.
        texts = self.run.plan.settings.texts
        shown = (cut_scores(each, texts) for each in (baseline, scores))
        self.user_properties.extend(question_properties(*shown))
        draws = self.run.evaluation.drawn(self._arm, self.name)
        said = {f" {draw.sample + 1} of {len(draws)}": draw for draw in draws}
        said = said or {"": Draw(sample=0, answer=answer)}
        if texts != "none":
            for which, draw in said.items():
                self._show(which, draw)
        for which, draw in said.items():
            self._check_answer(which, draw.answer)
        self._check_floor(scores.get(CHECKS) or scores.get("accuracy"))

    def _show(self, which: str, draw: Draw) -> None:
        texts, answer = self.run.plan.settings.texts, draw.answer
        if answer.reasoning:
            thought = _short(cut_text(answer.reasoning, texts))
            self.add_report_section("call", f"reasoning{which}, not judged", thought)
        scores = ", ".join(f"{m} {value_text(score)}" for m, score in draw.scores.items())
        name = f"answer{which}{scores and f': {scores}'}"
        self.add_report_section("call", name, clean(cut_text(answer.text, texts)))

    def _check_answer(self, which: str, answer: Answer) -> None:
        if answer.error is not None:
            _fail(f"no answer{which}: {foreign_reason(answer.error, self.run.plan.settings.texts)}")
        if not answer.text.strip():
            why = answer.unanswered or f"the text is empty (finish: {answer.finish})"
            _fail(f"no answer{which}: {why}")

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where pytest says that this item is."""
        title = f"{self.suite.name} {self.variant} {self.name}"
        if self.suite.questions is None:
            return self.path, 0, title
        lines = _question_lines(self.suite.questions)
        line = lines[self._position] if self._position < len(lines) else 0
        return self.suite.questions, line, title

    @property
    def _arm(self) -> tuple[str, str]:
        return self.variant, self.suite.name

    def _scores(self, variant: str) -> dict[str, Score]:
        arm = variant, self.suite.name
        checked = self.suite.examples[self._position].checks
        metrics = (CHECKS,) if checked else self.run.services.judge.metrics
        return {m: self.run.evaluation.score(arm, self.name, m) for m in metrics}

    def _check_floor(self, score: Score | None) -> None:
        floor = self.suite.question_floor
        if floor is None or score is None:
            return
        if score.status == "missing":
            texts = self.run.plan.settings.texts
            _fail(f"{score.metric} is missing: {foreign_reason(score.reason, texts)}")
        if score.value is not None and score.value < floor:
            self.user_properties.append(("ragft.failed", "question_floor"))
            texts = self.run.plan.settings.texts
            why = cut_text(score.reason, texts)
            _fail(
                f"{score.metric} {score.value:.3f} is below the suite's question_floor {floor:g}"
                f"{why and f': {why}'}"
            )


class GateItem(RagftItem):
    """A gate put to a variant, or to retrieval alone.

    Speaks for its complete suites, whatever else was selected.
    """

    def __init__(self, *, spec: GateSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.output = ""
        """The numbers and the worst questions, once it is decided."""
        # So that -k 'gate and not guard' does what it says.
        self.extra_keyword_matches.add(spec.gate.role)

    def wanted(self) -> Wanted:
        """Every question of its suites, for baseline and variant, or as they were retrieved."""
        return self.run.plan.arms(self.variant, self.spec.suites)

    def setup(self) -> None:
        """A gate whose scores could not be evaluated is an error, not a verdict."""
        super().setup()
        if self.config.option.setupplan:
            return
        if not_wanted(self.run.plan, self.spec):
            pytest.skip("not gated: the command line leaves out a suite that it pools")
        if errors := run_errors(self.run, self.spec, self.variant):
            _fail("not gated: " + "; ".join(errors))

    def runtest(self) -> None:
        """Decide, and fail if that stops the deploy."""
        result = gate_result(self.run, self.spec, self.variant, self.nodeid)
        plan, services = self.run.plan, self.run.services
        names = () if self.spec.retrieval else (BASELINE, self.variant)
        self.user_properties.extend(
            gate_properties(
                result,
                variants=[variant_facts(self.run, name) for name in names],
                suites={name: plan.suites[name].fingerprint for name in self.spec.suites},
                judge="" if self.spec.retrieval else plan.settings.judge,
                rules=rule_notes(plan, services.saved),
            )
        )
        verdict = result.verdict
        self.output = gate_output(result, self._worst(result), plan.settings.texts)
        if result.blocks:
            reason = f" ({verdict.reason})" if verdict.reason else ""
            _fail(f"{verdict.outcome}{reason}: {result.explanation}")

    def _worst(self, result: GateResult) -> list[AnsweredCase]:
        if self.spec.retrieval:
            return []
        movers = worst_movers(result)[:WORST]
        return [self.run.cases.answered((m.suite, m.id, self.variant)) for m in movers]

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where pytest says that this item is."""
        what = "pooled" if self.spec.pooled else self.spec.suites[0]
        return (
            self.path,
            _gate_lines(self.path).get(self.spec.gate.metric, 0),
            f"{what} {self.variant} {self.name}",
        )


def _fail(why: str) -> NoReturn:
    pytest.fail(harmless(why), pytrace=False)


def gates_of(items: Iterable[pytest.Item]) -> dict[GateKey, str]:
    """The node ids of the gates among some items."""
    return {
        gate_key(item.spec, item.variant): item.nodeid
        for item in items
        if isinstance(item, GateItem)
    }


def is_question(node_id: str) -> bool:
    """Whether a node id, perhaps of another process, is that of a question."""
    file, _, names = node_id.partition("::")
    return Path(file).name == SUITE_FILE and "::gate-" not in names


def _short(text: str) -> str:
    """Its beginning and its end, where a model that was cut or goes in circles shows it."""
    text = clean(text)
    half = _SHOWN // 2
    return text if len(text) <= _SHOWN else f"{text[:half]} […] {text[-half:]}"


# Lines count from 0, as pytest counts them. A file is read once, since every item has a line, and
# one that is gone by now ends no session.


@lru_cache(maxsize=8)
def _question_lines(questions: Path) -> list[int]:
    return [number - 1 for number, _ in numbered_lines(_text(questions))]


@lru_cache(maxsize=8)
def _gate_lines(file: Path) -> dict[str, int]:
    """By metric; empty for a folder, which stands for suites without a ragft.toml."""
    found: dict[str, int] = {}
    for number, line in enumerate(_text(file).split("\n")):
        if match := _METRIC.match(line):
            found.setdefault(match[1], number)
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return ""
