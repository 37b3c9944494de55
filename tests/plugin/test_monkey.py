"""Command lines at random over a small project; `python -m tests.monkey` searches further."""

from __future__ import annotations

from tests.monkey import search


def test_no_command_line_makes_a_worse_variant_green() -> None:
    assert sum(search(examples=40, start=1).values()) >= 40
