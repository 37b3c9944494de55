"""Answers to train on: of the base, of another model, or recorded; kept in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from pytest_ragft.errors import GenerationError
from pytest_ragft.evaluation import keys
from pytest_ragft.evaluation.answering import Answering, Job
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.evaluation.executor import InProcess
from pytest_ragft.evaluation.requests import SuiteRequests
from pytest_ragft.finetuning.forms import Prompts
from pytest_ragft.finetuning.targets import Ask
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.port import kept_under
from pytest_ragft.generation.source import VariantSpec
from pytest_ragft.progress import Progress
from pytest_ragft.records import Answer, Request
from pytest_ragft.store import Store, fingerprint
from pytest_ragft.suite import Suite

# No arm of a gating run; it is what progress says.
_WRITER = "targets"


class _Given(SuiteRequests):
    """Questions of a suite with prompts that are there already."""

    def __init__(self, suite: Suite, prompts: Prompts) -> None:
        examples = [example for example in suite.examples if example.id in prompts]
        super().__init__(suite, examples, {}, {})
        self._given = prompts

    @cached_property
    def requests(self) -> list[Request]:
        """Each prompt once, in the order of the suite."""
        return [
            Request(suite=self.suite.name, id=e.id, prompt=self._given[e.id]) for e in self.examples
        ]


def answering(
    store: Store, *, environ: Mapping[str, str], progress: Progress, offline: bool = False
) -> Ask:
    """Who answers prompts for targets.

    Args:
        store: Keeps answers, apart from those of gating runs, whose batches are others.
        environ: Says how servers are called, keys included.
        progress: Shows the work.
        offline: Never open a socket, and compute nothing that is not kept.
    """

    def ask(suite: Suite, spec: str, prompts: Prompts, /) -> dict[str, Answer]:
        settings = replace(
            suite.generation, samples=1, temperature=None, top_p=None, seed=None, vary=None
        )
        generator = open_generators(
            [VariantSpec(name=_WRITER, spec=spec)],
            baseline=None,
            wants_baseline=False,
            base=None,
            options={suite.name: settings},
            offline=offline,
            store=store,
            questions={suite.name: suite.examples},
            environ=environ,
        )[_WRITER, suite.name]
        asked, arm = _Given(suite, prompts), (_WRITER, suite.name)
        evaluation = Evaluation()
        answering = Answering(
            Archive(store),
            {"retrieved": evaluation},
            progress,
            offline=offline,
            before=lambda: None,
            executor=InProcess(),
        )
        with evaluation.catching(arm):
            job = Job(
                arm=arm,
                generator=generator,
                suite=asked,
                wanted=frozenset(prompts),
                keys=() if generator.engine is None else _keys(kept_under(generator), asked),
            )
            answering.run([job])
        if arm in evaluation.errors:
            raise GenerationError(f"{spec!r} does not answer: {evaluation.errors[arm]}")
        return evaluation.answers[arm]

    return ask


def _keys(who: str, asked: SuiteRequests) -> Sequence[str]:
    return [
        fingerprint("target", keys.answer_key(who, prompt, None, request))
        for prompt, request in zip(asked.prompts, asked.requests, strict=True)
    ]
