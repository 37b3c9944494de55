"""Collection in a gating run, in the controller and in the workers of pytest-xdist."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import pytest_runtest_protocol as _protocol_of_pytest

from pytest_ragft.collection import absent_gates, file_node
from pytest_ragft.errors import described
from pytest_ragft.fixtures import RUN_KEY
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.settings import Settings
from pytest_ragft.gating.verdicts import GateKey
from pytest_ragft.ignoring import IGNORED, Ignored, ignored_suites
from pytest_ragft.invocation import typed
from pytest_ragft.items import GateItem, RagftItem, gates_of
from pytest_ragft.junit_output import attach
from pytest_ragft.paths import asked_beside, find_suites, open_folder_ids
from pytest_ragft.progress import Progress
from pytest_ragft.records import Cluster, ClusterScope
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.roots import root_of_run
from pytest_ragft.suite import SuiteIdentity
from pytest_ragft.suite.finding import SUITE_FILE

SUITES = "ragft_suites"
"""Key under which workers of pytest-xdist are told the identities of the suites."""


class CollectionHooks:
    """What the controller and the workers of pytest-xdist have in common: collection."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self.collected: dict[GateKey, str] = {}
        """Node ids of the gates that became items."""
        self.deselected: set[GateKey] = set()
        """Gates that a filter of pytest's kind left out: it said so."""
        self.selected: dict[GateKey, str] = {}
        """Node ids of the gates that run."""
        self.narrowed = 0
        """Items of ours that were deselected."""
        self.ignored: list[Ignored] = []
        """Suites under the arguments that were not collected."""
        self.folder_ids: list[str] = []
        """Gates under a folder that were named by their ids."""
        self._files: set[Path] = set()

    @cached_property
    def run(self) -> GatingRun:
        """The run, from the files under pytest's arguments."""
        try:
            given, others = find_suites(self.config)
            plan = Plan(
                self.settings,
                root_of_run(self.config),
                given,
                other_files=others,
                rootdir=self.config.rootpath,
                identities=self.identities(),
            )
            run = self.run_of(plan, progress_to(sys.stderr))
        except (pytest.UsageError, pytest.exit.Exception):
            raise
        except Exception as error:
            raise pytest.UsageError(described(error)) from error
        self.config.stash[RUN_KEY] = run
        return run

    def identities(self) -> Mapping[Path, SuiteIdentity]:
        """Of suites that the controller has read, for its workers."""
        return {}

    def run_of(self, plan: Plan, progress: Progress) -> GatingRun:
        """The run of a plan in this process."""
        return GatingRun(plan, progress)

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """A suite.toml or a ragft.toml is a test file of its own kind."""
        if file_path.name == SUITE_FILE:
            self._files.add(file_path)
        return file_node(parent, file_path, self.run)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Remember gates, so that one which vanishes later is known to have been there."""
        if isinstance(item, GateItem):
            self.collected |= gates_of([item])

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Add the pooled gates of suites whose ragft.toml is not itself among the arguments."""
        items += absent_gates(session, self.run, items)
        if self.folder_ids:
            kept: list[pytest.Item] = []
            dropped: list[pytest.Item] = []
            for item in items:
                asked = asked_beside(self.config, item, self.folder_ids)
                (kept if asked else dropped).append(item)
            items[:] = kept
            self.config.hook.pytest_deselected(items=dropped)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Remember what a filter leaves out."""
        ours = [item for item in items if isinstance(item, RagftItem)]
        self.narrowed += len(ours)
        self.deselected |= gates_of(ours).keys()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which gates run, and which suites nobody asks."""
        self.selected = gates_of(session.items)
        self.take_ignored(ignored_suites(session, self._files, self.ignored_by_user()))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        """Ask an item of ours once, whatever reruns what failed.

        It would read the same again, and JUnit would have it twice, the first time as passed.
        """
        return _protocol_of_pytest(item, nextitem) if isinstance(item, RagftItem) else None

    def ignored_by_user(self) -> Sequence[Sequence[str]]:
        """Values of ``--ignore`` and ``--ignore-glob`` on the command line."""
        options = typed(self.config)
        return options.ignore or (), options.ignore_glob or ()

    def take_ignored(self, ignored: Iterable[Ignored]) -> None:
        """Let no gate speak for suites that are not asked; a skipped folder is a line alone."""
        for each in ignored:
            if each in self.ignored:
                continue
            self.ignored.append(each)
            if each.kind != "folder":
                left_out = self.run.plan.unwanted if each.kind == "user" else self.run.plan.ignored
                left_out[each.path] = each.by

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let a gate's report carry its numbers and worst questions."""
        report = yield
        if isinstance(item, GateItem) and call.when == "call":
            attach(report, item.output)
        return report

    def pytest_unconfigure(self) -> None:
        """Close the store."""
        if "run" in self.__dict__:
            self.run.close()


class Worker(CollectionHooks):
    """A worker of pytest-xdist: collects, reads what the controller evaluated, reports back."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        super().__init__(config, settings)
        self._exited: tuple[str, int | None] | None = None

    def identities(self) -> Mapping[Path, SuiteIdentity]:
        """As the controller told them: no worker reads a corpus that no item wants."""
        told: Mapping[str, tuple[str, Mapping[str, tuple[str, ClusterScope]]]] = self._told[SUITES]
        return {
            Path(path): SuiteIdentity(
                fingerprint=fingerprint,
                clusters={i: Cluster(name=n, scope=scope) for i, (n, scope) in clusters.items()},
            )
            for path, (fingerprint, clusters) in told.items()
        }

    def run_of(self, plan: Plan, progress: Progress) -> GatingRun:
        """The run that the controller began; what it evaluated is there once an item reads it."""
        path = Path(self._told["ragft_evaluation"])

        def handed_over() -> dict[str, Any] | None:
            return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

        run_id = str(self._told["ragft_run"])
        return GatingRun(plan, progress, run_id=run_id, handed_over=handed_over)

    def ignored_by_user(self) -> Sequence[Sequence[str]]:
        """As the controller read it: a worker does not see the command line."""
        told: Sequence[Sequence[str]] = self._told[IGNORED]
        return told

    @property
    def _told(self) -> Mapping[str, Any]:
        told: Mapping[str, Any] = self.config.workerinput  # type: ignore[attr-defined]
        return told

    def pytest_sessionstart(self) -> None:
        """Open gates that were named by their ids under a folder."""
        self.folder_ids = open_folder_ids(self.config)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember by whose `pytest.exit` this worker ends."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            self._exited = excinfo.value.msg, excinfo.value.returncode

    def pytest_sessionfinish(self) -> None:
        """Tell the controller what was selected."""
        self.config.workeroutput["ragft"] = {  # type: ignore[attr-defined]
            "collected": [[*key, node_id] for key, node_id in self.collected.items()],
            "deselected": [list(key) for key in self.deselected],
            "selected": [[*key, node_id] for key, node_id in self.selected.items()],
            "narrowed": self.narrowed,
            "exited": self._exited,
            "ignored": [[str(each.path), each.kind, each.by] for each in self.ignored],
        }
