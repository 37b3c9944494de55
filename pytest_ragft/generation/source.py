"""What a SPEC of ``--ragft-model`` or ``--ragft-baseline`` names."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pytest_ragft.datasets.fields import suggest
from pytest_ragft.datasets.logs.opening import TOOLS
from pytest_ragft.errors import SpecError
from pytest_ragft.generation.served_opening import is_served, parse_served
from pytest_ragft.importing import GENERATORS, names_own
from pytest_ragft.models.config import check_pointers
from pytest_ragft.models.files import ADAPTER_CONFIG, CONFIG, user_path, weight_files
from pytest_ragft.models.hub import download, is_hub_name
from pytest_ragft.records.answering import NAME

Kind = Literal["adapter", "full", "gguf", "recorded", "log"]

# What a SPEC begins with that names no module, here or as a baseline or judge.
_FORMS = ("hf", "openai", "completions", "saved")
_LOGS = (".json", ".jsonl", ".csv", ".eval")
_SHOWN = 3
_ACCEPTED = (
    "accepted are a LoRA adapter folder (with adapter_config.json), a model folder (with "
    "config.json and *.safetensors), a GGUF file or a folder with exactly one, a hub name "
    "(org/name), a model behind a server (openai:NAME@URL, or completions:NAME@URL for raw "
    "prompts), recorded answers (*.jsonl), a log of another tool (TOOL:PATH) and a generator of "
    "your own (MODULE:CLASS or its entry "
    "point)"
)
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSpec:
    """A SPEC with the name that its variant goes by."""

    name: str
    spec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """What a SPEC turned out to be."""

    kind: Kind
    spec: str
    path: Path
    """The folder of an adapter or full model; the file of a GGUF model, of recorded answers or of a
    log."""
    tool: str = ""
    """That wrote the log."""
    system: str = ""
    """Which of the log's systems is meant; empty where it has one alone."""


def parse_variant(text: str) -> VariantSpec:
    """Split ``NAME=SPEC``; without a name, the SPEC's last component, or class, is the name.

    A served model's name keeps what a variant's may hold. A text that is an existing path is a SPEC
    as a whole, also where it contains ``=``.

    Raises:
        SpecError: the SPEC is empty, or no valid name can be made of it.
    """
    name, found, spec = text.partition("=")
    if (
        not found
        or is_served(text)
        or names_log(name)
        or "/" in name
        or "\\" in name
        or os.path.exists(user_path(text))
    ):
        name, spec = _default_name(text), text
    if not spec.strip():
        raise SpecError(f"{text!r} names no model; {_ACCEPTED}")
    if not NAME.fullmatch(name):
        raise SpecError(
            f"{name!r} (of {text!r}) cannot name a variant: letters A-Z a-z, digits, '.', '_' and "
            "'-' only; give a name with NAME=SPEC"
        )
    return VariantSpec(name=name, spec=spec)


def names_log(spec: str) -> bool:
    """Whether `spec` names a log, as in ``promptfoo:out.json#ft``."""
    tool, found, _ = spec.partition(":")
    return bool(found) and tool in TOOLS


def names_own_generator(spec: str) -> bool:
    """Whether `spec` names a generator of the user's own; files, folders and forms come first."""
    kind, _, _ = spec.partition(":")
    if kind in (*_FORMS, *TOOLS) or "/" in spec or os.path.exists(user_path(spec)):
        return False
    if Path(spec).suffix in _LOGS:
        return False  # a misspelt tool before the path of its log
    return names_own(spec, GENERATORS)


