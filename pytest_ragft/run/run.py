"""A run: checked before any work, evaluated on demand, and asked for its gates and its result."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from pytest_ragft.calibration.filled_sheets import FilledSheet, check_names, read_sheets
from pytest_ragft.errors import BaselineError, GenerationError, SuiteError
from pytest_ragft.evaluation.baseline import SavedBaseline, baseline_path, load_baseline
from pytest_ragft.evaluation.evaluation import BASELINE, RETRIEVAL, Arm, Evaluation
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.evaluation.progress import Progress
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.port import Generator
from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import Judge, asking, negotiated, notes_of
from pytest_ragft.records import GateResult
from pytest_ragft.retrieval.factory import Access, open_retriever
from pytest_ragft.run.asked import check_offered, metrics_asked
from pytest_ragft.run.baselines import check_baselines
from pytest_ragft.run.groups import GateSpec, Group, Overrides, find_groups, retrieval_metrics
from pytest_ragft.run.rules import check_rules
from pytest_ragft.run.settings import Settings
from pytest_ragft.run.variants import variants_of
from pytest_ragft.store import CacheMode, Store
from pytest_ragft.suite import Suite

Wanted = dict[Arm, frozenset[str] | None]
"""Questions asked of each arm; None for all of them."""


class Run:
    """One gating run over the suites of `suite_files`.

    Args:
        settings: what the user asked for.
        root: holds ``.ragft``.
        suite_files: every suite.toml that is given, and so collected.
        progress: shows long work.
        other_files: suite.toml that only hand-written tests may name.
        rootdir: pytest's, named where no suite is found; None for `root`.
        run_id: shared by the processes of one run.

    Raises:
        SuiteError: a suite or rule file is wrong.
        SpecError: two variants have one name, or a setting is missing.
    """

    def __init__(
        self,
        settings: Settings,
        root: Path,
        suite_files: Iterable[Path],
        progress: Progress,
        *,
        other_files: Iterable[Path] = (),
        rootdir: Path | None = None,
        run_id: str | None = None,
    ) -> None:
        self.settings = settings
        self.root = root
        self._rootdir = rootdir or root
        self.run_id = run_id or uuid.uuid4().hex
        self.variants = variants_of(settings)
        self.given = tuple(dict.fromkeys(suite_files))
        overrides = Overrides(margin=settings.margin, alpha=settings.alpha)
        self.groups: tuple[Group, ...] = find_groups([*self.given, *other_files], overrides)
        self.suites: Mapping[str, Suite] = {
            suite.name: suite for group in self.groups for suite in group.suites
        }
        self.store = Store(
            root / ".ragft" / "store.sqlite",
            mode=cast(CacheMode, settings.cache),
            run=self.run_id,
        )
        self._progress = progress
        self.retrieval: dict[str, Mapping[str, float]] = {}
        """Retrieval metrics by suite, once its hits are frozen; every gate reports them."""
        self.decided: dict[tuple[GateSpec, str], GateResult] = {}
        """Gates as they were put to variants over what is evaluated so far."""
        self.ignored: dict[Path, str] = {}
        """Every suite.toml that something keeps from being asked, and what that is: no gate that
        pools it can be put."""
        self.unwanted: dict[Path, str] = {}
        """The same for those that the user left out of this run."""
        self._load: Callable[[], Mapping[str, Any] | None] = lambda: None

    def check(self) -> None:
        """Find every mistake that can be found before any work.

        Raises:
            RagftError: a model, an adapter, a recording, the store, the judge or the baseline
                cannot be used; the message gives the remedy.
        """
        if self.idle:
            return
        if not self.suites:
            raise SuiteError(
                "--ragft-model: there is nothing to gate on: no suite.toml lies under the given "
                f"paths or under rootdir {str(self._rootdir)!r}; write one, or give its folder"
            )
        self.store.check()
        if self.variants:
            check_names(self.labels, [variant.name for variant in self.variants], self.suites)
            judge = self.judge
            check_offered(self.specs, judge)
            if self.saved is not None:
                # What its server grants may be unknown here, as on a new machine, or outdated.
                if self.saved.judge_fingerprint != judge.fingerprint:
                    negotiated(judge)
                gated = [spec.gate.metric for spec in self.specs if not spec.retrieval]
                self.saved.check(self.suites.values(), judge.fingerprint, notes_of(judge), gated)
        if self.saved is not None:
            decided = [spec for spec, name in self.configured() if name == RETRIEVAL]
            for suite, metrics in retrieval_metrics(decided).items():
                self.saved.check_rankings(self.suites[suite], metrics)
        check_rules(self)
        check_baselines(self)
        self._check_retrieval()
        for (_, suite), generator in self.generators.items():
            generator.check(suite, [example.id for example in self.suites[suite].examples])

    @cached_property
    def idle(self) -> bool:
        """Whether there is nothing to do: the environment names a baseline, and no gate needs it.

        Raises:
            BaselineError: the same, but asked for on the command line.
        """
        if not self.settings.retrieval_alone or self.configured():
            return False
        if self.settings.baseline_from == "environment":
            return True
        raise BaselineError(
            f"--ragft-baseline={self.settings.baseline}: without --ragft-model it gates retrieval "
            "alone, and no suite under the given paths has such a gate; add [[gate]] with "
            'metric = "recall@5" or another to suite.toml or ragft.toml, or give '
            "--ragft-model=SPEC"
        )

    @cached_property
    def whole_judge(self) -> Judge:
        """The judge of this run, whatever it may be asked for."""
        return open_judge(
            self.settings.judge,
            offline=self.settings.offline,
            store=self.store,
            places=[self._rootdir],
        )

    @cached_property
    def judge(self) -> Judge:
        """The judge of this run, asked for nothing that no gate uses."""
        return asking(self.whole_judge, metrics_asked(self.specs, self.groups, self.settings))

    @cached_property
    def labels(self) -> tuple[FilledSheet, ...]:
        """Human labels for a part of the pairs."""
        return read_sheets(self.settings.labels)

    @cached_property
    def saved(self) -> SavedBaseline | None:
        """The saved baseline that variants are compared with, if one was named."""
        name = self.settings.saved
        return None if name is None else load_baseline(baseline_path(self.root, name))

    @cached_property
    def generators(self) -> Mapping[Arm, Generator]:
        """A generator for each arm that answers in this run."""
        baseline = None if self.saved is not None else self.settings.baseline
        wants_baseline = self.settings.gated and self.saved is None
        return open_generators(
            self.variants,
            baseline=baseline,
            wants_baseline=wants_baseline,
            base=self.settings.base,
            options={suite.name: suite.generation for suite in self.suites.values()},
            offline=self.settings.offline,
            store=self.store,
            places=[self._rootdir],
        )

    def _check_retrieval(self) -> None:
        """Over a saved baseline's passages none is needed: a report then notes its faults."""
        if self.saved is None and not self.settings.offline:
            for suite in self.suites.values():
                self.evaluator.open_retriever(suite).check()

    @cached_property
    def access(self) -> Access:
        """How the retrievers of this run reach what they search."""
        return Access(
            backend=self.settings.retriever,
            url=self.settings.es_url,
            environ=os.environ,
            store=self.store,
            offline=self.settings.offline,
            progress=self._progress,
            places=[self._rootdir],
        )

    @cached_property
    def evaluator(self) -> Evaluator:
        """Computes what is missing."""
        return Evaluator(
            store=self.store,
            judge=self.judge,
            suites=self.suites,
            generators=self.generators,
            open_retriever=lambda suite: open_retriever(suite, self.access),
            progress=self._progress,
            saved=self.saved,
            limit=self.settings.limit,
            offline=self.settings.offline,
            retrieval=retrieval_metrics(spec for group in self.groups for spec in group.specs),
            evaluation=Evaluation.from_plain(self.exchanged) if self.exchanged else Evaluation(),
        )

    @property
    def evaluation(self) -> Evaluation:
        """What has been evaluated so far."""
        return self.evaluator.evaluation

    def start_from(self, load: Callable[[], Mapping[str, Any] | None]) -> None:
        """Read what another process of this run has written, once it is needed."""
        self._load = load

    @cached_property
    def exchanged(self) -> Mapping[str, Any] | None:
        """What another process of this run has evaluated, if this one reads it from there."""
        return self._load()

    def evaluate(self, wanted: Mapping[Arm, frozenset[str] | None]) -> Evaluation:
        """Answer and judge what is wanted and not there yet."""
        self.decided.clear()
        return self.evaluator.evaluate(wanted)

    def require(
        self, variant: str, suites: Iterable[Suite], ids: frozenset[str] | None = None
    ) -> None:
        """Evaluate what is wanted of a variant, unless it is there.

        Raises:
            GenerationError: an arm could not be evaluated; the message says why.
        """
        wanted = self.arms(variant, [suite.name for suite in suites], ids)
        self.evaluate({arm: i for arm, i in wanted.items() if not self._has(arm, i)})
        self._expect_evaluated(wanted)

    def _expect_evaluated(self, wanted: Iterable[Arm]) -> None:
        known = self.evaluation.errors
        if errors := dict.fromkeys(known[arm] for arm in wanted if arm in known):
            raise GenerationError("; ".join(errors))

    def score_also(self, variant: str, suites: Iterable[Suite], metrics: Collection[str]) -> None:
        """Score what `require` has evaluated in further metrics that the judge knows.

        Raises:
            GenerationError: an arm could not be evaluated; the message says why.
        """
        lacking = set(metrics).difference(self.judge.metrics).intersection(self.whole_judge.metrics)
        if lacking:
            wanted = self.arms(variant, [suite.name for suite in suites])
            self.evaluator.score_also(wanted, asking(self.whole_judge, lacking))
            self._expect_evaluated(wanted)

    def _has(self, arm: Arm, ids: frozenset[str] | None) -> bool:
        if ids is None:
            ids = frozenset(example.id for example in self.evaluator.examples(arm[1]))
        return ids <= self.evaluation.scores[arm].keys()

    def arms(
        self, variant: str, suites: Iterable[str], ids: frozenset[str] | None = None
    ) -> Wanted:
        """What has to be evaluated to speak about a variant, or about retrieval, on some suites."""
        if variant == RETRIEVAL:
            return {(RETRIEVAL, suite): None for suite in suites}
        names = [BASELINE, variant] if self.settings.gated else [variant]
        return {(name, suite): ids for suite in suites for name in names}

    def everything(self) -> Wanted:
        """What the gates and questions of all given suites need."""
        wanted: Wanted = {}
        for group in self._gated_groups:
            for variant in self.variants:
                wanted |= self.arms(variant.name, [suite.name for suite in group.suites])
        for spec, name in self.configured():
            if name == RETRIEVAL:
                wanted |= self.arms(name, spec.suites)
        return wanted

    def suite(self, name: str | None) -> Suite:
        """The suite called `name`; the only one where that is None.

        Raises:
            SuiteError: there is no such suite, or more than one to choose from.
        """
        known = ", ".join(map(repr, self.suites)) or "none"
        if name is None and len(self.suites) == 1:
            return next(iter(self.suites.values()))
        if name is None:
            raise SuiteError(f"name the suite with @pytest.mark.ragft(suite=…); there are: {known}")
        if name not in self.suites:
            raise SuiteError(f"there is no suite {name!r} among those of this run: {known}")
        return self.suites[name]

    def configured(self) -> list[tuple[GateSpec, str]]:
        """Every gate of the given suites × what it is put to, whatever is selected."""
        return [(spec, name) for spec in self.specs for name in self.contenders(spec)]

    def contenders(self, spec: GateSpec) -> list[str]:
        """What a gate is put to: every variant; retrieval where a saved baseline has it, too."""
        if not self.settings.gated:
            return []
        if spec.retrieval:
            return [] if self.settings.saved is None else [RETRIEVAL]
        return [variant.name for variant in self.variants]

    def undecidable(self) -> list[GateSpec]:
        """Gates on retrieval in a run that compares variants over one retrieval."""
        if not self.settings.gated or self.settings.saved is not None:
            return []
        return [spec for spec in self.specs if spec.retrieval]

    @property
    def specs(self) -> list[GateSpec]:
        """Every gate over the given suites, before a variant is put to it."""
        specs = [spec for group in self._gated_groups for spec in group.pooled]
        for group in self._gated_groups:
            given = [path for path in group.single if path in self.given]
            specs += [spec for path in given for spec in group.single[path]]
        return specs

    @property
    def _gated_groups(self) -> list[Group]:
        return [group for group in self.groups if not group.single.keys().isdisjoint(self.given)]

    def close(self) -> None:
        """Close the store, the retrievers and their connections."""
        if "evaluator" in self.__dict__:
            self.evaluator.close()
        self.access.close()
        self.store.close()
