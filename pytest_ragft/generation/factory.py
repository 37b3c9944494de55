"""From SPECs to generators that share what they load."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
from pytest_ragft.generation.chat import check_chat_template
from pytest_ragft.generation.engine import HFEngine, ModelFiles
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.generation.own import OwnGenerator, open_own_generator
from pytest_ragft.generation.port import Generator
from pytest_ragft.generation.recorded import RecordedGenerator
from pytest_ragft.generation.settings import GenerationSettings, Options, ignored_settings
from pytest_ragft.generation.source import (
    ModelSource,
    VariantSpec,
    names_own_generator,
    open_source,
    parse_variant,
)
from pytest_ragft.models.clock import printed_times
from pytest_ragft.models.config import check_pointers, config_fingerprint, own_dtype
from pytest_ragft.models.files import has_tokenizer, model_files, names_reasoning
from pytest_ragft.models.identity import (
    Memo,
    Watched,
    file_fingerprint,
    json_fingerprint,
    tokenizer_fingerprint,
    weights_fingerprint,
)
from pytest_ragft.store import Store

ALGORITHM = 2
"""Raised when this room would answer the same prompt differently."""

BASELINE = "baseline"


def open_generators(
    variants: Sequence[VariantSpec],
    *,
    baseline: str | None,
    wants_baseline: bool,
    base: Path | None,
    options: Mapping[str, Options],
    offline: bool,
    store: Store | None = None,
    places: Iterable[Path] = (),
    now: datetime | None = None,
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
    )
    arms = {variant.name: opener.open(variant.spec) for variant in variants}
    if wants_baseline:
        arms[BASELINE] = (
            _default_baseline(arms, opener)
            if baseline is None
            else opener.open(parse_variant(baseline).spec)
        )
    return {
        (name, suite): opener.generator(model, GenerationSettings.of(wanted))
        for name, model in arms.items()
        for suite, wanted in options.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokenizer:
    """A tokenizer with its chat template, and what of them decides an answer."""

    folder: Path
    fingerprint: str
    names_reasoning: bool
    """Whether it names markers of reasoning."""
    times: Sequence[str]
    """What its template prints of the clock."""

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.times:
            return ()
        return (f"its chat template prints the time ({', '.join(self.times)}): part of its key",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """A full model: folder or GGUF file, with its identity."""

    folder: Path
    gguf: str | None
    weights: str
    config: str
    tokenizer: _Tokenizer
    watched: Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """A base with an adapter or without."""

    spec: str
    base: _Base
    adapter: Adapter | None = None
    adapter_identity: Mapping[str, str] = field(default_factory=dict)
    tokenizer: _Tokenizer
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
    _bases: dict[Path, _Base] = field(default_factory=dict)
    _engines: dict[str, HFEngine] = field(default_factory=dict)

    def open(self, spec: str) -> _Model:
        if names_own_generator(spec):
            return open_own_generator(spec, places=self.places)
        source = open_source(spec, offline=self.offline)
        if source.kind == "recorded":
            return RecordedGenerator(source.path)
        if source.kind == "adapter":
            return self._adapter(source)
        return self.plain(spec, self._read_base(source))

    def plain(self, spec: str, base: _Base) -> _Served:
        if base.gguf is None:
            check_chat_template(base.folder)
        return _Served(
            spec=spec,
            base=base,
            tokenizer=base.tokenizer,
            notes=ignored_settings(base.folder) + base.tokenizer.notes,
            watched=(base.watched,),
        )

    def _adapter(self, source: ModelSource) -> _Served:
        adapter = read_adapter(source.path)
        watched = self._watch(source.path, adapter_config_fingerprint)
        base = self._read_base(find_base(adapter, self.base, offline=self.offline))
        notes = check_base(adapter, base.folder, base.weights)
        tokenizer = base.tokenizer
        if has_tokenizer(adapter.path):
            check_pointers(adapter.path)
            tokenizer = self._tokenizer(adapter.path, watched.identity["tokenizer"])
        check_chat_template(tokenizer.folder)
        return _Served(
            spec=source.spec,
            base=base,
            adapter=adapter,
            adapter_identity=watched.identity,
            tokenizer=tokenizer,
            notes=notes + ignored_settings(base.folder) + tokenizer.notes,
            watched=(base.watched, watched),
        )

    def _tokenizer(self, folder: Path, fingerprint: str, gguf: str | None = None) -> _Tokenizer:
        return _Tokenizer(
            folder=folder,
            fingerprint=fingerprint,
            names_reasoning=names_reasoning(folder, gguf),
            times=printed_times(folder, self.now, gguf),
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
                tokenizer=self._tokenizer(folder, watched.identity["tokenizer"], gguf),
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
        return Watched(
            lambda: [path],
            lambda: {
                "weights": file_fingerprint(path, self.memo),
                "config": "",
                "tokenizer": "",
            },
        )

    def generator(self, model: _Model, settings: GenerationSettings) -> Generator:
        if not isinstance(model, _Served):
            return model
        dtype = _dtype(model.base, settings)
        return HFGenerator(
            engine=self._engine(model.base, dtype, settings.device),
            settings=settings,
            fingerprint=_identity(model, settings, dtype),
            tokenizer=model.tokenizer.folder,
            adapter=model.adapter.path if model.adapter else None,
            notes=model.notes,
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
    return opener.plain(str(base.folder), base)


def _dtype(base: _Base, settings: GenerationSettings) -> str:
    if settings.dtype != "auto":
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
            "stop": list(settings.stop),
            "batch_tokens": settings.batch_tokens,
        }
        | ({} if settings.thinking is None else {"thinking": settings.thinking})
        # What was kept of such a model before lacks markers that its prompt opened or that are
        # special tokens: nobody can tell reasoning apart in it any more.
        | ({"reasoning": 1} if model.tokenizer.names_reasoning else {})
        | ({"times": list(model.tokenizer.times)} if model.tokenizer.times else {})
    )
