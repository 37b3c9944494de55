"""`python -m pytest_ragft` is the `ragft` command."""

from pytest_ragft.cli import main

raise SystemExit(main())
