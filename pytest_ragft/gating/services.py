"""What a gating run works with: judge, generators, retrievers, store, labels, saved baseline."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from typing import cast

from pytest_ragft.calibration.filled_sheets import FilledSheet, read_sheets
from pytest_ragft.evaluation.baseline import SavedBaseline, baseline_path, load_baseline
from pytest_ragft.evaluation.evaluation import Arm
from pytest_ragft.gating.plan import Plan
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.port import Generator
from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import Judge, asking
from pytest_ragft.progress import Progress
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.store import CacheMode, Store
from pytest_ragft.suite import Suite
from pytest_ragft.suite.opening import Access, open_retriever


class Services:
    """Each is opened when it is first needed, and all are closed together, the last one first.

    Args:
        plan: says which are needed, and how the user named them.
        progress: shows long work.
        run_id: tells the entries of this run in the store from older ones.
    """

    def __init__(self, plan: Plan, progress: Progress, run_id: str) -> None:
        self._plan = plan
        self._settings = plan.settings
        self._retrievers: dict[str, Retriever] = {}
        self._opened = ExitStack()
        self.progress = progress
        self.store = Store(
            plan.root / ".ragft" / "store.sqlite",
            mode=cast(CacheMode, plan.settings.cache),
            run=run_id,
        )
        self._opened.callback(self.store.close)

    @cached_property
    def whole_judge(self) -> Judge:
        """The judge of this run, whatever it may be asked for."""
        return open_judge(
            self._settings.judge,
            offline=self._settings.offline,
            store=self.store,
            places=[self._plan.rootdir],
        )

    @cached_property
    def judge(self) -> Judge:
        """The judge of this run, asked for nothing that no gate uses."""
        return asking(self.whole_judge, self._plan.metrics)

    @cached_property
    def labels(self) -> tuple[FilledSheet, ...]:
        """Human labels for a part of the pairs."""
        return read_sheets(self._settings.labels)

    @cached_property
    def saved(self) -> SavedBaseline | None:
        """The saved baseline that variants are compared with, if one was named."""
        name = self._settings.saved
        return None if name is None else load_baseline(baseline_path(self._plan.root, name))

    @cached_property
    def generators(self) -> Mapping[Arm, Generator]:
        """A generator for each arm that answers in this run."""
        return open_generators(
            self._plan.variants,
            baseline=None if self.saved is not None else self._settings.baseline,
            wants_baseline=self._settings.gated and self.saved is None,
            base=self._settings.base,
            options={
                suite.name: suite.generation for suite in self._plan.suites.values() if suite.judged
            },
            offline=self._settings.offline,
            store=self.store,
            places=[self._plan.rootdir],
            questions={suite.name: suite.examples for suite in self._plan.suites.values()},
        )

    def retriever(self, suite: Suite) -> Retriever:
        """The retriever over a suite's corpus.

        Raises:
            MissingDependencyError: the package of its backend is not installed.
            RetrievalError: its settings cannot be used.
        """
        if suite.name not in self._retrievers:
            retriever = self._retrievers[suite.name] = open_retriever(suite, self._access)
            self._opened.callback(retriever.close)
        return self._retrievers[suite.name]

    @cached_property
    def _access(self) -> Access:
        access = Access(
            backend=self._settings.retriever,
            url=self._settings.es_url,
            environ=os.environ,
            store=self.store,
            offline=self._settings.offline,
            progress=self.progress,
            places=[self._plan.rootdir],
        )
        self._opened.callback(access.close)
        return access

    def close(self) -> None:
        """Close what was opened: retrievers, their connections, the store."""
        self._opened.close()
