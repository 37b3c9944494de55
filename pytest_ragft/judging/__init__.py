"""Judging: the port and the judges."""
