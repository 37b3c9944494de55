"""Text to search terms: the analysis of the embedded index."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

ANALYSIS: Mapping[str, str] = {
    "english": "nfkc-casefold-stop-porter/1",
    "standard": "nfkc-casefold/1",
}
"""Analyzers with the version of what each does: part of fingerprints, changed when terms are."""

# Lucene's English stop words, so that the embedded index and Elasticsearch's `english` analyzer
# drop the same words.
STOP_WORDS = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they",
    "this", "to", "was", "will", "with",
))  # fmt: skip

_WORD = re.compile(r"[^\W_]+")
# An apostrophe or a point between letters or digits does not end a word (UAX #29, WB6 to WB12).
_JOINED_WORD = re.compile(r"[^\W_]+(?:['\u2019.][^\W_]+)*")
_POSSESSIVE = re.compile(r"['\u2019]s\b")


class Analyzer:
    """Terms of a text after NFKC and casefolding.

    Args:
        name: ``english`` drops possessives and stop words and stems by Porter; ``standard`` keeps
            every word as it stands, as Elasticsearch's analyzer of that name does.

    Raises:
        ValueError: there is no analyzer of that name.
    """

    def __init__(self, name: str = "english") -> None:
        if name not in ANALYSIS:
            raise ValueError(f"{name!r} is no analyzer of the embedded index: {sorted(ANALYSIS)}")
        import Stemmer

        self._stemmer = Stemmer.Stemmer("porter") if name == "english" else None

    def terms(self, text: str) -> list[str]:
        """The terms of `text` in their order, with repetitions; empty when it has none."""
        plain = unicodedata.normalize("NFKC", text).casefold()
        if self._stemmer is None:
            return _JOINED_WORD.findall(plain)
        found = _WORD.findall(_POSSESSIVE.sub("", plain))
        words = [word for word in found if word not in STOP_WORDS]
        stems = self._stemmer.stemWords(words)
        # Porter's stem of the word "s" is empty.
        return [stem or word for stem, word in zip(stems, words, strict=True)]
