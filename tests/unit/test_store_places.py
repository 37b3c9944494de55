"""The store on disks and in folders that do not cooperate."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_ragft.store import Store
from tests.processes import output, posix, script


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
