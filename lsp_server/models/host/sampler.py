"""How the next token is chosen where it is not simply the likeliest: a chain of llama.cpp's own samplers."""

from __future__ import annotations

from typing import Any

import llama_cpp as native

from lsp_server.models.backend import Sampling

PENALISED = 64
"""Tokens that a repeat penalty looks back."""


class Sampler:
    """A chain of llama.cpp's own samplers; freed with the object."""

    def __init__(self, context: Any, sampling: Sampling) -> None:
        self._context = context
        self._chain = chain_of(sampling)

    def __del__(self) -> None:
        native.llama_sampler_free(self._chain)

    def sample(self) -> int:
        """Choose the next token and remember it."""
        return int(native.llama_sampler_sample(self._chain, self._context, -1))


def chain_of(sampling: Sampling) -> Any:
    """The samplers that choose as `sampling` says, in one; whoever has it frees it."""
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    for link in _links(sampling):
        native.llama_sampler_chain_add(chain, link)
    return chain


def _links(sampling: Sampling) -> list[Any]:
    links = []
    if sampling.repeat_penalty != 1:
        links.append(native.llama_sampler_init_penalties(0, PENALISED, sampling.repeat_penalty, 0.0, 0.0))
    if sampling.temperature <= 0:
        return [*links, native.llama_sampler_init_greedy()]
    if sampling.top_k > 0:
        links.append(native.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1:
        links.append(native.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        links.append(native.llama_sampler_init_min_p(sampling.min_p, 1))
    links.append(native.llama_sampler_init_temp(sampling.temperature))
    return [*links, native.llama_sampler_init_dist(sampling.seed)]
