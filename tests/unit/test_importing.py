"""Parts of one's own: what names one, what is made of it, and every mistake in one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.source import names_own_generator, open_source, parse_variant
from pytest_ragft.importing import JUDGES, load_own, names_own
from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.own import PORT

MODULE = """
class Judge:
    name = "mine"
    fingerprint = "mine/1"
    metrics = ("accuracy", "completeness")
    reads_passages = False

    def judge(self, cases):
        return []

class Outer:
    Inner = Judge

def make():
    return Judge()

def fail():
    raise LookupError("no key in the drawer")

def leave():
    raise SystemExit

class Needy(Judge):
    def __init__(self, path):
        pass

class Nameless(Judge):
    fingerprint = " "

class Numbered(Judge):
    fingerprint = 1

class Called(Judge):
    def fingerprint(self):
        return "mine/1"

class Flat(Judge):
    judge = None

class Poor(Judge):
    metrics = ("accuracy",)

class Odd(Judge):
    metrics = ("accuracy", "completeness", "my metric")

class Doubled(Judge):
    metrics = ("accuracy", "completeness", "accuracy")

class Text(Judge):
    metrics = "accuracy completeness"

class Broken(Judge):
    @property
    def metrics(self):
        raise KeyError("where")

class Hollow(Judge):
    @property
    def metrics(self):
        return self.nothing

class Bare:
    fingerprint = "bare/1"
    metrics = ("accuracy", "completeness")

ready = Judge()
number = 5
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with modules; neither path nor modules of the test stay."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    (tmp_path / "ownparts.py").write_text(MODULE)
    (tmp_path / "ownsyntax.py").write_text("class Judge(:\n")
    (tmp_path / "ownimports.py").write_text("import nowhere_to_be_found\n")
    (tmp_path / "ownleaves.py").write_text("raise SystemExit(0)\n")
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("own"):
            del sys.modules[name]


@pytest.mark.parametrize("spec", ["Judge", "make", "ready", "Outer.Inner"])
def test_a_class_a_function_or_an_object(place: Path, spec: str) -> None:
    judge = open_judge(f"ownparts:{spec}", places=[place])

    assert (judge.name, judge.metrics) == (f"ownparts:{spec}", ("accuracy", "completeness"))
    assert not judge.reads_passages


def test_places_come_last_on_the_path(place: Path) -> None:
    """They must hide no module that is there without them."""
    (place / "json.py").write_text("raise ImportError\n")

    open_judge("ownparts:Judge", places=[place])

    assert sys.path[-1] == str(place)


def test_the_identity_covers_the_place_and_the_fingerprint(place: Path) -> None:
    (place / "ownother.py").write_text(MODULE)
    (place / "ownlater.py").write_text(MODULE.replace("mine/1", "mine/2"))

    made = [open_judge(f"{m}:Judge", places=[place]) for m in ("ownparts", "ownother", "ownlater")]

    assert len({judge.fingerprint for judge in made}) == 3
    assert made[0].fingerprint == open_judge("ownparts:Judge", places=[place]).fingerprint


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("ownnowhere:Judge", "the module 'ownnowhere' cannot be imported: ModuleNotFoundError"),
        ("ownparts.deeper:Judge", "the module 'ownparts.deeper' cannot be imported"),
        ("ownimports:Judge", "No module named 'nowhere_to_be_found'"),
        ("ownsyntax:Judge", "SyntaxError"),
        ("ownleaves:Judge", "SystemExit"),
        ("ownparts:Jugde", "has no 'Jugde'; it defines Judge, Outer, make"),
        ("ownparts:Judge.nothing", "has no 'Judge.nothing'"),
        ("ownparts:number", "is neither a class nor a function"),
        ("ownparts:fail", "ownparts:fail() failed: LookupError: no key in the drawer"),
        ("ownparts:leave", "ownparts:leave() failed: SystemExit"),
        ("ownparts:Needy", "it is called without arguments: name a function that makes it"),
        ("ownparts:Nameless", "its fingerprint is ' '; give a text that changes whenever"),
        ("ownparts:Numbered", "its fingerprint is 1; give a text"),
        ("ownparts:Called", "'fingerprint' must be an attribute or a property, as"),
        ("ownparts:Flat", "'judge' must be a method, as"),
        ("ownparts:Poor", "its metrics are ('accuracy',); give a tuple of different names"),
        ("ownparts:Odd", "'my metric'"),
        ("ownparts:Doubled", "its metrics are"),
        ("ownparts:Text", "its metrics are 'accuracy completeness'"),
        ("ownparts:Broken", "reading 'metrics' failed: KeyError: 'where'"),
        ("ownparts:Hollow", "reading 'metrics' failed: AttributeError"),
        ("ownparts:Bare", "lacks 'name', 'reads_passages', 'judge' of pytest_ragft.judging.port"),
    ],
)
def test_every_mistake_is_one_line_with_the_setting(place: Path, spec: str, said: str) -> None:
    with pytest.raises(SpecError) as raised:
        open_judge(spec, places=[place])

    message = str(raised.value)
    assert message.startswith(f"--ragft-judge={spec!r}: ")
    assert said in message
    assert "\n" not in message


def test_ctrl_c_while_a_module_is_imported_passes(place: Path) -> None:
    (place / "ownstops.py").write_text("raise KeyboardInterrupt\n")

    with pytest.raises(KeyboardInterrupt):
        load_own("ownstops:Judge", PORT, where="here", places=[place])


@pytest.mark.parametrize(
    ("spec", "own"),
    [
        ("package.module:Class", True),
        ("modül:Klasse", True),
        ("module:Outer.Inner", True),
        ("reference", False),
        ("openai:model@http://localhost", False),
        (r"C:\models\judge", False),
        ("C:/models/judge", False),
        ("path:with:colon", False),
        ("module:", False),
        (":Class", False),
        ("1module:Class", False),
        ("./module:Class", False),
        ("", False),
    ],
)
def test_what_names_a_part_of_ones_own(spec: str, own: bool) -> None:
    assert names_own(spec, JUDGES) == own


@pytest.mark.parametrize(
    "spec", ["semantic:x", "hf:x", "openai:x", "claims:x", "geval:x", "jury:x", "reference"]
)
def test_the_forms_of_the_package_come_first(place: Path, spec: str) -> None:
    """A module of that name is not even looked for."""
    module = spec.partition(":")[0]
    (place / f"{module}.py").write_text("import ownparts\n")
    sys.path.insert(0, str(place))

    with suppress(SpecError):
        open_judge(spec, places=[place])
    assert "ownparts" not in sys.modules


@pytest.mark.parametrize("spec", ["hf:model", "saved:name", "openai:model", "org/name"])
def test_nor_does_a_model_of_these_forms_name_a_module(spec: str) -> None:
    assert not names_own_generator(spec)


def test_a_file_or_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert names_own_generator("module:Class")
    assert parse_variant("module:Class").name == "Class"
    Path("module:Class").mkdir()

    assert not names_own_generator("module:Class")
    with pytest.raises(SpecError, match="is a folder without"):
        open_source("module:Class", offline=True)
