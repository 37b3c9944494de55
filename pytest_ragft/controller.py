"""The controller of a gating run: checks, evaluates, concludes and reports.

The hooks translate between pytest and `run.Run`. The one place where a run is concluded is the end
of `pytest_runtestloop`: no later hook is sure to run, and no earlier one knows enough.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Collection, Generator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.atomic import write_atomically
from pytest_ragft.collection import wanted_of
from pytest_ragft.concluding import Heard, left_out, result_of
from pytest_ragft.errors import RagftError, StoreError, described
from pytest_ragft.exit_status import ENDING, Ending
from pytest_ragft.gating.baselines import keep_baseline
from pytest_ragft.gating.facts import handover, variant_facts
from pytest_ragft.gating.gates import rules_in_force
from pytest_ragft.gating.preflight import check
from pytest_ragft.gating.remarks import ungated
from pytest_ragft.gating.settings import Settings
from pytest_ragft.hooks import SUITES, CollectionHooks, Worker
from pytest_ragft.ignoring import IGNORED, Ignored
from pytest_ragft.invocation import narrowing
from pytest_ragft.junit_output import at_length
from pytest_ragft.numbers import count
from pytest_ragft.paths import folders_given, open_folder_ids
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.conclusion import Conclusion, conclude
from pytest_ragft.reporting.files import discard, expect_apart, reports_asked, write
from pytest_ragft.reporting.github import (
    append_summary,
    error_annotations,
    folder_in,
    step_summary,
)
from pytest_ragft.reporting.last_run import forget_last_run, keep_last_run
from pytest_ragft.reporting.markdown import to_markdown
from pytest_ragft.reporting.terminal import render


def start_session(config: pytest.Config, settings: Settings) -> None:
    """Register the hooks of a gating run."""
    kind = Worker if hasattr(config, "workerinput") else Controller
    config.pluginmanager.register(kind(config, settings), "ragft-session")


class Controller(CollectionHooks):
    """The process that checks, evaluates, and reports."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        super().__init__(config, settings)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._heard = Heard()
        self._workers: list[Any] = []
        self._result: RunResult | None = None
        self._exited: tuple[str, int | None] | None = None
        self._messages: list[tuple[str, bool]] = []

    @property
    def _ending(self) -> Ending:
        ending = self.config.stash[ENDING]
        assert ending is not None, "a gating run has an ending"
        return ending

    @cached_property
    def _evaluation_file(self) -> Path:
        """Where workers find the evaluation; a full or missing TMPDIR is no reason to end."""
        for place in (None, str(self.run.services.store.path.parent)):
            with suppress(OSError):
                self._folder = tempfile.TemporaryDirectory(
                    prefix="ragft-", dir=place, ignore_cleanup_errors=True
                )
                return Path(self._folder.name) / "evaluation.json"
        return Path("no-temporary-folder")

    def pytest_sessionstart(self) -> None:
        """Find every mistake before any work, while it still is a usage error."""
        self.folder_ids = open_folder_ids(self.config)
        try:
            if not self.config.option.collectonly:
                reports = reports_asked(self.settings)
                junit = getattr(self.config.option, "xmlpath", None)
                expect_apart(reports, {"--junitxml": Path(junit) if junit else None})
                for report in reports:
                    discard(report)
            asks = not self.config.option.collectonly
            check(self.run, folders_given(self.config), asks=asks)
        except (pytest.UsageError, pytest.exit.Exception):
            raise
        except Exception as error:
            raise pytest.UsageError(described(error)) from error
        if self._ending.asked is None:
            self._ending.asked = bool(self.run.plan.given) and not self.run.plan.idle

    def pytest_report_header(self) -> list[str]:
        """Say what is gated against what."""
        if self.run.plan.idle:
            return []
        names = ", ".join(variant.name for variant in self.run.plan.variants) or "retrieval alone"
        against = self.settings.baseline or "the adapter's own base"
        what = f"{names} against {against}" if self.settings.gated else f"{names}, not gated"
        suites = ", ".join(self.run.plan.suites) or "none given"
        judge = f"; judge: {self.settings.judge}" if self.run.plan.variants else ""
        elsewhere = self.run.plan.root != self.config.rootpath
        store = f"; .ragft lies in {self.run.plan.root}" if elsewhere else ""
        lines = [
            f"ragft: {line}"
            for group in self.run.plan.groups
            for line in (*rules_in_force(group), *ungated(group))
        ]
        return [f"ragft: {what}; suites: {suites}{judge}{store}", *lines]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist where the evaluation will be."""
        self._workers.append(node)
        node.workerinput["ragft_run"] = self.run.run_id
        node.workerinput["ragft_model_from"] = self.settings.model_from
        node.workerinput["ragft_baseline_from"] = self.settings.baseline_from
        node.workerinput[SUITES] = {
            str(suite.path): (
                suite.fingerprint,
                {i: (cluster.name, cluster.scope) for i, cluster in suite.clusters.items()},
            )
            for suite in self.run.plan.suites.values()
        }
        node.workerinput["ragft_evaluation"] = str(self._evaluation_file)
        node.workerinput[IGNORED] = [list(map(str, each)) for each in self.ignored_by_user()]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear from a worker what became of the gates; one that says nothing has crashed."""
        if not self._hear(node):
            self._heard.crashed = True

    def _hear(self, node: Any) -> bool:
        """Take in what a worker has told, once or again; whether it has told anything."""
        told = getattr(node, "workeroutput", {}).get("ragft")
        if told is not None:
            self.take_ignored(
                Ignored(path=Path(path), kind=kind, by=by) for path, kind, by in told["ignored"]
            )
            for known, of in ((self.collected, "collected"), (self.selected, "selected")):
                known |= {(f, v, m): node_id for f, v, m, node_id in told[of]}
            self.deselected |= {(f, v, m) for f, v, m in told["deselected"]}
            self.narrowed = max(self.narrowed, told["narrowed"])
            self._exited = self._exited or told["exited"]
        return told is not None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Evaluate before the items run, with the progress visible; conclude however they end."""
        option = session.config.option
        failed = session.testsfailed and not option.continue_on_collection_errors
        if option.collectonly or option.setupplan or failed or self.run.plan.idle:
            return (yield)
        try:
            self._evaluate(session)
        except (Exception, pytest.skip.Exception, pytest.fail.Exception) as error:
            # What was evaluated counts, and what lacks is missing.
            self._heard.broken = described(error)
        except BaseException:
            self._stay_closed("NOT GATED: the evaluation was not completed")
            raise
        interrupted = True
        try:
            result = yield
            interrupted = False
            return result
        except session.Failed:  # after --maxfail: stopped, but by what a report shows
            interrupted = False
            raise
        except (AssertionError, OSError) as error:
            # pytest-xdist asserts that a worker which ends has nothing left to do, which does not
            # hold after `pytest.exit` in there, and sends it tests through a connection that is
            # closed by then. The session ends as it does without workers.
            for node in self._workers:
                self._hear(node)
            if self._exited is None or not _raised_in(("xdist", "execnet"), error):
                raise
            message, returncode = self._exited
            raise pytest.exit.Exception(f"{message} (in a worker)", returncode) from error
        finally:
            self._conclude(session, interrupted=interrupted)

    def _evaluate(self, session: pytest.Session) -> None:
        everything = self.run.plan.everything()
        if self._distributed:
            self.run.evaluate(everything, further=True)
            text = json.dumps(handover(self.run), allow_nan=False)
            try:
                write_atomically(self._evaluation_file, text.encode())
            except OSError as error:
                raise StoreError(f"the workers cannot be handed the evaluation: {error}") from error
            return
        wanted = self.run.plan.kept() | wanted_of(self.run, session.items)
        if not narrowing(self.config):
            # Also gates whose items a conftest or a plugin has taken away decide.
            wanted |= everything
        if wanted:
            self.run.evaluate(wanted, further=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logreport(
        self, report: pytest.TestReport
    ) -> Generator[None, object, object]:
        """Remember what questions and hand-written comparisons did, in whichever process."""
        with at_length(self.config, report):
            self._heard.report(report)
            return (yield)

    @property
    def _distributed(self) -> bool:
        return self.config.pluginmanager.hasplugin("dsession")

    def _conclude(self, session: pytest.Session, *, interrupted: bool) -> None:
        """Reach the conclusion, and write what is to be kept of it; failing at that is red."""
        evaluation = self.run.evaluation
        concerned = self.run.plan.configured() or evaluation.answers or evaluation.errors
        # A baseline of retrieval alone is made of hits, which no answer asks for.
        if not concerned and not self._ending.asked and not self._ending.saves:
            return
        forget_last_run(self.run.plan.root)
        try:
            result = self._result = result_of(self, self._heard, interrupted=interrupted)
            conclusions = conclude(result)
            blocking = [each.text for each in conclusions if each.blocks]
            self._ending.why = "; ".join(blocking) or None
            self._write_reports(result)
            if self.settings.save_baseline:
                self._save_baseline(session, conclusions)
                self._ending.unsaved = None
        except RagftError as error:
            self._stay_closed(f"ERROR: {error}")
        except Exception as error:
            self._stay_closed(f"ERROR: no conclusion: {described(error)}")

    def _write_reports(self, result: RunResult) -> None:
        """A report that cannot be written changes no verdict; the run's end says so."""
        for report in reports_asked(self.settings):
            try:
                write(report, result)
                self._messages.append((f"report: {report.path}", True))
            except Exception as error:
                self._messages.append((f"ERROR: {described(error)}", False))
        if (summary := step_summary(os.environ)) is not None:
            try:
                append_summary(summary, to_markdown(result, self.settings.texts))
            except Exception as error:
                self._messages.append((f"ERROR: {described(error)}", False))
        if result.cases:
            try:
                keep_last_run(result, self.run.plan.root)
            except RagftError as error:
                self._messages.append((str(error), False))

    def _stay_closed(self, why: str) -> None:
        self._messages.append((why, False))
        verdict = self._ending.why if self._ending.asked and self._result else None
        self._ending.why = verdict or why
        self._ending.asked = True

    def _save_baseline(self, session: pytest.Session, conclusions: tuple[Conclusion, ...]) -> None:
        name = self.settings.save_baseline
        assert name is not None
        bad = [
            each.text
            for each in conclusions
            if each.decision in ("BLOCK", "ERROR") or (each.blocks and self.settings.gated)
        ]
        if missing := self.narrowed or len(left_out(self)):
            raise RagftError(f"baseline {name!r} was not saved: {missing} items were deselected")
        if bad or session.testsfailed:
            why = "; ".join(bad) or f"{count(session.testsfailed, 'test')} failed"
            raise RagftError(f"baseline {name!r} was not saved: {why}")
        path = keep_baseline(self.run, variant_facts(self.run, self.run.plan.variants[0].name))
        self._messages.append((f"saved baseline {name!r}: {path}; commit it", True))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the verdicts."""
        if self._result is not None:
            if os.environ.get("GITHUB_ACTIONS") == "true":
                folder = folder_in(os.environ, self.config.rootpath)
                for command in error_annotations(self._result, folder):
                    terminalreporter.write_line(command)
            terminal = self.config.get_terminal_writer()
            lines = render(
                self._result,
                width=terminal.fullwidth,
                verbose=self.config.option.verbose,
                encoding=getattr(terminal, "encoding", None) or sys.stdout.encoding,
                texts=self.settings.texts,
            )
            for line in lines:
                terminalreporter.write_line(line.text, **line.markup)
        for message, good in self._messages:
            terminalreporter.write_line(message, green=good, red=not good)

    def pytest_unconfigure(self) -> None:
        """Close the store and drop the exchange folder."""
        super().pytest_unconfigure()
        if self._folder is not None:
            self._folder.cleanup()


def _raised_in(packages: Collection[str], error: BaseException) -> bool:
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__")).partition(".")[0] in packages
