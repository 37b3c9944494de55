"""From SPECs to generators that share what they load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.local_opening import Base, Local, LocalOpener
from pytest_ragft.generation.logged import LoggedGenerator
from pytest_ragft.generation.own import OwnGenerator, open_own_generator
from pytest_ragft.generation.port import Generator
from pytest_ragft.generation.recorded import RecordedGenerator
from pytest_ragft.generation.served_opening import MAX_AGE, Remote, ServedOpener, is_served
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import (
    VariantSpec,
    names_own_generator,
    open_source,
    parse_variant,
)
from pytest_ragft.models.identity import Memo
from pytest_ragft.records import BASELINE, QAExample
from pytest_ragft.store import Store


def open_generators(
    variants: Sequence[VariantSpec],
    *,
    baseline: str | None,
    wants_baseline: bool,
    base: Path | None,
    options: Mapping[str, GenerationSettings],
    offline: bool,
    store: Store | None = None,
    places: Iterable[Path] = (),
    now: datetime | None = None,
    questions: Mapping[str, Sequence[QAExample]] | None = None,
    environ: Mapping[str, str] | None = None,
    max_age: float = MAX_AGE,
) -> dict[tuple[str, str], Generator]:
    """A generator for each variant, and the baseline, on each suite. Nothing heavy is loaded.

    Args:
        variants: Names and SPECs.
        baseline: SPEC of the baseline; None for the default, an adapter's own base.
        wants_baseline: False where the baseline comes from elsewhere, or there is none.
        base: Where an adapter's base lies; None for what its configuration names.
        options: Decoding options of each suite, by its name.
        offline: Never open a socket.
        store: Keeps fingerprints of large files; None to compute them each time.
        places: Hold modules with generators of one's own, see `load_own`.
        now: The time that chat templates print; None for this moment.
        questions: Of each suite, by its name, which logs of other tools are searched for.
        environ: Says how servers are called, keys included; None: there are no variables.
        max_age: Seconds for which a served model's answers count.

    Returns:
        Generators by variant (the baseline's is ``baseline``) and suite.

    Raises:
        SpecError: a SPEC, an adapter's base or the default of the baseline is not usable.
        MissingDependencyError: a hub name, and huggingface_hub is not installed.
    """
    now = now or datetime.now()
    served = ServedOpener(
        environ=environ or {},
        max_age=max_age,
        now=now.timestamp(),
        store=store,
        offline=offline,
    )
    opener = _Opener(
        places=tuple(places),
        questions=questions or {},
        local=LocalOpener(base=base, offline=offline, memo=Memo(store), now=now),
        served=served,
    )
    arms = {variant.name: opener.open(variant.spec) for variant in variants}
    if wants_baseline:
        arms[BASELINE] = (
            _default_baseline(arms, opener.local)
            if baseline is None
            else opener.open(parse_variant(baseline).spec, is_baseline=True)
        )
    return {
        (name, suite): opener.generator(model, settings)
        for name, model in arms.items()
        for suite, settings in options.items()
    }


_Model = Local | Remote | RecordedGenerator | OwnGenerator


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opener:
    """Finds out what SPECs name."""

    places: tuple[Path, ...]
    questions: Mapping[str, Sequence[QAExample]]
    local: LocalOpener
    served: ServedOpener

    def open(self, spec: str, *, is_baseline: bool = False) -> _Model:
        if is_served(spec):
            return self.served.open(spec, is_baseline=is_baseline)
        if names_own_generator(spec):
            return open_own_generator(spec, places=self.places)
        source = open_source(spec, offline=self.local.offline)
        if source.kind == "recorded":
            return RecordedGenerator(source.path)
        if source.kind == "log":
            return LoggedGenerator(
                source.path, tool=source.tool, system=source.system, suites=self.questions
            )
        return self.local.open(source)

    def generator(self, model: _Model, settings: GenerationSettings) -> Generator:
        if isinstance(model, Remote):
            return model.generator(settings)
        if isinstance(model, RecordedGenerator):
            return model.drawn_as(settings)
        if isinstance(model, Local):
            return self.local.generator(model, settings)
        return model


def _default_baseline(arms: Mapping[str, _Model], opener: LocalOpener) -> Local:
    """The base that all adapters of the run share."""
    bases: dict[str, Base] = {}
    for name, model in arms.items():
        if not isinstance(model, Local) or model.adapter is None:
            raise SpecError(
                f"the variant {name!r} is no adapter, so that it has no base to be compared with; "
                "say what the baseline is with --ragft-baseline=SPEC"
            )
        bases.setdefault(model.base.weights + model.base.config, model.base)
    if len(bases) != 1:
        found = ", ".join(repr(str(base.folder)) for base in bases.values()) or "none"
        raise SpecError(
            f"the adapters of this run have different bases ({found}); gate them in separate "
            "runs, or say what the baseline is with --ragft-baseline=SPEC"
        )
    (base,) = bases.values()
    lent = {model.tokenizer.template for model in arms.values() if isinstance(model, Local)}
    if base.tokenizer.template is None and len(lent) > 1:
        raise SpecError(
            f"the base {str(base.folder)!r} has no chat template, and its adapters have different "
            "ones; gate them in separate runs"
        )
    return opener.plain(str(base.folder), base, lent.pop())
