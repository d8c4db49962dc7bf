"""A prompt as data: user text apart from control tokens, so that a file cannot smuggle one in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SpecialName = Literal[
    "fim_prefix",
    "fim_suffix",
    "fim_middle",
    "fim_pad",
    "repo_name",
    "file_sep",
    "im_start",
    "im_end",
]


@dataclass(frozen=True, slots=True)
class Special:
    """A control token by its role; each backend knows its own vocabulary's id or spelling for it."""

    name: SpecialName


Prompt = tuple[str | Special, ...]
"""Parts in order. A `str` part is cut into tokens by itself, so equal parts give equal tokens."""
