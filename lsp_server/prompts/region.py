"""Lines of a file on their way to a model and back: without their common indentation, and with it again.

Lines have no line ends here; those belong to the file, as do blank lines at both ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

MOST_OVERLAP = 60
"""Lines from around the region that an answer may repeat."""
TELLING = 3
"""Letters and digits that one of the repeated lines needs: a lone brace repeats nothing."""
UNIT = 4
"""Blanks in a step of indentation where the file does not tell."""

_IMPORT = re.compile(r"import\b|from\b.+\bimport\b|us(?:e|ing) \w|# *include\b|package \w|.*\brequire\(")

Style = Literal["tabs", "blanks", ""]
"""How a file is indented; "" where it does not tell, or is of both minds."""


@dataclass(frozen=True, slots=True)
class Region:
    """Lines that are rewritten, with what stands next to them. No `lines` where some are to be inserted."""

    lines: tuple[str, ...]
    indentation: str
    """What all lines begin with; for an insertion, what its lines shall begin with."""
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    style: Style = ""
    start: tuple[str, ...] = ()
    """The first lines of the file, in which it imports."""

    @property
    def shown(self) -> tuple[str, ...]:
        """The lines without their common indentation."""
        return tuple(line[len(self.indentation) :] if line.strip() else "" for line in self.lines)


def region(
    lines: Sequence[str],
    above: Sequence[str],
    below: Sequence[str],
    style: Style = "",
    start: Sequence[str] = (),
) -> Region:
    """A region with what is common to the indentation of its lines."""
    return Region(tuple(lines), common_indentation(lines), tuple(above), tuple(below), style, tuple(start))


def is_import(line: str) -> bool:
    """Whether a line imports something, in the languages in which that takes a line."""
    return _IMPORT.match(line) is not None


def fitted(answer: Sequence[str], here: Region) -> tuple[str, ...]:
    """The lines that take the place of the region's: an answer without what stands around, indented."""
    lines = _without_repeated(_without_known_imports(list(answer), here), here)
    lines = _in_style(lines, here.style)
    lines = _shifted(lines, here)
    return tuple(_indented(line, here.indentation) for line in lines)


def common_indentation(lines: Sequence[str]) -> str:
    """What all lines begin with that are not blank, of blanks and tabs."""
    found = [_indentation(line) for line in lines if line.strip()]
    least, most = min(found, default=""), max(found, default="")
    # All others lie between these two, and so begin with what they have in common.
    return least[: next((at for at, sign in enumerate(least) if most[at : at + 1] != sign), len(least))]


def style_of(lines: Sequence[str]) -> Style:
    """How lines are indented. A single blank, as before the stars of a comment, says nothing."""
    indented = (line for line in lines if line.strip() and line.startswith(("\t", "  ", " \t")))
    first = {line[0] for line in indented}
    if len(first) != 1:
        return ""
    return "tabs" if first == {"\t"} else "blanks"


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _indented(line: str, indentation: str) -> str:
    return f"{indentation}{line}" if line.strip() else ""


# --- What the model repeats ---


def _without_known_imports(lines: list[str], here: Region) -> list[str]:
    """The answer without imports at its start that the file has already, if there is more than these."""
    known = {line.strip() for line in here.start if is_import(line)} - {line.strip() for line in here.lines}
    rest = lines
    while rest and (not rest[0].strip() or rest[0].strip() in known):
        rest = rest[1:]
    return rest or lines


def _without_repeated(lines: list[str], here: Region) -> list[str]:
    """The answer without lines from right above the region at its start, and from right below at its end."""
    old = [line.strip() for line in here.lines]
    bare = [line.strip() for line in lines]
    above, below = ([line.strip() for line in side] for side in (here.above, here.below))
    head = _repeated(above, bare, old)
    lines, bare = lines[head:], bare[head:]
    tail = _repeated(below[::-1], bare[::-1], old[::-1])
    return _trimmed(lines[: len(lines) - tail])


def _repeated(around: list[str], new: list[str], old: list[str]) -> int:
    """How many lines at the start of `new` are the last ones of `around`. The old text must not begin so too.

    Blank lines between the surroundings and the region count on neither side.
    """
    around = _trimmed(around)
    for count in range(min(len(around), len(new), MOST_OVERLAP), 0, -1):
        same = new[:count] == around[len(around) - count :]
        if same and _tells(new[:count]) and old[:count] != new[:count]:
            return count
    return 0


def _tells(lines: Sequence[str]) -> bool:
    return any(sum(map(str.isalnum, line)) >= TELLING for line in lines)


def _trimmed(lines: list[str]) -> list[str]:
    """The lines without blank ones at both ends."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []


# --- Indentation ---


def _shifted(lines: list[str], here: Region) -> list[str]:
    """The answer without an indentation that it has in common, unless the old lines stood so.

    A model may give its lines as they stand in the file and not as they were shown.
    """
    common = common_indentation(lines)
    if not common or set(lines) & {line for line in here.shown if line.strip()}:
        return lines
    return [line[len(common) :] for line in lines]


def _in_style(lines: list[str], style: Style) -> list[str]:
    """The answer indented as the file is."""
    if style == "tabs":
        unit = min((len(found[0]) for line in lines if (found := re.match(r" +(?=\S)", line))), default=UNIT)
        return [re.sub(r"^ +", lambda run: _as_tabs(len(run[0]), max(2, unit)), line) for line in lines]
    if style == "blanks":
        return [re.sub(r"^\t+", lambda run: " " * UNIT * len(run[0]), line) for line in lines]
    return lines


def _as_tabs(blanks: int, unit: int) -> str:
    return "\t" * (blanks // unit) + " " * (blanks % unit)
