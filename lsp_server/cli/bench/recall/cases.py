"""Places at which a line uses what another file defines, and what is asked of the context for them.

Values only, and no dependence on how Fathom finds anything.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Access = Literal["imported", "not-imported", "member"]
"""By a name that the file imports, by one that it does not, or behind a dot, an arrow or two colons."""
ACCESSES: tuple[Access, ...] = ("imported", "not-imported", "member")

SHORTEST_NAME = 3
SHORTEST_LINE, LONGEST_LINE = 10, 160
"""Characters of the true line, without its indentation."""
MORE_THAN_NAME = 4
"""Characters that a defining line must have beside the name, so that it is not found by chance."""
LONG_ENOUGH = 80
"""Characters of a defining line that are asked for."""
FROM_A_FILE, FROM_A_NAME = 2, 1
"""Most cases that use one file, or one name, of a repository."""

_MEMBER = re.compile(r"(?:\.|->|::)\s*$")
_NOT_CODE = re.compile(
    r"""\s*(?:\#\s*(?:include|import|pragma|define|if|el|en|un)|//|/\*|\*|\#(?!\[)|--|"{3}|'{3}
    |import\b|from\b.*\bimport\b|export\s.*\bfrom\b|export\s*[{*]|(?:pub\s+)?use\b|(?:pub\s+)?mod\b|package\b
    |using\b|extern\s+crate\b|.*\brequire\(|(?:type\s+)?[\w$*]+(?:\s+as\s+[\w$]+)?,?\s*$)""",
    re.VERBOSE,
)
_NOT_WRITTEN = re.compile(
    r"(?:^|/)(?:vendor|third[-_]?party|external(?:_libs)?|node_modules|dist|generated|__generated__|gen|build)/"
    r"|(?:_pb2\w*\.py|\.pb\.\w+|\.min\.js|\.d\.ts|_generated\.\w+|\.gen\.\w+)$"
)
_OPENING, _CLOSING = "([", ")]"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a name is defined. The path is relative to the repository, the line counts from 0."""

    path: str
    line: int
    text: str
    """The line as it stands there."""


@dataclass(frozen=True, slots=True)
class Use:
    """A name that is used in a file, and where the others are that define it."""

    path: str
    line: int
    character: int
    """Where the name stands in its line."""
    name: str
    access: Access
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A place. The buffer has lost the line at the place; the cursor stands where its text began."""

    repository: str
    half: str
    path: str
    language: str
    line: int
    character: int
    truth: str
    """What stood in the line from the cursor on."""
    name: str
    access: Access
    extractor: str
    """What found the definition."""
    targets: tuple[Target, ...]

    def to_json(self) -> dict[str, Any]:
        """The case as JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Case:
        """A case that was written by `to_json`. Raises KeyError and TypeError for anything else."""
        known = {name: given[name] for name in cls.__slots__}
        return cls(**{**known, "targets": tuple(Target(**target) for target in given["targets"])})


def access_of(line: str, character: int, name: str, imported: Iterable[str]) -> Access:
    """How the name that stands at a place of a line is used."""
    if _MEMBER.search(line, 0, character):
        return "member"
    return "imported" if name in imported else "not-imported"


def may_be_asked(path: str, line: str, name: str) -> bool:
    """Whether a line is one that a person would write in a file that a person wrote."""
    return (
        len(name) >= SHORTEST_NAME
        and SHORTEST_LINE <= len(line.strip()) <= LONGEST_LINE
        and not _NOT_CODE.match(line)
        and not _NOT_WRITTEN.search(path)
    )


def may_be_found(path: str, target: Target, name: str) -> bool:
    """Whether a definition can be recognised: it is in another file, and says more than its name."""
    wanted = needle(target.text)
    return (
        target.path != path
        and not _NOT_WRITTEN.search(target.path)
        and name in wanted
        and len(wanted) >= len(name) + MORE_THAN_NAME
        and not _NOT_CODE.match(target.text)
    )


def buffer_of(text: str, line: int) -> tuple[str, int, str]:
    """A text without what stands in one of its lines, where the cursor is in that line, and what stood there.

    Lines end as in `str.split("\\n")`.
    """
    lines = text.split("\n")
    whole = lines[line].rstrip("\r")
    truth = whole.lstrip(" \t")
    character = len(whole) - len(truth)
    rest = lines[line][len(whole) :]
    return "\n".join([*lines[:line], whole[:character] + rest, *lines[line + 1 :]]), character, truth


def needle(line: str) -> str:
    """What of a defining line must stand in a context: its signature, with single blanks."""
    squeezed = " ".join(line.split())
    depth = 0
    for at, character in enumerate(squeezed):
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth <= 0 and at and squeezed.startswith(" {", at - 1):
            squeezed = squeezed[: at - 1]
            break
    return squeezed.rstrip(" {:;,=>(")


def recalled(case: Case, context: str) -> bool:
    """Whether a line that defines the name stands in a context."""
    squeezed = [" ".join(line.split()) for line in context.split("\n") if case.name in line]
    wanted = [_begin(needle(target.text), case.name) for target in case.targets]
    return any(re.search(pattern, line) for pattern in wanted for line in squeezed)


def _begin(wanted: str, name: str) -> str:
    """A pattern for a defining line, or for the begin of a long one, which is often cut."""
    begin = wanted[:LONG_ENOUGH]
    if len(begin) < len(wanted) and name in begin:
        return rf"(?<!\w){re.escape(begin)}"
    return rf"(?<!\w){re.escape(wanted)}(?!\w)"


def mentioned(case: Case, context: str) -> bool:
    """Whether the name stands in a context, anywhere."""
    return re.search(rf"(?<!\w){re.escape(case.name)}(?!\w)", context) is not None


def choose(uses: Iterable[Use], count: int, seed: str) -> list[Use]:
    """So many uses, as evenly over the ways of access as there are, few of one file and of one name."""
    chance = random.Random(seed)
    waiting = {access: _shuffled(uses_of, chance) for access, uses_of in _by_access(uses).items()}
    chosen: list[Use] = []
    files: Counter[str] = Counter()
    names: Counter[str] = Counter()
    lines: set[tuple[str, int]] = set()
    while len(chosen) < count and waiting:
        for access in [access for access in ACCESSES if access in waiting]:
            use = next(waiting[access], None)
            while use is not None and (
                files[use.path] >= FROM_A_FILE
                or names[use.name] >= FROM_A_NAME
                or (use.path, use.line) in lines
            ):
                use = next(waiting[access], None)
            if use is None:
                del waiting[access]
            elif len(chosen) < count:
                chosen.append(use)
                files[use.path] += 1
                names[use.name] += 1
                lines.add((use.path, use.line))
    return chosen


def _by_access(uses: Iterable[Use]) -> dict[Access, list[Use]]:
    groups: dict[Access, list[Use]] = {}
    for use in uses:
        groups.setdefault(use.access, []).append(use)
    return groups


def _shuffled(uses: Sequence[Use], chance: random.Random) -> Iterator[Use]:
    """Each use once; files come in turn, since a long one has most of all uses."""
    files: dict[str, list[Use]] = {}
    for use in sorted(uses, key=lambda use: (use.path, use.line, use.character)):
        files.setdefault(use.path, []).append(use)
    for group in files.values():
        chance.shuffle(group)
    order = list(files)
    chance.shuffle(order)
    turn = 0
    while any(len(files[path]) > turn for path in order):
        yield from (files[path][turn] for path in order if len(files[path]) > turn)
        turn += 1
