from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_ragft.atomic import write_atomically


def test_a_file_is_replaced_whole_and_a_link_by_the_file(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert (target.read_text(), link.read_text(), link.is_symlink()) == ("old", "new", False)
    assert sorted(tmp_path.iterdir()) == [link, target]


@pytest.mark.parametrize("ends", [OSError("disk full"), KeyboardInterrupt()])
def test_what_is_cut_short_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: BaseException
) -> None:
    def interrupted(_: int) -> None:
        raise ends

    path = tmp_path / "file"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(type(ends)):
        write_atomically(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
