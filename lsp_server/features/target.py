"""From a selection to the lines that a model rewrites, and from its lines to the edits of the document.

What was selected is what may change. A model is shown whole lines; where the selection begins or ends inside
of one, the rest of that line has to come back as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from context.outline import Span
from context.text import Text
from lsp_server.edits.diff import edits_between, opcodes
from lsp_server.edits.lines import breaks, contents, indentation, joined, line_end_near, without_last_break
from lsp_server.edits.types import BOM, Edit
from lsp_server.prompts.region import UNIT, Region, region, style_of

NEAR = 60
"""Lines above and below by which repetitions are found."""
STYLE_LINES = 400
"""Lines at most by which it is judged how a file is indented, and what it imports."""
OPENERS = (":", "{", "(", "[")
CLOSERS = ("}", ")", "]", "end")


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer goes: `lines` are whole lines without the last line end, `scope` is what may change."""

    scope: Span
    lines: Span
    first: int
    """The first line of the region, from 0; for an insertion, the line before which it goes."""
    covered: tuple[int, int]
    """The first and the last line of the document that are not to be shown beside the region."""
    region: Region
    head: str = ""
    """The part of the first line before the scope."""
    tail: str = ""
    """The part of the last line behind the scope."""
    before: str = ""
    after: str = ""
    """For an insertion: the line ends that part it from the lines above and below."""
    gaps: tuple[str, str] = ("", "")
    """For an insertion of several lines: more line ends before and after it, as between the lines there."""

    @property
    def inserts(self) -> bool:
        """Whether there are no lines yet."""
        return not self.region.lines


def target_of(text: Text, start: int, end: int, dropped: int = 0) -> Target:
    """The target of a selection; offsets in any order and out of range are moved to the nearest place.

    So many lines at its top that are not blank are not shown, and go: the comment with the instruction.
    """
    start, end = sorted(min(max(offset, _first(text)), len(text)) for offset in (start, end))
    selected = text.slice(start, end)
    if not selected.strip():
        return _insertion(text, start)
    begin = start + len(selected) - len(selected.lstrip())
    stop = start + len(selected.rstrip())
    first, last = text.line_at(begin), text.line_at(stop - 1)
    lines = Span(max(_first(text), text.line_start(first)), _line_end(text, last))
    head, tail = text.slice(lines.start, start), text.slice(end, lines.end)
    head, tail = head if head.strip() else "", tail if tail.strip() else ""
    scope = Span(
        start if head else min(start, lines.start), end if tail else max(end, text.line_start(last + 1))
    )
    shown = contents(text.slice(lines.start, lines.end))[dropped:]
    while shown and not shown[0].strip():
        shown = shown[1:]
    here = _region(text, shown, first, last)
    if not shown:
        here = replace(here, indentation=indentation(text.line(first)))
        return Target(scope, lines, first, (first, last), here)
    return Target(scope, lines, last + 1 - len(shown), (first, last), here, head, tail)


def new_text(target: Target, text: Text, lines: Sequence[str]) -> str | None:
    """What stands in the scope when these lines are put in place; None if they change what is outside of it.

    A line that is as it was but for blanks at its end keeps its characters, and every line its line end.
    """
    span = target.lines
    old, usual = text.slice(span.start, span.end), line_end_near(text.string, span)
    if not lines and not target.inserts:
        rest = text.slice(span.end, target.scope.end)
        gone = "" if target.head or target.tail else without_first_break(rest)
        return None if target.head or target.tail else text.slice(target.scope.start, span.start) + gone
    gaps = target.gaps if len(lines) > 1 else ("", "")
    new = gaps[0] + target.before + _written(old, lines, usual) + target.after + gaps[1]
    if not (new.startswith(target.head) and new.endswith(target.tail)):
        return None
    if len(new) < len(target.head) + len(target.tail):
        return None
    inner = new[len(target.head) : len(new) - len(target.tail)]
    return (
        text.slice(target.scope.start, span.start)
        + inner
        + text.slice(span.end, max(span.end, target.scope.end))
    )


def edits_for(target: Target, text: Text, new: str) -> tuple[Edit, ...]:
    """The few edits that put a new text into the scope."""
    old, at = text.slice(target.scope.start, target.scope.end), target.scope.start
    return tuple(Edit(at + each.start, at + each.end, each.text) for each in edits_between(old, new))


