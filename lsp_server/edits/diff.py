"""Two texts compared: as the few edits that make one of the other, and as a unified diff for people.

Lines end with "\\n" here, as for git and patch: a carriage return is a part of its line and is compared
with it. `patch.py` reads such a diff again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher, unified_diff
from itertools import accumulate

from lsp_server.edits.types import Edit

NO_NEWLINE = "\\ No newline at end of file"
NOWHERE = "/dev/null"
MOST_PAIRS = 1_000_000
"""Pairs of lines that are compared; where there are more, all that differs is one edit."""

_ESCAPES = {"\t": "\\t", "\n": "\\n", '"': '\\"', "\\": "\\\\"}


def unified(before: str | None, after: str | None, path: str, context: int = 3) -> str:
    """A unified diff with so many lines of context; "" for equal texts. None is a file that does not exist.

    The format is that of git, with a/ and b/ before the path and quotes around a strange one.
    """
    if before == after:
        return ""
    old = NOWHERE if before is None else _name(f"a/{path}")
    new = NOWHERE if after is None else _name(f"b/{path}")
    hunks = list(unified_diff(lines_of(before or ""), lines_of(after or ""), old, new, n=context))[2:]
    ends = (line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}\n" for line in hunks)
    return "".join([f"--- {old}\n", f"+++ {new}\n", *ends])


def edits_between(before: str, after: str) -> tuple[Edit, ...]:
    """The edits, in rising order, that make one text of another: whole lines, or the part of a line.

    So marks, folds and the cursor stay where nothing changes. No edit parts a CRLF.
    """
    return tuple(_edits(lines_of(before), lines_of(after)))


def opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """What becomes of which lines, as `SequenceMatcher` says it; coarser where that would take seconds."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    left, right = len(old) - tail, len(new) - tail
    middle: list[tuple[str, int, int, int, int]] = []
    if (left - head) * (right - head) > MOST_PAIRS:
        middle = [("replace", 0, left - head, 0, right - head)]
    elif left > head or right > head:
        matcher = SequenceMatcher(None, old[head:left], new[head:right], autojunk=False)
        middle = list(matcher.get_opcodes())
    moved = [(tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in middle]
    return [("equal", 0, head, 0, head), *moved, ("equal", left, len(old), right, len(new))]


def lines_of(text: str) -> list[str]:
    """The lines with their line feeds; the last one has none where the text does not end with one."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _edits(old: list[str], new: list[str]) -> Iterator[Edit]:
    starts = list(accumulate(map(len, old), initial=0))
    for tag, first, last, begin, end in opcodes(old, new):
        if tag != "equal":
            yield _within_line("".join(old[first:last]), "".join(new[begin:end]), starts[first])


def _within_line(old: str, new: str, at: int) -> Edit:
    """The edit of a single line without what its old and its new text have in common at both ends."""
    one, other = old.rstrip("\r\n"), new.rstrip("\r\n")
    alone = one and other and "\n" not in one and "\n" not in other
    if not alone or old[len(one) :] != new[len(other) :]:
        return Edit(at, at + len(old), new)
    head = _common(one, other)
    tail = _common(one[head:][::-1], other[head:][::-1])
    return Edit(at + head, at + len(one) - tail, other[head : len(other) - tail])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items both begin with."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _name(path: str) -> str:
    """A path as git writes it: quoted where it has control characters, with a tab behind one with blanks."""
    if any(character in _ESCAPES or ord(character) < 32 or ord(character) == 127 for character in path):
        return '"' + "".join(_ESCAPES.get(character) or _octal(character) for character in path) + '"'
    return f"{path}\t" if " " in path else path


def _octal(character: str) -> str:
    return f"\\{ord(character):03o}" if ord(character) < 32 or ord(character) == 127 else character
