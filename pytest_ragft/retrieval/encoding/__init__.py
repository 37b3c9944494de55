"""Encoders: texts in, vectors out."""

from pytest_ragft.retrieval.encoding.factory import open_encoder
from pytest_ragft.retrieval.encoding.port import Encoder

__all__ = ["Encoder", "open_encoder"]
