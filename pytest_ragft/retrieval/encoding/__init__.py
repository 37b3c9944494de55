"""Encoders: texts in, vectors out."""

from pytest_ragft.retrieval.encoding.factory import open_encoder
from pytest_ragft.retrieval.encoding.port import Encoder, Progress

__all__ = ["Encoder", "Progress", "open_encoder"]
