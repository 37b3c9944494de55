"""The store among processes: several at once, and those that are killed."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.synchronize import Barrier
from pathlib import Path

from pytest_ragft.store import Store
from tests.processes import output, posix, script

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
connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, NULL)", rows)
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
