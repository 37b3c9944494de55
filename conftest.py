"""pytest's own root configuration."""

pytest_plugins = ["pytester"]
