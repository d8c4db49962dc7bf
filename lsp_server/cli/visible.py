"""Text of a repository for people: what cannot be seen, or reorders what is around it, is spelled out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode: controls, among them those of the direction of writing, and what no font has."""

_SUSPECT = re.compile(r"[^ -~\n\t¡-¬®-˿぀-鿿가-힣]")
"""Most texts have no character but these, which need no second look."""


def visible(text: str) -> str:
    """The text with `⟨U+202E⟩` in place of a character that cannot be seen. Tabs and line breaks stay."""
    return _SUSPECT.sub(lambda match: _spelled(match[0]), text)


def in_a_line(text: str) -> str:
    """The same on one line."""
    return visible(text).replace("\n", "⟨U+000A⟩").replace("\t", "⟨U+0009⟩")


@lru_cache(maxsize=4096)
def _spelled(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩" if unicodedata.category(character) in HIDDEN else character
