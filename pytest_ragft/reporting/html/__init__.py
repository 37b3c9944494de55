"""The result of a run as one HTML file that asks nothing of any server."""

from __future__ import annotations

from pytest_ragft.reporting.html.page import MARK, to_html
from pytest_ragft.reporting.html.rendering import require_jinja

__all__ = ["MARK", "require_jinja", "to_html"]
