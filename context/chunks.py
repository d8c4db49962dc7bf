"""From an outline and its source to chunks, in which a file is searched, ranked and shown to a model.

Chunks cover the file exactly once, in its order, and most begin and end with a line. A definition with its
comment is one chunk, unless it is too long: then the definitions in it are chunks, and what is left is cut
where the least is open.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import pairwise
from typing import Literal

from context.outline import Definition, Outline, Span

LONGEST = 2400
"""Characters of a chunk: about 60 lines, or 700 tokens."""
FARTHEST = 200
"""Characters in which the rest of a line is looked at."""

Role = Literal["head", "definition", "rest"]
"""The head is what stands before the first definition with a body: mostly imports and constants."""

_LINE_END = re.compile(r"\r\n?|\n")
_INDENTATION = re.compile(r"[ \t]*")
_EMPTY_LINES = re.compile(r"\s*[\r\n]")
_CLOSING = re.compile(r"[ \t]*(?:[)\]}]|end\b|else\b|elif\b|catch\b|except\b|finally\b)")
_NOTHING_LEFT = re.compile(r"[ \t;,)\]}]*(?:(?://|/\*|#|--)[^\r\n]*)?(?:[\r\n]|$)")
_NOTHING_SAID = re.compile(r"(?:[^\w]|\bend\b)*$")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a file, `source[start:end]`.

    The id stays the same while name and content do, wherever the chunk moves to in its file and whatever
    blanks are around it; it is unique within the file. The name is that of the definition which the chunk is,
    or lies in; "" outside of all.
    """

    id: str
    role: Role
    name: str
    part: int
    """0, or which part of something that is cut by its length alone."""
    start: int
    end: int


def chunks_of(outline: Outline, source: str) -> tuple[Chunk, ...]:
    """Return the chunks of a source; an empty one has none."""
    if not source:
        return ()
    whole, opened = _chosen(outline.definitions)
    rows = _rows(_placed(whole, source), opened, source)
    cuts = _Cuts(source, outline.blocks)
    pieces = (piece for row in _joined(rows, source) for piece in _pieces(row, cuts))
    return tuple(_with_ids(pieces, source))


def _chosen(definitions: tuple[Definition, ...]) -> tuple[list[Definition], list[Definition]]:
    """Part the definitions in those that are a chunk and those that are too long and have others in them."""
    parents = {each.parent for each in definitions if each.body is not None}
    whole: list[Definition] = []
    opened: list[Definition] = []
    end = 0
    for index, each in enumerate(definitions):
        if each.body is None or each.start < end:
            continue
        if each.end - each.start > LONGEST and index in parents:
            opened.append(each)
        else:
            whole.append(each)
            end = each.end
    return whole, opened


def _placed(definitions: list[Definition], source: str) -> Iterator[Chunk]:
    """Yield each definition with the whole of its first and last line, if there is nothing else on it."""
    end = 0
    for each in definitions:
        start = max(end, _line_start(source, each.start))
        end = _line_end(source, each.end)
        yield Chunk("", "definition", each.qualified, 0, start, end)


def _line_start(source: str, offset: int) -> int:
    """The start of the line, or the offset itself if it is not the first thing on its line."""
    before = source[max(0, offset - FARTHEST) : offset]
    start = offset - len(before) + max(before.rfind("\n"), before.rfind("\r")) + 1
    return offset if source[start:offset].strip() else start


def _line_end(source: str, offset: int) -> int:
    left = _NOTHING_LEFT.match(source, offset, offset + FARTHEST)
    if left is None or (
        left.end() == offset + FARTHEST < len(source) and source[left.end() - 1] not in "\r\n"
    ):
        return offset
    return left.end() + (source[left.end() - 1 : left.end() + 1] == "\r\n")


def _rows(definitions: Iterable[Chunk], opened: list[Definition], source: str) -> Iterator[Chunk]:
    """Yield the definitions and what is between them, parted where an opened definition begins or ends."""
    holders = [
        (_line_start(source, each.start), _line_end(source, each.end), each.qualified) for each in opened
    ]
    borders = sorted({border for start, end, _ in holders for border in (start, end)})
    role: Role = "head"
    at = 0
    for each in (*definitions, Chunk("", "rest", "", 0, len(source), len(source))):
        inside = borders[bisect_right(borders, at) : bisect_left(borders, each.start)]
        for start, end in pairwise([at, *inside, each.start]):
            name = next((name for first, last, name in reversed(holders) if first <= start < last), "")
            role = "rest" if name else role
            if start < end:
                yield Chunk("", role, name, 0, start, end)
        if each.start < each.end:
            yield each
        at, role = each.end, "rest"


def _joined(rows: Iterable[Chunk], source: str) -> list[Chunk]:
    """Give what says nothing, such as empty lines and closing brackets, to the chunk before it."""
    joined: list[Chunk] = []
    for row in rows:
        says_nothing = _NOTHING_SAID.match(source, row.start, row.end)
        empty = says_nothing or _EMPTY_LINES.match(source, row.start, row.end)
        start = empty.end() if empty and joined else row.start
        if joined:
            joined[-1] = replace(joined[-1], end=start)
        if len(joined) == 1 and _NOTHING_SAID.match(source, 0, start):
            joined, start = [], 0
        if start < row.end:
            joined.append(replace(row, start=start))
    return joined


class _Cuts:
    """Where a text that is too long may be cut."""

    def __init__(self, source: str, blocks: Iterable[Span]) -> None:
        self._source = source
        self._starts = sorted(block.start for block in blocks)
        self._ends = sorted(block.end for block in blocks)

    def after(self, start: int) -> int:
        """The best place after a start, not farther from it than a chunk is long."""
        source, end = self._source, start + LONGEST
        ends = [match.end() for match in _LINE_END.finditer(source, start + LONGEST // 3, end)]
        if ends and source[ends[-1] - 1 : ends[-1] + 1] == "\r\n":
            ends.pop()
        if ends:
            return min(ends, key=self._cost)
        return end - 1 if source[end - 1 : end + 1] == "\r\n" else end

    def _cost(self, offset: int) -> tuple[int, bool, int, int]:
        """How much is open at the start of a line, and how late it is."""
        blocks = bisect_left(self._starts, offset) - bisect_right(self._ends, offset)
        indentation = _INDENTATION.match(self._source, offset, offset + FARTHEST)
        depth = len(indentation[0].expandtabs()) if indentation else 0
        return blocks, _CLOSING.match(self._source, offset) is not None, depth, -offset


def _pieces(row: Chunk, cuts: _Cuts) -> Iterator[Chunk]:
    part, start = 0, row.start
    while row.end - start > LONGEST:
        end = cuts.after(start)
        yield replace(row, part=part, start=start, end=end)
        part, start = part + 1, end
    yield replace(row, part=part, start=start)


def _with_ids(chunks: Iterable[Chunk], source: str) -> Iterator[Chunk]:
    seen: Counter[str] = Counter()
    for chunk in chunks:
        said = f"{chunk.name}\0{source[chunk.start : chunk.end].strip()}"
        seen[said] += 1
        data = said if seen[said] == 1 else f"{said}\0{seen[said]}"
        yield replace(chunk, id=blake2b(data.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest())
