"""Fences: the rows of backticks between which code stands in a chat."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHORTEST = 3
PROSE = frozenset({"markdown", "mdx", "quarto", "rmd", "asciidoc", "restructuredtext", "plaintext", "latex"})
"""Languages whose texts have fences of their own, or sentences that look like a model's talk."""

_ROW = re.compile(r"`{3,}")
_FENCE = re.compile(r"(`{3,})[ \t]*([\w+#.-]*)[ \t]*\Z")


def fence_for(texts: Iterable[str], language: str = "") -> str:
    """A fence longer than any row of backticks in the texts, so that nothing in them can end it."""
    longest = max((len(row) for text in texts for row in _ROW.findall(text)), default=SHORTEST - 1)
    least = SHORTEST + 1 if language in PROSE else SHORTEST
    return "`" * max(least, longest + 1)


def fenced(text: str, fence: str, language: str = "") -> str:
    """Whole lines between two fences, each on a line of its own."""
    name = language if language.isprintable() and " " not in language else ""
    return f"{fence}{name}\n{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{fence}\n"


def fence_of(line: str) -> tuple[str, str] | None:
    """The backticks of a line that is a fence at column 0, and the language after them."""
    found = _FENCE.fullmatch(line)
    return (found[1], found[2]) if found else None
