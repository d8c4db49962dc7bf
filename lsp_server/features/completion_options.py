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
STEP = 4
"""How many times as much the model reads from one pause in typing to the next."""
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

    With the speed of the machine this gives how much of the file and of other files it sees.
    """
    read_ahead_ms: int = 500
    """After such a pause in typing, in ms, the model reads on: more of the file and of other files.

    0 for never.
    """
    max_prefix_tokens: int = 2048
    """The most that is read of the text before the cursor, in tokens."""
    max_suffix_tokens: int = 512
    """The most that is read of the text after the cursor, in tokens."""
    max_sources_tokens: int = 4096
    """The most that is read of other files, open or not, in tokens; 0 for this file only."""
    max_document_chars: int = 4_000_000
    """Documents with more characters get no suggestions."""
    alternatives: int = 3
    """How many suggestions there are for a place where you ask once more, the shown one among them."""
    wait: Literal["no", "for-model"] = "no"
    """Whether a request waits while the model is being loaded."""

    def __post_init__(self) -> None:
        for name in ("max_tokens", "max_lines", "timeout_ms", "max_prefix_tokens", "alternatives"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} has to be at least 1")
        for name in (
            "read_ms",
            "read_ahead_ms",
            "max_suffix_tokens",
            "max_sources_tokens",
            "max_document_chars",
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is below 0")


def budget(options: CompletionOptions, info: ModelInfo) -> Budget:
    """What a prompt may hold that is evaluated at once, in characters: what the model reads in `read_ms`."""
    return _room(options, info, _at_once(options, info))


def budgets(options: CompletionOptions, info: ModelInfo) -> tuple[Budget, ...]:
    """From what the model reads at once to all that it may read, by the steps that it takes in pauses."""
    tokens, full = _at_once(options, info), most_tokens(options, info)
    steps = [tokens]
    while steps[-1] < full:
        steps.append(min(full, STEP * steps[-1]))
    return tuple(_room(options, info, tokens) for tokens in steps)


def _at_once(options: CompletionOptions, info: ModelInfo) -> int:
    tokens = max(LEAST_TOKENS, int((info.prefill_rate or ASSUMED_RATE) * options.read_ms / 1000))
    return min(tokens, most_tokens(options, info))


def most_tokens(options: CompletionOptions, info: ModelInfo) -> int:
    """The most tokens that a prompt may have, once the model has had the time to read so many."""
    sources = options.max_sources_tokens if info.repo else 0
    return _within(options.max_prefix_tokens + options.max_suffix_tokens + sources, _window(options, info))


def _within(tokens: int, window: int) -> int:
    return max(LEAST_TOKENS // 2, min(tokens, window))


def _window(options: CompletionOptions, info: ModelInfo) -> int:
    return int(info.context * ROOM - options.max_tokens - MOST_TYPED / CHARACTERS)


def _room(options: CompletionOptions, info: ModelInfo, tokens: int) -> Budget:
    """Share tokens out to the text before and after the cursor and to other documents; in characters."""
    window = _window(options, info)
    own = max(2 * LEAST_TOKENS, tokens // 2)
    if not info.repo or tokens - own < LEAST_SOURCES:
        own = tokens
    suffix = min(options.max_suffix_tokens, int(own * SUFFIX_SHARE))
    prefix = min(options.max_prefix_tokens, own - suffix)
    left = min(options.max_sources_tokens, tokens - prefix - suffix) if info.repo else 0
    sources = left if left >= LEAST_SOURCES else 0
    # What has grown from key to key, or was read in a pause, costs nothing more.
    grown = min(max(prefix, options.max_prefix_tokens), max(prefix, window - suffix - sources))
    return Budget(*(int(count * CHARACTERS) for count in (prefix, grown, suffix, sources)))
