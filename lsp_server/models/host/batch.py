"""Tokens on their way into llama.cpp."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import llama_cpp as native

from lsp_server.models.host.opening import BATCH


class Batch:
    """One batch that is filled again and again: tokens of one sequence, logits for the last ones."""

    def __init__(self) -> None:
        self._tokens = (native.llama_token * BATCH)()
        self._positions = (native.llama_pos * BATCH)()
        self._counts = (ctypes.c_int32 * BATCH)(*[1] * BATCH)
        self._sequence = native.llama_seq_id(0)
        pointer = ctypes.POINTER(native.llama_seq_id)
        self._sequences = (pointer * BATCH)(*[ctypes.pointer(self._sequence)] * BATCH)
        self._wanted = (ctypes.c_int8 * BATCH)()
        self._batch = native.llama_batch(
            n_tokens=0,
            token=self._tokens,
            embd=None,
            pos=self._positions,
            n_seq_id=self._counts,
            seq_id=self._sequences,
            logits=self._wanted,
        )

    def filled(self, sequence: int, start: int, tokens: Sequence[int], answers: int) -> Any:
        """The tokens of a sequence from position `start` on; logits are wanted for the last `answers`."""
        count = len(tokens)
        self._tokens[:count] = list(tokens)
        self._positions[:count] = list(range(start, start + count))
        self._sequence.value = sequence
        self._wanted[: count - answers] = [0] * (count - answers)
        self._wanted[count - answers : count] = [1] * answers
        self._batch.n_tokens = count
        return self._batch
