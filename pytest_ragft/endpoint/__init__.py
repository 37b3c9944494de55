"""Clients of OpenAI-compatible HTTP endpoints: bounded, retried, timed, and never silent."""
