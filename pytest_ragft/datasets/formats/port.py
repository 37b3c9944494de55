"""The port of readers of published question sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pytest_ragft.records import Passage, QAExample

READER = "[suite.reader]"
"""Where options stand, for messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """What a reader makes of files."""

    examples: tuple[QAExample, ...]
    """In the order of the files."""
    passages: Sequence[Passage] = ()
    """The corpus that the files bring along, each passage once; empty where they bring none.

    A corpus that lies in a file of its own may be read only when it is asked for, see `Deferred`.
    """
    notes: tuple[str, ...] = ()
    """What was left out or read otherwise than it stands, with counts, one sentence each."""


class Format(Protocol):
    """A reader of one form of files: a module of this package with these two names."""

    OPTIONS: tuple[str, ...]
    """Keys that `read` knows in its options; they were looked for in vain among these alone."""

    def read(self, files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
        """The questions and passages of files, read in their order as one set.

        Args:
            files: Plain or compressed with gzip; at least one.
            options: Of the form, as they stand in suite.toml.

        Raises:
            SuiteError: a file or an option is wrong; the message names file, line or record, and
                what is accepted.
        """
        ...
