"""Which tokenizer and chat template an arm uses, and what of them decides its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pytest_ragft.errors import SpecError
from pytest_ragft.models.clock import printed_times
from pytest_ragft.models.config import check_pointers
from pytest_ragft.models.files import (
    chat_template,
    has_tokenizer,
    names_reasoning,
    tokenizer_texts,
)
from pytest_ragft.models.identity import json_fingerprint
from pytest_ragft.reasoning import knows_markers

LENT = "its chat template is the adapter's, since it has none of its own"
DIFFERS = "its chat template is another than its base's"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenizer:
    """A tokenizer with its chat template."""

    folder: Path
    template: str | None
    """None where it has none, and for that of a GGUF file."""
    foreign: bool = False
    """Whether the template stands in another folder."""
    fingerprint: str
    names_reasoning: bool
    """Whether it names markers of reasoning."""
    times: Sequence[str]
    """What its template prints of the clock."""
    now: datetime
    """When that is."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report must say."""
        if not self.times:
            return ()
        return (f"its chat template prints the time ({', '.join(self.times)}): part of its key",)

    def using(self, template: str) -> Tokenizer:
        """The tokenizer with the chat template of another folder."""
        if template == self.template:
            return self
        text = template.encode(errors="replace")
        return replace(
            self,
            template=template,
            foreign=True,
            fingerprint=json_fingerprint({"tokenizer": self.fingerprint, "template": template}),
            names_reasoning=self.names_reasoning or knows_markers(text),
            times=printed_times([text], self.now),
        )


def read_tokenizer(
    folder: Path, fingerprint: str, now: datetime, gguf: str | None = None
) -> Tokenizer:
    """What the files of a tokenizer say.

    Args:
        folder: Holds them.
        fingerprint: Of these files.
        now: The time that templates print.
        gguf: Name of the GGUF file in `folder` that holds the tokenizer; None for plain files.

    Raises:
        SpecError: a file cannot be read.
    """
    return Tokenizer(
        folder=folder,
        template=None if gguf else chat_template(folder),
        fingerprint=fingerprint,
        names_reasoning=names_reasoning(folder, gguf),
        times=printed_times(tokenizer_texts(folder, gguf), now),
        now=now,
    )


def tokenizer_of_adapter(
    folder: Path, fingerprint: str, base: Tokenizer
) -> tuple[Tokenizer, tuple[str, ...]]:
    """The adapter's own tokenizer and template where it brings them, else its base's; with a note.

    Args:
        folder: The adapter's.
        fingerprint: Of the tokenizer's files in it.
        base: Its base's.

    Raises:
        SpecError: neither has a chat template, or a file cannot be read.
    """
    own, tokenizer = chat_template(folder), base
    if has_tokenizer(folder):
        check_pointers(folder)
        tokenizer = read_tokenizer(folder, fingerprint, base.now)
    template = own or base.template
    if template is None:
        raise SpecError(without_template(tokenizer.folder))
    differs = own is not None and base.template not in (None, own)
    return tokenizer.using(template), (DIFFERS,) if differs else ()


def tokenizer_of_base(
    tokenizer: Tokenizer, lent: str | None, *, gguf: bool
) -> tuple[Tokenizer, tuple[str, ...]]:
    """A base's tokenizer, with the template of its adapter where it has none; with a note.

    Args:
        tokenizer: The base's.
        lent: The template of its adapter, if any.
        gguf: Whether the template stands in a GGUF file.

    Raises:
        SpecError: there is none.
    """
    if gguf or tokenizer.template is not None:
        return tokenizer, ()
    if lent is None:
        raise SpecError(without_template(tokenizer.folder))
    return tokenizer.using(lent), (LENT,)


def without_template(folder: Path) -> str:
    """What is to be said of a tokenizer that has no chat template."""
    return (
        f"the tokenizer in {str(folder)!r} has no chat template; put the chat_template.jinja that "
        "it was trained with into that folder (an instruction-tuned model of its family has one)"
    )
