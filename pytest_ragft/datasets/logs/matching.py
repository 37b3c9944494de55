"""Which question of which suite a logged answer is about.

The question's own words decide, wherever the log has them: ids are often numbers of the log's own.
An id decides alone where the log holds neither question nor prompt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_ragft.datasets.logs.port import LoggedAnswer
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import Answer, QAExample

Key = tuple[str, str]
"""A suite's name and a question's id."""

_SEPARATORS = ("/", "::")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The answers of a log by the questions of a run."""

    answers: Mapping[Key, tuple[Answer, ...]]
    """Several where the log has several draws, in its order."""
    others: int
    """Answers of the log that are about none of the questions."""


def match(logged: Iterable[LoggedAnswer], suites: Mapping[str, Sequence[QAExample]]) -> Matched:
    """Find the question of each logged answer.

    Args:
        logged: Of one system.
        suites: Questions by the name of their suite.

    Raises:
        SuiteError: an answer may be about several questions of one suite, or its id about several
            suites' and nothing tells which.
    """
    index = _Index(suites)
    answers: dict[Key, list[Answer]] = defaultdict(list)
    others = 0
    for line in logged:
        found = index.keys_of(line)
        others += not found
        for key in found:
            answers[key].append(line.answer)
    return Matched(answers={key: tuple(known) for key, known in answers.items()}, others=others)


class _Index:
    def __init__(self, suites: Mapping[str, Sequence[QAExample]]) -> None:
        self._by_text: dict[str, list[Key]] = defaultdict(list)
        self._by_id: dict[str, list[Key]] = defaultdict(list)
        for suite, examples in suites.items():
            for example in examples:
                key = suite, example.id
                self._by_text[_words(example.question)].append(key)
                for name in (example.id, *(f"{suite}{by}{example.id}" for by in _SEPARATORS)):
                    self._by_id[name].append(key)

    def keys_of(self, line: LoggedAnswer) -> Collection[Key]:
        named = [key for name in line.ids for key in self._by_id.get(name, ())]
        asked = self._asked(line)
        if asked is None:
            return self._one_suite(line, list(dict.fromkeys(named)))
        if both := [key for key in asked if key in named]:
            asked = both
        of_suite: dict[str, Key] = {}
        for key in asked:
            if (other := of_suite.setdefault(key[0], key)) != key:
                raise SuiteError(
                    f"{line.where}: {other[1]!r} and {key[1]!r} of suite {key[0]!r} are the same "
                    "question; give the log the question's id, in a field 'id'"
                )
        return asked

    def _asked(self, line: LoggedAnswer) -> list[Key] | None:
        """The questions whose words the log has; None where it holds no words at all."""
        for text in line.texts:
            if found := self._by_text.get(_words(text)):
                return found
        if prompt := _words(line.prompt):
            # Examples of a prompt come before what is asked; a longer question holds shorter ones.
            ends = ((prompt.rfind(text) + len(text), len(text), text) for text in self._by_text)
            inside = [found for found in ends if found[0] >= found[1]]
            return self._by_text[max(inside)[2]] if inside else []
        return [] if line.texts else None

    @staticmethod
    def _one_suite(line: LoggedAnswer, named: list[Key]) -> list[Key]:
        if len(named) > 1:
            known = ", ".join(f"{suite}/{name}" for suite, name in named)
            raise SuiteError(
                f"{line.where}: the id {line.ids[0]!r} may be {known}; put the suite's name before "
                "it, as in these"
            )
        return named


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()
