"""The store: what is put is got, in each mode, and a file that cannot be used says so once."""

from __future__ import annotations

import gc
import os
import sqlite3
import sys
import threading
from pathlib import Path

import pytest

from pytest_ragft.errors import StoreError
from pytest_ragft.store import Latest, Store, locks


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "project" / ".ragft" / "store.sqlite"


def put(path: Path, **entries: str) -> None:
    store = Store(path)
    store.put("answer", entries)
    store.close()


def test_what_is_put_is_there_for_the_next_process(path: Path) -> None:
    put(path, a="1", b="2")

    assert Store(path).get(["a", "b", "c"]) == {"a": "1", "b": "2"}


def test_more_keys_than_a_statement_takes(path: Path) -> None:
    entries = {f"key {i}": f"value {i}" for i in range(2500)}
    put(path, **entries)

    assert Store(path).get(entries) == entries


@pytest.mark.parametrize(
    "text",
    ["", "\0 NUL \0", "Ünïcödé 漢字 🦎", "x" * 5_000_000],
    ids=["empty", "nul", "wide", "huge"],
)
def test_any_text_comes_back(path: Path, text: str) -> None:
    put(path, a=text)

    assert Store(path).get(["a"]) == {"a": text}


def test_what_was_there_first_stays(path: Path) -> None:
    put(path, a="first")
    put(path, a="second", b="new")

    assert Store(path).get(["a", "b"]) == {"a": "first", "b": "new"}


def test_what_another_store_holds_is_taken_where_there_is_nothing(path: Path) -> None:
    other = path.parent / "other.sqlite"
    put(path, a="mine")
    put(other, a="theirs", **{f"key {i}": f"value {i}" for i in range(2500)})
    of_files = Store(other)
    of_files.put("identity", {"stays": "there"})
    of_files.close()

    store = Store(path)
    store.take(other, without=("identity",))
    store.take(path.parent / "nowhere.sqlite")

    assert store.get(["a", "key 0", "key 2499", "stays"]) == {
        "a": "mine", "key 0": "value 0", "key 2499": "value 2499",
    }  # fmt: skip
    assert not (path.parent / "nowhere.sqlite").exists()


def test_an_edited_entry_of_another_store_is_not_taken(path: Path) -> None:
    other = path.parent / "other.sqlite"
    put(other, a="1")
    with sqlite3.connect(other) as connection:
        connection.execute("UPDATE entries SET value = '2'")
    connection.close()

    with pytest.raises(StoreError, match=r"other\.sqlite' holds an entry that was changed"):
        Store(path).take(other)
    assert Store(path).get(["a"]) == {}


def test_nothing_is_made_before_it_is_needed(path: Path) -> None:
    store = Store(path)
    store.check()
    assert store.get(["a"]) == {}
    store.put("answer", {})
    store.close()

    assert not path.parent.parent.exists()


def test_version_control_sees_baselines_only(path: Path) -> None:
    """Also where a baseline was saved, or a lock taken, before there was a store."""
    (path.parent / "baselines").mkdir(parents=True)
    store = Store(path)
    with store.lock("model"):
        pass
    store.put("answer", {"a": "1"})
    store.close()

    ignored = (path.parent / ".gitignore").read_text().split()
    assert ignored == ["store.sqlite*", "locks/", "last-run.json"]
    assert {entry.name for entry in path.parent.iterdir()} == {
        ".gitignore",
        "baselines",
        "locks",
        "store.sqlite",
    }


def test_read_only_keeps_nothing(path: Path) -> None:
    put(path, a="1")
    store = Store(path, mode="ro")
    store.check()
    store.put("answer", {"b": "2"})

    assert store.get(["a", "b"]) == {"a": "1"}
    store.close()
    assert Store(path).get(["a", "b"]) == {"a": "1"}


def test_read_only_without_a_file_makes_none(path: Path) -> None:
    store = Store(path, mode="ro")
    store.check()
    store.put("answer", {"a": "1"})
    with store.lock("model"):
        assert store.get(["a"]) == {}
    assert not path.parent.exists()


