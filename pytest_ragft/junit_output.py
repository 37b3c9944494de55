"""What a gate says at length, for whatever reads its report: JUnit first of all.

GitLab and Jenkins show a failure's text and the output, and no properties. A terminal has it all in
its summary, once for all gates, so that it shows a failure's first line alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from xml.etree import ElementTree

import pytest

_OUTPUT = "ragft_output"
"""Attribute of a report; pytest-xdist hands it over as it does all plain ones."""


def attach(report: pytest.TestReport, output: str) -> None:
    """Let a report carry a gate's output."""
    setattr(report, _OUTPUT, output)


@contextmanager
def at_length(config: pytest.Config, report: pytest.TestReport) -> Iterator[None]:
    """While others read a report, its failure is told with the output that it carries."""
    output, short = getattr(report, _OUTPUT, ""), report.longrepr
    if not output:
        yield
        return
    if report.failed:
        report.longrepr = f"{report.longreprtext}\n{output}"
    _write_system_out(config, report, output)
    try:
        yield
    finally:
        report.longrepr = short


def _write_system_out(config: pytest.Config, report: pytest.TestReport, output: str) -> None:
    """Whatever `junit_logging` is, which is about what tests print and off by default."""
    # There is no public way to it; without, the failure's text and the properties are left.
    with suppress(ImportError, AttributeError):
        from _pytest.junitxml import bin_xml_escape, xml_key

        if (xml := config.stash.get(xml_key, None)) is not None:
            element = ElementTree.Element("system-out")
            element.text = bin_xml_escape(output)
            xml.node_reporter(report).append(element)
