"""Readers of people's documents (text, Markdown, HTML, PDF): what they say, section by section."""

from pytest_ragft.datasets.documents.reading import Documents, read_documents
from pytest_ragft.datasets.documents.sections import Document, Section

__all__ = ["Document", "Documents", "Section", "read_documents"]
