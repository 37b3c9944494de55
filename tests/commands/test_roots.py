"""Which folder holds ``.ragft``: gating runs and the `ragft` command agree, project by project."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest
from _pytest.config.findpaths import determine_setup
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.roots import roots_of_command
from tests.commands.running import ragft
from tests.example import Example

SUITES = "home/team/project/suites"
PROJECT = "home/team/project"

# What stands where, from which folder both are run, and whose .ragft both use.
LAYOUTS: dict[str, tuple[dict[str, str], str, str]] = {
    "the project's own file stands before another's store": (
        {"home/team/.ragft/": "", f"{PROJECT}/pyproject.toml": ""},
        PROJECT,
        PROJECT,
    ),
    "the file of a subfolder of suites": (
        {f"{PROJECT}/pyproject.toml": "", f"{SUITES}/pytest.ini": "[pytest]\n"},
        PROJECT,
        SUITES,
    ),
    "an ini file without a section for pytest says nothing": (
        {f"{PROJECT}/pyproject.toml": "", f"{SUITES}/tox.ini": "[tox]\n"},
        PROJECT,
        PROJECT,
    ),
    "setup.py": ({f"{PROJECT}/setup.py": "", "home/team/.ragft/": ""}, SUITES, PROJECT),
    "a project without any file": ({"home/team/.ragft/": ""}, PROJECT, PROJECT),
    "the repository ends the search for a file": (
        {"home/team/pytest.ini": "[pytest]\n", "home/team/.ragft/": "", f"{PROJECT}/.git/": ""},
        PROJECT,
        PROJECT,
    ),
    "the repository's own, where no file says more": (
        {f"{PROJECT}/.git": "gitdir: elsewhere", f"{PROJECT}/.ragft/": ""},
        SUITES,
        PROJECT,
    ),
    "a nearer one than that of the file": (
        {f"{PROJECT}/pyproject.toml": "", f"{PROJECT}/.ragft/": "", f"{SUITES}/.ragft/": ""},
        PROJECT,
        SUITES,
    ),
    "home ends the search for a file": (
        {"pytest.ini": "[pytest]\n", ".ragft/": ""},
        SUITES,
        "home",
    ),
    "a store in home is no project's": (
        {"home/.git/": "", "home/.ragft/": ""},
        PROJECT,
        PROJECT,
    ),
    "from above the repository": ({f"{PROJECT}/.git/": ""}, "home/team", PROJECT),
}


def build(folder: Path, files: dict[str, str]) -> None:
    """A name that ends in a slash is a folder."""
    for name, text in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_run_and_the_commands_use_one_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    files, cwd, expected = LAYOUTS[layout]
    project = Example(tmp_path / PROJECT)
    project.suite(documents=3).recorded("answers.jsonl")
    build(tmp_path, files)
    home = {"HOME": str(tmp_path / "home"), "USERPROFILE": str(tmp_path / "home")}
    answers = project.folder / "answers.jsonl"
    suites = os.path.relpath(tmp_path / SUITES, tmp_path / cwd)
    models = (f"--ragft-model=v={answers}", f"--ragft-baseline={answers}")

    ran = Example(tmp_path / cwd).run_pytest(suites, *models, env=home)
    found = {path.parents[1] for path in tmp_path.rglob(".ragft/store.sqlite")}
    monkeypatch.setenv("HOME", home["HOME"])
    monkeypatch.setenv("USERPROFILE", home["USERPROFILE"])
    asked = ragft(tmp_path / cwd, "retrieve", "--suites", suites, "Which code has item 1x1?")

    root = tmp_path / expected
    assert found == {root}, ran.out + ran.err
    assert asked.code == 0, asked.err
    assert f"store: {Path('.ragft', 'store.sqlite')} under {root}" in asked.err.splitlines()
    rootdir = re.search(r"^rootdir: (\S+)", ran.out, re.MULTILINE)
    assert rootdir is not None
    assert (f".ragft lies in {root}" in ran.out) == (Path(rootdir[1]) != root)


def test_a_rootdir_that_is_named_holds_the_store(tmp_path: Path) -> None:
    project = Example(tmp_path / "project")
    project.suite(documents=3).recorded("answers.jsonl")
    build(tmp_path, {"project/.git/": "", "project/.ragft/": "", "named/": ""})
    models = ("--ragft-model=v=answers.jsonl", "--ragft-baseline=answers.jsonl")

    ran = project.run_pytest("suites", "-n", "1", f"--rootdir={tmp_path / 'named'}", *models)
    asked = ragft(project.folder, "retrieve", f"--root={tmp_path / 'named'}", "Which code?")

    assert (tmp_path / "named" / ".ragft" / "store.sqlite").exists(), ran.out + ran.err
    assert f"under {tmp_path / 'named'}" in asked.err
    assert not list(project.folder.rglob("store.sqlite"))


def test_a_configuration_that_pytest_refuses_is_named(tmp_path: Path) -> None:
    Example(tmp_path).suite(documents=3).write("setup.cfg", "[pytest]\n")

    asked = ragft(tmp_path, "retrieve", "Which code?")

    assert asked.code == 1
    assert "setup.cfg" in asked.err


FILES = {
    "pytest.ini": "",
    "pyproject.toml": "[project]\n",
    "pyproject.toml ": "[tool.pytest.ini_options]\n",
    "tox.ini": "[tox]\n",
    "setup.cfg": "[tool:pytest]\n",
    "setup.py": "",
}
CHAIN = ("", "a", "a/b", "a/b/c", "a/b/d")
FOLDERS = st.sampled_from(CHAIN)


@given(
    files=st.sets(st.tuples(FOLDERS, st.sampled_from(list(FILES))), max_size=3),
    here=FOLDERS,
    paths=st.lists(FOLDERS, max_size=2),
)
def test_rootdir_is_pytests(files: set[tuple[str, str]], here: str, paths: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name).resolve()
        for folder in CHAIN:
            (top / folder).mkdir(exist_ok=True)
        for folder, file in files:
            (top / folder / file.strip()).write_text(FILES[file])
        given_paths = [str(top / path) for path in paths]

        _, rootdir = roots_of_command(map(Path, given_paths), top / here)

        pytests = determine_setup(
            inifile=None,
            override_ini=None,
            args=given_paths,
            rootdir_cmd_arg=None,
            invocation_dir=top / here,
        )
        assert rootdir == pytests[0]
