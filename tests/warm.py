"""Programs as of a new process, without the seconds in which each would import the same modules.

A server has imported everything and gated a small project once; it forks for each run, so that runs
share nothing but what was there before the first. What imports cost, and which modules a run loads,
cold processes tell (`Example.cold`).
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

POSSIBLE = hasattr(os, "fork")
_ROOT = Path(__file__).parents[1]
_WARMING = ("scipy.stats", "sklearn.feature_extraction.text", "bm25s", "elasticsearch", "aiohttp")
_MODELS = ("torch", "transformers", "peft", "transformers.models.llama.modeling_llama")
"""What runs with a base model import besides."""


def run(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    module: str = "pytest",
    models: bool = False,
) -> tuple[int, str, str]:
    """What ``python -m`` ends with and prints; -N for an end by signal N.

    Args:
        arguments: Of the program.
        cwd: Where it runs.
        env: All of its environment.
        module: The program.
        models: Whether torch and its like are imported beforehand, too.
    """
    server = _server(models=models)
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        request = {
            "module": module,
            "arguments": list(arguments),
            "cwd": str(cwd),
            "env": dict(env),
            "files": [out.name, err.name],
        }
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return code, *map(_text, (out, err))


def cold(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str | None = None
) -> tuple[int, str, str]:
    """What ``python`` with these arguments ends with and prints, in a process that is new."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8").replace("\r\n", "\n")


@cache
def _server(*, models: bool) -> subprocess.Popen[str]:
    from tests.example import clean_environment

    server = subprocess.Popen(
        [sys.executable, "-m", "tests.warm", *(_MODELS if models else ())],
        cwd=_ROOT,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[str]) -> None:
    for stream in (server.stdin, server.stdout):
        assert stream is not None
        stream.close()
    server.wait()


def main() -> None:
    """Serves runs until its input ends."""
    requests, replies = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    _onto(os.devnull, 0, os.O_RDONLY)
    _onto(os.devnull, 1, os.O_WRONLY)
    with redirect_stderr(io.StringIO()):
        for name in (*_WARMING, *sys.argv[1:]):
            importlib.import_module(name)
        _warm()
    gc.freeze()
    for line in requests:
        request = json.loads(line)
        child = os.fork()
        if not child:
            requests.close()
            replies.close()
            _go_on(**request)
        _outlive(child, requests)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=replies, flush=True)


def _outlive(child: int, requests: IO[str]) -> None:
    """Wait until `child` ends, or end it with whoever asked for it."""
    if not hasattr(os, "pidfd_open"):
        return
    process = os.pidfd_open(child)
    if process not in select.select([process, requests], [], [])[0]:
        os.kill(child, signal.SIGKILL)
        sys.exit()
    os.close(process)


def _onto(file: str, descriptor: int, how: int) -> None:
    opened = os.open(file, how)
    os.dup2(opened, descriptor)
    os.close(opened)


def _warm() -> None:
    import pytest

    from tests.example import PLUGINS, Example

    before = list(sys.path)
    with tempfile.TemporaryDirectory() as folder:
        example = Example(Path(folder)).suite(documents=60, per_document=1)
        example.recorded("variant.jsonl").recorded("baseline.jsonl")
        os.chdir(folder)
        models = ("--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl")
        files = ("--junitxml=junit.xml", "--ragft-json=report.json")
        assert pytest.main([f"--rootdir={folder}", *PLUGINS, "suites", *models, *files]) == 0
        os.chdir(_ROOT)
    sys.path[:] = before


def _go_on(
    module: str, arguments: list[str], cwd: str, env: dict[str, str], files: list[str]
) -> NoReturn:
    """Go on as ``python -m`` in `cwd`."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for descriptor, file in enumerate(files, start=1):
        _onto(file, descriptor, os.O_WRONLY)
    if any(argument.startswith("-n") for argument in arguments):
        _workers_from(_nursery())
    sys.path[:1] = [cwd, *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv[:] = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit(0)


def _nursery() -> socket.socket:
    """A process that forks xdist's workers, as new as this one is now."""
    here, there = socket.socketpair()
    if os.fork():
        there.close()
        return here
    here.close()
    # Nobody waits for the workers.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, files, _, _ = socket.recv_fds(there, 1 << 20, 2)
        if not message:
            os._exit(0)
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            there.close()
            _worker(files, **json.loads(message))
        for descriptor in files:
            os.close(descriptor)
        there.send(str(child).encode())


def _worker(files: list[int], cwd: str, env: dict[str, str]) -> NoReturn:
    """Go on as execnet's ``python -c``, whose program is the first line of its input."""
    for target, descriptor in enumerate(files):
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.path[0], sys.argv[:] = "", ["-c"]
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    exec(eval(sys.stdin.readline()), {"__name__": "__main__"})
    sys.exit(0)


def _workers_from(nursery: socket.socket) -> None:
    """Let execnet start its local workers there."""
    from execnet import gateway_base, gateway_io

    class Worker(gateway_base.Popen2IO):
        def __init__(self, execmodel: Any) -> None:
            (its_input, ours), (its, its_output) = os.pipe(), os.pipe()
            message = json.dumps({"cwd": os.getcwd(), "env": dict(os.environ)}).encode()
            socket.send_fds(nursery, [message], [its_input, its_output])
            self.process = int(nursery.recv(100))
            os.close(its_input)
            os.close(its_output)
            super().__init__(os.fdopen(ours, "wb"), os.fdopen(its, "rb"), execmodel)

        def wait(self) -> None:
            with suppress(ProcessLookupError):
                while not os.kill(self.process, 0):
                    time.sleep(0.01)

        def kill(self) -> None:
            with suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)

    gateway_io.Popen2IOMaster = lambda _, execmodel: Worker(execmodel)


if __name__ == "__main__":
    main()
