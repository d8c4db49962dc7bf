"""The licence at the head of a file: every file has the same words, so they say nothing about any of them."""

from __future__ import annotations

import re

LONGEST = 20_000
"""Characters in which the first comment of a file ends, or it is no licence."""
WORDS = re.compile(r"licen[cs]e|copyright|warrant", re.IGNORECASE)
COMMENT = re.compile(
    r"\A\ufeff?(?:#![^\n]*\n)?\s*(?:/\*.*?\*/[^\n]*\n?|<!--.*?-->[^\n]*\n?|(?:[ \t]*(?://|#|--|;|%)[^\n]*(?:\n|\Z))+)",
    re.DOTALL,
)
"""The first comment of a text, in one of the forms that most languages have."""


def license_end(text: str) -> int:
    """The offset at which the licence at the head of a text ends; 0 if there is none."""
    comment = COMMENT.match(text[:LONGEST])
    return comment.end() if comment and WORDS.search(comment[0]) else 0
