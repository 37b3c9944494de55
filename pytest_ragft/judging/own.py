"""A judge of the user's own behind the port of this room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import SpecError
from pytest_ragft.importing import JUDGES, Loaded, Port, identity_of, load_own
from pytest_ragft.judging.port import Checkable, Judge, Scores, negotiated, notes_of
from pytest_ragft.records import Case
from pytest_ragft.store import fingerprint

PORT = Port(protocol=Judge, group=JUDGES)

_REQUIRED = ("accuracy", "completeness")
_METRIC = re.compile(r"[a-z][a-z0-9_-]*")


def open_own_judge(spec: str, *, where: str, places: Iterable[Path] = ()) -> OwnJudge:
    """The judge that ``MODULE:CLASS`` or an entry point names.

    Raises:
        SpecError: there is none, or it does not fit the port.
    """
    return OwnJudge(load_own(spec, PORT, where=where, places=places), name=spec, where=where)


class OwnJudge:
    """A judge of the user's own under the name by which it was asked for.

    Its identity covers where it was found, so that no two share their scores.

    Args:
        loaded: an object with all members of `Judge`.
        name: as given by ``--ragft-judge``.
        where: the setting, for messages.

    Raises:
        SpecError: its metrics are no metrics.
    """

    def __init__(self, loaded: Loaded, *, name: str, where: str) -> None:
        self._judge = cast("Judge", loaded.part)
        self._name = name
        self.target = loaded.target
        """Where it was found."""
        self._metrics = _metrics(self._judge.metrics, f"{where}: {self.target}")

    @property
    def name(self) -> str:
        """As given by ``--ragft-judge``."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Its own, together with where it was found.

        Raises:
            SpecError: it has become none.
        """
        return fingerprint("own judge", self.target, identity_of(self._judge, self.target))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Those that it named when it was opened."""
        return self._metrics

    @property
    def reads_passages(self) -> bool:
        """Whether the passages decide the score."""
        return bool(self._judge.reads_passages)

    @property
    def usage(self) -> Usage:
        """Calls and tokens, where it counts them."""
        usage = getattr(self._judge, "usage", None)
        return usage if isinstance(usage, Usage) else Usage()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report says about it, where it negotiates."""
        return notes_of(self._judge)

    def check(self) -> None:
        """Let it check itself, where it can.

        Raises:
            JudgeError: it cannot judge.
        """
        if isinstance(self._judge, Checkable):
            self._judge.check()

    def negotiate(self) -> None:
        """Let it find out what its server grants, where it can.

        Raises:
            StoreError: what was found cannot be kept.
        """
        negotiated(self._judge)

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """What it gives; `guarding.judged` holds that against the port."""
        return self._judge.judge(cases)


def _metrics(value: object, where: str) -> tuple[str, ...]:
    names = tuple(value) if isinstance(value, list | tuple) else ()
    sound = all(isinstance(name, str) and _METRIC.fullmatch(name) for name in names)
    if not sound or len(set(names)) < len(names) or not set(_REQUIRED) <= set(names):
        raise SpecError(
            f"{where}: its metrics are {value!r:.200}; give a tuple of different names, with "
            f"{' and '.join(map(repr, _REQUIRED))} among them"
        )
    return names
