"""How many tokens texts have: exact where the model has counted them once, else estimated."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from hashlib import blake2b

from lsp_server.features.completion_options import CHARACTERS
from lsp_server.models.backend import Backend

MOST = 20_000
"""Texts whose counts are kept."""
AT_ONCE = 64
"""Texts that the model is asked about at one time."""


class Counts:
    """Counts by text. A text that nobody has counted yet is estimated, and asked about at the next `learn`."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, int] = OrderedDict()
        self._missing: dict[str, None] = {}

    def count(self, text: str) -> int:
        """The tokens of a text, as far as is known."""
        known = self._known.get(_key(text))
        if known is not None:
            return known
        self._missing[text] = None
        return -int(-len(text) // CHARACTERS)

    @property
    def are_exact(self) -> bool:
        """Whether nothing had to be estimated since the model was asked last."""
        return not self._missing

    async def learn(self, backend: Backend) -> None:
        """Let the model count what had to be estimated. Raises ModelError."""
        texts, self._missing = list(self._missing), {}
        for at in range(0, len(texts), AT_ONCE):
            some = texts[at : at + AT_ONCE]
            counts = await asyncio.gather(*(backend.count_tokens(text) for text in some))
            self._known.update(zip(map(_key, some), counts, strict=True))
        while len(self._known) > MOST:
            self._known.popitem(last=False)


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
