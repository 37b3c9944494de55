"""Times of day in running text, and when two agree."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_ragft.judging.lexical.numbers import FURTHEST, spell_out

_TIME = re.compile(
    r"(?<![\w.:])(?P<hour>[0-2]?[0-9])(?:[:.h](?P<minute>[0-5][0-9])(?::[0-5][0-9])?)?\s?"
    r"(?P<half>[ap]\.?\s?m\b\.?|o'?clock|noon|midnight)?(?![\w:])"
)
# Times without a colon: "0930 hours".
_CLOCK = re.compile(r"(?<![\w.,:])([01][0-9]|2[0-3])([0-5][0-9])\s?(?:hours|hrs|h|z)\b")
# Times with a dot, which are decimals as often: "at 17.45".
_DOTTED = re.compile(r"(?:(?<=\bat )|^)([0-9]{1,2})\.([0-5][0-9])(?=\W{0,2}$|[,;]|\s(?!percent|%))")
_ONE = 1
_PAST = re.compile(
    r"\b(?:a )?(?P<part>half|quarter) (?P<way>past|to) (?P<hour>[0-9]{1,2}"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
)
_NAMED_TIMES = re.compile(r"\b(?:noon|midday|midnight)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A time of day."""

    minute: int
    """Minutes after midnight; of a twelve-hour clock where `half` is unknown."""
    half: bool
    """Whether the half of the day is known."""

    def agrees(self, other: Time) -> bool:
        """Whether both may be the same time."""
        if self.half and other.half:
            return self.minute == other.minute
        return self.minute % 720 == other.minute % 720


def times(text: str, *, dotted: bool = False) -> tuple[Time, ...]:
    """Times of day in a normalised text; a bare number is none.

    Args:
        text: Normalised.
        dotted: Whether "17.45" may be one: where a time is asked for.
    """
    text = text[:FURTHEST]
    found = [
        Time(minute=0 if match[0] == "midnight" else 720, half=True)
        for match in _NAMED_TIMES.finditer(text)
    ]
    text = spell_out(_PAST.sub(_past, text))
    text = _CLOCK.sub(r"\1:\2", text)
    if dotted:
        text = _DOTTED.sub(r"\1:\2", text)
    for match in _TIME.finditer(text):
        half = (match["half"] or "")[:1]
        if not half and not (match["minute"] and ":" in match[0]):
            continue
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        known = half in ("a", "p") or hour > 12 or match["hour"].startswith("0")
        if half in ("a", "p") and hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24:
            found.append(Time(minute=60 * hour + minute, half=known))
    return tuple(found)


def _past(match: re.Match[str]) -> str:
    hours = spell_out(match["hour"])
    hour = int(hours) if hours.isdecimal() else _ONE
    offset = 30 if match["part"] == "half" else 15
    total = 60 * hour + (offset if match["way"] == "past" else -offset)
    return f"{total // 60}:{total % 60:02d}"
