"""A run: checked before any work, evaluated on demand, and asked for its gates and its result."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from pytest_ragft.errors import BaselineError, GenerationError, SpecError, SuiteError
from pytest_ragft.evaluation.baseline import SavedBaseline, baseline_path, load_baseline
from pytest_ragft.evaluation.evaluation import BASELINE, Arm, Evaluation
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.evaluation.progress import Progress
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.port import Generator
from pytest_ragft.generation.source import VariantSpec, parse_variant
from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import Judge
from pytest_ragft.retrieval.factory import open_retriever
from pytest_ragft.run.groups import GateSpec, Group, Overrides, find_groups
from pytest_ragft.run.settings import Settings
from pytest_ragft.store import CacheMode, Store
from pytest_ragft.suite import Suite

Wanted = dict[Arm, frozenset[str] | None]
"""Questions asked of each arm; None for all of them."""

_SAVED = "saved:"


class Run:
    """One gating run over the suites of `suite_files`.

    Args:
        settings: what the user asked for.
        root: pytest's rootdir: holds ``.ragft`` and bounds the search for ragft.toml.
        suite_files: every suite.toml that is given, and so collected.
        progress: shows long work.
        other_files: suite.toml that only hand-written tests may name.
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
        run_id: str | None = None,
    ) -> None:
        self.settings = settings
        self.root = root
        self.run_id = run_id or uuid.uuid4().hex
        self.variants = _variants(settings)
        self.given = tuple(dict.fromkeys(suite_files))
        overrides = Overrides(margin=settings.margin, alpha=settings.alpha)
        self.groups: tuple[Group, ...] = find_groups([*self.given, *other_files], root, overrides)
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
        self._load: Callable[[], Mapping[str, Any] | None] = lambda: None

    def check(self) -> None:
        """Find every mistake that can be found before any work.

        Raises:
            RagftError: a model, an adapter, a recording, the store, the judge or the baseline
                cannot be used; the message gives the remedy.
        """
        if not self.suites:
            raise SuiteError(
                "--ragft-model: there is nothing to gate on: no suite.toml lies under the given "
                f"paths or under rootdir {str(self.root)!r}; write one, or give its folder"
            )
        self.store.check()
        judge = self.judge.fingerprint
        if self.saved is not None:
            self.saved.check(self.suites.values(), judge)
        for (_, suite), generator in self.generators.items():
            generator.check(suite, [example.id for example in self.suites[suite].examples])

    @cached_property
    def judge(self) -> Judge:
        """The judge of this run."""
        return open_judge(self.settings.judge)

    @cached_property
    def saved(self) -> SavedBaseline | None:
        """The saved baseline that variants are compared with, if one was named."""
        spec = self.settings.baseline or ""
        if not spec.startswith(_SAVED):
            return None
        return load_baseline(baseline_path(self.root, spec.removeprefix(_SAVED)))

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
        )

    @cached_property
    def evaluator(self) -> Evaluator:
        """Computes what is missing."""
        return Evaluator(
            store=self.store,
            judge=self.judge,
            suites=self.suites,
            generators=self.generators,
            open_retriever=open_retriever,
            progress=self._progress,
            saved=self.saved,
            limit=self.settings.limit,
            offline=self.settings.offline,
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
        known = self.evaluation.errors
        if errors := dict.fromkeys(known[arm] for arm in wanted if arm in known):
            raise GenerationError("; ".join(errors))

    def _has(self, arm: Arm, ids: frozenset[str] | None) -> bool:
        if ids is None:
            ids = frozenset(example.id for example in self.evaluator.examples(arm[1]))
        return ids <= self.evaluation.scores[arm].keys()

    def arms(
        self, variant: str, suites: Iterable[str], ids: frozenset[str] | None = None
    ) -> Wanted:
        """What has to be evaluated to speak about a variant on some suites."""
        names = [BASELINE, variant] if self.settings.gated else [variant]
        return {(name, suite): ids for suite in suites for name in names}

    def everything(self) -> Wanted:
        """What the gates and questions of all given suites need."""
        wanted: Wanted = {}
        for group in self._gated_groups:
            for variant in self.variants:
                wanted |= self.arms(variant.name, [suite.name for suite in group.suites])
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
        """Every gate × variant of the given suites, whatever is selected."""
        if not self.settings.gated:
            return []
        specs = [spec for group in self._gated_groups for spec in group.pooled]
        for group in self._gated_groups:
            given = [path for path in group.single if path in self.given]
            specs += [spec for path in given for spec in group.single[path]]
        return [(spec, variant.name) for variant in self.variants for spec in specs]

    @property
    def _gated_groups(self) -> list[Group]:
        return [group for group in self.groups if not group.single.keys().isdisjoint(self.given)]

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def _variants(settings: Settings) -> tuple[VariantSpec, ...]:
    variants = tuple(parse_variant(text) for text in settings.model)
    names = [variant.name for variant in variants]
    for name in names:
        if name == BASELINE or names.count(name) > 1:
            why = "is reserved" if name == BASELINE else "is given twice"
            raise SpecError(
                f"--ragft-model: the variant name {name!r} {why}; give another with NAME=SPEC"
            )
    if not settings.gated and not settings.save_baseline:
        raise BaselineError(
            "--ragft-baseline=none: only together with --ragft-save-baseline=NAME, since a run "
            "without a baseline gates nothing"
        )
    if settings.save_baseline and len(variants) != 1:
        raise BaselineError(
            f"--ragft-save-baseline={settings.save_baseline}: needs exactly one --ragft-model, "
            f"got {len(variants)}"
        )
    if settings.save_baseline and settings.limit:
        raise BaselineError(
            f"--ragft-save-baseline={settings.save_baseline}: not on a run limited by "
            f"--ragft-limit={settings.limit}; a baseline must be complete"
        )
    return variants
