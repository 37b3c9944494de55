"""Hypothesis without deadlines: how long an example takes depends on the machine's other work."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
