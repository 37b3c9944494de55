"""Identity of plain values by their content."""

from __future__ import annotations

import hashlib
import json

_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":")
).encode
_NESTED = (dict, list, tuple)


def fingerprint(*parts: object) -> str:
    """128-bit hex digest of plain values (str, numbers, bool, None, lists, tuples, dicts).

    Canonical JSON with sorted keys, so that equal values give equal digests in every process and
    1, 1.0, True and "1" give four. A tuple counts as a list, and the two halves of a surrogate
    pair as the character that they stand for.

    Raises:
        TypeError: a part is not made of plain values, or a key of a dict is no string.
        ValueError: a float is NaN or infinite.
    """
    _check_keys(parts)
    return hashlib.blake2b(_encode(parts).encode("ascii"), digest_size=16).hexdigest()


def _check_keys(value: object) -> None:
    """JSON would write the key 1 as "1", and so make one of two dicts."""
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} of a dict is no string")
        value = tuple(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            if isinstance(part, _NESTED):
                _check_keys(part)
