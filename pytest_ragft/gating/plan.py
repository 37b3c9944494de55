"""The plan of a gating run: its suites, variants and gates, and what has to be evaluated for them.

Made from the user's settings and the files on disk alone; nothing is opened or computed for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from pytest_ragft.errors import BaselineError, SpecError, SuiteError
from pytest_ragft.evaluation.evaluation import RETRIEVAL, Arm
from pytest_ragft.gating.gates import GateSpec, Group, Overrides, find_groups
from pytest_ragft.gating.settings import Settings
from pytest_ragft.generation.source import VariantSpec, parse_variant
from pytest_ragft.records import BASELINE, CHECKS, Knowledge
from pytest_ragft.suite import METRICS, Suite, SuiteIdentity

Wanted = dict[Arm, frozenset[str] | None]
"""Questions asked of each arm; None for all of them."""


class Plan:
    """What a gating run over the suites of `suite_files` is about.

    Args:
        settings: what the user asked for.
        root: holds ``.ragft``.
        suite_files: every suite.toml that is given, and so collected.
        other_files: suite.toml that only hand-written tests may name.
        rootdir: pytest's, named where no suite is found; None for `root`.
        identities: of suites that another process of the same run has read, whose corpora are then
            read only when a passage is asked for.

    Raises:
        SuiteError: a suite or rule file is wrong.
        SpecError: two variants have one name, or a setting is missing.
        BaselineError: what is to be compared or saved does not go together.
    """

    def __init__(
        self,
        settings: Settings,
        root: Path,
        suite_files: Iterable[Path],
        *,
        other_files: Iterable[Path] = (),
        rootdir: Path | None = None,
        identities: Mapping[Path, SuiteIdentity] | None = None,
    ) -> None:
        self.settings = settings
        self.root = root
        self.rootdir = rootdir or root
        self.variants = variants_of(settings)
        self.given = tuple(dict.fromkeys(suite_files))
        overrides = Overrides(
            margin=settings.margin, alpha=settings.alpha, offline=settings.offline
        )
        self.groups: tuple[Group, ...] = find_groups(
            [*self.given, *other_files], overrides, identities
        )
        self.suites: Mapping[str, Suite] = {
            suite.name: suite for group in self.groups for suite in group.suites
        }
        self.ignored: dict[Path, str] = {}
        """Every suite.toml that something keeps from being asked, and what that is: no gate that
        pools it can be put."""
        self.unwanted: dict[Path, str] = {}
        """The same for those that the user left out of this run."""

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

    @property
    def specs(self) -> list[GateSpec]:
        """Every gate over the given suites, before a variant is put to it."""
        specs = [spec for group in self.given_groups for spec in group.pooled]
        for group in self.given_groups:
            given = [path for path in group.single if path in self.given]
            specs += [spec for path in given for spec in group.single[path]]
        return specs

    @property
    def given_groups(self) -> list[Group]:
        """The groups with a suite that is given; others serve hand-written tests."""
        return [group for group in self.groups if not group.single.keys().isdisjoint(self.given)]

    @property
    def metrics(self) -> frozenset[str]:
        """The metrics of answers that gates and floors read, which the judge is asked for.

        A saved baseline holds the common ones besides, for gates to come, and a run without any
        gate on answers shows them.
        """
        asked = {spec.gate.metric for spec in self.specs if not spec.retrieval}
        if any(suite.question_floor is not None for suite in self.suites.values()):
            asked.add("accuracy")
        if self.settings.save_baseline is not None or not asked:
            asked.update(METRICS)
        # Rules score these, and no judge.
        return frozenset(asked - {CHECKS})

    @property
    def further(self) -> tuple[Knowledge, ...]:
        """What questions are asked with besides retrieved passages."""
        return tuple(kind for kind in self.settings.knowledge if kind != "retrieved")

    @property
    def axis_suites(self) -> list[Suite]:
        """The suites that the knowledge axis speaks about: all that the given ones pool with."""
        every = [suite for group in self.given_groups for suite in group.suites if suite.judged]
        return [s for s in every if not all(example.checks for example in s.examples)]

    @property
    def axis_metrics(self) -> list[str]:
        """The metrics of the knowledge axis, of those that the judge is asked for anyway."""
        return [metric for metric in METRICS if metric in self.metrics]

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

    def arms(
        self, variant: str, suites: Iterable[str], ids: frozenset[str] | None = None
    ) -> Wanted:
        """What has to be evaluated to speak about a variant, or about retrieval, on some suites."""
        if variant == RETRIEVAL:
            return {(RETRIEVAL, suite): None for suite in suites}
        names = [BASELINE, variant] if self.settings.gated else [variant]
        # Where no answer can be judged none is asked for, and hits alone are found.
        return {
            (name, suite): ids if self.suites[suite].judged else frozenset()
            for suite in suites
            for name in names
        }

    def everything(self) -> Wanted:
        """What the gates and questions of all given suites need."""
        wanted: Wanted = {}
        for group in self.given_groups:
            for variant in self.variants:
                wanted |= self.arms(variant.name, [suite.name for suite in group.suites])
        for spec, name in self.configured():
            if name == RETRIEVAL:
                wanted |= self.arms(name, spec.suites)
        return wanted

    def kept(self) -> Wanted:
        """What no item asks for and a saved baseline holds: hits where no answer is judged."""
        if self.settings.save_baseline is None:
            return {}
        bare = [suite.name for suite in self.suites.values() if not suite.judged]
        names = [variant.name for variant in self.variants]
        return {(name, suite): frozenset() for suite in bare for name in names}

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


def _check_knowledge(settings: Settings) -> None:
    """Refuse to ask with other passages where the baseline's answers lie in a file."""
    if settings.saved is not None and len(settings.knowledge) > 1:
        raise BaselineError(
            f"--ragft-knowledge={','.join(settings.knowledge)}: a saved baseline holds answers "
            "over retrieved passages alone, so that nothing could be said about what training "
            "changed; give the model itself with --ragft-baseline=SPEC, or leave gold and none out"
        )


def variants_of(settings: Settings) -> tuple[VariantSpec, ...]:
    """The variants that were asked for.

    Raises:
        SpecError: two have one name, or one has a name that is taken.
        BaselineError: what is to be compared or saved does not go together.
    """
    variants = tuple(parse_variant(text) for text in settings.model)
    names = [variant.name for variant in variants]
    for name in names:
        if name in (BASELINE, RETRIEVAL) or names.count(name) > 1:
            why = "is given twice" if names.count(name) > 1 else "is reserved"
            raise SpecError(
                f"--ragft-model: the variant name {name!r} {why}; give another with NAME=SPEC"
            )
    _check_knowledge(settings)
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
