"""Unified diffs read again, and applied strictly: a hunk whose lines do not stand in the text is refused.

Written here and not taken from a library: those that are kept only parse, or cut the diff at every line end
that Python knows, so that a form feed or a lone carriage return in a line breaks it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from lsp_server.edits.diff import NOWHERE, lines_of
from lsp_server.edits.match import match
from lsp_server.edits.types import BOM, Edit, Refusal

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_UNSUPPORTED = re.compile(
    r"(?:rename|copy) (?:from|to) |GIT binary patch|Binary files |(?:old|new) mode "
    r"|(?:new|deleted) file mode 1[26]"
)
"""What changes more than text: names, modes, links, submodules."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that stand at a line of the old text, counted from 1, and what becomes of them."""

    line: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Patch:
    """The hunks of one file. Its old path is None if it is to be created, the new one if it is to go."""

    old_path: str | None
    new_path: str | None
    hunks: tuple[Hunk, ...]


def parse(diff: str) -> tuple[Patch, ...] | Refusal:
    """The patches in a diff; text around them is skipped. Refused with "malformed" or "unsupported"."""
    lines = _Lines(diff.removesuffix("\n").split("\n"))
    patches = []
    try:
        while (line := lines.next()) is not None:
            if _UNSUPPORTED.match(line):
                return Refusal("unsupported", f"The diff changes more than text: {line.strip()!r}.")
            if line.startswith("--- ") and (lines.peek() or "").startswith("+++ "):
                patches.append(_patch(line, lines))
            elif _HUNK.match(line):
                raise _MalformedError("a hunk stands before any file name")
    except _MalformedError as error:
        return Refusal("malformed", f"The diff cannot be read: line {lines.at}: {error}.")
    return tuple(patches)


def edits_of(patch: Patch, text: str) -> tuple[Edit, ...] | Refusal:
    """The edits that a patch makes of a text, in rising order.

    A hunk is taken where its line number says, if its lines stand there; else at the one place at which
    `match` finds them. Refused as `match` does, and with "overlap" where hunks come one upon the other.
    """
    starts = list(accumulate(map(len, lines_of(text)), initial=0))
    edits: list[Edit] = []
    for number, hunk in enumerate(patch.hunks, start=1):
        found = _edit_of(hunk, text, starts)
        if isinstance(found, Refusal):
            return Refusal(found.reason, f"Hunk {number}: {found.message}")
        edits += found
    edits.sort(key=lambda edit: (edit.start, edit.end))
    if any(other.start < one.end or other.start == one.start for one, other in pairwise(edits)):
        return Refusal("overlap", "Two hunks are for the same lines. Make one hunk of them.")
    return tuple(edits)


def _edit_of(hunk: Hunk, text: str, starts: list[int]) -> tuple[Edit, ...] | Refusal:
    if hunk.old == hunk.new:
        return ()
    if not hunk.old and text.removeprefix(BOM):
        return Refusal("empty", "it has no line of the file. Give a few lines around what is to be inserted.")
    at = max(0, hunk.line - 1)
    if at < len(starts) and _stands_at(text, hunk.old, starts[at]):
        return (_trimmed(text, Edit(starts[at], starts[at] + len(hunk.old), hunk.new)),)
    found = match(text, hunk.old, hunk.new)
    return found if isinstance(found, Refusal) else found.edits


def _stands_at(text: str, old: str, start: int) -> bool:
    """Whether these lines stand there, whole lines: the last one may lack its line feed at the end only."""
    end = start + len(old)
    return text.startswith(old, start) and (not old or old.endswith("\n") or end == len(text))


def _trimmed(text: str, edit: Edit) -> Edit:
    """The edit without the context at both ends of the hunk, in whole lines."""
    old, new = lines_of(text[edit.start : edit.end]), lines_of(edit.text)
    while old and new and old[0] == new[0]:
        edit = Edit(edit.start + len(old[0]), edit.end, edit.text[len(new[0]) :])
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        edit = Edit(edit.start, edit.end - len(old[-1]), edit.text[: len(edit.text) - len(new[-1])])
        old, new = old[:-1], new[:-1]
    return edit


# --- Reading ---


class _MalformedError(Exception):
    """What is wrong with a line of the diff."""


@dataclass(slots=True)
class _Lines:
    """The lines of a diff, read one after the other; `at` is the number of the last one that was read."""

    lines: list[str]
    at: int = field(default=0)

    def peek(self) -> str | None:
        return self.lines[self.at] if self.at < len(self.lines) else None

    def next(self) -> str | None:
        line = self.peek()
        self.at += 1
        return line


def _patch(line: str, lines: _Lines) -> Patch:
    names = [_path(line[4:]), _path((lines.next() or "")[4:])]
    known = [name for name in names if name is not None]
    if not known:
        raise _MalformedError("both names are /dev/null")
    if all(name.startswith(prefix) for name, prefix in zip(names, ("a/", "b/"), strict=True) if name):
        names = [name and name[2:] for name in names]
    hunks = []
    while (line := lines.peek() or "") and _HUNK.match(line):
        lines.next()
        hunks.append(_hunk(line, lines))
    return Patch(names[0], names[1], tuple(hunks))


def _hunk(head: str, lines: _Lines) -> Hunk:
    found = _HUNK.match(head)
    assert found is not None
    left = {"-": int(found[2] or 1), "+": int(found[4] or 1)}
    line = int(found[1]) + (0 if left["-"] else 1)
    sides: dict[str, list[str]] = {"-": [], "+": []}
    while any(left.values()):
        body = lines.next()
        if body is None:
            raise _MalformedError("the diff ends inside of a hunk")
        for side in _sides(body):
            left[side] -= 1
            sides[side].append(body[1:] + "\n")
        if min(left.values()) < 0:
            raise _MalformedError("the hunk has more lines than its head says")
        _take_end(body, sides, lines)
    return Hunk(line, "".join(sides["-"]), "".join(sides["+"]))


def _sides(line: str) -> str:
    """Of which texts a line is: the old one "-", the new one "+", both. Some tools cut a blank at its end."""
    if line[:1] in ("-", "+"):
        return line[0]
    if line[:1] == " " or line in ("", "\r"):
        return "-+"
    raise _MalformedError("a line begins neither with a blank nor with + or -, but the hunk is not over")


def _take_end(body: str, sides: dict[str, list[str]], lines: _Lines) -> None:
    """Take the line feed from the last line where the next one says that there is none."""
    if not (lines.peek() or "").startswith("\\"):
        return
    lines.next()
    for side in _sides(body):
        sides[side][-1] = sides[side][-1][:-1]


def _path(name: str) -> str | None:
    """The path in a line with a name; None for none. A time may stand behind a tab."""
    name = name.removesuffix("\r")
    if name.startswith('"'):
        return _unquoted(name)
    name = name.partition("\t")[0]
    if not name:
        raise _MalformedError("there is no name")
    return None if name == NOWHERE else name


def _unquoted(name: str) -> str:
    found = re.match(r'"((?:[^"\\]|\\.)*)"', name)
    if not found:
        raise _MalformedError("the quotes around a name are not closed")
    return _plain(found[1])


def _plain(quoted: str) -> str:
    """Undo what git writes for strange characters; octal numbers are bytes of UTF-8."""
    data = re.sub(
        rb"\\([0-7]{3}|.)",
        lambda each: bytes([int(each[1], 8) & 255]) if len(each[1]) == 3 else _NAMED.get(each[1], each[1]),
        quoted.encode("utf-8", "surrogatepass"),
    )
    return data.decode("utf-8", "replace")


_NAMED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