def test_read_only_sees_what_another_process_writes(path: Path) -> None:
    writer, reader = Store(path), Store(path, mode="ro")
    writer.put("answer", {"a": "1"})
    assert reader.get(["a", "b"]) == {"a": "1"}
    writer.put("answer", {"b": "2"})
    assert reader.get(["a", "b"]) == {"a": "1", "b": "2"}
    writer.close()
    reader.close()


class TestRefresh:
    def test_older_entries_are_not_seen_and_are_replaced(self, path: Path) -> None:
        put(path, a="old", b="old")
        store = Store(path, mode="refresh", run="today")
        assert store.get(["a", "b"]) == {}
        store.put("answer", {"a": "new"})
        assert store.get(["a", "b"]) == {"a": "new"}
        store.close()

        assert Store(path).get(["a", "b"]) == {"a": "new", "b": "old"}

    def test_the_processes_of_one_run_share_what_they_compute(self, path: Path) -> None:
        put(path, a="old")
        one, other = (Store(path, mode="refresh", run="today") for _ in range(2))
        one.put("answer", {"a": "one"})
        other.put("answer", {"a": "other", "b": "other"})

        for store in (one, other):
            assert store.get(["a", "b"]) == {"a": "one", "b": "other"}
            store.close()

    def test_another_refresh_starts_anew(self, path: Path) -> None:
        for value in ("monday", "tuesday"):
            store = Store(path, mode="refresh")
            assert store.get(["a"]) == {}
            store.put("answer", {"a": value})
            store.close()

        assert Store(path).get(["a"]) == {"a": "tuesday"}


def refused(path: Path, mode: str = "rw") -> str:
    """The one message that a run with this store begins and ends with."""
    with pytest.raises(StoreError) as caught:
        Store(path, mode=mode).check()  # type: ignore[arg-type]
    assert repr(str(path)) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mode", ["rw", "ro", "refresh"])
class TestDamage:
    def test_no_database(self, path: Path, mode: str) -> None:
        path.parent.mkdir(parents=True)
        path.write_text("These are notes of mine, and no database at all. " * 50)

        assert "move it away" in refused(path, mode)
        assert path.read_text().startswith("These are notes")

    def test_cut_off(self, path: Path, mode: str) -> None:
        put(path, **{f"key {i}": "value" * 100 for i in range(500)})
        os.truncate(path, path.stat().st_size // 2)

        assert "malformed" in refused(path, mode)

    def test_another_programs_database(self, path: Path, mode: str) -> None:
        path.parent.mkdir(parents=True)
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE entries (key, kind, value, run)")
        connection.close()
        before = path.read_bytes()

        assert "another program" in refused(path, mode)
        assert path.read_bytes() == before

    def test_a_later_format(self, path: Path, mode: str) -> None:
        put(path, a="1")
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version = 3")
        connection.close()

        assert "format 3, this version of pytest-ragft reads 2" in refused(path, mode)

    def test_a_folder_in_its_place(self, path: Path, mode: str) -> None:
        path.mkdir(parents=True)

        assert "move the folder away" in refused(path, mode)


def test_damage_found_late_is_one_error_too(path: Path) -> None:
    put(path, **{f"key {i}": "value" * 300 for i in range(500)})
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\xee" * (size // 2))

    with pytest.raises(StoreError, match=r"malformed.*move it away"):
        Store(path).get(f"key {i}" for i in range(500))


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    put(path, a="1")

    assert Store(path).get(["a"]) == {"a": "1"}


def test_a_file_in_the_folders_place_is_found_before_any_work(path: Path) -> None:
    path.parent.parent.mkdir()
    path.parent.write_text("")

    message = refused(path)

    assert "Not a directory" in message
    assert "--ragft-cache=ro" in message
    Store(path, mode="ro").check()


def test_a_dropped_store_is_closed_by_whatever_thread_collects_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[object] = []
    store = Store(path)
    store.put("answer", {"a": "1"})
    kept = [store]
    kept.append(kept)  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "unraisablehook", raised.append)
    del store, kept
    thread = threading.Thread(target=gc.collect)
    thread.start()
    thread.join()
    assert not raised


