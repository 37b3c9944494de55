"""Readers of what other tools log about a model, one module a tool: answers as variants."""
