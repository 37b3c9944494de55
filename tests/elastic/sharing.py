"""Fixtures: real Elasticsearch servers, one of a kind for all processes of a run.

tests/conftest.py imports them, so that every test may ask for them.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

import pytest
from filelock import FileLock

from tests.elastic.archive import UnavailableError, distribution
from tests.elastic.configuration import Address
from tests.elastic.server import Server

ANY_SERVER = "RAGFT_TEST_ES_URL"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def elasticsearch_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A server without security: that of RAGFT_TEST_ES_URL, else one started for this run."""
    given = os.environ.get(ANY_SERVER)
    if given:
        yield given.rstrip("/")
        return
    with _started(request, tmp_path_factory, security=False) as address:
        yield address.url


@pytest.fixture(scope="session")
def secured_elasticsearch(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Address]:
    """A server with TLS, a password and API keys."""
    with _started(request, tmp_path_factory, security=True) as address:
        yield address


@pytest.fixture(scope="module")
def own_elasticsearch(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of this test file alone, to be killed and started again."""
    with _skipping(), Server(quick=True, say=_speaker(request)) as server:
        yield server


@contextmanager
def _skipping() -> Iterator[None]:
    """Where no server can be had: skipped with the reason, in CI failed."""
    try:
        yield
    except UnavailableError as error:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"CI needs Elasticsearch: {error}", pytrace=False)
        pytest.skip(f"no Elasticsearch: {error}; {ANY_SERVER} may name one")


def _speaker(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Prints a line past the capturing, where there is a terminal to see it."""
    capturing = request.config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capturing.global_and_fixture_disabled() if capturing else nullcontext():
            print(f"\n{line}", file=sys.stderr, flush=True)

    return say


@contextmanager
def _started(
    request: pytest.FixtureRequest, temporary: pytest.TempPathFactory, *, security: bool
) -> Iterator[Address]:
    folder = _folder_of_run(temporary)
    kind = "secured" if security else "open"
    with _skipping(), FileLock(folder / f"elasticsearch-{kind}.lock"):
        found = _running(folder, kind)
        if found is None:
            say = _speaker(request)
            distribution(say)
            say("starting Elasticsearch for this run …")
            found = _start(folder, kind, security=security)
    address, users = found
    with users:
        yield address


def _folder_of_run(temporary: pytest.TempPathFactory) -> Path:
    """One for all workers of this run, and for no other run."""
    base = temporary.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


def _running(folder: Path, kind: str) -> tuple[Address, IO[str]] | None:
    """The server that another process of this run has started, unless it is ending."""
    state = folder / f"elasticsearch-{kind}.json"
    if not state.is_file():
        return None
    content = json.loads(state.read_text())
    users = Path(content["users"]).open("r+")  # noqa: SIM115 (the lock, kept while in use)
    try:
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        users.close()
        return None
    return Address(**content["address"]), users


def _start(folder: Path, kind: str, *, security: bool) -> tuple[Address, IO[str]]:
    handle, name = tempfile.mkstemp(dir=folder, prefix=f"elasticsearch-{kind}-", suffix=".users")
    users = os.fdopen(handle, "r+")
    fcntl.flock(users, fcntl.LOCK_SH)
    try:
        content = _keep(name, security=security)
    except BaseException:
        users.close()
        raise
    state = folder / f"elasticsearch-{kind}.json"
    state.touch(0o600)
    state.write_text(json.dumps({**content, "users": name}))
    return Address(**content["address"]), users


def _keep(users: str, *, security: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.elastic.keeper", users]
    if security:
        command.append("--security")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        raise UnavailableError(f"the server's keeper failed: {done.stderr.strip()[-500:]}")
    content: dict[str, Any] = json.loads(done.stdout)
    if "error" in content:
        raise UnavailableError(content["error"])
    return content
