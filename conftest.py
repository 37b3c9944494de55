"""pytest's root configuration: for the project's tests, and for its suites as a user gates them."""

from __future__ import annotations

from importlib.util import find_spec

# Whoever gates the suites has the product installed, and not the tools of its tests.
if find_spec("hypothesis") is not None:
    from hypothesis import settings

    # A loaded machine is no failure, and a run is repeatable: `--hypothesis-seed=N` searches on.
    settings.register_profile("repeatable", deadline=None, derandomize=True)
    settings.load_profile("repeatable")
