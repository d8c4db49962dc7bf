"""What of a file is shown around the lines of an edit, in whole lines.

The definition that they stand in goes first, then imports, then what is nearest.
"""

from __future__ import annotations

from collections.abc import Iterable

from context.outline import Definition, Outline
from context.text import Text
from lsp_server.edits.lines import without_last_break
from lsp_server.edits.types import BOM
from lsp_server.prompts.rewrite import Excerpt

MOST_LINES = 400
"""Lines that are shown above, and below."""
IMPORTS_SHARE = 0.25
"""The part of the budget that imports far above may take."""
HEAD_SHARE = 0.15
"""The part for the heads of the definitions around, where these are too long to be shown whole."""


def around(
    text: Text, outline: Outline, first: int, last: int, budget: int
) -> tuple[tuple[Excerpt, ...], tuple[Excerpt, ...]]:
    """Excerpts from above line `first` and from below line `last`, within so many characters.

    Lines count from 0, and those from first to last themselves are not shown.
    """
    enclosing = _enclosing(text, outline, first, last)
    apart = _import_lines(text, outline, int(budget * IMPORTS_SHARE))
    apart |= _heads(text, enclosing, int(budget * HEAD_SHARE))
    apart = {line for line in apart if line < first}
    room = budget - sum(len(text.line(line)) for line in apart)
    top, bottom = first, last + 1
    for definition in enclosing[-1:]:
        start, end = (
            text.line_at(definition.start),
            text.line_at(max(definition.start, definition.end - 1)) + 1,
        )
        top, bottom, room = _grown(text, (top, bottom), (start, end), room)
    limits = max(0, first - MOST_LINES), min(text.line_count, last + 1 + MOST_LINES)
    top, bottom, _ = _grown(text, (top, bottom), limits, room)
    above = sorted(apart | set(range(top, first)))
    return tuple(_excerpts(text, above)), tuple(_excerpts(text, range(last + 1, bottom)))


def _grown(text: Text, window: tuple[int, int], limits: tuple[int, int], room: int) -> tuple[int, int, int]:
    """A window of lines made larger on both sides by turns, until a limit or the end of the room."""
    (top, bottom), (least, most) = window, limits
    upwards, downwards = top > least, bottom < most
    while upwards or downwards:
        if upwards:
            cost = len(text.line(top - 1))
            upwards = cost <= room
            top, room = (top - 1, room - cost) if upwards else (top, room)
            upwards = upwards and top > least
        if downwards:
            cost = len(text.line(bottom))
            downwards = cost <= room
            bottom, room = (bottom + 1, room - cost) if downwards else (bottom, room)
            downwards = downwards and bottom < most
    return top, bottom, room


def _enclosing(text: Text, outline: Outline, first: int, last: int) -> list[Definition]:
    """The definitions that hold the lines and more, the outer before the inner."""
    found = []
    for each in outline.definitions:
        lines = text.line_at(each.start), text.line_at(max(each.start, each.end - 1))
        holds = lines[0] <= first and last <= lines[1] and lines != (first, last)
        if holds and each.kind not in ("module", "section"):
            found.append(each)
    return found


def _heads(text: Text, definitions: Iterable[Definition], room: int) -> set[int]:
    """The lines of the signatures of definitions, of the inner ones first."""
    lines: set[int] = set()
    for each in reversed(list(definitions)):
        start = text.line_at(each.name_at)
        found = set(range(start, start + each.signature.count("\n") + 1))
        room -= sum(len(text.line(line)) for line in found - lines)
        if room < 0:
            break
        lines |= found
    return lines


def _import_lines(text: Text, outline: Outline, room: int) -> set[int]:
    lines: set[int] = set()
    for line in sorted({text.line_at(each.offset) for each in outline.imports}):
        room -= len(text.line(line))
        if room < 0:
            break
        lines.add(line)
    return lines


def _excerpts(text: Text, lines: Iterable[int]) -> Iterable[Excerpt]:
    """Lines as excerpts, one for each row of lines without a gap; blank ones at the ends are left out."""
    rows: list[list[int]] = []
    for line in lines:
        if rows and rows[-1][-1] == line - 1:
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        while row and not _bare(text, row[0]).strip():
            row = row[1:]
        while row and not _bare(text, row[-1]).strip():
            row = row[:-1]
        if row:
            yield Excerpt(row[0] + 1, "".join(f"{_bare(text, line)}\n" for line in row))


def _bare(text: Text, line: int) -> str:
    return without_last_break(text.line(line)).removeprefix(BOM)
