"""What every reader of a form needs: valid ids."""

from __future__ import annotations

import hashlib
import re

from pytest_ragft.datasets.jsonl import is_question_id

_ID_UNUSABLE = re.compile(r"[\s:\[\]/\\]+")
_ID_KEPT = 150


def question_id(upstream: str) -> str:
    """A valid id of a question (see `jsonl.ID_RULE`), always the same for an id of its makers.

    An id that is valid stays. Another loses what it may not hold and gets a digest of the whole, so
    that no two become one.

    Args:
        upstream: The id, or whatever tells the question apart; not empty.
    """
    if is_question_id(upstream):
        return upstream
    plain = _ID_UNUSABLE.sub("_", "".join(c for c in upstream if c.isprintable() or c.isspace()))
    plain = plain.strip("_-")[:_ID_KEPT].removeprefix("gate-")
    return f"{plain or 'q'}-{digest(upstream)}"


def digest(*texts: str) -> str:
    """Ten hexadecimal digits that tell texts apart."""
    whole = "\x00".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:10]
