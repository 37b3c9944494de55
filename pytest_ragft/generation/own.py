"""A generator of the user's own behind the port of this room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import cast, get_args

from pytest_ragft.errors import GenerationError
from pytest_ragft.generation.port import Engine, Generator
from pytest_ragft.importing import GENERATORS, Loaded, Port, identity_of, load_own
from pytest_ragft.records import Answer, Request
from pytest_ragft.records.answering import Finish
from pytest_ragft.store import fingerprint

PORT = Port(protocol=Generator, group=GENERATORS)


def open_own_generator(spec: str, *, places: Iterable[Path] = ()) -> OwnGenerator:
    """The generator that ``MODULE:CLASS`` or an entry point names.

    Raises:
        SpecError: there is none, or it does not fit the port.
    """
    return OwnGenerator(load_own(spec, PORT, where=f"the model {spec!r}", places=places))


@dataclass(frozen=True, slots=True, kw_only=True)
class _NoEngine:
    """Stands where a generator loads nothing, so that its answers are kept all the same."""

    key: str

    def release(self) -> None:
        """There is nothing to free."""


class OwnGenerator:
    """A generator of the user's own, whose answers are kept like those of any model.

    Its identity covers where it was found, so that no two share their answers.

    Args:
        loaded: an object with all members of `Generator`.

    Raises:
        SpecError: its fingerprint is no text.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._generator = cast("Generator", loaded.part)
        self.target = loaded.target
        """Where it was found."""
        self._fingerprint = fingerprint(
            "own generator", self.target, identity_of(loaded.part, self.target)
        )
        self._engine = _NoEngine(key=f"own generator {self._fingerprint}")

    @property
    def fingerprint(self) -> str:
        """Its own when it was opened, together with where it was found."""
        return self._fingerprint

    @property
    def engine(self) -> Engine:
        """Its own, or one that loads nothing."""
        return self._generator.engine or self._engine

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report must say about it."""
        return tuple(map(str, self._generator.notes))

    def check(self, suite: str, ids: Sequence[str]) -> None:
        """Let it find why it cannot answer these questions.

        Raises:
            SpecError: it cannot.
        """
        self._generator.check(suite, ids)

    def cut(self, requests: Sequence[Request]) -> list[list[int]]:
        """Its batches.

        Raises:
            GenerationError: they leave a request out, or hold one twice.
        """
        batches = [list(batch) for batch in self._generator.cut(requests)]
        if sorted(i for batch in batches for i in batch) != list(range(len(requests))):
            raise GenerationError(
                f"{self.target}: cut() must put each of {len(requests)} requests into one batch, "
                "by its position"
            )
        return batches

    def generate(self, batch: Sequence[Request]) -> list[Answer]:
        """Its answers to one batch.

        Raises:
            GenerationError: what it gave are no answers.
        """
        answers = self._generator.generate(batch)
        if not isinstance(answers, list | tuple):
            raise GenerationError(
                f"{self.target}: generate() gave a {type(answers).__name__} instead of a list"
            )
        for answer in answers:
            self._expect_answer(answer)
        return list(answers)

    def _expect_answer(self, answer: object) -> None:
        if not isinstance(answer, Answer):
            raise GenerationError(
                f"{self.target}: generate() gave a {type(answer).__name__} instead of an Answer"
            )
        counts = (answer.prompt_tokens, answer.completion_tokens, answer.batch_rows)
        if (
            not isinstance(answer.text, str)
            or answer.finish not in get_args(Finish)
            or not isinstance(answer.error, str | None)
            or not all(count is None or type(count) is int for count in counts)
            or type(answer.passages_dropped) is not int
        ):
            # Their types and not their values: messages go into logs, and answers may be private.
            types = ", ".join(
                f"{f.name}: {type(getattr(answer, f.name)).__name__}" for f in fields(answer)
            )
            raise GenerationError(
                f"{self.target}: generate() gave an Answer whose fields are of other types than "
                f"those described, or finish = {answer.finish!r:.40}: {types}"
            )
