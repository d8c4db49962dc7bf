"""The anchor: a place some lines before the cursor at which the prompt is frozen while the user types on.

From a window of the document, `prefix` ends at the anchor, `suffix` begins at the cursor as it was then, and
what the user types in between is the only part of the prompt that changes. All lengths count characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lsp_server.prompts.fim import Hole, Source

LINES_BACK = 5
"""Measured: five lines between anchor and cursor gave the true text the best likelihood; 20 were as good."""
MOST_LINES = 24
"""Lines between anchor and cursor, from which on a new anchor is worth its cost."""
MOST_TYPED = 1600

SNAP = 0.2
"""Part of the window's length that is given up to begin it at the start of a block."""
FRESH = 0.75
"""A window begins at this part of its full length, so that it can grow before it has to move."""

INSERTED = re.compile(r"[)\]}>\"'`;,:]{0,16}[ \t]{0,16}(?:\r?\n[ \t]*[)\]}>]+[;,]?)?")
"""What editors insert after the cursor: closers, also on the next line once the user pressed Enter."""

SAME = 0.5
"""The part of a kept window that has to be what it was, from its start on."""
WORTH = 0.55
"""A kept window has to have this part of its full length; a fresh one has always more (FRESH less SNAP)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many characters of a document and of the others the model may be given."""

    prefix: int
    """Of a window that is evaluated anew."""
    grown: int
    """Of one that has grown from key to key, and so is evaluated already."""
    suffix: int
    sources: int = 0

    @property
    def total(self) -> int:
        """All that is evaluated anew."""
        return self.prefix + self.suffix + self.sources


@dataclass(frozen=True, slots=True)
class Anchor:
    """A frozen window of one document. `sources` are other files, as they were when the anchor was placed."""

    uri: str
    start: int
    """Offset at which the window begins."""
    offset: int
    """Offset of the anchor itself; `prefix` lies between the two."""
    prefix: str
    suffix: str
    reach: Literal["part", "end"]
    """Whether the suffix ends somewhere, or with the document."""
    path: str = ""
    repository: str = ""
    sources: tuple[Source, ...] = ()
    room: int = 0
    """The largest budget, in characters, with which this window was read."""


def hole_at(anchor: Anchor, text: str, cursor: int) -> Hole:
    """What the model is asked to fill, with the cursor somewhere after the anchor."""
    typed = text[anchor.offset : cursor]
    return Hole(anchor.prefix, typed, anchor.suffix, anchor.path, anchor.repository, anchor.sources)


def still_holds(anchor: Anchor, text: str, cursor: int) -> bool:
    """Whether nothing has changed in the window but the text between the anchor and the cursor."""
    if not anchor.offset <= cursor <= anchor.offset + MOST_TYPED:
        return False
    if text.count("\n", anchor.offset, cursor) > MOST_LINES:
        return False
    return text[anchor.start : anchor.offset] == anchor.prefix and _same_after(anchor, text, cursor)


def wears_out(anchor: Anchor, text: str, cursor: int) -> bool:
    """Whether the anchor will not hold for much longer, so that a new one is best read beforehand."""
    if not still_holds(anchor, text, cursor):
        return True
    typed = text[anchor.offset : cursor]
    return len(typed) > MOST_TYPED // 2 or typed.count("\n") > MOST_LINES // 2


def moved(anchor: Anchor, text: str, cursor: int) -> Anchor:
    """The anchor where its text now stands, after an edit before the window such as a new import.

    A window that begins with the file stays there: what is new at the top belongs into it.
    """
    if anchor.start == 0 or text.startswith(anchor.prefix, anchor.start):
        return anchor
    earliest = max(0, cursor - MOST_TYPED - len(anchor.prefix))
    start = text.rfind(anchor.prefix, earliest, cursor)
    return anchor if start < 0 else replace(anchor, start=start, offset=start + len(anchor.prefix))


