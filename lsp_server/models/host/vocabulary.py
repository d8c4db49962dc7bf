"""The spellings of a model's tokens, and which tokens can go on a text that is already there.

Token healing: people stop typing inside of tokens, while a model has seen texts that are cut at token ends.
So the last token of the prompt is taken back, and the next tokens have to spell it before the model is free.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


class Vocabulary:
    """The spellings of all tokens that are text: no control tokens, no ends of generation."""

    def __init__(self, spellings: Iterable[tuple[int, bytes]]) -> None:
        pairs = sorted((spelling, token) for token, spelling in spellings if spelling)
        self._spellings = [spelling for spelling, _ in pairs]
        self._tokens = np.array([token for _, token in pairs], dtype=np.int32)

    def going_on(self, rest: bytes) -> Ids:
        """The tokens that can come next where the text has to begin with `rest`.

        They begin with it, or are its beginning: indentation in front of a word is a token of its own.
        """
        shorter = [self._find(rest[:length]) for length in range(1, len(rest))]
        ranges = [*(span for span in shorter if span[0] < span[1]), self._beginning_with(rest)]
        return np.concatenate([self._tokens[start:end] for start, end in ranges])

    def _find(self, spelling: bytes) -> tuple[int, int]:
        start = end = bisect_left(self._spellings, spelling)
        while end < len(self._spellings) and self._spellings[end] == spelling:
            end += 1
        return start, end

    def _beginning_with(self, rest: bytes) -> tuple[int, int]:
        start = bisect_left(self._spellings, rest)
        after = _after(rest)
        end = bisect_left(self._spellings, after, lo=start) if after else len(self._spellings)
        return start, end


def _after(prefix: bytes) -> bytes:
    """The least bytes greater than everything that begins with `prefix`; empty if there are none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else b""
