"""Python processes that use a store, for tests of what happens among them and to them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX processes")


def script(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start Python on `code`, which finds its arguments in sys.argv."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{_PRELUDE}\n{code}", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def output(process: subprocess.Popen[str], code: int = 0) -> str:
    out, err = process.communicate()
    assert process.returncode == code, out + err
    return out


_PRELUDE = """
import os, sys
from pathlib import Path
from pytest_ragft.errors import StoreError
from pytest_ragft.store import Store
path = Path(sys.argv[1])
"""
