"""Code blocks of a Markdown page, and what the comment in front of each says of it.

A comment `<!-- … -->` on the line before a block is one of

- `not executed: REASON`;
- `file: PATH`: the block is written there, and what follows on the page can use it;
- `output`: lines of what the block before has printed, in order; `[…]` stands for any others;
- `exit 1`: the commands end with this status, and not with 0.

`<!-- with: NAME -->` anywhere asks for what the test lays into the page's folder, see
`test_commands`, and `<!-- first: COMMAND -->` runs a command that the reader needs not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
SHELL = ("bash", "console", "sh", "shell")
SHOWN = ("text", "")
"""Languages of blocks that neither run nor are files of the reader's."""

_COMMENT = re.compile(r"<!-- (.+?) -->")
_FENCE = re.compile(r"( *)(`{3,})\s*(\S*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block, or a comment that stands by itself (with no language and no text)."""

    line: int
    language: str
    text: str
    says: str
    """The comment in front of it; empty without one."""


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, and the comments `with` and `first`, in their order."""
    return list(_read(page.read_text(encoding="utf-8").splitlines()))


def _read(lines: list[str]) -> Iterator[Block]:
    says, at = "", 0
    while at < len(lines):
        if fence := _FENCE.match(lines[at]):
            indent, ticks, language = fence.groups()
            end = next(i for i in range(at + 1, len(lines)) if lines[i].strip() == ticks)
            text = "".join(line.removeprefix(indent) + "\n" for line in lines[at + 1 : end])
            yield Block(line=at + 1, language=language, text=text, says=says)
            at, says = end, ""
        elif comment := _COMMENT.fullmatch(lines[at].strip()):
            says = comment[1]
            if says.startswith(("with: ", "first: ")):
                yield Block(line=at + 1, language="", text="", says=says)
                says = ""
        elif lines[at].strip():
            says = ""
        at += 1


def indented(page: Path) -> list[int]:
    """Lines of indented blocks, which name no language and so may be commands that nobody runs."""
    found, fenced, before = [], False, ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and re.match(r" {4}\S", line) and not before.strip():
            found.append(number)
        before = line
    return found
