"""One ignore file, such as a `.gitignore`: its rules, and the one that decides about a path.

The rules are those of gitignore(5), byte for byte as git applies them; a property test compares with git.
The one difference: a bracket that is never closed is itself, where git lets the whole rule fit nothing.
A rule says something of the entry it names alone: who walks does not enter a folder that is denied, and so
nothing in it can be brought back. wcmatch understands what stands between two slashes. Each of its
expressions takes time in proportion to the name, so that no rule can be made that never ends.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wcmatch import fnmatch

MOST_RULES = 5000
"""A file with more rules than that is not written for people; the rest of it is not read."""

MOST_REMEMBERED = 20_000
"""Names of which the answer is kept, for each ignore file."""

ALL = "*"

FOLDERS = re.compile(r"\*\*+")
BEGUN = re.compile(r"([^*?\[\\]*[^*?\[\\/])\*\*+(?:/(.*))?", re.DOTALL)
"""A path that begins with some text and goes on with two asterisks, behind which the name ends."""

Segment = Callable[[str], object]
"""Whether a name fits what stands between two slashes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of an ignore file."""

    file: Path
    line: int
    """Counts from 1; 0 is for the file as a whole."""
    text: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a rule says: whether entries that fit it are denied or brought back."""

    rule: Rule
    denies: bool
    folders_only: bool
    segments: tuple[Segment | None, ...]
    """None is `**`, any number of folders. Never the last one."""
    anywhere: bool
    """Whether there is one segment for a name, in whatever folder it is."""
    literal: str
    """The name itself, where an `anywhere` pattern has no wildcard; else empty."""
    begun: str = ""
    """How a path has to begin before the segments come, anywhere behind that; there may be none.

    For git `a**` is any path that begins with `a`, where a rule has a slash: it compares the text before the
    first wildcard alone, and the asterisks then stand at the start of what is left.
    """


class IgnoreFile:
    """The rules of a file, for the folder they hold in."""

    def __init__(self, path: Path, folder: str, content: bytes, *, first_line: int = 1) -> None:
        self.folder = folder
        self._patterns = tuple(_read(path, content, first_line))
        self._literals: dict[str, list[int]] = {}
        self._globs: list[int] = []
        self._paths: list[int] = []
        self._remembered: dict[tuple[str, bool], int] = {}
        for at, pattern in enumerate(self._patterns):
            if pattern.literal:
                self._literals.setdefault(pattern.literal, []).append(at)
            else:
                (self._globs if pattern.anywhere else self._paths).append(at)

    def pattern_for(self, path: str, is_folder: bool) -> Pattern | None:
        """The last pattern that fits an entry, which decides; None if no pattern does."""
        name = as_bytes(path.rpartition(os.sep)[2])
        best = self._by_name(name, is_folder)
        names: Sequence[str] = ()
        for at in reversed(self._paths):
            if at < best:
                break
            pattern = self._patterns[at]
            if (pattern.folders_only and not is_folder) or not _may_end(pattern, name):
                continue
            names = names or self._names_below(path)
            if _fits(pattern, names):
                best = at
                break
        return self._patterns[best] if best >= 0 else None

    def _names_below(self, path: str) -> Sequence[str]:
        return [as_bytes(part) for part in Path(path).relative_to(self.folder).parts]

    def _by_name(self, name: str, is_folder: bool) -> int:
        """The place of the last pattern for names that fits; -1 if none does."""
        found = self._remembered.get((name, is_folder))
        if found is None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            places = [*self._globs, *self._literals.get(name, ())]
            fitting = (at for at in sorted(places, reverse=True) if self._names(at, name, is_folder))
            found = self._remembered[name, is_folder] = next(fitting, -1)
        return found

    def _names(self, at: int, name: str, is_folder: bool) -> bool:
        pattern = self._patterns[at]
        if pattern.folders_only and not is_folder:
            return False
        segment = pattern.segments[0]
        return segment is None or bool(segment(name))