def best_of(anchors: Sequence[Anchor], text: str, cursor: int) -> Anchor | None:
    """Of a document's anchors, newest first, the one that leaves least to read at a cursor."""
    here = [moved(anchor, text, cursor) for anchor in anchors]
    holding = (anchor for anchor in here if still_holds(anchor, text, cursor))
    near = (anchor for anchor in here if _reaches(anchor, text, cursor))
    return next(holding, None) or next(near, None) or next(iter(here), None)


def _reaches(anchor: Anchor, text: str, cursor: int) -> bool:
    """Whether the cursor is in the anchor's window or soon behind it, and the window begins as it did."""
    half = anchor.prefix[: len(anchor.prefix) // 2]
    last = anchor.offset + MOST_TYPED
    return anchor.start + len(half) <= cursor <= last and text.startswith(half, anchor.start)


def _same_after(anchor: Anchor, text: str, cursor: int) -> bool:
    """Whether the text after the cursor is the frozen suffix, but for closers that stand before it."""
    found = INSERTED.match(text, cursor)
    for at in range(cursor, (found.end() if found else cursor) + 1):
        if anchor.reach == "end" and len(text) - at != len(anchor.suffix):
            continue
        if text.startswith(anchor.suffix, at):
            return True
    return False


def place_anchor(
    uri: str,
    text: str,
    cursor: int,
    budget: Budget,
    *,
    last: Anchor | None = None,
    path: str = "",
    repository: str = "",
    sources: tuple[Source, ...] = (),
) -> Anchor:
    """Freeze a window around the cursor.

    The window begins where that of the `last` anchor of the document began, if what it said still stands
    there and it has not become too long: then the model has evaluated most of it already.
    """
    offset = _line_start_back(text, cursor, LINES_BACK, cursor - min(MOST_TYPED // 2, budget.prefix))
    start = _kept_start(last, text, offset, budget)
    if start is None:
        start = _fresh_start(text, offset, budget.prefix)
    end = _suffix_end(text, cursor, budget.suffix)
    reach: Literal["part", "end"] = "end" if end == len(text) else "part"
    room = max(budget.total, last.room) if last and last.start == start else budget.total
    return Anchor(
        uri, start, offset, text[start:offset], text[cursor:end], reach, path, repository, sources, room
    )


def _line_start_back(text: str, cursor: int, lines: int, earliest: int) -> int:
    """The start of the line so many lines before the cursor's, or of a later one if that is too far away."""
    earliest = max(0, earliest)
    start = _line_start(text, cursor)
    if start < earliest:
        return earliest
    for _ in range(lines):
        before = _line_start(text, start - 1) if start else 0
        if before < earliest:
            break
        start = before
    return start


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _kept_start(last: Anchor | None, text: str, offset: int, budget: Budget) -> int | None:
    """The start of the last window, if the model has evaluated enough of what stands there."""
    if last is None or not 0 <= offset - last.start <= budget.grown:
        return None
    if last.start and offset - last.start < budget.prefix * WORTH:
        return None
    window = text[last.start : offset]
    common = _common(last.prefix, window)
    return last.start if common >= SAME * min(len(window), len(last.prefix)) else None


def _common(first: str, second: str) -> int:
    """How many characters two texts have in common from their start on."""
    pairs = zip(first, second, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _fresh_start(text: str, offset: int, length: int) -> int:
    """Where a new window begins: at the start of the file, a block or at least a line."""
    if offset <= length:
        return 0
    earliest = offset - int(length * FRESH)
    latest = earliest + int(length * SNAP)
    starts = _line_starts(text, earliest, latest)
    if not starts:
        return earliest
    return min(starts, key=lambda start: (_indentation(text, start), start))


def _line_starts(text: str, earliest: int, latest: int) -> list[int]:
    """Offsets in a range at which lines with text begin."""
    found = re.compile(r"(?<=[\n\r])(?=[ \t]*\S)").finditer(text, earliest, latest)
    return [match.start() for match in found]


def _indentation(text: str, start: int) -> int:
    end = start
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return end - start


def _suffix_end(text: str, begin: int, length: int) -> int:
    """The end of the last whole line that fits."""
    if len(text) - begin <= length:
        return len(text)
    end = text.rfind("\n", begin, begin + length) + 1
    return end if end > begin + 1 else begin + length
