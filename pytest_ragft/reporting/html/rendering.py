"""Pages out of templates: one environment, one policy. Pure.

The templates hold no logic beyond loops, and what does not come from this package is escaped by
them. A page may load nothing: its style and its script are named by their digests.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from pytest_ragft.errors import MissingDependencyError


def require_jinja() -> None:
    """See that a page can be made, before there is anything to show.

    Raises:
        MissingDependencyError: the extra ``report`` is not installed.
    """
    if find_spec("jinja2") is None:
        raise MissingDependencyError("jinja2", extra="report", purpose="the HTML report")


def render(template: str, *, style: str, script: str = "", **values: Any) -> str:
    """A whole page.

    Args:
        template: its file in this folder, which extends ``base.html.jinja``.
        style: all of its rules.
        script: all of it; empty for a page without one.
        values: what the template asks for; ``title`` and ``version`` among them.

    Raises:
        MissingDependencyError: the extra ``report`` is not installed.
    """
    require_jinja()
    from markupsafe import Markup

    page: str = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style),
            style_hash=_hash(style),
            script=Markup(script),
            script_hash=_hash(script) if script else "none",
            **values,
        )
    )
    return page + "\n"


@cache
def part(name: str) -> str:
    """A file of this folder."""
    return files("pytest_ragft.reporting.html").joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(part),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _hash(text: str) -> str:
    """As a content security policy names the one script or style that may act."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