def test_what_may_change_is_what_was_put_last(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    first, second = Store(path), Store(path)
    Latest(first, "granted").put("m", {"a": 1}, text="old")
    assert Latest(second, "granted").get("m", {"a": 1}) == "old"
    Latest(second, "granted").put("m", {"a": 1}, text="new")
    assert Latest(first, "granted").get("m", {"a": 1}) == "new"
    assert Latest(first, "granted").get("m", {"a": 2}) is None
    assert Latest(first, "other").get("m", {"a": 1}) is None
    Latest(Store(path, mode="ro"), "granted").put("m", {"a": 1}, text="kept by nobody")
    fresh = Latest(Store(path, mode="refresh"), "granted")
    assert fresh.get("m", {"a": 1}) is None, "of its own run alone"
    fresh.put("m", {"a": 1}, text="newest")
    assert fresh.get("m", {"a": 1}) == Latest(first, "granted").get("m", {"a": 1}) == "newest"


class TestLock:
    @pytest.fixture(autouse=True)
    def hurried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(locks, "PATIENCE", 0.05)

    def test_whoever_waits_says_for_which_lock_and_for_whom(self, path: Path) -> None:
        said: list[str] = []
        release, held = threading.Event(), threading.Event()

        def hold() -> None:
            with Store(path).lock("judge abc"):
                held.set()
                release.wait(20)

        holder = threading.Thread(target=hold)
        holder.start()
        assert held.wait(20)

        def tell(line: str) -> None:
            said.append(line)
            release.set()

        with Store(path, tell=tell).lock("judge abc"):
            pass
        holder.join()
        (line,) = said
        assert "waiting for the lock 'judge abc'" in line
        assert f"process {os.getpid()} on " in line
        assert str(path.parent / "locks") in line

    def test_who_need_not_wait_says_nothing(self, path: Path) -> None:
        said: list[str] = []
        store = Store(path, tell=said.append)
        for _ in range(2):
            with store.lock("a"), store.lock("b"):
                pass
        assert said == []
        assert not list((path.parent / "locks").glob("*.holder"))

    def test_a_killed_holder_is_not_named_forever(self, path: Path) -> None:
        store = Store(path)
        with store.lock("a"):
            (signature,) = (path.parent / "locks").glob("*.holder")
        signature.write_text("process 1 on gone")
        with store.lock("a"):
            assert f"process {os.getpid()}" in signature.read_text()

    def test_an_error_inside_lets_go(self, path: Path) -> None:
        store = Store(path)
        with pytest.raises(LookupError), store.lock("a"):
            raise LookupError
        with store.lock("a"):
            pass


class TestChecksum:
    @pytest.mark.parametrize("column", ["value", "kind", "checksum", "key"])
    def test_an_entry_that_was_edited_is_found(self, path: Path, column: str) -> None:
        put(path, a="0.2", b="0.3")
        with sqlite3.connect(path) as connection:
            connection.execute(f"UPDATE entries SET {column} = '1.0' WHERE key = 'a'")
        connection.close()
        store = Store(path)
        assert store.get(["b"]) == {"b": "0.3"}
        with pytest.raises(StoreError, match=r"changed since it was kept.*--ragft-cache=refresh"):
            store.get(["a", "1.0"])

    def test_a_fresh_run_mends_it(self, path: Path) -> None:
        put(path, a="0.2")
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE entries SET value = '1.0'")
        connection.close()
        fresh = Store(path, mode="refresh")
        assert fresh.get(["a"]) == {}
        fresh.put("answer", {"a": "0.2"})
        fresh.close()
        assert Store(path).get(["a"]) == {"a": "0.2"}

    def test_a_store_of_before_there_were_checksums_gets_them(self, path: Path) -> None:
        put(path, a="1", b="\ud800"[:0])
        with sqlite3.connect(path) as connection:
            connection.execute("ALTER TABLE entries DROP COLUMN checksum")
            connection.execute("PRAGMA user_version = 1")
        connection.close()
        with pytest.raises(StoreError, match="no checksums yet"):
            Store(path, mode="ro").get(["a"])
        assert Store(path).get(["a", "b"]) == {"a": "1", "b": ""}
        assert Store(path, mode="ro").get(["a"]) == {"a": "1"}
