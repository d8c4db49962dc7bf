"""Text: an immutable string that knows its lines, and that is cheap to edit however long it is.

Lines end as the language server protocol says: with "\\n", "\\r\\n" or "\\r", and with nothing else.
Python's own idea of a line (form feed, U+2028 and others end one) is never used here.

A text is a row of blocks, with counts of characters and of line breaks before each. An edit makes the few
blocks anew that it touches and shares all others; only the counts behind it are shifted.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]
"""In what a client counts columns: bytes, 16-bit units, or code points."""

LONGEST = 6144
"""Characters in a block. Longer ones cost more to make anew, shorter ones make more counts to shift.

Measured with 3 to 10 million characters: from 4,000 to 8,000 it makes little difference.
"""
SHORTEST = LONGEST // 4
"""Shorter blocks are joined with their neighbour, or a long session would end with many small ones."""

_BREAK = re.compile(r"\r\n?|\n")


class _Block:
    """A part of a text. No line break lies across two blocks: a CRLF is never parted."""

    __slots__ = ("_ends", "_lone", "breaks", "string")

    def __init__(self, string: str) -> None:
        self.string = string
        self._lone = string.count("\r") - string.count("\r\n") if "\r" in string else 0
        self.breaks = string.count("\n") + self._lone
        self._ends: Sequence[int] | None = None

    def ends(self) -> Sequence[int]:
        """Where each line break ends, counted from the start of the block; kept once it was asked for."""
        if self._ends is None:
            self._ends = _ends_of_breaks(self.string) if self._lone else _ends_of_newlines(self.string)
        return self._ends


class Text:
    """An immutable text. Offsets count code points; a lone surrogate is one, a byte order mark is one too.

    Nothing here raises for a number that is out of range: it is moved to the nearest place in the text.
    """

    __slots__ = ("_blocks", "_breaks", "_starts", "_string")

    _blocks: tuple[_Block, ...]
    _starts: list[int]
    """The offset at which each block begins, and the length of the text."""
    _breaks: list[int]
    """How many line breaks stand before each block, and in the text."""
    _string: str | None

    def __init__(self, string: str) -> None:
        self._string = string
        self._blocks = tuple(_cut(string))
        self._starts = list(accumulate((len(block.string) for block in self._blocks), initial=0))
        self._breaks = list(accumulate((block.breaks for block in self._blocks), initial=0))

    @property
    def string(self) -> str:
        """The whole text; joined when it is asked for first, and kept."""
        if self._string is None:
            self._string = "".join([block.string for block in self._blocks])
        return self._string

    def __len__(self) -> int:
        return self._starts[-1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Text):
            return NotImplemented
        return self is other or (len(self) == len(other) and self.string == other.string)

    def __hash__(self) -> int:
        return hash(self.string)

    def __repr__(self) -> str:
        # The text itself belongs to the user and must not get into a log.
        return f"<Text of {len(self)} characters in {self.line_count} lines>"

    @property
    def line_count(self) -> int:
        """One more than there are line breaks: a text that ends with one has an empty line behind it."""
        return self._breaks[-1] + 1

    def line(self, line: int) -> str:
        """A line with its line break; "" for one that does not exist."""
        return self.slice(self.line_start(line), self.line_start(line + 1))

    def line_start(self, line: int) -> int:
        """The offset at which a line begins."""
        if line <= 0:
            return 0
        if line > self._breaks[-1]:
            return len(self)
        block = bisect_left(self._breaks, line) - 1
        return self._starts[block] + self._blocks[block].ends()[line - self._breaks[block] - 1]

    def line_at(self, offset: int) -> int:
        """The line to which an offset belongs; the place inside of a CRLF is on the line that it ends."""
        if offset <= 0:
            return 0
        block = self._block_at(min(offset, len(self)))
        inside = min(offset, len(self)) - self._starts[block]
        return self._breaks[block] + bisect_right(self._blocks[block].ends(), inside)

    def slice(self, start: int, end: int) -> str:
        """The text between two offsets; "" if the end is not after the start."""
        start, end = max(start, 0), min(end, len(self))
        if self._string is not None:
            return self._string[start : max(start, end)]
        return "".join(self._parts(start, end))

    def splice(self, start: int, end: int, string: str) -> Text:
        """A text with another string between two offsets. Offsets in the wrong order are turned round."""
        start, end = sorted((min(max(start, 0), len(self)), min(max(end, 0), len(self))))
        first, last = self._touched(start, end, len(string))
        before = self._parts(self._starts[first], start)
        after = self._parts(end, self._starts[last + 1])
        blocks = _cut("".join([*before, string, *after]))
        text = Text.__new__(Text)
        text._string = None
        text._blocks = (*self._blocks[:first], *blocks, *self._blocks[last + 1 :])
        text._starts = _recount(self._starts, first, last, (len(block.string) for block in blocks))
        text._breaks = _recount(self._breaks, first, last, (block.breaks for block in blocks))
        return text

    def offset(self, line: int, column: int, encoding: Encoding) -> int:
        """The offset of a position; lines and columns count from 0, columns in units of the encoding.

        A column past the end of the line is taken as the end before its line break, one inside of a
        character as the start of that character, and a line past the end as the end of the text.
        """
        at = self.line_start(line)
        if column <= 0 or not 0 <= line < self.line_count:
            return at
        end = self._end_before_break(line)
        for part in self._parts(at, end):
            units = _units(part, encoding)
            if column <= units:
                return at + _characters(part, column, encoding)
            column -= units
            at += len(part)
        return end

    def position(self, offset: int, encoding: Encoding) -> tuple[int, int]:
        """Line and column of an offset; the place inside of a CRLF is taken as the place before it."""
        offset = min(max(offset, 0), len(self))
        line = self.line_at(offset)
        end = min(offset, self._end_before_break(line))
        return line, sum(_units(part, encoding) for part in self._parts(self.line_start(line), end))

    def _end_before_break(self, line: int) -> int:
        start, end = self.line_start(line), self.line_start(line + 1)
        last = self.slice(max(start, end - 2), end)
        if last == "\r\n":
            return end - 2
        return end - 1 if last.endswith(("\n", "\r")) else end

    def _touched(self, start: int, end: int, inserted: int) -> tuple[int, int]:
        """The first and the last block that an edit makes anew.

        The character before the edit and the one after it are in there, so that a CR and an LF which
        come together get into one block.
        """
        first = max(0, bisect_left(self._starts, start) - 1)
        last = self._block_at(end)
        left = self._starts[last + 1] - self._starts[first] - (end - start) + inserted
        if left < SHORTEST:
            if first > 0:
                first -= 1
            elif last + 1 < len(self._blocks):
                last += 1
        return first, last

    def _block_at(self, offset: int) -> int:
        """The block of the character after an offset; the last one at the end of the text."""
        return min(bisect_right(self._starts, offset), len(self._blocks)) - 1

    def _parts(self, start: int, end: int) -> Iterator[str]:
        """What stands between two offsets of the text, a block at a time."""
        block = self._block_at(start)
        before = self._starts[block]
        while before < end:
            string = self._blocks[block].string
            yield string[max(0, start - before) : end - before]
            before += len(string)
            block += 1


def _ends_of_newlines(string: str) -> list[int]:
    """Three times as fast as looking for matches, and most of what an edit costs."""
    return list(accumulate([len(line) + 1 for line in string.split("\n")[:-1]]))


def _ends_of_breaks(string: str) -> list[int]:
    return [match.end() for match in _BREAK.finditer(string)]


def _cut(string: str) -> list[_Block]:
    """Cut into blocks of nearly the same length; at least one."""
    if len(string) <= LONGEST:
        return [_Block(string)]
    length = -(-len(string) // -(-len(string) // LONGEST))
    blocks, start = [], 0
    while start < len(string):
        end = start + length
        if string[end - 1 : end + 1] == "\r\n":
            end += 1
        blocks.append(_Block(string[start:end]))
        start = end
    return blocks


def _recount(counts: list[int], first: int, last: int, new: Iterable[int]) -> list[int]:
    """Running totals, after the blocks from first to last have been replaced by others."""
    middle = list(accumulate(new, initial=counts[first]))
    shift = middle[-1] - counts[last + 1]
    behind = counts[last + 2 :]
    return [*counts[:first], *middle, *([count + shift for count in behind] if shift else behind)]


def _units(string: str, encoding: Encoding) -> int:
    """How many units a string has. A lone surrogate counts as what it would be: 3 bytes, 1 16-bit unit."""
    if encoding == "utf-32" or string.isascii():
        return len(string)
    if encoding == "utf-8":
        return len(string.encode("utf-8", "surrogatepass"))
    return len(string.encode("utf-16-le", "surrogatepass")) // 2


def _characters(string: str, units: int, encoding: Encoding) -> int:
    """How many whole characters at the start of a string have at most so many of its units."""
    if encoding == "utf-32" or string.isascii():
        return units
    if encoding == "utf-8":
        data = string.encode("utf-8", "surrogatepass")
        while units < len(data) and data[units] & 0xC0 == 0x80:
            units -= 1
        return len(data[:units].decode("utf-8", "surrogatepass"))
    # "?" stands for a lone surrogate: two of them side by side would be decoded as one character.
    data = string.encode("utf-16-le", "replace")[: 2 * units]
    if data[-1] & 0xFC == 0xD8:
        data = data[:-2]
    return len(data.decode("utf-16-le"))
