"""Outline: what a source file defines, names and imports. Values only; `parse.py` makes them.

All offsets are string indices in the source, ends are exclusive, and lines count from 0, as in `Text`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args, overload

Kind = Literal[
    "module",
    "class",
    "struct",
    "interface",
    "enum",
    "implementation",
    "type",
    "function",
    "method",
    "macro",
    "field",
    "constant",
    "variable",
    "section",
]
"""What a definition is. An implementation gives methods to a type that is defined elsewhere (`impl` in Rust,
`extension` in Swift): it has the name of the type, but does not define it. A section is a heading."""

KINDS: frozenset[Kind] = frozenset(get_args(Kind))
TYPES: frozenset[Kind] = frozenset({"class", "struct", "interface", "enum", "implementation", "type"})
"""A function in one of these is a method, a variable a field."""

Use = Literal["call", "type", "member", "name"]
"""How a name is used: called, as a type, behind a dot, or in any other way."""
USES: tuple[Use, ...] = get_args(Use)

How = Literal["query", "kinds", "text"]
"""By a query of ours, by general rules over the names in a grammar, or by rules over plain text."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the source."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Definition:
    """Something that has a name here, from the first line of its comment to its end.

    `name_at` is where the name stands: `source[name_at : name_at + len(name)] == name`. The signature is what
    stands before the body, at most 600 characters of it. `parent` is an index into the definitions of the
    outline, of an earlier one; `qualified` are the names of the parents and its own, with dots between them.
    """

    name: str
    kind: Kind
    start: int
    end: int
    name_at: int
    signature: str
    doc: str
    """The comment before it or the string at the start of its body, as it is written; "" for none."""
    body: Span | None
    body_lines: tuple[int, int] | None
    """The first and the last line of the body."""
    parent: int | None
    qualified: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that is used, not defined. A parser of one file cannot say where it leads."""

    name: str
    offset: int
    use: Use


@dataclass(frozen=True, slots=True)
class References(Sequence[Reference]):
    """References in columns: a file has one in 28 characters, and as objects they took half of all memory."""

    names: tuple[str, ...]
    offsets: bytes
    """Numbers of four bytes."""
    uses: bytes
    """Indices into `USES`."""

    @classmethod
    def of(cls, references: Iterable[Reference]) -> References:
        """Return references, given in their order."""
        rows = [(each.name, each.offset, USES.index(each.use)) for each in references]
        offsets = array("I", [offset for _, offset, _ in rows])
        return cls(tuple(name for name, _, _ in rows), offsets.tobytes(), bytes(use for _, _, use in rows))

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[Reference]:
        for name, offset, use in zip(self.names, memoryview(self.offsets).cast("I"), self.uses, strict=True):
            yield Reference(name, offset, USES[use])

    @overload
    def __getitem__(self, index: int) -> Reference: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Reference]: ...
    def __getitem__(self, index: int | slice) -> Reference | Sequence[Reference]:
        return list(self)[index]


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `from module import name as alias`, each of them without quotes.

    The name is "" where the module itself is imported, and "*" for all that is in it. The alias is the
    name by which it is known in this file, or "" where that follows from the others.
    """

    module: str
    name: str
    alias: str
    offset: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A file in short. Definitions and the rest stand in the order of the source."""

    language: str
    how: How
    length: int
    """Characters in the source."""
    definitions: tuple[Definition, ...]
    references: Sequence[Reference]
    imports: tuple[Import, ...]
    blocks: tuple[Span, ...]
    """Nested blocks of more than one line, the outer before the inner: where a long definition is cut."""
    complete: bool
    """False for a source with errors, or for one that was too long or too deep to be read in full."""
