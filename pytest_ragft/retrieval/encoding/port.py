"""The encoder port, and what stands behind its cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SETTING = "[retrieval] encoder"
"""Where an encoder is named, for messages."""

TextRole = Literal["query", "document"]
"""What a text is: models may want other prompts before what is asked than before what is found."""


class Encoder(Protocol):
    """Texts in, vectors out, in batches; a text's vector does not depend on its batch."""

    @property
    def fingerprint(self) -> str:
        """Identity of all that decides a vector besides its text."""
        ...

    @property
    def description(self) -> str:
        """A word for reports, such as the model's name."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of the vectors.

        Raises:
            RetrievalError: it cannot be found out.
        """
        ...

    def check(self) -> None:
        """Find what can be found before any long work.

        Raises:
            RetrievalError: it cannot be used; the message names the setting.
            MissingDependencyError: a package that it needs is not installed.
        """
        ...

    def encode(self, texts: Sequence[str], role: TextRole = "document") -> NDArray[np.float32]:
        """Vectors of length 1, shape [texts, dimensions].

        The vector of a blank text, or of one without any term that the encoder knows, is zero: it
        is near to nothing, and is no hit.

        Raises:
            RetrievalError: not every text can be encoded.
        """
        ...


class VectorModel(Protocol):
    """Computes vectors; what is kept of them is not its concern."""

    @property
    def fingerprint(self) -> str:
        """As `Encoder.fingerprint`, but for prompts; loads no model and asks no server."""
        ...

    @property
    def description(self) -> str:
        """As `Encoder.description`."""
        ...

    @property
    def dimensions(self) -> int | None:
        """Length of the vectors; None where only a vector tells."""
        ...

    def prompt(self, role: TextRole) -> str:
        """What stands before each text that is encoded; empty for most models."""
        ...

    def check(self) -> None:
        """As `Encoder.check`, without computing a vector or asking a server."""
        ...

    def vectors(self, texts: Sequence[str], done: Callable[[int], None]) -> NDArray[np.float32]:
        """Vectors of length 1 of texts that are not blank; `done` gets counts as they come.

        Raises:
            RetrievalError: not every text can be encoded.
        """
        ...
