"""What computes: the same weights give other last digits elsewhere, and at times other words."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

_LIBRARIES = ("torch", "transformers", "peft")


def platform_of(device: Any) -> str:
    """Device, class of kernels and versions of libraries, such as ``cpu AVX512, torch 2.13.0``.

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
