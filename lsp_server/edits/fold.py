"""Texts in which what models write alike is alike, with the way back to the offsets of the original.

A model writes "\\n" for any line end, and straight quotes and plain blanks for what stands in a text in a
finer form. Letters, digits and case are never folded.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

from context.outline import Span

QUOTES = {"'": "‘’‚‛′ʹʻʼ＇", '"': "“”„‟″＂"}
DASHES = {"-": "‐‑‒–—―−﹣－"}
BLANKS = {" ": "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"}
ELLIPSIS = "…"


def folded_line(line: str) -> str:
    """A line with plain punctuation and blanks."""
    return line if line.isascii() else line.translate(_plain()).replace(ELLIPSIS, "...")


def places_but_for_line_ends(text: str, old: str) -> list[Span]:
    """Where `old` stands in a text, whatever the line ends of both; places may overlap."""
    return _places(_Folded(text, _BREAKS), _Folded(old, _BREAKS))


def places_but_for_punctuation(text: str, old: str) -> list[Span]:
    """The same, whatever form quotes, dashes, blanks and ellipses have."""
    if text.isascii() and old.isascii():
        return places_but_for_line_ends(text, old)
    return _places(_Folded(text.translate(_plain()), _MARKS), _Folded(old.translate(_plain()), _MARKS))


def occurrences(text: str, old: str) -> Iterator[int]:
    """Where `old` begins in a text, also where two of them overlap."""
    at = text.find(old)
    while at >= 0:
        yield at
        at = text.find(old, at + 1)


_BREAKS = re.compile(r"\r\n?")
_MARKS = re.compile(r"\r\n?|…")


class _Folded:
    """A text in which line ends, and ellipses, are written in one way."""

    def __init__(self, text: str, pattern: re.Pattern[str]) -> None:
        self._ends, self._begins, self._originals = [0], [0], [0]
        parts, at, length = [], 0, 0
        for match in pattern.finditer(text):
            put = "..." if match[0] == ELLIPSIS else "\n"
            parts += [text[at : match.start()], put]
            begin = length + match.start() - at
            at, length = match.end(), begin + len(put)
            self._begins.append(begin)
            self._ends.append(length)
            self._originals.append(at)
        self.text = "".join([*parts, text[at:]])

    def original(self, offset: int) -> int | None:
        """The offset in the text itself; None inside of what is one character there."""
        last = bisect_right(self._ends, offset) - 1
        if last + 1 < len(self._begins) and offset > self._begins[last + 1]:
            return None
        return self._originals[last] + offset - self._ends[last]


def _places(text: _Folded, old: _Folded) -> list[Span]:
    spans = []
    for at in occurrences(text.text, old.text):
        start, end = text.original(at), text.original(at + len(old.text))
        if start is not None and end is not None:
            spans.append(Span(start, end))
    return spans


@cache
def _plain() -> dict[int, str]:
    """What stands for each character; punctuation of full width as well, as East Asian keyboards give it."""
    table = {ord(fine): plain for kind in (QUOTES, DASHES, BLANKS) for plain in kind for fine in kind[plain]}
    wide = (code for code in range(0xFF01, 0xFF5F) if not chr(code).isalnum())
    return {code: unicodedata.normalize("NFKC", chr(code)) for code in wide} | table
