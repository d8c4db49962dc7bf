"""How many tokens texts have: exact where the model has counted them once, else estimated."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from hashlib import blake2b

from lsp_server.features.ask import encodable
from lsp_server.features.completion_options import CHARACTERS
from lsp_server.models.backend import Backend

MOST = 20_000
"""Texts whose counts are kept, and of those that are waiting to be counted."""
AT_ONCE = 64
"""Texts that the model is asked about at one time."""


class Counts:
    """Counts by text. One that nobody has counted yet is estimated, until the model is asked by `learn`."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, int] = OrderedDict()
        self._missing: dict[str, None] = {}
        self.learned = 0
        """Texts that the model has counted so far."""

    def count(self, text: str) -> int:
        """The tokens of a text, as far as is known; also from another thread than that of `learn`."""
        if not text:
            return 0
        known = self._known.get(_key(text)) if self._known else None
        if known is not None:
            return known
        if len(self._missing) < MOST:
            self._missing[text] = None
        return estimate(text)

    @property
    def are_exact(self) -> bool:
        """Whether nothing had to be estimated since the model was asked last."""
        return not self._missing

    async def learn(self, backend: Backend) -> None:
        """Let the model count what had to be estimated. Raises ModelError; what it counted before is kept."""
        while texts := list(self._missing)[:AT_ONCE]:
            counts = await asyncio.gather(*(backend.count_tokens(encodable(text)) for text in texts))
            for text, count in zip(texts, counts, strict=True):
                self._known[_key(text)] = count
                self._missing.pop(text, None)
            self.learned += len(counts)
        while len(self._known) > MOST:
            self._known.popitem(last=False)


def estimate(text: str) -> int:
    """Tokens of a text by its length, as the budget of a completion is counted."""
    return math.ceil(len(text) / CHARACTERS)


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
