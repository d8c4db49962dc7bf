"""Outline: what a source file defines, names and imports. Values only; `parse.py` makes them.

All offsets are string indices in the source, ends are exclusive, and lines count from 0, as in `Text`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

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
    references: tuple[Reference, ...]
    imports: tuple[Import, ...]
    blocks: tuple[Span, ...]
    """Nested blocks of more than one line, the outer before the inner: where a long definition is cut."""
    complete: bool
    """False for a source with errors, or for one that was too long or too deep to be read in full."""
