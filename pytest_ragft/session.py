"""The hooks of a gating run. They translate between pytest and `run.Run`, and decide nothing."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.collection import (
    RagftItem,
    absent_gates,
    file_node,
    gates_of,
    is_question,
    wanted_of,
)
from pytest_ragft.errors import RagftError
from pytest_ragft.fixtures import RUN_KEY
from pytest_ragft.paths import find_suites, root_of_run
from pytest_ragft.reading import BASELINE_SOURCE
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.json import discard_report, write_json
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.reporting.terminal import render
from pytest_ragft.run.baselines import keep_baseline
from pytest_ragft.run.remarks import ungated
from pytest_ragft.run.result import GateKey, exchange, run_result, variant_facts
from pytest_ragft.run.run import Run
from pytest_ragft.run.settings import Settings


def start_session(config: pytest.Config, settings: Settings) -> None:
    """Register the hooks of a gating run."""
    kind = _Worker if hasattr(config, "workerinput") else _Controller
    config.pluginmanager.register(kind(config, settings), "ragft-session")


class _Session:
    """What the controller and the workers of pytest-xdist have in common: collection."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self.selected: dict[GateKey, str] = {}
        """Node ids of the gates that run."""
        self.narrowed = 0
        """Items of ours that were deselected."""

    @cached_property
    def run(self) -> Run:
        """The run, from the files under pytest's arguments."""
        try:
            given, others = find_suites(self.config)
            run = Run(
                self.settings,
                root_of_run(self.config),
                given,
                progress_to(sys.stderr),
                other_files=others,
                rootdir=self.config.rootpath,
                run_id=self.run_id(),
            )
        except RagftError as error:
            raise pytest.UsageError(str(error)) from error
        self.config.stash[RUN_KEY] = run
        return run

    def run_id(self) -> str | None:
        """The run's identity, where another process has chosen it."""
        return None

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """A suite.toml or a ragft.toml is a test file of its own kind."""
        return file_node(parent, file_path, self.run)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Add the pooled gates of suites whose ragft.toml is not itself among the arguments."""
        items += absent_gates(session, self.run, items)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Count what a filter leaves out."""
        self.narrowed += sum(isinstance(item, RagftItem) for item in items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which gates run."""
        self.selected = gates_of(session.items)

    def pytest_unconfigure(self) -> None:
        """Close the store."""
        if "run" in self.__dict__:
            self.run.close()


class _Worker(_Session):
    """A worker of pytest-xdist: collects, reads what the controller evaluated, reports back."""

    def run_id(self) -> str | None:
        """The controller's choice."""
        return str(self.config.workerinput["ragft_run"])  # type: ignore[attr-defined]

    def pytest_sessionstart(self) -> None:
        """Read the evaluation only once an item needs it: by then it is there."""
        path = Path(self.config.workerinput["ragft_evaluation"])  # type: ignore[attr-defined]

        def load() -> dict[str, Any] | None:
            return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

        self.run.start_from(load)

    def pytest_sessionfinish(self) -> None:
        """Tell the controller what was selected."""
        self.config.workeroutput["ragft"] = {  # type: ignore[attr-defined]
            "selected": [[*key, node_id] for key, node_id in self.selected.items()],
            "narrowed": self.narrowed,
        }


class _Controller(_Session):
    """The process that checks, evaluates, and reports."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        super().__init__(config, settings)
        self._folder = tempfile.TemporaryDirectory(prefix="ragft-")
        self._started = False
        self._evaluated = False
        self._failed_questions: set[str] = set()
        self._result: RunResult | None = None
        self._messages: list[tuple[str, bool]] = []

    @property
    def _evaluation_file(self) -> Path:
        return Path(self._folder.name) / "evaluation.json"

    def pytest_sessionstart(self) -> None:
        """Find every mistake before any work, while it still is a usage error."""
        try:
            if self.settings.json is not None and not self.config.option.collectonly:
                discard_report(self.settings.json)
            self.run.check()
        except RagftError as error:
            raise pytest.UsageError(str(error)) from error

    def pytest_report_header(self) -> list[str]:
        """Say what is gated against what."""
        if self.run.idle:
            return []
        names = ", ".join(variant.name for variant in self.run.variants) or "retrieval alone"
        against = self.settings.baseline or "the adapter's own base"
        what = f"{names} against {against}" if self.settings.gated else f"{names}, not gated"
        suites = ", ".join(self.run.suites) or "none given"
        judge = f"; judge: {self.settings.judge}" if self.run.variants else ""
        elsewhere = self.run.root != self.config.rootpath
        store = f"; .ragft lies in {self.run.root}" if elsewhere else ""
        left = [f"ragft: {line}" for group in self.run.groups for line in ungated(group)]
        return [f"ragft: {what}; suites: {suites}{judge}{store}", *left]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist where the evaluation will be."""
        node.workerinput["ragft_run"] = self.run.run_id
        node.workerinput[BASELINE_SOURCE] = self.settings.baseline_from
        node.workerinput["ragft_evaluation"] = str(self._evaluation_file)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear from a worker what was selected."""
        if told := getattr(node, "workeroutput", {}).get("ragft"):
            self.selected |= {(f, v, m): node_id for f, v, m, node_id in told["selected"]}
            self.narrowed = max(self.narrowed, told["narrowed"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Evaluate what the selected items need, with the progress visible, before they run."""
        option = session.config.option
        failed = session.testsfailed and not option.continue_on_collection_errors
        if option.collectonly or failed or self.run.idle:
            return
        self._started = True
        if self._distributed:
            self.run.evaluate(self.run.everything())
            text = json.dumps(exchange(self.run), allow_nan=False)
            partial = self._evaluation_file.with_suffix(".partial")
            partial.write_text(text, encoding="utf-8")
            partial.replace(self._evaluation_file)
        else:
            wanted = wanted_of(self.run, session.items)
            if wanted:
                self.run.evaluate(wanted)
        self._evaluated = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember questions that failed by themselves, in whichever process."""
        if report.failed and is_question(report.nodeid):
            self._failed_questions.add(report.nodeid)

    @property
    def _distributed(self) -> bool:
        return self.config.pluginmanager.hasplugin("dsession")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report and the baseline; failing at that is a failed run."""
        if not self._started:
            return
        if not self._evaluated:
            self._messages.append(("NOT GATED: the evaluation was not completed", False))
            return
        evaluation = self.run.evaluation
        if not (self.run.configured() or evaluation.answers or evaluation.errors):
            return
        try:
            errors = self._errors(session)
            self._result = run_result(self.run, self.selected, errors=errors)
            if self.settings.json is not None:
                write_json(self._result, self.settings.json)
                self._messages.append((f"report: {self.settings.json}", True))
            if self.settings.save_baseline:
                self._save_baseline(session)
        except RagftError as error:
            self._messages.append((f"ERROR: {error}", False))
            if session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the verdicts."""
        if self._result is not None:
            terminal = self.config.get_terminal_writer()
            lines = render(
                self._result,
                width=terminal.fullwidth,
                verbose=self.config.option.verbose,
                encoding=getattr(terminal, "encoding", None) or sys.stdout.encoding,
            )
            for line in lines:
                terminalreporter.write_line(line.text, **line.markup)
        for message, good in self._messages:
            terminalreporter.write_line(message, green=good, red=not good)

    def pytest_unconfigure(self) -> None:
        """Close the store and drop the exchange folder."""
        super().pytest_unconfigure()
        self._folder.cleanup()

    def _errors(self, session: pytest.Session) -> list[str]:
        """What takes a PASS away although every gate may have passed."""
        errors = []
        if failed := sorted(self._failed_questions):
            errors.append(f"{len(failed)} questions failed by themselves, such as {failed[0]!r}")
        if session.exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR):
            errors.append("the run was interrupted")
        return errors

    def _save_baseline(self, session: pytest.Session) -> None:
        name = self.settings.save_baseline
        assert name is not None
        if session.exitstatus != pytest.ExitCode.OK or self.narrowed:
            why = f"{self.narrowed} items were deselected" if self.narrowed else "the run failed"
            raise RagftError(f"baseline {name!r} was not saved: {why}")
        path = keep_baseline(self.run, variant_facts(self.run, self.run.variants[0].name))
        self._messages.append((f"saved baseline {name!r}: {path}; commit it", True))
