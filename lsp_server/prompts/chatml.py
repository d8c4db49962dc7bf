"""Chat prompts in the form of Qwen (ChatML): turns between control tokens, and an answer that is begun.

The layout is that of the chat templates of Qwen2.5-Coder and Qwen3-Coder without tools: Qwen3-Coder's as it
is, and that of Qwen2.5-Coder where there is a system turn. A text is a part of its own, so that what looks
like a control token in a file stays text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lsp_server.prompts.types import Prompt, Special

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says. Several texts are cut into tokens one by one: equal beginnings stay equal."""

    role: Role
    texts: tuple[str, ...]


def chat(turns: Iterable[Turn], begun: str = "") -> Prompt:
    """The prompt for the assistant's next turn; `begun` is how that turn begins already."""
    closed = [part for turn in turns for part in _closed(turn)]
    return (*closed, Special("im_start"), f"assistant\n{begun}")


def _closed(turn: Turn) -> Iterator[str | Special]:
    yield Special("im_start")
    first, *others = turn.texts or ("",)
    yield f"{turn.role}\n{first}"
    yield from (text for text in others if text)
    yield Special("im_end")
    yield "\n"