def open_source(spec: str, *, offline: bool, revision: str | None = None) -> ModelSource:
    """Find out what a SPEC names; a hub name is downloaded, or found in the hub's cache.

    Args:
        spec: Without a variant's name.
        offline: Never open a socket: a hub name must be in the cache.
        revision: Of a hub name; None for its newest.

    Raises:
        SpecError: it names nothing usable.
        MissingDependencyError: it is a hub name and huggingface_hub is not installed.
    """
    if names_log(spec):
        return _log(spec)
    path = user_path(spec)
    if os.path.isdir(path):
        return _folder(spec, path)
    if os.path.isfile(path):
        return _file(spec, path)
    tool, found, _ = spec.partition(":")
    meant = suggest(tool, TOOLS) if found else ""
    if path.suffix in (".jsonl", ".gguf"):
        raise SpecError(f"{spec!r}: there is no such file; check the path{meant}")
    if is_hub_name(spec):
        return _folder(spec, download(spec, offline=offline, revision=revision))
    raise SpecError(f"{spec!r}: there is no such file or folder{meant}; {_ACCEPTED}")


def _log(spec: str) -> ModelSource:
    tool, _, place = spec.partition(":")
    path, found, system = place.rpartition("#")
    if not found or os.path.isfile(user_path(place)):
        path, system = place, ""
    if not os.path.isfile(user_path(path)):
        raise SpecError(
            f"{spec!r}: there is no file {path!r}; give the log that {tool} has written"
        )
    return ModelSource(kind="log", spec=spec, path=user_path(path), tool=tool, system=system)


def _default_name(text: str) -> str:
    if names_log(text):
        source = text.partition(":")[2].rpartition("#")
        return source[2] if source[1] else Path(source[2]).stem
    if is_served(text):
        return _NO_NAME.sub("-", parse_served(text).name.rpartition("/")[2]).strip("-")
    if ":" in text and names_own_generator(text):
        return text.rpartition(":")[2]
    path = user_path(text)
    if path.suffix == ".jsonl":
        return path.stem
    return path.name if path.name not in ("", "..") else path.resolve().name


def _file(spec: str, path: Path) -> ModelSource:
    kinds: dict[str, Kind] = {".jsonl": "recorded", ".gguf": "gguf"}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise SpecError(f"{spec!r} is a file that is neither *.jsonl nor *.gguf; {_ACCEPTED}")
    if kind == "gguf":
        _check_gguf(path)
    return ModelSource(kind=kind, spec=spec, path=path)


def _folder(spec: str, path: Path) -> ModelSource:
    if (path / ADAPTER_CONFIG).is_file():
        weight_files(path)
        return ModelSource(kind="adapter", spec=spec, path=path)
    if (path / CONFIG).is_file():
        ggufs = [] if any(path.glob("*.safetensors")) else sorted(path.glob("*.gguf"))
    else:
        ggufs = sorted(path.glob("*.gguf"))
    if len(ggufs) == 1:
        _check_gguf(ggufs[0])
        return ModelSource(kind="gguf", spec=spec, path=ggufs[0])
    if ggufs:
        names = ", ".join(file.name for file in ggufs)
        raise SpecError(f"{spec!r} holds several GGUF files ({names}); give the path of one")
    if (path / CONFIG).is_file():
        weight_files(path)
        check_pointers(path)
        return ModelSource(kind="full", spec=spec, path=path)
    if kept := _checkpoints(path):
        names = ", ".join(repr(str(checkpoint)) for checkpoint in kept[-_SHOWN:])
        raise SpecError(
            f"{spec!r} holds no model itself, only checkpoints of a training ({names}); give the "
            "path of the one to gate"
        )
    raise SpecError(
        f"{spec!r} is a folder without adapter_config.json, config.json and *.gguf; {_ACCEPTED}"
    )


def _checkpoints(path: Path) -> list[Path]:
    """Folders of checkpoints with a model or an adapter, as trainers name them, oldest first."""
    found = [
        (int(folder.name.rpartition("-")[2]), folder)
        for folder in path.glob("checkpoint-*")
        if folder.name.rpartition("-")[2].isdigit()
        and any((folder / name).is_file() for name in (ADAPTER_CONFIG, CONFIG))
    ]
    return [folder for _, folder in sorted(found)]


def _check_gguf(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise SpecError(f"{str(path)!r} cannot be read: {error}") from error
    if magic != b"GGUF":
        raise SpecError(
            f"{str(path)!r} is not a GGUF file: it starts with {magic!r}; download it again"
        )
