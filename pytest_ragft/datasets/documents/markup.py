"""Markdown and HTML: the text below each heading, as somebody reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_ragft.datasets.documents.sections import Document, Section, titled
from pytest_ragft.errors import require_packages

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# What stands on a page and is no part of what it says.
_UNREAD = ("script", "style", "noscript", "template", "svg", "nav", "footer", "aside", "form",
           "iframe", "button", "select")  # fmt: skip
# What begins and ends a line.
_APART = frozenset((
    "p", "div", "section", "article", "main", "header", "ul", "ol", "li", "dl", "dt", "dd",
    "table", "caption", "thead", "tbody", "tfoot", "tr", "blockquote", "pre", "figure",
    "figcaption", "details", "summary", "hr", "br", "address", *_HEADINGS,
))  # fmt: skip
_CELLS = ("td", "th")
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(['\"]?)(.+?)\1[ \t]*$", re.MULTILINE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_BLANK = re.compile(r"\s+")
# Bytes of a page in which its encoding is looked for (the HTML standard's prescan).
_PRESCAN = 1024


def read_markdown(text: str, name: str, fallback: str) -> Document:
    """A document of CommonMark with tables; front matter gives a title and is no text.

    Args:
        text: of the file.
        name: of the document.
        fallback: its title where it gives none.

    Raises:
        MissingDependencyError: markdown-it-py or selectolax is not installed.
    """
    require_packages("markdown_it", extra="data", purpose="reading Markdown")
    from markdown_it import MarkdownIt

    front = _FRONT.match(text)
    title = "" if front is None else _front_title(front[1])
    body = text if front is None else text[front.end() :]
    html = MarkdownIt("commonmark").enable("table").render(body)
    return read_html(html, name, fallback, title=title)


def read_html(text: str, name: str, fallback: str, *, title: str = "") -> Document:
    """A document of a page's `main` or `article` where it has one, else of its body.

    Navigation, asides, footers, forms and scripts are left out. The title is the given one, else
    the only `h1`, else `<title>`, else `fallback`.

    Raises:
        MissingDependencyError: selectolax is not installed.
    """
    require_packages("selectolax", extra="data", purpose="reading HTML and Markdown")
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(text)
    named = page.css_first("head > title")
    of_page = "" if named is None else _flat(named.text())
    page.strip_tags(list(_UNREAD))
    root = _content(page)
    parts = [] if root is None else list(_parts(root))
    tops = [heading for level, heading, _ in parts if level == 1]
    title = title or (tops[0] if len(tops) == 1 else of_page) or fallback
    sections, above = [], dict[int, str]()
    for level, heading, below in parts:
        above = {depth: of for depth, of in above.items() if depth < level} | {level: heading}
        if below:
            sections.append(Section(title=titled(title, list(above.values())), text=below))
    return Document(name=name, title=title, sections=tuple(sections))


def declared_encoding(data: bytes) -> str | None:
    """What a page says of its encoding; None where it says nothing."""
    found = _CHARSET.search(data[:_PRESCAN])
    return None if found is None else found[1].decode("ascii", "replace")


def _content(page: LexborHTMLParser) -> LexborNode | None:
    """The element that holds what a page is about: several articles are a list of them."""
    for tag in ("main", "article"):
        if len(found := page.css(tag)) == 1:
            return found[0]
    return page.body


def _front_title(front: str) -> str:
    found = _FRONT_TITLE.search(front)
    return "" if found is None else found[2].strip()


def _flat(text: str) -> str:
    return _BLANK.sub(" ", text).strip()


def _parts(root: LexborNode) -> Iterator[tuple[int, str, str]]:
    """Level and text of each heading and what stands below it; level 0 before the first."""
    level, heading, lines = 0, "", _Lines()
    inside: _Lines | None = None
    for node, enters in _walk(root):
        tag = node.tag or ""
        if tag in _HEADINGS:
            if enters:
                yield level, heading, lines.text()
                inside, lines = _Lines(), _Lines()
            elif inside is not None:
                level, heading, inside = int(tag[1]), _flat(inside.text()), None
            continue
        (lines if inside is None else inside).take(node, tag, enters=enters)
    yield level, heading, lines.text()


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node below the root when it is entered and left; no recursion, pages nest deeply."""
    waiting: list[tuple[LexborNode, bool]] = [(root, True)]
    while waiting:
        node, enters = waiting.pop()
        yield node, enters
        if not enters:
            continue
        waiting.append((node, False))
        children, child = [], node.child
        while child is not None:
            children.append((child, True))
            child = child.next
        waiting += reversed(children)


class _Lines:
    """Text that is gathered line by line."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._line: list[str] = []
        self._verbatim = 0

    def take(self, node: LexborNode, tag: str, *, enters: bool) -> None:
        if tag == "pre":
            self._verbatim += 1 if enters else -1
        if tag in _APART:
            self._end()
            if tag == "li" and enters:
                self._line.append("- ")
        elif tag in _CELLS and enters and any(map(str.strip, self._line)):
            self._line.append(" | ")
        elif tag == "-text" and enters:
            self._add(node.text_content or "")
        elif tag == "img" and enters:
            self._line.append(node.attributes.get("alt") or "")

    def text(self) -> str:
        self._end()
        return "\n".join(self._done)

    def _add(self, text: str) -> None:
        if not self._verbatim:
            self._line.append(_BLANK.sub(" ", text))
            return
        first, *others = text.split("\n")
        self._line.append(first)
        for line in others:
            self._end()
            self._line.append(line)

    def _end(self) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._verbatim else _flat(line)
        self._line = []
        if line.strip(" -|"):
            self._done.append(line)
        elif line == "-":
            self._line = ["- "]  # a paragraph inside the item begins
