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
    shared: int = 0
    """Answers that count in several suites, which ask the same and which the log does not name."""


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
    others = shared = 0
    for line in logged:
        found = index.keys_of(line)
        others += not found
        shared += len(found) > 1
        for key in found:
            answers[key].append(line.answer)
    return Matched(
        answers={key: tuple(known) for key, known in answers.items()}, others=others, shared=shared
    )


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
                    "question, or both stand there; give the log the question's id, in a field 'id'"
                )
        return asked

    def _asked(self, line: LoggedAnswer) -> list[Key] | None:
        """The questions whose words the log has; None where it holds no words at all."""
        texts, prompt = list(map(_words, line.texts)), _words(line.prompt)
        found = list(dict.fromkeys(text for text in texts if text in self._by_text))
        if len(found) > 1:
            found = [text for text in found if _end_in(prompt, text)] or found
        if found or not prompt:
            return [k for text in found for k in self._by_text[text]] if texts else None
        last = self._last_in(prompt, texts)
        return [] if last is None else self._by_text[last]

    def _last_in(self, prompt: str, texts: Sequence[str]) -> str | None:
        """The last of the questions in a prompt, unless the item asks something else behind it."""
        # Examples of a prompt come before what is asked; a longer question holds shorter ones.
        ends = ((_end_in(prompt, text), len(text), text) for text in self._by_text)
        end, _, last = max(ends, default=(0, 0, ""))
        if not end:
            return None
        if any(last in text or (text in last and 2 * len(text) > len(last)) for text in texts):
            return last
        return None if any(text in prompt[end:] for text in texts) else last

    @staticmethod
    def _one_suite(line: LoggedAnswer, named: list[Key]) -> list[Key]:
        if len(named) > 1:
            known = ", ".join(f"{suite}/{name}" for suite, name in named)
            raise SuiteError(
                f"{line.where}: the id {line.ids[0]!r} may be {known}; put the suite's name before "
                "it, as in these"
            )
        return named


def _end_in(prompt: str, text: str) -> int:
    """Where a text ends in a prompt the last time that it is no part of longer words; else 0."""
    end = len(prompt) + 1
    while text and (start := prompt.rfind(text, 0, end - 1)) >= 0:
        end = start + len(text)
        if not (_is_within(prompt, start) or _is_within(prompt, end)):
            return end
    return 0


def _is_within(prompt: str, at: int) -> bool:
    """Whether a word goes on at a place; of scripts without spaces nobody knows."""
    around = prompt[max(at - 1, 0) : at + 1]
    return len(around) == 2 and all(c.isdigit() or c.lower() != c.upper() for c in around)


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()
