"""What is said where an old text stands nowhere, or at several places: the real lines, with their numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from context.outline import Span
from lsp_server.edits.fold import occurrences
from lsp_server.edits.lines import contents, lines_in, without_last_break
from lsp_server.edits.types import BOM, Refusal
from lsp_server.edits.windows import trailing

MOST_SHOWN = 3
MOST_PLACES = 8
MOST_LINES = 30
"""Lines that are shown of one place."""
WIDEST = 200
"""Characters that are shown of a line."""
LEAST_LIKENESS = 0.3
"""Of 1. What is less like the old text than this helps nobody."""
TRIED = 12
"""Places that are compared whole; those that share most words with the old text."""
LONGEST_COMPARED = 4000
COMMON = 100
"""Lines in which a word stands at most, to say anything about a place."""
SUBSTANTIAL = 12
"""Characters, without blanks, of a new text that cannot be there by chance."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of the text, the first counted from 1, without the line end of the last."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Unmatched(Refusal):
    """A refusal that shows places; the message shows them too."""

    nearest: tuple[Place, ...] = ()


def lines_at(text: str, span: Span) -> str:
    """A place for people: "line 4" or "lines 4-9"."""
    first = line_number(text, span.start)
    last = max(first, line_number(text, max(span.start, span.end - 1)))
    return f"line {first}" if first == last else f"lines {first}-{last}"


def line_number(text: str, offset: int) -> int:
    """The line of an offset, counted from 1; a line end belongs to its line."""
    return len(
        contents(text[:offset].removesuffix("\r") if text[offset : offset + 1] == "\n" else text[:offset])
    )


def everywhere(text: str, spans: Sequence[Span]) -> Unmatched:
    """The refusal for an old text that stands at several places."""
    places = tuple(_with_neighbour(text, span) for span in spans[:MOST_PLACES])
    shown = "\n\n".join(_listing(place) for place in places)
    more = f"\n\nand {len(spans) - len(places)} more" if len(spans) > len(places) else ""
    return Unmatched(
        "many-matches",
        f"The old text stands at {len(spans)} places. Add lines from around the one that is meant, or say "
        f"that all are to be replaced.\n\n{shown}{more}",
        nearest=places,
    )


def nowhere(text: str, old: str, new: str, within: Span) -> Unmatched:
    """The refusal for an old text that stands nowhere: the new one is there already, or what is nearest."""
    if there := _already(text, new, within):
        place = _place(text, there)
        return Unmatched(
            "already-there",
            f"The old text is not there, but the new one is already, at {lines_at(text, there)}. "
            f"There is nothing to do, or the old text is not the one that is meant.\n\n{_listing(place)}",
            nearest=(place,),
        )
    places = tuple(_nearest(text, old, within))
    if not places:
        return Unmatched(
            "no-match", "The old text is not in the file, nor anything like it. Read the file again."
        )
    shown = "\n\n".join(_compared(place, old) for place in places)
    return Unmatched(
        "no-match",
        "The old text is not in the file. Copy it from these lines, which are the nearest, without the "
        f"numbers in front:\n\n{shown}",
        nearest=places,
    )


def _already(text: str, new: str, within: Span) -> Span | None:
    """Where the new text stands, if it is no mere bracket."""
    if len("".join(new.split())) < SUBSTANTIAL:
        return None
    area = text[within.start : within.end]
    spans = [Span(at, at + len(new)) for at in occurrences(area, new)]
    spans = spans or [each.span for each in trailing(area, new, new)]
    return Span(spans[0].start + within.start, spans[0].end + within.start) if spans else None


# --- The nearest places ---


def _nearest(text: str, old: str, within: Span) -> Iterator[Place]:
    """The places most like the old text, as many lines each, none over another, the most alike first."""
    wanted = contents(without_last_break(old))
    lines = lines_in(text)
    first = line_number(text, within.start) - 1
    last = line_number(text, max(within.start, within.end - 1))
    there = [text[line.start : line.end].removeprefix(BOM) for line in lines]
    starts = {min(max(at, first), max(first, last - len(wanted))) for at in _likely(there[:last], wanted)}
    rated = sorted(((_likeness(there[at : at + len(wanted)], wanted), -at) for at in starts), reverse=True)
    taken: list[int] = []
    for likeness, negative in rated:
        at = -negative
        if likeness < LEAST_LIKENESS or len(taken) == MOST_SHOWN:
            return
        if all(abs(at - other) >= len(wanted) for other in taken):
            taken.append(at)
            yield Place(at + 1, "\n".join(there[at : at + len(wanted)]))


def _likely(there: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where the old text would begin, by the words that lines share; rare words say more."""
    stands: dict[str, list[int]] = {}
    for at, line in enumerate(there):
        for word in {*_WORD.findall(line), line.strip()}:
            stands.setdefault(word, []).append(at)
    votes: Counter[int] = Counter()
    for index, line in enumerate(wanted):
        for word in {*_WORD.findall(line), line.strip()}:
            found = stands.get(word, ())
            if word and len(found) <= COMMON:
                for at in found:
                    votes[at - index] += 1000 // len(found)
    return [start for start, _ in votes.most_common(TRIED)]


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    left, right = ("\n".join(line.strip() for line in lines)[:LONGEST_COMPARED] for lines in (one, other))
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


# --- How places are shown ---


def _place(text: str, span: Span) -> Place:
    return _of_lines(text, line_number(text, span.start), line_number(text, max(span.start, span.end - 1)))


def _with_neighbour(text: str, span: Span) -> Place:
    """The place with the line above it; that below where there is none."""
    first, last = line_number(text, span.start), line_number(text, max(span.start, span.end - 1))
    return _of_lines(text, first - 1, last) if first > 1 else _of_lines(text, first, last + 1)


def _of_lines(text: str, first: int, last: int) -> Place:
    lines = lines_in(text)[first - 1 : last]
    return Place(first, "\n".join(text[line.start : line.end] for line in lines).removeprefix(BOM))


def _listing(place: Place) -> str:
    lines = contents(place.text)
    shown = [f"{place.line + at:4}→{line[:WIDEST]}" for at, line in enumerate(lines[:MOST_LINES])]
    if len(lines) > MOST_LINES:
        shown.append(f"     … {len(lines) - MOST_LINES} more lines")
    return "\n".join(shown)


def _compared(place: Place, old: str) -> str:
    """A listing, and the first line that differs with its blanks made visible."""
    pairs = zip(contents(place.text), contents(old), strict=False)
    for at, (line, other) in enumerate(pairs):
        if line != other:
            differs = f"line {place.line + at} is {_visible(line)}\n  you wrote {_visible(other)}"
            return f"{_listing(place)}\n  first difference: {differs}"
    return _listing(place)


def _visible(line: str) -> str:
    """A line with its blanks at both ends as ·, its tabs as ⇥."""
    bare = line.strip(" ")
    head, tail = len(line) - len(line.lstrip(" ")), len(line) - len(line.rstrip(" "))
    return f"{'·' * head}{bare}{'·' * (tail if bare else 0)}".replace("\t", "⇥")[:WIDEST]
