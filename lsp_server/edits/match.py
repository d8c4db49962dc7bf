"""Where a model's old text stands in a text: a ladder of exact comparisons, each a little more lenient.

The steps, each with all that the ones above it allow:

    exact            every character is the same
    line-ends        "\\n" stands for any line end, and for the missing one at the end of a file
    punctuation      straight quotes, hyphens, blanks and dots stand for finer ones
    trailing-space   whole lines, whatever blanks are at their ends
    indentation      whole lines, all shifted by the same indentation; with blanks for tabs or the other way
                     round, if the text is indented in one of these ways throughout
    line-numbers     every line of the old text begins with its number, as a listing shows it

The first step that finds a place decides: one place is the match, several are refused. Nothing is ever
found by likeness, and upper and lower case are never the same. What the model left as it was keeps the
characters of the text, and what it wrote gets the line ends of its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from context.outline import Span
from lsp_server.edits import unmatched
from lsp_server.edits.diff import opcodes
from lsp_server.edits.fold import occurrences, places_but_for_line_ends, places_but_for_punctuation
from lsp_server.edits.lines import (
    breaks,
    contents,
    ends_with_break,
    joined,
    line_end_near,
    without_last_break,
)
from lsp_server.edits.types import BOM, Edit, Refusal
from lsp_server.edits.windows import Found, indented, numbered, trailing

Step = Literal["exact", "line-ends", "punctuation", "trailing-space", "indentation", "line-numbers"]
STEPS: tuple[Step, ...] = get_args(Step)

NOTES: dict[Step, str] = {
    "exact": "",
    "line-ends": "",
    "punctuation": "matched ignoring the form of quotes, dashes and blanks",
    "trailing-space": "matched ignoring trailing whitespace",
    "indentation": "matched at another indentation",
    "line-numbers": "matched without the line numbers",
}
"""What the model is told, so that it knows the text the next time."""


@dataclass(frozen=True, slots=True)
class Match:
    """The edits that put the new text in place of the old one, in rising order, and how it was found."""

    edits: tuple[Edit, ...]
    step: Step
    note: str = ""
    """For the model, where the old text was not quite what stands there; with line numbers."""


def match(text: str, old: str, new: str, within: Span | None = None) -> Match | Refusal:
    """Put `new` in place of the one place at which `old` stands, in a part of the text or in all of it.

    Refused with "empty", "identical", "no-match", "many-matches" or "already-there". An empty `old` stands in
    an empty text only. Refusals are `Unmatched` where places are to be shown.
    """
    old, new, within = _cleared(text, old, new, within)
    refusal = _senseless(text, old, new)
    if refusal is not None:
        return refusal
    step, found = _climb(text, old, new, within)
    if len(found) > 1:
        return unmatched.everywhere(text, [each.span for each in found])
    if not found or not found[0].fits:
        return unmatched.nowhere(text, old, new, within)
    return _matched(text, step, found)


def match_all(text: str, old: str, new: str, within: Span | None = None) -> Match | Refusal:
    """The same for all places, from the start, of those that overlap the first one."""
    old, new, within = _cleared(text, old, new, within)
    refusal = _senseless(text, old, new)
    if refusal is not None:
        return refusal
    step, found = _climb(text, old, new, within)
    if not found or not all(each.fits for each in found):
        return unmatched.nowhere(text, old, new, within)
    return _matched(text, step, _apart(found))


def _cleared(text: str, old: str, new: str, within: Span | None) -> tuple[str, str, Span]:
    """Leave the byte order mark alone: it belongs to the file, and no model means to change it."""
    first = 1 if text.startswith(BOM) else 0
    span = Span(0, len(text)) if within is None else within
    start = min(max(first, span.start), len(text))
    end = min(max(start, span.end), len(text))
    return old.removeprefix(BOM), new.removeprefix(BOM), Span(start, end)


def _senseless(text: str, old: str, new: str) -> Refusal | None:
    if old == new:
        return Refusal("identical", "The old and the new text are the same. Nothing was changed.")
    if not old and text.removeprefix(BOM):
        return Refusal(
            "empty",
            "The old text is empty, but the file is not. Give the lines that are to be replaced, or the "
            "lines beside which something is to be inserted.",
        )
    return None


def _climb(text: str, old: str, new: str, within: Span) -> tuple[Step, list[Found]]:
    """The places of the first step that finds any."""
    area = text[within.start : within.end]
    for step in STEPS[:-1]:
        if found := _FINDERS[step](area, old, new):
            return step, _moved(found, within.start)
    plain = numbered(old, new)
    if plain is None:
        return STEPS[-1], []
    for step in STEPS[:-1]:
        if found := _moved(_FINDERS[step](area, plain.old, plain.new), within.start):
            return STEPS[-1], [each for each in found if plain.fits(text, each.span)]
    return STEPS[-1], []


def _moved(found: list[Found], by: int) -> list[Found]:
    return [replace(each, span=Span(each.span.start + by, each.span.end + by)) for each in found]


def _exact(area: str, old: str, new: str) -> list[Found]:
    if not old:
        return [Found(Span(0, 0), old, new)]
    return [Found(Span(at, at + len(old)), old, new) for at in occurrences(area, old)]


def _folded(places: Callable[[str, str], list[Span]], area: str, old: str, new: str) -> list[Found]:
    """Also the last line of a text without the line end that `old` has."""
    found = [Found(span, old, new) for span in places(area, old)]
    bare = without_last_break(old)
    if bare == old or not bare or ends_with_break(area):
        return found
    last = [span for span in places(area, bare) if span.end == len(area)]
    return found + [Found(span, bare, without_last_break(new)) for span in last]


def _line_ends(area: str, old: str, new: str) -> list[Found]:
    return _folded(places_but_for_line_ends, area, old, new)


def _punctuation(area: str, old: str, new: str) -> list[Found]:
    return _folded(places_but_for_punctuation, area, old, new)


_FINDERS: dict[Step, Callable[[str, str, str], list[Found]]] = {
    "exact": _exact,
    "line-ends": _line_ends,
    "punctuation": _punctuation,
    "trailing-space": trailing,
    "indentation": indented,
}


def _apart(found: list[Found]) -> list[Found]:
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: one.span.start):
        if not kept or each.span.start >= kept[-1].span.end:
            kept.append(each)
    return kept


def _matched(text: str, step: Step, found: Sequence[Found]) -> Match | Refusal:
    edits = tuple(
        edit for each in found if (edit := _edit(text, each)).text != text[each.span.start : each.span.end]
    )
    if not edits:
        return Refusal("identical", "The text is so already. Nothing was changed.")
    lines = unmatched.lines_at(text, found[0].span)
    return Match(edits, step, f"{NOTES[step]} at {lines}" if NOTES[step] else "")


def _edit(text: str, found: Found) -> Edit:
    """Write the new text with the line ends of its place; lines that were not to change stay as they are."""
    span = found.span
    region = text[span.start : span.end]
    there, ends = contents(region), [*breaks(region), ""]
    usual = line_end_near(text, span)
    old, new = contents(found.old), contents(found.new)
    written: list[tuple[str, str]] = []
    for tag, first, last, begin, stop in opcodes(old, new):
        for at in range(begin, stop):
            same = first + at - begin
            line = there[same] if tag == "equal" else new[at]
            end = ends[same] if same < last else ""
            written.append((line, end or usual))
    return Edit(span.start, span.end, joined(written))
