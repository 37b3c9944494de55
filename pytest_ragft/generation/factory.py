"""From SPECs to generators that share what they load."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.adapter import (
    Adapter,
    adapter_config_fingerprint,
    check_base,
    find_base,
    read_adapter,
)
from pytest_ragft.generation.engine import HFEngine, ModelFiles
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.generation.logged import LoggedGenerator
from pytest_ragft.generation.own import OwnGenerator, open_own_generator
from pytest_ragft.generation.port import Generator
from pytest_ragft.generation.recorded import RecordedGenerator
from pytest_ragft.generation.settings import (
    BATCH_TOKENS,
    GenerationSettings,
    own_stops,
    settings_notes,
)
from pytest_ragft.generation.source import (
    ModelSource,
    VariantSpec,
    names_own_generator,
    open_source,
    parse_variant,
)
from pytest_ragft.generation.templates import (
    Tokenizer,
    read_tokenizer,
    tokenizer_of_adapter,
    tokenizer_of_base,
)
from pytest_ragft.models.config import config_fingerprint, generation_config, own_dtype
from pytest_ragft.models.files import GENERATION_CONFIG, model_files
from pytest_ragft.models.identity import (
    Memo,
    Watched,
    file_fingerprint,
    json_fingerprint,
    tokenizer_fingerprint,
    weights_fingerprint,
)
from pytest_ragft.records import BASELINE, QAExample
from pytest_ragft.store import Store

ALGORITHM = 2
"""Raised when this room would answer the same prompt differently."""


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

    Returns:
        Generators by variant (the baseline's is ``baseline``) and suite.

    Raises:
        SpecError: a SPEC, an adapter's base or the default of the baseline is not usable.
        MissingDependencyError: a hub name, and huggingface_hub is not installed.
    """
    opener = _Opener(
        base=base,
        offline=offline,
        memo=Memo(store),
        places=tuple(places),
        now=now or datetime.now(),
        questions=questions or {},
    )
    arms = {variant.name: opener.open(variant.spec) for variant in variants}
    if wants_baseline:
        arms[BASELINE] = (
            _default_baseline(arms, opener)
            if baseline is None
            else opener.open(parse_variant(baseline).spec)
        )
    return {
        (name, suite): opener.generator(model, settings)
        for name, model in arms.items()
        for suite, settings in options.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """A full model: folder or GGUF file, with its identity."""

    folder: Path
    gguf: str | None
    weights: str
    config: str
    tokenizer: Tokenizer
    watched: Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """A base with an adapter or without."""

    spec: str
    base: _Base
    adapter: Adapter | None = None
    adapter_identity: Mapping[str, str] = field(default_factory=dict)
    tokenizer: Tokenizer
    checked: tuple[str, ...] = ()
    """What the check of its base found."""
    notes: tuple[str, ...] = ()
    watched: tuple[Watched, ...]


_Model = _Served | RecordedGenerator | OwnGenerator


@dataclass(slots=True, kw_only=True)
class _Opener:
    """Resolves SPECs, each base and each engine once."""

    base: Path | None
    offline: bool
    memo: Memo
    places: tuple[Path, ...]
    now: datetime
    questions: Mapping[str, Sequence[QAExample]]
    _bases: dict[Path, _Base] = field(default_factory=dict)
    _engines: dict[str, HFEngine] = field(default_factory=dict)

    def open(self, spec: str) -> _Model:
        if names_own_generator(spec):
            return open_own_generator(spec, places=self.places)
        source = open_source(spec, offline=self.offline)
        if source.kind == "recorded":
            return RecordedGenerator(source.path)
        if source.kind == "log":
            return LoggedGenerator(
                source.path, tool=source.tool, system=source.system, suites=self.questions
            )
        if source.kind == "adapter":
            return self._adapter(source)
        return self.plain(spec, self._read_base(source))

    def plain(self, spec: str, base: _Base, lent: str | None = None) -> _Served:
        """A base alone; `lent` is the chat template that it uses where it has none."""
        tokenizer, told = tokenizer_of_base(base.tokenizer, lent, gguf=base.gguf is not None)
        return _Served(
            spec=spec,
            base=base,
            tokenizer=tokenizer,
            notes=told + tokenizer.notes,
            watched=(base.watched,),
        )

    def _adapter(self, source: ModelSource) -> _Served:
        adapter = read_adapter(source.path)
        watched = self._watch(source.path, adapter_config_fingerprint)
        base = self._read_base(find_base(adapter, self.base, offline=self.offline))
        notes = check_base(adapter, base.folder, base.weights)
        tokenizer, told = tokenizer_of_adapter(
            adapter.path, watched.identity["tokenizer"], base.tokenizer
        )
        return _Served(
            spec=source.spec,
            base=base,
            adapter=adapter,
            adapter_identity=watched.identity,
            tokenizer=tokenizer,
            checked=notes,
            notes=told + tokenizer.notes,
            watched=(base.watched, watched),
        )

    def _read_base(self, source: ModelSource) -> _Base:
        path = source.path.resolve()
        if path not in self._bases:
            gguf = path.name if source.kind == "gguf" else None
            folder = path.parent if gguf else path
            watched = self._watch_file(path) if gguf else self._watch(path, config_fingerprint)
            self._bases[path] = _Base(
                folder=folder,
                gguf=gguf,
                watched=watched,
                weights=watched.identity["weights"],
                config=watched.identity["config"],
                tokenizer=read_tokenizer(folder, watched.identity["tokenizer"], self.now, gguf),
            )
        return self._bases[path]

    def _watch(self, folder: Path, config: Callable[[Path], str]) -> Watched:
        return Watched(
            lambda: model_files(folder),
            lambda: {
                "weights": weights_fingerprint(folder, self.memo),
                "config": config(folder),
                "tokenizer": tokenizer_fingerprint(folder),
            },
        )

    def _watch_file(self, path: Path) -> Watched:
        def identify() -> Mapping[str, str]:
            weights, own = file_fingerprint(path, self.memo), generation_config(path.parent)
            config = json_fingerprint(own) if own else ""
            return {"weights": weights, "config": config, "tokenizer": ""}

        beside = path.parent / GENERATION_CONFIG
        return Watched(lambda: [path, *([beside] if beside.is_file() else [])], identify)

    def generator(self, model: _Model, settings: GenerationSettings) -> Generator:
        if isinstance(model, RecordedGenerator):
            return model.drawn_as(settings)
        if not isinstance(model, _Served):
            return model
        settings = replace(settings, stop=(*(settings.stop or ()), *own_stops(model.base.folder)))
        dtype = _dtype(model.base, settings)
        return HFGenerator(
            engine=self._engine(model.base, dtype, settings.device or "auto"),
            settings=settings,
            fingerprint=_identity(model, settings, dtype),
            tokenizer=model.tokenizer.folder,
            template=model.tokenizer.template if model.tokenizer.foreign else None,
            adapter=model.adapter.path if model.adapter else None,
            notes=(*model.checked, *settings_notes(model.base.folder, settings), *model.notes),
            watched=model.watched,
            virtual_tokens=model.adapter.virtual_tokens if model.adapter else 0,
            offline=self.offline,
        )

    def _engine(self, base: _Base, dtype: str, device: str) -> HFEngine:
        files = ModelFiles(
            folder=base.folder,
            gguf=base.gguf,
            fingerprint=json_fingerprint({"weights": base.weights, "config": base.config}),
            dtype=dtype,
        )
        engine = HFEngine(files, device, self.now)
        return self._engines.setdefault(engine.key, engine)


def _default_baseline(arms: Mapping[str, _Model], opener: _Opener) -> _Served:
    """The base that all adapters of the run share."""
    bases: dict[str, _Base] = {}
    for name, model in arms.items():
        if not isinstance(model, _Served) or model.adapter is None:
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
    lent = {model.tokenizer.template for model in arms.values() if isinstance(model, _Served)}
    if base.tokenizer.template is None and len(lent) > 1:
        raise SpecError(
            f"the base {str(base.folder)!r} has no chat template, and its adapters have different "
            "ones; gate them in separate runs"
        )
    return opener.plain(str(base.folder), base, lent.pop())


def _dtype(base: _Base, settings: GenerationSettings) -> str:
    if settings.dtype not in (None, "auto"):
        return settings.dtype
    return "bfloat16" if base.gguf else own_dtype(base.folder)


def _identity(model: _Served, settings: GenerationSettings, dtype: str) -> str:
    return json_fingerprint(
        {
            "algorithm": ALGORITHM,
            "weights": model.base.weights,
            "config": model.base.config,
            "tokenizer": model.tokenizer.fingerprint,
            "adapter": model.adapter_identity.get("weights", ""),
            "adapter_config": model.adapter_identity.get("config", ""),
            "dtype": dtype,
            "max_new_tokens": settings.max_new_tokens,
            "stop": list(settings.stop or ()),
            "batch_tokens": settings.batch_tokens or BATCH_TOKENS,
        }
        | ({} if settings.thinking is None else {"thinking": settings.thinking})
        # What was kept of such a model before lacks markers that its prompt opened or that are
        # special tokens: nobody can tell reasoning apart in it any more.
        | ({"reasoning": 1} if model.tokenizer.names_reasoning else {})
        | ({"times": list(model.tokenizer.times)} if model.tokenizer.times else {})
    )
