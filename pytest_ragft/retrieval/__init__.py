"""Retrieval: the port, its adapters, fusion and retrieval metrics."""
