"""What every test may ask for.

Not in the root, where a gate of the shipped suites from a clone would need the tests' tools.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.elastic.opening import elastic_connection, elastic_suite  # noqa: F401
from tests.elastic.sharing import (  # noqa: F401
    elasticsearch_url,
    own_elasticsearch,
    secured_elasticsearch,
)
from tests.example import Example


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """An empty project to write suites and answers into."""
    return Example(tmp_path)