def as_bytes(name: str) -> str:
    """A name with a character for each of its bytes, as git compares them: `?` is one byte of an umlaut."""
    return name if name.isascii() else os.fsencode(name).decode("latin-1")


def _may_end(pattern: Pattern, name: str) -> bool:
    """Whether a path with this name at its end may fit."""
    last = None if pattern.begun else pattern.segments[-1]
    return last is None or bool(last(name))


def _fits(pattern: Pattern, names: Sequence[str]) -> bool:
    if not pattern.begun:
        return _fit(pattern.segments, names)
    path = "/".join(names)
    if not path.startswith(pattern.begun):
        return False
    left = path[len(pattern.begun) :].split("/")
    return not pattern.segments or any(_fit(pattern.segments, left[at:]) for at in range(len(left)))


def _fit(segments: Sequence[Segment | None], names: Sequence[str]) -> bool:
    """Whether names fit segments one by one; `**` is tried with as few names as possible first."""
    at = place = 0
    after, start = -1, 0
    while place < len(names):
        segment = segments[at] if at < len(segments) else _never
        if segment is None:
            after, start = at + 1, place
            at += 1
        elif segment(names[place]):
            at, place = at + 1, place + 1
        elif after >= 0:
            # Only the last `**` needs to be tried again: what is before it fits already.
            start += 1
            at, place = after, start
        else:
            return False
    return at == len(segments)


def _never(_: str) -> bool:
    return False


def _read(path: Path, content: bytes, first_line: int) -> Iterator[Pattern]:
    found = 0
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), first_line):
        line = _without_blanks(raw.removesuffix(b"\r").decode("latin-1"))
        if not line or line.startswith("#"):
            continue
        shown = line.encode("latin-1").decode("utf-8", "replace")
        pattern = _pattern(Rule(path, number, shown), line)
        if pattern is not None:
            yield pattern
            found += 1
        if found >= MOST_RULES:
            return


def _without_blanks(line: str) -> str:
    """Without the blanks at the end, but for one behind a backslash."""
    kept = line.rstrip(" ")
    backslashes = len(kept) - len(kept.rstrip("\\"))
    return line[: len(kept) + 1] if backslashes % 2 else kept


def _pattern(rule: Rule, line: str) -> Pattern | None:
    """What a line says; None if it can fit nothing."""
    denies = not line.startswith("!")
    line = line if denies else line[1:]
    folders_only = line.endswith("/")
    line = line.removesuffix("/")
    anywhere = "/" not in line
    parts = line.removeprefix("/").split("/")
    if not all(parts):
        return None
    begun = None if anywhere else BEGUN.fullmatch("/".join(parts))
    if begun is not None:
        parts = begun[2].split("/") if begun[2] else []
    # What is left behind the beginning of a path may be empty, and fits asterisks then.
    segment = _segment if begun is None else _segment_of_rest
    segments = [None if FOLDERS.fullmatch(part) and not anywhere else segment(part) for part in parts]
    if segments and segments[-1] is None:  # `folder/**` is what is in the folder, and not the folder
        segments.append(segment(ALL))
    literal = line if anywhere and not re.search(r"[*?\[\\]", line) else ""
    return Pattern(
        rule, denies, folders_only, tuple(segments), anywhere, literal, begun[1] if begun is not None else ""
    )


def _segment(part: str) -> Segment:
    if _ends_in_backslash(part):
        return _never
    flags = fnmatch.DOTMATCH | fnmatch.FORCEUNIX | fnmatch.CASE
    (expression,), _ = fnmatch.translate(part, flags=flags)
    return re.compile(expression).fullmatch


def _segment_of_rest(part: str) -> Segment:
    return _always if not part.strip(ALL) else _segment(part)


def _always(_: str) -> bool:
    return True


def _ends_in_backslash(part: str) -> bool:
    """Whether a backslash has nothing behind it that it could stand before; git lets that fit nothing."""
    return (len(part) - len(part.rstrip("\\"))) % 2 == 1
