"""References as exports leave them, cleaned: nobody answers with markup or a broken encoding."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from html.entities import html5

from pytest_ragft.records import QAExample

# How UTF-8 looks that was read as Windows-1252 or Latin-1.
_BROKEN = re.compile(r"[ÂÃâð][\x80-\xbf‚-™œžšŠŽŸ€]")
_TAG = re.compile(
    r"</?(?P<name>p|br|div|span|b|strong|i|em|u|s|a|sub|sup|ul|ol|li|dl|dt|dd|table|thead|tbody|tr"
    r"|td|th|h[1-6]|code|pre|blockquote|font|small|hr|img)(?:\s[^<>=]{1,60}=[^<>]{1,500})?\s?/?>",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"</[a-zA-Z]|<(?:br|hr|p|li|img)\b", re.IGNORECASE)
# Tags that end a line.
_APART = ("p", "br", "div", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "hr", "pre",
          "blockquote", "h1", "h2", "h3", "h4", "h5", "h6")  # fmt: skip
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}[0-9]{0,2}|#[0-9]{2,6}|#x[0-9a-fA-F]{2,6});")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
# Where a text comes from, behind what it says.
_NOTE = re.compile(
    r"(?:\[citation needed\]"
    r"|[(\[](?:sources?|retrieved from|accessed on|citation|adapted from):[^()\[\]]{1,300}[)\]]\.?"
    r"|(?<=[.!?]\s)(?:sources?|retrieved from): (?:https?://|www\.)\S{1,300})$",
    re.IGNORECASE,
)


# What any text has that is cleaned; most have nothing of it.
_SUSPECT = re.compile(
    r"[<&ÂÃâð\u00ad\u200b\u2060\ufeff]|source|citation|retrieved|accessed|adapted",
    re.IGNORECASE,
)


# Of questions whose answer may be what is otherwise taken out.
_ABOUT_MARKUP = re.compile(
    r"\b(?:html|xml|tags?|entit(?:y|ies)|escaped?|sources?|cite|citations?)\b", re.IGNORECASE
)


def clean_examples(
    examples: Iterable[QAExample],
) -> tuple[tuple[QAExample, ...], Mapping[str, tuple[str, ...]]]:
    """Examples with cleaned references and facts, and by what was found the ids it was found in."""
    kept, ids = [], defaultdict(list)
    for example in examples:
        if _ABOUT_MARKUP.search(example.question):
            kept.append(example)
            continue
        references = [cleaned(text) for text in example.references]
        facts = [cleaned(text) for text in example.facts]
        dirt = dict.fromkeys(what for _, found in (*references, *facts) for what in found)
        for what in dirt:
            ids[what].append(example.id)
        kept.append(
            replace(
                example,
                references=tuple(text for text, _ in references),
                facts=tuple(dict.fromkeys(text for text, _ in facts)),
            )
            if dirt
            else example
        )
    return tuple(kept), {what: tuple(found) for what, found in ids.items()}


def cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """A reference without what no answer would hold, and what that was.

    Mended are a broken encoding, HTML tags and entities, invisible characters and notes on the
    source behind the text. Where nothing else would be left, the text stays as it is.
    """
    found: list[str] = []
    if not _SUSPECT.search(text):
        return text, ()
    for what, clean in _STEPS.items():
        better = clean(text.strip()).strip()
        if better and better != text.strip():
            text = better
            found.append(what)
    return text, tuple(found)


def _recoded(text: str) -> str:
    if not _BROKEN.search(text):
        return text
    from ftfy import fix_encoding

    return str(fix_encoding(text))


def _untagged(text: str) -> str:
    # A tag that is nowhere closed is what somebody writes about: "<b> or <strong>", "Option<I>".
    if _CLOSED.search(text):
        text = _TAG.sub(_in_place_of, text)
    return _ENTITY.sub(_unescaped, text)


def _unescaped(entity: re.Match[str]) -> str:
    known = entity[0][1] == "#" or entity[0][1:] in html5
    return html.unescape(entity[0]) if known else entity[0]


def _in_place_of(tag: re.Match[str]) -> str:
    name = tag["name"].lower()
    # 10<sup>6</sup> is no 106.
    if name == "sup" and not tag[0].startswith("</"):
        return "^"
    return "\n" if name in _APART else " " if name in ("td", "th") else ""


_STEPS: Mapping[str, Callable[[str], str]] = {
    "a broken encoding": _recoded,
    "HTML": _untagged,
    "invisible characters": lambda text: _INVISIBLE.sub("", text),
    "a note on the source": lambda text: _NOTE.sub("", text),
}
