"""Lines and cells of Markdown tables."""

from __future__ import annotations

from collections.abc import Iterator


def share(part: int, of: int, *, least: float | None = None, most: float | None = None) -> str:
    """A share with its counts; in bold where it misses its bar."""
    if not of:
        return "none"
    value = part / of
    text = f"{100 * value:.2f} % ({part:,} of {of:,})"
    missed = (least is not None and value < least) or (most is not None and value > most)
    return f"**{text}**" if missed else text


def head(*columns: str) -> Iterator[str]:
    """Of a Markdown table."""
    yield "| " + " | ".join(columns) + " |"
    yield "| --- " * len(columns) + "|"


def line(*cells: object) -> str:
    """Of a Markdown table."""
    return "| " + " | ".join(map(str, cells)) + " |"


def signed(number: float, *, digits: int = 3) -> str:
    """With so many digits behind the point and a true minus sign."""
    return f"{number:+.{digits}f}".replace("0.", ".", 1).replace("-", "−")
