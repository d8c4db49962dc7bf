"""Whole lines found in a text: but for blanks at their ends, at another indentation, without line numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

from context.outline import Span
from lsp_server.edits.fold import folded_line
from lsp_server.edits.lines import (
    Line,
    breaks,
    contents,
    ends_with_break,
    indentation,
    joined,
    lines_in,
    without_last_break,
)

LISTED = re.compile(r"[ \t]*(\d+)(→|\t|: ?| ?\| ?)(.*)\Z", re.DOTALL)
"""A line as a listing shows it, with its number in front."""
SURE = "→"
"""What no file has behind a number: our own listings. Behind anything else the numbers must be right."""

BLANKS = " \t"


@dataclass(frozen=True, slots=True)
class Found:
    """A place, and the old and the new text as they would be written there; lines of both belong together."""

    span: Span
    old: str
    new: str
    fits: bool = True
    """False where the old text stands, but the new one is indented too little to be put there."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An old and a new text without the numbers of their lines."""

    old: str
    new: str
    first: int
    sure: bool

    def fits(self, text: str, span: Span) -> bool:
        """Whether a place can be meant."""
        return self.sure or len(lines_in(text[: span.start] + "|")) == self.first


def trailing(text: str, old: str, new: str) -> list[Found]:
    """Where the lines of `old` stand, whatever blanks are at the ends of lines."""
    return [_found(window, old, new) for window in _windows(text, old, _without_end)]


def indented(text: str, old: str, new: str) -> list[Found]:
    """Where the lines of `old` stand, all shifted by the same indentation; `new` is shifted with them."""
    found = []
    versions = [(old, new), *_respaced(text, old, new)]
    for window in _windows(text, old, _bare):
        there = [text[line.start : line.end] for line in window]
        shifted = (_shifted(there, *version) for version in versions)
        if fitting := next((each for each in shifted if each is not None), None):
            found.append(_found(window, *fitting))
    return found


def numbered(old: str, new: str) -> Numbered | None:
    """The texts without line numbers, if every line of the old one has one and they count up by one.

    Lines of the new text lose theirs where they have one behind the same mark.
    """
    lines = contents(without_last_break(old))
    listed = [LISTED.match(line) for line in lines]
    matches = [match for match in listed if match]
    if len(matches) < len(lines) or len({match[2].strip(" ") for match in matches}) > 1:
        return None
    first, mark = int(matches[0][1]), matches[0][2].strip(" ")
    if [int(match[1]) for match in matches] != list(range(first, first + len(matches))):
        return None
    return Numbered(_unlisted(old, mark), _unlisted(new, mark), first, mark == SURE)


def _unlisted(text: str, mark: str) -> str:
    lines = []
    for line in contents(text):
        match = LISTED.match(line)
        lines.append(match[3] if match and match[2].strip(" ") == mark else line)
    return joined(zip(lines, [*breaks(text), ""], strict=True))


# --- Windows of lines ---


def _without_end(line: str) -> str:
    return folded_line(line).rstrip(BLANKS)


def _bare(line: str) -> str:
    return folded_line(line).strip(BLANKS)


def _windows(text: str, old: str, key: Callable[[str], str]) -> Iterator[Sequence[Line]]:
    """As many lines as `old` has, each with the same key as there; nothing if all of those are blank."""
    wanted = [key(line) for line in contents(without_last_break(old))]
    if not any(wanted):
        return
    lines = lines_in(text)
    keys = [key(text[line.start : line.end]) for line in lines]
    counts = Counter(keys)
    rarest = min(range(len(wanted)), key=lambda at: (not wanted[at], counts[wanted[at]]))
    for at, found in enumerate(keys):
        start = at - rarest
        if found == wanted[rarest] and start >= 0 and keys[start : start + len(wanted)] == wanted:
            yield lines[start : start + len(wanted)]


def _found(window: Sequence[Line], old: str, new: str | None) -> Found:
    """The place of a window; without the line end of `old` where the text ends without one."""
    first, last = window[0], window[-1]
    fits, new = new is not None, new or ""
    if not ends_with_break(old):
        return Found(Span(first.start, last.end), old, new, fits)
    if last.end == last.stop:
        old, new = without_last_break(old), without_last_break(new)
    return Found(Span(first.start, last.stop), old, new, fits)


# --- Indentation ---


def _shifted(there: list[str], old: str, new: str) -> tuple[str, str | None] | None:
    """Both texts shifted as the lines that are there; None if those are not all shifted by the same.

    The new text is None where that cannot be done with it.
    """
    pairs = {
        (indentation(folded_line(line)), indentation(folded_line(other)))
        for line, other in zip(there, contents(without_last_break(old)), strict=True)
        if _bare(line)
    }
    shifts = {_shift(*pair) for pair in pairs}
    shift = shifts.pop()
    if shifts or shift is None:
        return None
    moved = _reindented(old, *shift)
    return None if moved is None else (moved, _reindented(new, *shift))


def _shift(there: str, here: str) -> tuple[str, str] | None:
    """What to take away from the front of a line and what to put there."""
    if there.endswith(here):
        return "", there[: len(there) - len(here)]
    if here.endswith(there):
        return here[: len(here) - len(there)], ""
    return None


def _reindented(text: str, away: str, put: str) -> str | None:
    """The text with each line shifted but blank ones; None if a line is indented too little for it."""
    lines = []
    for line in contents(text):
        if line.strip(BLANKS) and not line.startswith(away):
            return None
        lines.append(put + line[len(away) :] if line.strip(BLANKS) else line)
    return joined(zip(lines, [*breaks(text), ""], strict=True))


def _respaced(text: str, old: str, new: str) -> Iterator[tuple[str, str]]:
    """Both texts with tabs for blanks or blanks for tabs, if the text has only the other ones."""
    there, here = _indentations(text), _indentations(f"{old}\n{new}")
    if _are_all(there, "\t") and _are_all(here, " "):
        unit = reduce(gcd, (len(each) for each in here))
        if unit > 1:
            yield _with_indentation(old, " " * unit, "\t"), _with_indentation(new, " " * unit, "\t")
    elif _are_all(there, " ") and _are_all(here, "\t"):
        unit = reduce(gcd, (len(each) for each in there))
        if unit > 1:
            yield _with_indentation(old, "\t", " " * unit), _with_indentation(new, "\t", " " * unit)


def _indentations(text: str) -> set[str]:
    return {indentation(line) for line in contents(text) if line.strip(BLANKS)} - {""}


def _are_all(indentations: set[str], character: str) -> bool:
    return bool(indentations) and all(set(each) == {character} for each in indentations)


def _with_indentation(text: str, unit: str, other: str) -> str:
    lines = [indentation(line).replace(unit, other) + line.lstrip(BLANKS) for line in contents(text)]
    return joined(zip(lines, [*breaks(text), ""], strict=True))
