"""The lines of a text as editors count them: they end with "\\n", "\\r\\n" or "\\r", and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from context.outline import Span

_BREAK = re.compile(r"\r\n?|\n")
_LAST_BREAK = re.compile(r"(?:\r\n|\r|\n)\Z")


class Line(NamedTuple):
    """Where a line begins, where its line end begins, and where that ends."""

    start: int
    end: int
    stop: int


def lines_in(text: str) -> list[Line]:
    """All lines; a text that ends with a line end has no empty line behind it, an empty one no line."""
    found, start = [], 0
    for match in _BREAK.finditer(text):
        found.append(Line(start, match.start(), match.end()))
        start = match.end()
    if start < len(text):
        found.append(Line(start, len(text), len(text)))
    return found


def contents(text: str) -> list[str]:
    """What stands between the line ends: one more than there are line ends."""
    return _BREAK.split(text)


def breaks(text: str) -> list[str]:
    """The line ends in order."""
    return _BREAK.findall(text)


def without_last_break(text: str) -> str:
    """The text without one line end at its end."""
    return _LAST_BREAK.sub("", text)


def ends_with_break(text: str) -> bool:
    """Whether a text ends with a line end."""
    return text.endswith(("\n", "\r"))


def indentation(line: str) -> str:
    """The blanks and tabs that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def line_end_near(text: str, span: Span) -> str:
    """The line end that lines put in place of a part of the text should have.

    It is the first one in that part, else the next one after it, else the last one before it.
    """
    found = _BREAK.search(text, span.start)
    if found:
        return found[0]
    before = breaks(text[: span.start][-10_000:])
    return before[-1] if before else "\n"


def joined(lines: Iterable[tuple[str, str]]) -> str:
    """Lines with the line end of each; that of the last one is left out."""
    parts = [part for line in lines for part in line]
    return "".join(parts[:-1])
