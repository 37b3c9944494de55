"""Fixtures of the tests on a real server."""

from tests.elastic.opening import server, suite  # noqa: F401
from tests.elastic.own_index import open_own, own_name  # noqa: F401
