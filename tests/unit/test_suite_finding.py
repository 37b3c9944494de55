"""Which ragft.toml holds for a suite, and which suites stand under a ragft.toml."""

from pathlib import Path

import pytest

from pytest_ragft.suite import find_rules, is_excluded, load_rules, load_suites, suites_under

ROOT = Path(__file__).parents[2]


def touch(root: Path, *names: str) -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def under(root: Path) -> list[str]:
    return [p.relative_to(root).as_posix() for p in suites_under(root / "ragft.toml")]


def test_nearest_rules_win(tmp_path):
    touch(tmp_path, "ragft.toml", "a/ragft.toml", "a/b/suite.toml", "c/suite.toml")
    assert find_rules(tmp_path / "a/b/suite.toml") == tmp_path / "a/ragft.toml"
    assert find_rules(tmp_path / "c/suite.toml") == tmp_path / "ragft.toml"
    assert under(tmp_path) == ["c/suite.toml"]
    assert under(tmp_path / "a") == ["b/suite.toml"]


@pytest.mark.parametrize("mark", [".git", "pytest.ini", "pyproject.toml", "tox.ini", "pytest.toml"])
def test_not_above_the_project(tmp_path, mark):
    touch(tmp_path, "ragft.toml", f"a/{mark}", "a/b/suite.toml")
    assert find_rules(tmp_path / "a/b/suite.toml") is None
    touch(tmp_path, "a/ragft.toml")
    assert find_rules(tmp_path / "a/b/suite.toml") == tmp_path / "a/ragft.toml"


def test_what_a_run_leaves_behind_ends_no_search(tmp_path):
    """Else the second run from a suite's own folder would be held to other margins."""
    touch(tmp_path, "ragft.toml", "a/suite.toml", "a/.ragft/store.sqlite", "a/conftest.py")
    assert find_rules(tmp_path / "a/suite.toml") == tmp_path / "ragft.toml"


def test_rules_beside_the_suite(tmp_path):
    touch(tmp_path, "a/ragft.toml", "a/suite.toml")
    assert find_rules(tmp_path / "a/suite.toml") == tmp_path / "a/ragft.toml"
    assert under(tmp_path / "a") == ["suite.toml"]


def test_relative_and_linked_paths(tmp_path, monkeypatch):
    touch(tmp_path, "here/ragft.toml", "real/ragft.toml", "real/in/a/suite.toml")
    (tmp_path / "here/link").symlink_to(tmp_path / "real/in")
    assert find_rules(tmp_path / "here/link/a/suite.toml") == tmp_path / "here/ragft.toml"
    monkeypatch.chdir(tmp_path)
    assert find_rules(Path("real/in/a/suite.toml")) == tmp_path / "real/ragft.toml"


def test_skipped_folders_and_order(tmp_path):
    touch(tmp_path, "ragft.toml", "b/suite.toml", "a/suite.toml", "a/deep/er/suite.toml")
    for folder in (".x", "venv", "node_modules", "__pycache__", "build", "dist", "env"):
        touch(tmp_path, f"{folder}/suite.toml")
    touch(tmp_path, "env/pyvenv.cfg", "own/ragft.toml", "own/sub/suite.toml")
    assert under(tmp_path) == ["a/deep/er/suite.toml", "a/suite.toml", "b/suite.toml"]


@pytest.fixture(scope="module")
def shipped():
    return load_suites(suites_under(ROOT / "suites/ragft.toml"))


def test_shipped_suites_load_under_their_rules(shipped):
    assert [s.name for s in shipped] == ["biomedical", "encyclopedia", "papers"]
    assert all(find_rules(s.path) == ROOT / "suites/ragft.toml" for s in shipped)
    clusters = {s.cluster_of(e) for s in shipped for e in s.examples}
    assert {cluster.scope for cluster in clusters} == {"pool"}
    assert len(clusters) == 170  # 'pcr' is a document of two suites
    gates = [(g.metric, g.role, g.margin) for g in load_rules(ROOT / "suites/ragft.toml").gates]
    assert gates == [("accuracy", "primary", 0.05), ("completeness", "primary", 0.05)]
    assert {(g.metric, g.role) for s in shipped for g in s.gates} == {
        ("accuracy", "guard"),
        ("completeness", "guard"),
    }


@pytest.mark.parametrize(
    ("pattern", "suite", "excluded"),
    [
        ("archive/*", "archive/old", True),
        ("archive/*", "archive/old/deep", True),
        ("archive/*", "archive", False),
        ("archive", "archive", True),
        ("archive", "archive/old", True),
        ("archive", "new/archive", False),
        ("*/old", "archive/old", True),
        ("*", ".", False),
        ("v[12]", "v2", True),
        ("v[12]", "v3", False),
        ("Archive", "archive", False),
    ],
)
def test_a_pattern_names_a_folder_and_all_below_it(tmp_path, pattern, suite, excluded):
    file = tmp_path / suite / "suite.toml"
    assert is_excluded(file, tmp_path / "ragft.toml", [pattern]) is excluded


def test_a_suite_reached_by_a_link_is_excluded_all_the_same(tmp_path):
    touch(tmp_path, "suites/archive/old/suite.toml")
    (tmp_path / "link").symlink_to(tmp_path / "suites/archive")
    rules = tmp_path / "suites/ragft.toml"
    assert is_excluded(tmp_path / "link/old/suite.toml", rules, ["archive/*"])
    assert not is_excluded(tmp_path / "elsewhere/old/suite.toml", rules, ["archive/*"])
