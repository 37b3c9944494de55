"""Retrieval on a real Elasticsearch server of major version 8."""
