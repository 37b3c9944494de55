"""The store among processes, and on disks and folders that do not cooperate."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from pytest_ragft.store import Store

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX processes")


def script(code: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start Python on `code`, which finds its arguments in sys.argv."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{_PRELUDE}\n{code}", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
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

PUT_AT_ONCE = """
me = sys.argv[2]
store = Store(path)
print("ready", flush=True)
sys.stdin.readline()
for i in range(20):
    store.put("answer", {f"same {i}": me, f"{me} {i}": me})
"""


def test_four_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    """They create the file together, and put the same and different keys."""
    path = tmp_path / ".ragft" / "store.sqlite"
    processes = [script(PUT_AT_ONCE, path, name) for name in "abcd"]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output(process)

    store = Store(path)
    own = {f"{name} {i}": name for name in "abcd" for i in range(20)}
    assert store.get(own) == own
    same = store.get(f"same {i}" for i in range(20))
    assert len(same) == 20
    assert set(same.values()) <= set("abcd")


def _make_together(barrier: Barrier, folder: Path, name: str, rounds: int) -> None:
    try:
        for i in range(rounds):
            store = Store(folder / str(i) / "store.sqlite")
            barrier.wait(60)
            store.put("answer", {name: name})
            store.close()
    except BaseException:
        barrier.abort()
        raise


def test_processes_that_make_the_file_together(tmp_path: Path) -> None:
    """Many short races, since one seldom shows anything."""
    rounds = 30
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(4)
    processes = [
        context.Process(target=_make_together, args=(barrier, tmp_path, name, rounds))
        for name in "abcd"
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0] * 4
    for i in range(rounds):
        store = Store(tmp_path / str(i) / "store.sqlite")
        assert store.get("abcd") == {name: name for name in "abcd"}
        store.close()


@posix
def test_a_killed_process_keeps_what_it_put(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    code = """
store = Store(path)
store.put("answer", {"a": "1"})
with store.lock("model"):
    store.put("answer", {"b": "2"})
    os.kill(os.getpid(), 9)
"""
    output(script(code, path), code=-9)

    store = Store(path)
    with store.lock("model"):
        assert store.get(["a", "b"]) == {"a": "1", "b": "2"}


@posix
def test_a_write_that_was_cut_off_leaves_nothing_behind(tmp_path: Path) -> None:
    """Killed inside of a transaction, with half of it in the log."""
    path = tmp_path / "store.sqlite"
    code = """
store = Store(path)
store.put("answer", {"a": "1"})
connection = store._open(create=True)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
rows = [(f"half {i}", "answer", "x" * 5000, "") for i in range(100)]
connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", rows)
os.kill(os.getpid(), 9)
"""
    output(script(code, path), code=-9)

    store = Store(path)
    store.check()
    assert store.get(["a", *(f"half {i}" for i in range(100))]) == {"a": "1"}
    store.put("answer", {"b": "2"})
    assert store.get(["b"]) == {"b": "2"}


@posix
def test_a_lock_is_for_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    code = """
print("ready", flush=True)
with Store(path).lock("model"):
    print("mine", flush=True)
    sys.stdin.readline()
"""
    store = Store(path)
    with store.lock("model"):
        other = script(code, path)
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        with store.lock("another model"):
            os.set_blocking(other.stdout.fileno(), False)
            assert other.stdout.readline() == ""
            os.set_blocking(other.stdout.fileno(), True)
    assert "mine" in output(other)


@posix
def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    """What was committed stays and stays readable; each failing write is the same clear error."""
    path = tmp_path / "store.sqlite"
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
store = Store(path)
kept, errors = 0, []
for i in range(200):
    try:
        store.put("answer", {f"key {i}": "x" * 5000})
        assert not errors
        kept += 1
    except StoreError as error:
        errors.append(str(error))
assert len(set(errors)) == 1, set(errors)
assert len(store.get(f"key {i}" for i in range(200))) == kept
print(kept)
print(errors[0])
"""
    kept, message = output(script(code, path)).strip().split("\n")

    assert 10 < int(kept) < 100
    assert "cannot be written" in message
    assert "free space on the disk, then run again" in message
    store = Store(path)
    store.check()
    assert len(store.get(f"key {i}" for i in range(200))) == int(kept)
    store.put("answer", {"afterwards": "1"})
    assert store.get(["afterwards"]) == {"afterwards": "1"}


@posix
def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    Store(path).put("answer", {"a": "1"})
except StoreError as error:
    print(error)
"""
    assert "free space on the disk" in output(script(code, path))
    store = Store(path)
    store.put("answer", {"a": "1"})
    assert store.get(["a"]) == {"a": "1"}


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that any user can reach; pytest's own belong to one user alone."""
    folder = Path(tempfile.mkdtemp(prefix="ragft-test-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


_AS_ANYBODY = """
import urllib.parse  # which pathlib loads late, perhaps from where nobody else may read
if os.geteuid() == 0:
    os.setuid(65534)
"""


@posix
def test_an_unwritable_folder_is_found_before_any_work(shared: Path) -> None:
    shared.chmod(0o555)
    code = f"""{_AS_ANYBODY}
try:
    Store(path).check()
except StoreError as error:
    print(error)
Store(path, mode="ro").check()
"""
    message = output(script(code, shared / ".ragft" / "store.sqlite"))

    assert "Permission denied" in message
    assert "--ragft-cache=ro" in message


@posix
@pytest.mark.parametrize("folder", [0o555, 0o777])
def test_an_unwritable_file_is_found_before_any_work(shared: Path, folder: int) -> None:
    path = shared / "store.sqlite"
    store = Store(path)
    store.put("answer", {"a": "1"})
    store.close()
    path.chmod(0o444)
    shared.chmod(folder)
    code = f"""{_AS_ANYBODY}
try:
    Store(path).check()
except StoreError as error:
    print(error)
"""
    assert "make file and folder writable" in output(script(code, path))


@posix
@pytest.mark.parametrize("left", ["nothing", "log"])
def test_reading_in_an_unwritable_folder(shared: Path, left: str) -> None:
    """After a clean end the file is complete; a log left by a killed process belongs to it."""
    path = shared / "store.sqlite"
    end = "store.close()" if left == "nothing" else "os.kill(os.getpid(), 9)"
    code = f"""
store = Store(path)
store.put("answer", {{"a": "1"}})
{end}
"""
    output(script(code, path), code=0 if left == "nothing" else -9)
    assert (shared / "store.sqlite-wal").exists() == (left == "log")
    shared.chmod(0o555)
    code = f"""{_AS_ANYBODY}
store = Store(path, mode="ro")
store.check()
print(store.get(["a"]))
"""
    assert output(script(code, path)).strip() == "{'a': '1'}"


@posix
def test_a_log_that_cannot_be_read_is_no_old_store(shared: Path) -> None:
    """Without its index the log needs a writable folder; the file alone may lack what it holds."""
    path = shared / "store.sqlite"
    code = """
store = Store(path)
store.put("answer", {"a": "1"})
os.kill(os.getpid(), 9)
"""
    output(script(code, path), code=-9)
    (shared / "store.sqlite-shm").unlink()
    shared.chmod(0o555)
    code = f"""{_AS_ANYBODY}
try:
    Store(path, mode="ro").check()
except StoreError as error:
    print(error)
"""
    assert "make the file readable, and its folder writable" in output(script(code, path))
