"""What is typed in a benchmark: keys, corrections, pastes and jumps in a real text, the same in every run.

Two pieces are taken out of a text and typed in again. A script depends on the text and the place alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Literal

Kind = Literal["first", "forward", "newline", "correction", "paste", "jump"]
"""What the user does. `first` is the first key in a file that the model has not read."""

KINDS: tuple[Kind, ...] = ("first", "forward", "newline", "correction", "paste", "jump")
ABOUT: dict[Kind, str] = {
    "first": "the first key in a file that the model has not read",
    "forward": "a character typed behind the last one",
    "newline": "a line end, with the indentation that editors add",
    "correction": "a character taken back, or typed again",
    "paste": "several lines at once",
    "jump": "the first key at another place of the file",
}

KEY = re.compile(r"(?:\r\n|\r|\n)[ \t]*|.", re.DOTALL)
LINE_END = re.compile(r"\r\n|\r|\n")

RHYTHM: tuple[tuple[Literal["type", "correct", "paste", "go"], int], ...] = (
    ("type", 16),
    ("correct", 3),
    ("type", 10),
    ("paste", 4),
    ("type", 8),
    ("go", 0),
    ("type", 6),
    ("correct", 4),
    ("go", 0),
    ("type", 6),
)
"""Keys to type, characters to take back and type again, lines to paste, and going to the other place."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the user does: `text` comes in place of what stands from `start` to `end`."""

    kind: Kind
    start: int
    end: int
    text: str

    @property
    def cursor(self) -> int:
        """Where the user stands then."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Script:
    """A text, and what is typed in it."""

    text: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Move:
    """A step at one of the two places: so many characters are taken back, and a text is added."""

    place: int
    kind: Kind
    back: int
    text: str


@dataclass(slots=True)
class _Pen:
    """A place at which is typed: where it begins, where the next place or the text ends it, how far it is."""

    place: int
    begin: int
    end: int
    at: int


def script(text: str, line: int, count: int) -> Script:
    """At most so many steps from a line on, 1-based and the middle for 0.

    The other place is a third of the file further on, beyond its end from the start again.
    Raises ValueError if there is no such line, or nothing to type in it.
    """
    starts = _line_starts(text)
    first = _line(starts, line)
    other = (first + len(starts) // 3) % len(starts)
    begins = (starts[first], starts[other] if other != first else len(text))
    return _placed(text, begins, list(islice(_moves(text, _pens(text, begins)), count)), line)


def forward(text: str, line: int, count: int) -> Script:
    """As `script`, with nothing but typing on."""
    starts = _line_starts(text)
    begins = (starts[_line(starts, line)], len(text))
    pen, _ = _pens(text, begins)
    return _placed(text, begins, list(_type(text, pen, count)), line)


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in LINE_END.finditer(text))]


def _line(starts: list[int], line: int) -> int:
    """The index of a line. Raises ValueError."""
    line = line or len(starts) // 2 + 1
    if not 1 <= line <= len(starts):
        raise ValueError(f"the file has {len(starts)} lines, not {line}")
    return line - 1


def _pens(text: str, begins: tuple[int, int]) -> tuple[_Pen, _Pen]:
    first, second = begins
    return (
        _Pen(0, first, second if second > first else len(text), first),
        _Pen(1, second, first if first > second else len(text), second),
    )


def _moves(text: str, pens: tuple[_Pen, _Pen]) -> Iterator[_Move]:
    """What is typed at both places in turn, until the text of one of them is used up."""
    acts = {"type": _type, "correct": _correct, "paste": _paste}
    pen, arrived = pens[0], False
    for act, count in cycle(RHYTHM):
        if act == "go":
            pen, arrived = pens[1 - pen.place], True
            continue
        for move in acts[act](text, pen, count):
            yield replace(move, kind="jump") if arrived else move
            arrived = False
        if pen.at == pen.end:
            return


def _type(text: str, pen: _Pen, count: int) -> Iterator[_Move]:
    for match in islice(KEY.finditer(text, pen.at, pen.end), count):
        pen.at = match.end()
        yield _Move(pen.place, "newline" if match[0][0] in "\r\n" else "forward", 0, match[0])


def _correct(text: str, pen: _Pen, count: int) -> Iterator[_Move]:
    """Take characters of this line back, and type them again."""
    last = re.split(r"[\r\n]", text[pen.begin : pen.at])[-1][-count:]
    yield from (_Move(pen.place, "correction", 1, "") for _ in last)
    yield from (_Move(pen.place, "correction", 0, key) for key in last)


def _paste(text: str, pen: _Pen, count: int) -> Iterator[_Move]:
    """Bring in the rest of this line and the next lines."""
    begin = pen.at
    for match in islice(LINE_END.finditer(text, begin, pen.end), count + 1):
        pen.at = match.end()
    if pen.at > begin:
        yield _Move(pen.place, "paste", 0, text[begin : pen.at])


def _placed(text: str, begins: tuple[int, int], moves: list[_Move], line: int) -> Script:
    """The text without what is typed, and the moves as steps in it."""
    if not moves:
        raise ValueError(f"there is nothing to type at line {line}")
    written, most = [0, 0], [0, 0]
    for move in moves:
        written[move.place] += len(move.text) - move.back
        most[move.place] = max(most[move.place], written[move.place])
    left = text
    for place in sorted((0, 1), key=lambda place: begins[place], reverse=True):
        left = left[: begins[place]] + left[begins[place] + most[place] :]
    return Script(left, tuple(_steps(begins, most, moves)))


def _steps(begins: tuple[int, int], most: list[int], moves: list[_Move]) -> Iterator[Step]:
    written = [0, 0]
    for number, move in enumerate(moves):
        other = 1 - move.place
        begin = begins[move.place]
        if begins[other] < begin:
            begin += written[other] - most[other]
        end = begin + written[move.place]
        written[move.place] += len(move.text) - move.back
        yield Step("first" if number == 0 else move.kind, end - move.back, end, move.text)
