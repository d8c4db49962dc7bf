"""What compilers and linters say of lines of open documents, as editors tell it, and whom they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from context.near import IDENTIFIER, KEYWORDS

MOST = 64
"""Complaints about a document that are remembered."""
NEAR = 3
"""Lines between a cursor and what is said of the code there."""
MOST_NAMES = 12
LONGEST = 4000
"""Characters of a message that are looked at."""

_QUOTED = re.compile(
    r"`(?P<tick>[^`\n]{1,200})`"
    r"|\"(?P<double>[^\"\n]{1,200})\""
    r"|(?<!\w)'(?P<single>[^'\n]{1,200})'(?!\w)"
    r"|‘(?P<english>[^‘’\n]{1,200})’"
    r"|“(?P<curly>[^“”\n]{1,200})”"
)
"""What stands in quotes; an apostrophe inside a word is none."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is said of some lines of a document, which count from 0."""

    first: int
    last: int
    message: str


def with_new(
    known: tuple[Complaint, ...], first: int, last: int, new: Iterable[Complaint]
) -> tuple[Complaint, ...]:
    """The complaints about a document, of which those about lines from first to last are other ones now."""
    kept = (each for each in known if each.last < first or last < each.first)
    return tuple(dict.fromkeys((*kept, *new)))[-MOST:]


def moved(known: tuple[Complaint, ...], after: int, by: int) -> tuple[Complaint, ...]:
    """The complaints where the lines behind one have moved."""
    if not by:
        return known
    return tuple(_moved(each, by) if each.first > after else each for each in known)


def _moved(complaint: Complaint, by: int) -> Complaint:
    return replace(complaint, first=max(0, complaint.first + by), last=max(0, complaint.last + by))


def near(known: tuple[Complaint, ...], line: int) -> tuple[Complaint, ...]:
    """Those about lines near this one."""
    return tuple(each for each in known if each.first - NEAR <= line <= each.last + NEAR)


def named_in(complaints: Iterable[Complaint]) -> tuple[str, ...]:
    """The names that stand in quotes in messages, each once; none that names nothing in a repository."""
    found = (name for complaint in complaints for name in _names(complaint.message[:LONGEST]))
    return tuple(islice(dict.fromkeys(found), MOST_NAMES))


def _names(message: str) -> Iterator[str]:
    for quoted in _QUOTED.finditer(message):
        for name in IDENTIFIER.findall(quoted[quoted.lastgroup or 0]):
            if len(name) > 1 and name not in KEYWORDS:
                yield name
