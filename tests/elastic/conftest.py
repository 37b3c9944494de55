"""Fixtures of the tests on a real server."""

from tests.elastic.opening import server, suite  # noqa: F401
