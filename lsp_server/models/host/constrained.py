"""Chooses tokens that a grammar allows.

llama.cpp ends the process when a token is accepted that does not fit. So what `llama_sampler_sample` does in
one call is done here in steps, with a look at what is left in between.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import llama_cpp as native
import numpy as np
from numpy.typing import NDArray

from lsp_server.models.backend import ModelError, Sampling
from lsp_server.models.host.grammar import ROOT, BadGrammar, check_grammar
from lsp_server.models.host.sampler import chain_of

Logits = NDArray[np.float32]

CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""`llama_token_data` of llama.h."""


class Constrained:
    """A grammar and a chain of samplers; freed with the object. Raises ModelError for a bad grammar."""

    def __init__(self, vocab: Any, sampling: Sampling, logits: Callable[[], Logits]) -> None:
        self._chain = self._grammar = None
        self._logits = logits
        self._grammar = _parsed(vocab, sampling.grammar)
        self._chain = chain_of(sampling)

    def __del__(self) -> None:
        for sampler in (self._chain, self._grammar):
            if sampler:
                native.llama_sampler_free(sampler)

    def sample(self) -> int:
        """Choose the next token and remember it. Raises ModelError where the grammar allows none."""
        logits = self._logits()
        token = self._chosen(_candidates(logits))
        # To ask a grammar for one token costs nothing beside asking it for 150,000 of them.
        if not self._allowed(np.array([(token, 0.0, 0.0)], CANDIDATE)):
            candidates = _candidates(logits)
            if not self._allowed(candidates):
                raise ModelError("bad-request", "The grammar allows no token that could come next.")
            token = self._chosen(candidates)
        native.llama_sampler_accept(self._grammar, token)
        native.llama_sampler_accept(self._chain, token)
        return token

    def _allowed(self, candidates: NDArray[np.void]) -> bool:
        """Rule out those that do not fit; whether any is left."""
        native.llama_sampler_apply(self._grammar, ctypes.byref(_array(candidates)))
        return bool(np.isfinite(candidates["logit"]).any())

    def _chosen(self, candidates: NDArray[np.void]) -> int:
        array = _array(candidates)
        native.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)


def _parsed(vocab: Any, grammar: str) -> Any:
    try:
        check_grammar(grammar)
    except BadGrammar as error:
        raise ModelError("bad-request", f"The grammar is not right. {error}", permanent=True) from error
    parsed = native.llama_sampler_init_grammar(vocab, grammar.encode(), ROOT.encode())
    if not parsed:
        raise ModelError("bad-request", "The grammar is one that llama.cpp does not take.", permanent=True)
    return parsed


def _candidates(logits: Logits) -> NDArray[np.void]:
    candidates = np.zeros(len(logits), CANDIDATE)
    candidates["id"] = np.arange(len(logits))
    candidates["logit"] = logits
    return candidates


def _array(candidates: NDArray[np.void]) -> native.llama_token_data_array:
    data = candidates.ctypes.data_as(ctypes.POINTER(native.llama_token_data))
    return native.llama_token_data_array(data=data, size=len(candidates), selected=-1, sorted=False)
