"""`transformers serve` on loopback: a real OpenAI-compatible server, for tests and benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from pytest_ragft.models.identity import weights_fingerprint
from pytest_ragft.store import fingerprint

PACKAGES = ("fastapi", "uvicorn")
"""That it needs besides transformers."""
_PATIENCE = 600


def lacking() -> str:
    """Why it cannot be started here; empty where it can."""
    missing = [package for package in PACKAGES if find_spec(package) is None]
    return f"transformers serve needs {', '.join(missing)}" if missing else ""


@contextmanager
def serving(log: Path, *models: Path, dtype: str = "auto") -> Iterator[str]:
    """Its base URL, on a free port; ended by its own handle.

    Args:
        log: gets what it prints.
        dtype: of the weights as they are loaded.
        models: preloaded, and answers for every name; without one, each is loaded by its folder.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [
        sys.executable, "-m", "transformers.cli.transformers", "serve", *map(str, models),
        "--host", "127.0.0.1", "--port", str(port), "--device", "cpu",
        "--dtype", dtype,
    ]  # fmt: skip
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            _wait_until_healthy(process, port, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait()


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(_PATIENCE):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10):
                return
        except (urllib.error.URLError, OSError):
            try:
                process.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
            break
    raise RuntimeError(f"transformers serve did not start:\n{log.read_text()}")


def merged(base: Path, adapter: Path, cache: Path) -> Path:
    """The full model that an adapter makes of its base, in a folder with the base's tokenizer.

    It is made once, in a folder of `cache` that is named after the adapter and both weights.
    """
    weights = weights_fingerprint(base) + weights_fingerprint(adapter)
    target = cache / f"{adapter.name}-{fingerprint(weights)[:8]}"
    if (target / "model.safetensors").exists():
        return target
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(base, dtype="auto")
    whole = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    AutoTokenizer.from_pretrained(base).save_pretrained(target)
    whole.save_pretrained(target)
    return target
