from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_ragft.atomic import whole_folder, write_atomically


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


def test_a_folder_is_the_old_one_or_the_whole_new_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with whole_folder(out) as part:
        (part / "a").write_text("old", encoding="utf-8")
    with pytest.raises(OSError, match="no space"), whole_folder(out) as part:  # noqa: PT012
        (part / "a").write_text("half", encoding="utf-8")
        raise OSError("no space")
    assert (out / "a").read_text(encoding="utf-8") == "old"

    with whole_folder(out) as part:
        (part / "b").write_text("new", encoding="utf-8")

    assert [file.name for file in out.iterdir()] == ["b"]
    assert [folder.name for folder in tmp_path.iterdir()] == ["out"]
    assert out.stat().st_mode & 0o777 == 0o755
