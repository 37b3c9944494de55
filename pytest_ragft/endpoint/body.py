"""The body of a response, read up to a limit that holds after decompression, too."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable

LARGEST = 16 << 20
"""Bytes; 8192 tokens with ten alternatives each are 9 MB, 64 vectors of 4096 numbers 6 MB."""

ACCEPTED = "gzip"
"""What is asked for; whoever sends another encoding is not read."""

_ENCODINGS = ("gzip", "x-gzip", "deflate")


class BodyError(Exception):
    """A body that is not read to its end; the text says why."""


async def read_body(chunks: AsyncIterable[bytes], encoding: str, *, most: int = LARGEST) -> bytes:
    """The decoded bytes of a body that arrives in `chunks`.

    Never are more than `most` bytes and one chunk held.

    Args:
        chunks: As they come from the connection, encoded.
        encoding: The header ``Content-Encoding``.
        most: Bytes, decoded.

    Raises:
        BodyError: it is longer, or of an encoding that was not asked for, or damaged.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return await _joined(chunks, most)
    if name not in _ENCODINGS:
        raise BodyError(f"the reply is encoded as {name!r:.40}, which was not asked for")
    body = bytearray()
    decoder = _Decoder()
    async for chunk in chunks:
        body += decoder.decoded(chunk, most + 1 - len(body))
        _expect_short(body, most)
    if not decoder.done:
        raise BodyError("the compressed reply ends before its end")
    return bytes(body)


async def _joined(chunks: AsyncIterable[bytes], most: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        _expect_short(body, most)
    return bytes(body)


def _expect_short(body: bytearray, most: int) -> None:
    if len(body) > most:
        raise BodyError(f"the reply is longer than {most / (1 << 20):g} MiB")


class _Decoder:
    """Gzip (of several members) and zlib, told apart by their first bytes."""

    def __init__(self) -> None:
        self._member = self._fresh()
        self._begun = False

    @property
    def done(self) -> bool:
        """Whether nothing is missing; an empty body, as some servers send it, is whole."""
        return self._member.eof or not self._begun

    def decoded(self, data: bytes, most: int) -> bytes:
        """What `data` adds, at most `most` bytes; the rest of longer data is lost."""
        out = bytearray()
        try:
            while data and len(out) < most:
                if self._member.eof:
                    self._member = self._fresh()
                self._begun = True
                out += self._member.decompress(data, most - len(out))
                data = self._member.unused_data if self._member.eof else b""
        except zlib.error as error:
            raise BodyError(f"the compressed reply is damaged ({error})") from None
        return bytes(out)

    @staticmethod
    def _fresh() -> zlib._Decompress:
        return zlib.decompressobj(zlib.MAX_WBITS | 32)
