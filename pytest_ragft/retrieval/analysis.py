"""English text to search terms: the analysis of the embedded index."""

from __future__ import annotations

import re
import unicodedata

ANALYSIS = "nfkc-casefold-stop-porter/1"
"""Name of what `Analyzer` does; part of fingerprints, so it changes whenever terms change."""

# Lucene's English stop words, so that the embedded index and Elasticsearch's `english` analyzer
# drop the same words.
STOP_WORDS = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they",
    "this", "to", "was", "will", "with",
))  # fmt: skip

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['\u2019]s\b")


class Analyzer:
    """Terms of a text: NFKC, casefolded, possessives and stop words dropped, Porter-stemmed."""

    def __init__(self) -> None:
        import Stemmer

        self._stemmer = Stemmer.Stemmer("porter")

    def terms(self, text: str) -> list[str]:
        """The terms of `text` in their order, with repetitions; empty when it has none."""
        plain = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
        words = [word for word in _WORD.findall(plain) if word not in STOP_WORDS]
        stems = self._stemmer.stemWords(words)
        # Porter's stem of the word "s" is empty.
        return [stem or word for stem, word in zip(stems, words, strict=True)]
