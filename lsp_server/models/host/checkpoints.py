"""States of texts to go back to, for models whose memory of a text cannot be shortened.

Such a memory, that of Mamba or of the gated delta nets of Qwen3-Coder-Next, is one state that holds all that
was read. A copy of it at a good place is what a later text with the same beginning can start from. This file
keeps the copies, and forgets those that save least; `sequences.py` takes them and puts them back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int32]
State = NDArray[np.uint8]

MOST = 64
MOST_BYTES = 1 << 30
"""Of all states together. One of Qwen3-Coder-Next has 77 MB: 36 layers of 32 heads with 128 x 128 numbers of
four bytes, and three steps of a convolution over 8,192 channels."""


@dataclass(eq=False, slots=True)
class Checkpoint:
    """What a model's memory was after these tokens."""

    tokens: Tokens
    state: State
    used: int = 0

    @property
    def length(self) -> int:
        return len(self.tokens)


class Checkpoints:
    """At most `most` states of at most `most_bytes` bytes together."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._all: list[Checkpoint] = []
        self._uses = 0

    def __len__(self) -> int:
        return len(self._all)

    @property
    def bytes(self) -> int:
        """What the states take."""
        return sum(checkpoint.state.nbytes for checkpoint in self._all)

    def lengths(self, tokens: Tokens) -> list[int]:
        """How many tokens those have that a text begins with, from short to long."""
        return sorted(checkpoint.length for checkpoint in self._all if _begins(tokens, checkpoint.tokens))

    def longest(self, tokens: Tokens, limit: int) -> Checkpoint | None:
        """The longest one that a text begins with, of at most `limit` tokens."""
        fitting = [one for one in self._all if one.length <= limit and _begins(tokens, one.tokens)]
        found = max(fitting, key=lambda one: one.length, default=None)
        if found is not None:
            self._use(found)
        return found

    def add(self, tokens: Tokens, state: State) -> None:
        """Keep the state after these tokens, and forget others if there is no room for all."""
        if any(len(tokens) == one.length and _begins(tokens, one.tokens) for one in self._all):
            return
        self._all.append(Checkpoint(tokens.copy(), state))
        self._use(self._all[-1])
        while self._all and (len(self._all) > self._most or self.bytes > self._most_bytes):
            self._all.remove(min(self._all, key=self._worth))

    def keep(self, texts: Iterable[Tokens]) -> None:
        """Forget those that none of these texts begins with."""
        held = list(texts)
        self._all = [one for one in self._all if any(_begins(text, one.tokens) for text in held)]

    def _use(self, checkpoint: Checkpoint) -> None:
        self._uses += 1
        checkpoint.used = self._uses

    def _worth(self, checkpoint: Checkpoint) -> float:
        """Tokens that would have to be read again without it, less for each use of others since its own."""
        before = [length for length in self.lengths(checkpoint.tokens) if length < checkpoint.length]
        saved = checkpoint.length - max(before, default=0)
        return saved / (1 + self._uses - checkpoint.used)


def _begins(text: Tokens, tokens: Tokens) -> bool:
    return len(tokens) <= len(text) and bool((text[: len(tokens)] == tokens).all())
