"""Judges, retrievers and generators of the user's own: ``package.module:Class`` or an entry point.

One loader for the three ports. What is loaded is the user's code: nothing of it is imported unless
a setting names it, and whatever is wrong with it is one line.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from pytest_ragft.errors import RagftError, SpecError, described

FORM = "MODULE:CLASS"
"""How messages show the form."""

JUDGES = "pytest_ragft.judges"
RETRIEVERS = "pytest_ragft.retrievers"
GENERATORS = "pytest_ragft.generators"
"""Groups of entry points."""

_FORM = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """What a part of one's own has to fit."""

    protocol: type
    """Lists the members, all of which must be there."""
    group: str
    """Of entry points."""
    anonymous: bool = False
    """Whether `fingerprint` may be None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A part of one's own, which has all members of its port."""

    part: object
    target: str
    """Where it was found, as ``MODULE:CLASS``: a part of its identity."""


def names_own(spec: str, group: str) -> bool:
    """Whether `spec` is of the form ``MODULE:CLASS``, or the name of an entry point of `group`.

    Forms of the package's own come first, and so do files and folders: ask this last.
    """
    return _FORM.fullmatch(spec) is not None or bool(_entry_points(spec, group))


def load_own(spec: str, port: Port, *, where: str, places: Iterable[Path] = ()) -> Loaded:
    """Import what `spec` names, call it without arguments, and hold it against its port.

    What is no class or function is taken as it is. Modules are found as pytest finds those of
    ``-p``; the current directory and `places` come last on ``sys.path``, so that they hide nothing.

    Args:
        spec: ``MODULE:CLASS``, ``MODULE:FUNCTION`` or the name of an entry point.
        port: that it has to fit.
        where: the setting that holds `spec`, with its value, for messages.
        places: folders that hold modules besides, such as pytest's rootdir.

    Raises:
        SpecError: there is no such module or member, or it does not fit; the message says where
            and gives the remedy.
    """
    target = spec if _FORM.fullmatch(spec) else _only(_entry_points(spec, port.group), where)
    module_name, _, path = target.partition(":")
    found = _member(_module(module_name, where, places), path, where)
    if isinstance(found, type) or not hasattr(found, "fingerprint"):
        found = _called(found, target, where)
    expect_port(found, port, target, where)
    return Loaded(part=found, target=target)


def _entry_points(name: str, group: str) -> list[EntryPoint]:
    # Two copies of one distribution on the path announce the same.
    return list({point.value: point for point in entry_points(group=group, name=name)}.values())


def _only(points: list[EntryPoint], where: str) -> str:
    values = sorted(point.value for point in points)
    if len(values) != 1:
        found = " and ".join(values) or "no entry point"
        raise SpecError(f"{where}: it names {found}; name one as {FORM}")
    value = re.sub(r"\s*(\[.*)?$", "", values[0]).replace(" ", "")
    if not _FORM.fullmatch(value):
        raise SpecError(f"{where}: its entry point is {values[0]!r}, which is not {FORM}")
    return value


def _module(name: str, where: str, places: Iterable[Path]) -> object:
    for place in dict.fromkeys([os.getcwd(), *map(str, places)]):
        if place not in sys.path:
            sys.path.append(place)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise SpecError(
            f"{where}: the module {name!r} cannot be imported: {described(error)}; it is looked "
            f"for in Python's path, {os.getcwd()!r} and pytest's rootdir"
        ) from error


def _member(module: object, path: str, where: str) -> object:
    found = module
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except Exception:
            holder = getattr(module, "__name__", "the module")
            own = [n for n, v in vars(module).items() if getattr(v, "__module__", None) == holder]
            has = f"; it defines {', '.join(own)}" if own else ""
            raise SpecError(f"{where}: the module {holder!r} has no {path!r}{has}") from None
    return found


def _called(found: object, target: str, where: str) -> object:
    if not callable(found):
        raise SpecError(f"{where}: {target} is neither a class nor a function; name one")
    try:
        return found()
    except RagftError as error:
        raise SpecError(f"{where}: {error}") from error
    except (Exception, SystemExit) as error:
        raise SpecError(
            f"{where}: {target}() failed: {described(error)}; it is called without arguments: name "
            "a function that makes it, where it needs some"
        ) from error


def expect_port(part: object, port: Port, target: str, where: str) -> None:
    """Hold a part against its port: every member is there, and of its kind.

    Args:
        part: an object.
        port: that it has to fit.
        target: what messages call it.
        where: the setting that names it, for messages.

    Raises:
        SpecError: it does not fit; the message says where and gives the remedy.
    """
    place = f"{port.protocol.__module__}.{port.protocol.__name__}"
    lacking = []
    for name, described_as in vars(port.protocol).items():
        if name.startswith("_"):
            continue
        try:
            value = getattr(part, name)
        except AttributeError as error:
            if getattr(error, "name", name) != name:
                raise _unreadable(name, target, where, error) from error
            lacking.append(name)
            continue
        except (Exception, SystemExit) as error:
            raise _unreadable(name, target, where, error) from error
        if callable(value) != callable(described_as):
            what = "a method" if callable(described_as) else "an attribute or a property"
            raise SpecError(f"{where}: {target}: {name!r} must be {what}, as {place} describes it")
    if lacking:
        raise SpecError(
            f"{where}: {target} lacks {', '.join(map(repr, lacking))} of {place}; add what is "
            "described there"
        )
    identity_of(part, f"{where}: {target}", anonymous=port.anonymous)


def _unreadable(name: str, target: str, where: str, error: BaseException) -> SpecError:
    return SpecError(f"{where}: {target}: reading {name!r} failed: {described(error)}")


def identity_of(part: object, target: str, *, anonymous: bool = False) -> str | None:
    """The part's own fingerprint, which decides what is taken from the store.

    Raises:
        SpecError: it is no text, or an empty one.
    """
    value: object = part.fingerprint  # type: ignore[attr-defined]
    if value is None and anonymous:
        return None
    if not isinstance(value, str) or not value.strip():
        raise SpecError(
            f"{target}: its fingerprint is {value!r:.100}; give a text that changes whenever its "
            "results may change, such as a name with a version: kept results are found by it"
        )
    return value
