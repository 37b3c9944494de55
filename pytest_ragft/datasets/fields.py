"""Checked reading of one table (a TOML table or a JSON object): the value, or what is wrong."""

from __future__ import annotations

import difflib
import math
import reprlib
from collections.abc import Collection, Mapping, Sequence

from pytest_ragft.errors import SuiteError

_shown = reprlib.Repr()
_shown.maxstring = _shown.maxother = 80
_LONGEST = 400


def show(value: object) -> str:
    """`value` as Python writes it, shortened where it is long."""
    text = _shown.repr(value)
    # Limits of strings and lists multiply: a whole file would be shown by pages.
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def suggest(value: str, known: Collection[str]) -> str:
    """``; did you mean …?`` where something known is close, else nothing."""
    close = difflib.get_close_matches(value, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


class Fields:
    """One table whose values are read with their checks.

    Args:
        values: What the parser gave.
        where: File, and line or table, for messages.
        known: Keys that the table may have.
        others: Whether it may have other keys, too, which are not read.

    Raises:
        SuiteError: `values` is not a table, or has a key that it may not have.
    """

    def __init__(
        self, values: object, *, where: str, known: Collection[str], others: bool = False
    ) -> None:
        if not isinstance(values, Mapping):
            raise SuiteError(
                f"{where}: {show(values)} is not a table of keys and values; "
                f"the keys are {', '.join(known)}"
            )
        self.where = where
        self.given: Mapping[str, object] = values
        """As the parser gave it, with what is null."""
        for key in () if others else values:
            if key not in known:
                raise SuiteError(
                    f"{where}: unknown key {show(key)}{suggest(str(key), known)}"
                    f" (known: {', '.join(known)})"
                )
        # JSON's null says the same as leaving the key out.
        self._values = {key: value for key, value in values.items() if value is not None}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def wrong(self, key: str, accepted: str) -> SuiteError:
        """The error for the value of `key`; `accepted` says what it should be."""
        return SuiteError(f"{self.where}: {key} = {show(self._values.get(key))}: {accepted}")

    def unusable(self, key: str, accepted: str) -> SuiteError:
        """The error for a value that must not be shown, as it may hold a secret."""
        return SuiteError(f"{self.where}: {key}: {accepted}")

    def table(self, key: str, known: Collection[str]) -> Fields:
        """A table below this one; an empty one when left out."""
        return Fields(self._values.get(key, {}), where=f"{self.where}: {key}", known=known)

    def _required(self, key: str, accepted: str) -> object:
        if key not in self._values:
            raise SuiteError(f"{self.where}: {key!r} is missing: give {accepted}")
        return self._values[key]

    def text(self, key: str, default: str | None = None, *, empty: bool = False) -> str:
        """A string; required when `default` is None, not blank unless `empty`."""
        if default is not None and key not in self._values:
            return default
        value = self._required(key, "a text")
        if not isinstance(value, str):
            raise self.wrong(key, "must be a text (a quoted string)")
        if not empty and not value.strip():
            raise self.wrong(key, "must not be empty")
        if not _encodable(value):
            raise self.wrong(key, "holds half of a surrogate pair, which is not text")
        return value

    def optional_text(self, key: str) -> str | None:
        """A string that is not blank, or None when left out."""
        return self.text(key) if key in self._values else None

    def identifier(self, key: str) -> str:
        """A string that is not blank; a whole number, as other tools write ids, as its digits."""
        value = self._values.get(key)
        if _is_whole(value):
            return str(value)
        return self.text(key)

    def optional_identifier(self, key: str) -> str | None:
        """The same, or None when left out."""
        return self.identifier(key) if key in self._values else None

    def identifiers(self, key: str) -> tuple[str, ...]:
        """A list of identifiers, none twice; one that stands alone is a list of one."""
        value = self._values.get(key)
        items = value if isinstance(value, list) else [value]
        if any(map(_is_whole, items)):
            items = [str(item) if _is_whole(item) else item for item in items]
            within = Fields({key: items}, where=self.where, known=(key,))
            return within.texts(key, unique=True)
        return self.texts(key, unique=True, lone=True)

    def texts(
        self,
        key: str,
        *,
        required: bool = False,
        unique: bool = False,
        blank: bool = False,
        lone: bool = False,
    ) -> tuple[str, ...]:
        """A list of strings, none empty or, without `blank`, white; () when left out.

        With `lone`, a string that stands alone is a list of one, and a blank one an empty list.
        """
        if not required and key not in self._values:
            return ()
        value = self._required(key, "a list of texts")
        if lone and isinstance(value, str):
            value = [value] if value.strip() else []
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.wrong(key, "must be a list of texts")
        for item in value:
            if not isinstance(item, str) or not (item if blank else item.strip()):
                raise self.wrong(key, f"{show(item)} in it is not a text, or is empty")
            if not _encodable(item):
                raise self.wrong(key, f"{show(item)} in it holds half of a surrogate pair")
        if unique and len(set(value)) < len(value):
            raise self.wrong(key, "names the same thing twice")
        return tuple(value)

    def items(self, key: str, *, required: bool = True) -> Sequence[object]:
        """A list of anything; () when it is left out and not required."""
        if not required and key not in self._values:
            return ()
        value = self._required(key, "a list")
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.wrong(key, "must be a list")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """The truth value of `key`, `default` when left out."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def integer(self, key: str, *, least: int = 1) -> int | None:
        """A whole number of at least `least`, or None when left out; true is no number."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(key, f"must be a whole number of {least} or more")
        return value

    def numbers(self, key: str) -> tuple[int, ...] | None:
        """A list of whole numbers; None for anything else."""
        value = self._values.get(key)
        if not isinstance(value, Sequence) or isinstance(value, str):
            return None
        whole = [item for item in value if isinstance(item, int) and not isinstance(item, bool)]
        return tuple(whole) if len(whole) == len(value) else None

    def number(
        self,
        key: str,
        *,
        above: float = -math.inf,
        least: float = -math.inf,
        up_to: float,
        below: float = math.inf,
    ) -> float | None:
        """A number above < … <= up_to, also least <= … < below, or None when left out."""
        value = self._values.get(key)
        if value is None:
            return None
        end = f"less than {below:g}" if below < math.inf else f"at most {up_to:g}"
        start = f"greater than {above:g}" if above > -math.inf else f"at least {least:g}"
        accepted = f"must be a number {start} and {end}"
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong(key, accepted)
        if not (above < value <= up_to and least <= value < below):
            raise self.wrong(key, accepted)
        return float(value)

    def choice(self, key: str, accepted: Collection[str], default: str | None = None) -> str:
        """One of `accepted`; required when `default` is None."""
        value = self.text(key, default)
        if value not in accepted:
            raise self.wrong(key, f"must be one of {', '.join(accepted)}{suggest(value, accepted)}")
        return value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
