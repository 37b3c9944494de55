"""Models and tokenizers into memory, whole or not at all, without running their code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pytest_ragft.errors import RagftError, reason_of
from pytest_ragft.quiet import quiet_libraries

TRUSTED: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
"""Options of every `from_pretrained`: nothing is fetched, and no code of a model runs."""

_SHOWN = 3
_LIBRARIES = ("torch", "transformers", "peft")


@contextmanager
def loading(what: str, error: type[RagftError]) -> Iterator[None]:
    """Libraries raise all sorts of errors on files that do not fit: each becomes `error`."""
    try:
        with quiet_libraries():
            yield
    except RagftError:
        raise
    except Exception as raised:
        if is_out_of_memory(raised):
            raise error(
                f"{what} does not fit into memory; choose a smaller dtype or another device"
            ) from raised
        raise error(f"{what} cannot be loaded: {reason_of(raised)}") from raised


def load_model(
    kind: str,
    folder: Path,
    *,
    what: str,
    error: type[RagftError],
    is_unused: Callable[[str], bool] = lambda name: False,
    **options: Any,
) -> Any:
    """A model of transformers, on the CPU, with all of its weights, in eval mode.

    Args:
        kind: Name of a class of transformers, such as ``AutoModelForCausalLM``.
        folder: Holds config.json and weights.
        what: Names the model in messages.
        error: Raised where it does not load.
        is_unused: Whether a weight is not read, so that it may be missing.
        options: Of `from_pretrained`: dtype, gguf_file and the like.
    """
    import transformers

    with loading(what, error):
        model, report = getattr(transformers, kind).from_pretrained(
            str(folder),
            output_loading_info=True,
            use_safetensors=None if "gguf_file" in options else True,
            **TRUSTED,
            **options,
        )
    missing = [name for name in report["missing_keys"] if not is_unused(name)]
    missing += [name for name, *_ in report["mismatched_keys"]]
    if missing:
        # They would be random numbers.
        raise error(f"{what} lacks weights of its architecture: {few(missing)}; save it again")
    adapters = [k for k in report["unexpected_keys"] if "lora_" in k or "base_layer" in k]
    if adapters:
        raise error(
            f"{what} holds an adapter that was not merged: {few(adapters)}; call "
            "merge_and_unload before save_pretrained"
        )
    return model.eval()


def load_tokenizer(folder: Path, *, error: type[RagftError], **options: Any) -> Any:
    """A tokenizer of transformers; `options` are those of `from_pretrained`.

    Args:
        folder: Holds the tokenizer's files.
        error: Raised where it does not load.
        options: Of `from_pretrained`, such as gguf_file.
    """
    from transformers import AutoTokenizer

    with loading(f"the tokenizer in {str(folder)!r}", error):
        return AutoTokenizer.from_pretrained(str(folder), **TRUSTED, **options)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch or Python could not allocate memory."""
    if isinstance(error, MemoryError):
        return True
    # torch's allocator for the CPU raises a plain RuntimeError.
    return type(error).__name__ == "OutOfMemoryError" or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


def available_device() -> str:
    """``cuda`` where it is there, else ``cpu``."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def platform_of(device: Any) -> str:
    """Device, class of kernels and versions of libraries, such as ``cpu AVX512, torch 2.13.0``.

    The same weights give other last digits elsewhere, and at times other words.

    Args:
        device: A device of torch on which a model lies.
    """
    return ", ".join([f"{device.type} {_kernels(device)}", *_versions()])


def _kernels(device: Any) -> str:
    import torch

    if device.type == "cuda":
        major, minor = torch.cuda.get_device_capability(device)
        return f"{torch.cuda.get_device_name(device)} {major}.{minor}"
    # Products of bfloat16 take tiles where the processor has them, whatever the vectors are.
    has_tiles = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    return f"{torch.backends.cpu.get_cpu_capability()}{' AMX' if has_tiles() else ''}"


def _versions() -> list[str]:
    found = []
    for library in _LIBRARIES:
        try:
            found.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            continue
    return found


def few(names: Sequence[str]) -> str:
    """The first of some names, quoted, and how many more there are."""
    ordered = sorted(map(str, names))
    shown = ", ".join(map(repr, ordered[:_SHOWN]))
    return f"{shown} and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else shown
