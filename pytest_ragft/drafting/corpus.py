"""Documents cut into passages, and what people name them by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

from pytest_ragft.datasets.documents import Document
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.chunking import chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The passages of documents."""

    passages: tuple[Passage, ...]
    """In the order of the documents and of their texts; ids are ``DOCUMENT#1``, ``#2``, …"""
    pages: Mapping[str, int]
    """By id, the page that a passage begins on, where its document has pages."""


def cut(documents: Iterable[Document], words: int) -> Corpus:
    """Passages of at most `words` words, cut at headings, pages and ends of sentences.

    No sentence stands in two of them, so that a reference that is found is found once.
    """
    passages, pages = [], {}
    for document in documents:
        for number, (part, page) in enumerate(_parts(document, words), start=1):
            name = f"{document.name}#{number}"
            passages.append(
                Passage(id=name, text=part.text, title=part.title, document=document.name)
            )
            if page is not None:
                pages[name] = page
    return Corpus(passages=tuple(passages), pages=pages)


def _parts(document: Document, words: int) -> Iterator[tuple[Passage, int | None]]:
    for section in document.sections:
        whole = Passage(id=document.name, text=section.text, title=section.title)
        for part in chunk([whole], words=words, overlap=0):
            yield part, section.page


class Names:
    """What people write where they name a document: its path, file name, title or address.

    Args:
        documents: that there are.
        same: names of files that say the same as a document, and its name.
    """

    def __init__(self, documents: Iterable[Document], same: Mapping[str, str]) -> None:
        self._exact = {document.name: document.name for document in documents} | dict(same)
        self._loose: dict[str, set[str]] = defaultdict(set)
        titles = {document.name: document.title for document in documents}
        for alias, name in self._exact.items():
            path = PurePosixPath(alias)
            for text in (alias, path.name, path.stem, str(path.with_suffix("")), titles[name]):
                self._loose[_folded(text)].add(name)

    def document(self, written: str) -> tuple[str, ...]:
        """Names of the documents that may be meant; none where nothing fits."""
        if written in self._exact:
            return (self._exact[written],)
        for text in _readings(written):
            if found := self._loose.get(_folded(text)):
                return tuple(sorted(found))
        return ()


def _readings(written: str) -> Iterator[str]:
    """What somebody may have meant, the plainest first: no anchor, no server, no folder."""
    yield written
    plain = unquote(written.split("#")[0].split("?")[0]).replace("\\", "/").strip("/")
    parts = [part for part in plain.split("/") if part not in (".", "..", "")]
    for start in range(len(parts)):
        yield "/".join(parts[start:])
    if parts:
        yield PurePosixPath(parts[-1]).stem


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
