"""The exception tree. Raised where a fact is known; translated once, at the hook boundary.

::

    RagftError
    ├── SuiteError            (ValueError)   suite.toml, ragft.toml, questions, corpus
    ├── SpecError             (ValueError)   a model SPEC that names nothing usable
    ├── InputError            (ValueError)   a file of answers or labels, given to a command
    ├── BaselineError         (ValueError)   a saved baseline that does not fit the run
    ├── MissingDependencyError (ImportError) an extra that is not installed
    ├── StoreError            (OSError)      the store cannot be read or written
    ├── RetrievalError        (RuntimeError)
    ├── GenerationError       (RuntimeError)
    ├── TrainingError         (RuntimeError)
    └── JudgeError            (RuntimeError)

A message says what, where, and the remedy, with values by ``!r``. Whatever others wrote into it is
made fit to be shown, here, once: see `foreign`.
"""

from __future__ import annotations

import os
import re
from importlib.util import find_spec

from pytest_ragft.foreign import harmless, scrubbed

# Characters of a foreign message.
_SHOWN = 500
# A path or a value of thousands of characters would hide what is wrong with it.
_LONG_WORD = re.compile(r"(\S{400})\S{600,}(\S{100})")


class RagftError(Exception):
    """Base of every error that pytest-ragft raises on purpose."""

    def __init__(self, message: str = "") -> None:
        super().__init__(_LONG_WORD.sub(r"\1…\2", harmless(scrubbed(message))))


class SuiteError(RagftError, ValueError):
    """A suite or rule file is unusable; the message names file, key and value."""


class SpecError(RagftError, ValueError):
    """A model SPEC does not name a usable model, adapter or recording."""


class InputError(RagftError, ValueError):
    """A file of answers or of human labels is unusable; the message names file, line and field."""


class BaselineError(RagftError, ValueError):
    """A saved baseline is missing, damaged or built from something else."""


class MissingDependencyError(RagftError, ImportError):
    """A package of an extra is not installed; the message gives the install command."""

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed; "
            f"install it with: pip install 'pytest-ragft[{extra}]'"
        )


class StoreError(RagftError, OSError):
    """The store cannot be opened, read or written."""


class RetrievalError(RagftError, RuntimeError):
    """A retriever could not answer completely."""


class GenerationError(RagftError, RuntimeError):
    """A model could not be loaded, or could not generate."""


class TrainingError(RagftError, RuntimeError):
    """A model could not be trained, or the result not be written."""


class JudgeError(RagftError, RuntimeError):
    """A judge could not be set up."""


def require_packages(*packages: str, extra: str = "hf", purpose: str = "running a model") -> None:
    """Find out whether packages of an extra are installed; imports nothing.

    Raises:
        MissingDependencyError: one of them is not.
    """
    for package in packages:
        if not _is_there(package):
            raise MissingDependencyError(package, extra=extra, purpose=purpose)


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    # A module that stands in `sys.modules` without a spec, or as None.
    except ValueError:
        return False


def reason_of(error: BaseException) -> str:
    """What an error of another library says, on one line, with its kind where that is needed.

    The first line alone is often a heading. A lookup that failed says no more than what was looked
    up.
    """
    said = _shortened(str(error))
    kind = type(error).__name__
    return f"{kind}: {said}" if said and isinstance(error, LookupError) else said or kind


def described(error: BaseException) -> str:
    """An error in one sentence; one that nobody raised on purpose with its kind and place."""
    if isinstance(error, RagftError):
        return str(error)
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = ""
    if frame is not None:
        file = os.path.basename(frame.tb_frame.f_code.co_filename)
        place = f" ({file}, line {frame.tb_lineno})"
    return f"{type(error).__name__}: {harmless(_shortened(str(error)))}{place}"


def _shortened(text: str) -> str:
    """Foreign texts may be long, of many lines, and hold secrets."""
    text = scrubbed(" ".join(text.split()))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