def without_first_break(text: str) -> str:
    """The text without a line end at its start."""
    return text[2:] if text.startswith("\r\n") else text[1:] if text.startswith(("\n", "\r")) else text


def _written(old: str, lines: Sequence[str], usual: str) -> str:
    there, ends = contents(old), [*breaks(old), ""]
    written: list[tuple[str, str]] = []
    bare = [line.rstrip() for line in there]
    for tag, first, last, begin, stop in opcodes(bare, [line.rstrip() for line in lines]):
        for at in range(begin, stop):
            same = first + at - begin
            line = there[same] if tag == "equal" else lines[at]
            written.append((line, (ends[same] if same < last else "") or usual))
    return joined(written)


def _insertion(text: Text, start: int) -> Target:
    """A place for new lines: on a blank line instead of it, else before or behind the line of the cursor."""
    line = text.line_at(start)
    begin, stop = max(_first(text), text.line_start(line)), _line_end(text, line)
    usual = line_end_near(text.string, Span(stop, stop))
    if not text.slice(begin, stop).strip():
        # Other blank lines of the selection stay.
        here = _place(text, line, line, text.slice(begin, stop))
        last = stop == len(text) and begin == stop
        return Target(
            Span(begin, stop),
            Span(begin, stop),
            line,
            (line, line),
            here,
            after=usual if last else "",
            gaps=_gaps(here, usual),
        )
    if not text.slice(begin, start).strip():
        here = _place(text, line, line - 1, indentation(text.line(line)))
        return Target(Span(begin, begin), Span(begin, begin), line, (line, line - 1), here, after=usual)
    here = _place(text, line + 1, line, "")
    return Target(Span(stop, stop), Span(stop, stop), line + 1, (line + 1, line), here, before=usual)


def _gaps(here: Region, usual: str) -> tuple[str, str]:
    """The line ends by which lines on a blank line are parted from others as those are from each other."""
    above, below = _blank_run(here.above[::-1]), _blank_run(here.below)
    if above is None or below is None:
        return "", ""
    rows = above + below + 1
    begins = here.above[len(here.above) - above - 1].rstrip().endswith(OPENERS)
    ends = here.below[below].lstrip().startswith(CLOSERS)
    return "" if begins else usual * (rows - above), "" if ends else usual * (rows - below)


def _blank_run(lines: Sequence[str]) -> int | None:
    """How many blank lines these begin with; None if nothing else follows."""
    return next((count for count, line in enumerate(lines) if line.strip()), None)


def _place(text: Text, first: int, last: int, own: str) -> Region:
    """The region of an insertion between two lines, with the indentation that lines should have there."""
    here = _region(text, (), first, last)
    if own:
        return replace(here, indentation=own)
    above = next((line for line in reversed(here.above) if line.strip()), "")
    below = next((line for line in here.below if line.strip()), "")
    if above.rstrip().endswith(OPENERS):
        step = "\t" if here.style == "tabs" else " " * UNIT
        deeper = indentation(below) if len(indentation(below)) > len(indentation(above)) else ""
        return replace(here, indentation=deeper or indentation(above) + step)
    if above and below.lstrip().startswith(CLOSERS):
        return replace(here, indentation=indentation(above))
    sides = [indentation(line) for line in (above, below) if line]
    return replace(here, indentation=min(sides, key=len, default=""))


def _region(text: Text, shown: Sequence[str], first: int, last: int) -> Region:
    above = [_bare(text, line) for line in range(max(0, first - NEAR), first)]
    below = [_bare(text, line) for line in range(last + 1, min(text.line_count, last + 1 + NEAR))]
    lines = [_bare(text, line) for line in range(min(text.line_count, STYLE_LINES))]
    return region(shown, above, below, style_of([*lines, *shown]), lines[:first])


def _bare(text: Text, line: int) -> str:
    return without_last_break(text.line(line)).removeprefix(BOM)


def _line_end(text: Text, line: int) -> int:
    """Where the line end of a line begins."""
    return text.line_start(line) + len(without_last_break(text.line(line)))


def _first(text: Text) -> int:
    """Where the text begins behind a byte order mark, which belongs to the file."""
    return 1 if text.slice(0, 1) == BOM else 0
