"""The options of edits, and what they and the machine's speed allow the model to read."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.features.completion_options import ASSUMED_RATE, CHARACTERS, ROOM
from lsp_server.models.backend import ModelInfo

LEAST_AROUND = 256
"""Tokens of the file around the lines that even a slow machine reads."""
AROUND_SHARE = 0.6
"""The part of what is read that is for the file itself, before other files."""


@dataclass(frozen=True, slots=True)
class EditOptions:
    """How edits are made."""

    read_ms: int = 4000
    """How long the model may read what stands around the lines, and in other files, in ms."""
    max_around_tokens: int = 4096
    """The most that is read of the file around the lines, in tokens."""
    max_sources_tokens: int = 8192
    """The most that is read of other files, in tokens; 0 for this file only."""
    max_new_tokens: int = 512
    """How much longer than twice the old lines the answer may be, in tokens."""
    max_whole_lines: int = 150
    """Up to so many lines are written anew as a whole; of more, only what changes is asked for."""
    max_document_chars: int = 4_000_000
    """Documents with more characters are not edited."""
    temperature: float = 0.2
    """How freely the model chooses its words: 0 for not at all."""

    def __post_init__(self) -> None:
        for name in ("max_new_tokens", "max_whole_lines"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} has to be at least 1")
        for name in ("read_ms", "max_around_tokens", "max_sources_tokens", "max_document_chars"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is below 0")
        if not 0.0 <= self.temperature <= 2.0:
            raise ValueError("temperature is not between 0 and 2")


@dataclass(frozen=True, slots=True)
class EditBudget:
    """What the prompt of an edit may hold beside the lines themselves, in characters."""

    around: int
    sources: int


def edit_budget(options: EditOptions, info: ModelInfo, needed: int) -> EditBudget:
    """Share out what the model reads in time; `needed` are the tokens of lines and answer."""
    free = max(0, int(info.context * ROOM) - needed)
    tokens = min(free, max(LEAST_AROUND, int((info.prefill_rate or ASSUMED_RATE) * options.read_ms / 1000)))
    around = min(options.max_around_tokens, max(LEAST_AROUND, int(tokens * AROUND_SHARE)), tokens)
    sources = min(options.max_sources_tokens, tokens - around)
    return EditBudget(int(around * CHARACTERS), int(sources * CHARACTERS))
