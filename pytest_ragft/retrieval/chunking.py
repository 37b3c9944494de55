"""Long corpus lines, cut into passages at the ends of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pytest_ragft.records import Passage

_LANGUAGE = "en"
_WORD = re.compile(r"\S+")
# What sentencex cannot take: it splits characters of white space that are several bytes long.
_SPACE = re.compile(r"[^\S\x00-\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def chunk(
    passages: Iterable[Passage], *, words: int = 200, overlap: int = 1
) -> tuple[Passage, ...]:
    """Cut the passages that are longer than `words`; the others stay as they are, in place.

    A passage is filled with whole sentences up to `words`; a sentence that is longer is cut between
    words. The parts of ``ID`` are ``ID#1``, ``ID#2``, … with its title and document and with
    `parent` naming it. Sentences are found by sentencex; words are what white space separates.

    Args:
        passages: The corpus; ids are unique.
        words: Longest passage in words, at least 1.
        overlap: Sentences at the end of a part that the next one repeats, at least 0. Fewer are
            repeated where they would leave no room for a new sentence.

    Raises:
        ValueError: `words` or `overlap` is out of range, or a part's id is another passage's.
    """
    if words < 1 or overlap < 0:
        raise ValueError(
            f"words must be at least 1 and overlap at least 0, got {words!r} and {overlap!r}"
        )
    passages = tuple(passages)
    taken = {passage.id for passage in passages}
    return tuple(part for whole in passages for part in _parts(whole, words, overlap, taken))


def _parts(whole: Passage, words: int, overlap: int, taken: set[str]) -> Iterator[Passage]:
    if _fits(whole.text, words):
        yield whole
        return
    for number, text in enumerate(_texts(whole.text, words, overlap), start=1):
        part = f"{whole.id}#{number}"
        if part in taken:
            raise ValueError(
                f"part {number} of {whole.id!r} would have the id {part!r}, which is there "
                "already; rename one of them"
            )
        yield replace(whole, id=part, text=text, parent=whole.source)


def _fits(text: str, words: int) -> bool:
    return len(text.split()) <= words


def _texts(text: str, words: int, overlap: int) -> Iterator[str]:
    """Slices of `text` that together hold all of its words, in order."""
    spans = _spans(text, words)
    sizes = [len(text[start:end].split()) for start, end in spans]
    first = 0
    while first < len(spans):
        last = _filled(sizes, first, words)
        yield text[spans[first][0] : spans[last - 1][1]].strip()
        if last == len(spans):
            return
        first = _next(sizes, first, last, words, overlap)


def _filled(sizes: list[int], first: int, words: int) -> int:
    """End of the longest run of sentences from `first` on with at most `words` words."""
    total, last = sizes[first], first + 1
    while last < len(sizes) and total + sizes[last] <= words:
        total += sizes[last]
        last += 1
    return last


def _next(sizes: list[int], first: int, last: int, words: int, overlap: int) -> int:
    """Where the part after that of `first` to `last` starts, so that it holds `last`, too."""
    start = max(last - overlap, first + 1)
    while sum(sizes[start : last + 1]) > words:
        start += 1
    return start


def _spans(text: str, words: int) -> list[tuple[int, int]]:
    """Start and end of each sentence with a word, none longer than `words`."""
    from sentencex import segment

    spans: list[tuple[int, int]] = []
    position = 0
    plain = _SURROGATE.sub("x", _SPACE.sub(" ", text))
    for sentence in segment(_LANGUAGE, plain):
        end = position + len(sentence)
        spans.extend(_cut(text, position, end, words))
        position = end
    assert position == len(text), "sentences make up the text"
    return spans


def _cut(text: str, start: int, end: int, words: int) -> Iterator[tuple[int, int]]:
    found = list(_WORD.finditer(text, start, end))
    for i in range(0, len(found), words):
        run = found[i : i + words]
        yield run[0].start(), run[-1].end()
