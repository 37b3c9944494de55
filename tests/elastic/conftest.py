"""Fixtures of the tests on a real server."""

from __future__ import annotations

from tests.elastic.opening import server, suite
from tests.elastic.own_index import open_own, own_name

__all__ = ["open_own", "own_name", "server", "suite"]
