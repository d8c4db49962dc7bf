"""The options of completion, and what they and the machine's speed allow the model to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lsp_server.features.anchor import MOST_TYPED, Budget
from lsp_server.models.backend import ModelInfo

CHARACTERS = 3.5
"""Characters of code in a token, a little below what was measured for Qwen's vocabulary (3.88)."""
LEAST_TOKENS = 192
"""Tokens of the document that even a slow machine reads: with less than this a model only guesses."""
ASSUMED_RATE = 90.0
"""Tokens a second that a slow core reads, taken until the machine has been measured."""
SUFFIX_SHARE = 0.25
GROWTH = 3
"""How many times its fresh length a window may reach while the user types on."""
LEAST_SOURCES = 128
"""Tokens for other documents, below which they are left out."""
ROOM = 0.8
"""The part of the model's window that a prompt may take, since tokens are estimated from characters."""


@dataclass(frozen=True, slots=True)
class CompletionOptions:
    """How suggestions are made."""

    max_tokens: int = 64
    """The longest suggestion, in tokens."""
    max_lines: int = 12
    """The longest suggestion, in lines."""
    timeout_ms: int = 10_000
    """After this time, in ms, what the model has said so far is shown, or nothing."""
    read_ms: int = 1000
    """How long the model may read a file that is new to it, in ms.

    With the speed of the machine this gives how much of the file and of other open files it sees.
    """
    max_prefix_tokens: int = 2048
    """The most that is read of the text before the cursor, in tokens."""
    max_suffix_tokens: int = 512
    """The most that is read of the text after the cursor, in tokens."""
    max_sources_tokens: int = 4096
    """The most that is read of other open files, in tokens; 0 for this file only."""
    max_document_chars: int = 4_000_000
    """Documents with more characters get no suggestions."""
    wait: Literal["no", "for-model"] = "no"
    """Whether a request waits while the model is being loaded."""

    def __post_init__(self) -> None:
        for name in ("max_tokens", "max_lines", "timeout_ms", "max_prefix_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} has to be at least 1")
        for name in ("read_ms", "max_suffix_tokens", "max_sources_tokens", "max_document_chars"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is below 0")


def budget(options: CompletionOptions, info: ModelInfo) -> Budget:
    """What a prompt may hold, in characters: as much as the model reads in `read_ms`, within its window."""
    window = int(info.context * ROOM - options.max_tokens - MOST_TYPED / CHARACTERS)
    tokens = max(LEAST_TOKENS, int((info.prefill_rate or ASSUMED_RATE) * options.read_ms / 1000))
    tokens = max(LEAST_TOKENS // 2, min(tokens, window))
    own = max(2 * LEAST_TOKENS, tokens // 2)
    if not info.repo or tokens - own < LEAST_SOURCES:
        own = tokens
    suffix = min(options.max_suffix_tokens, int(own * SUFFIX_SHARE))
    prefix = min(options.max_prefix_tokens, own - suffix)
    left = min(options.max_sources_tokens, tokens - prefix - suffix) if info.repo else 0
    sources = left if left >= LEAST_SOURCES else 0
    grown = min(
        GROWTH * prefix, max(prefix, options.max_prefix_tokens), max(prefix, window - suffix - sources)
    )
    return Budget(*(int(count * CHARACTERS) for count in (prefix, grown, suffix, sources)))
