"""`fathom index --find WORDS`: where files define these names, and which of their pieces say the words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from context.index import Index

MOST = 10
"""Pieces that are shown, and definitions of one name."""
LONGEST = 100
"""Characters that are shown of a line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1, and what stands there."""

    path: str
    line: int
    what: str
    """Which kind of definition it is, or how well a piece fits."""
    text: str


def find(index: Index, words: str) -> tuple[list[Place], list[Place]]:
    """The definitions of the names among the words, and the pieces that say most of the words."""
    return list(_definitions(index, words)), list(_pieces(index, words))


def print_found(definitions: list[Place], pieces: list[Place], as_json: bool) -> None:
    """Print both as text for people, or as one JSON object."""
    from dataclasses import asdict

    if as_json:
        said = {"definitions": definitions, "pieces": pieces}
        print(json.dumps({name: [asdict(place) for place in found] for name, found in said.items()}))
        return
    for place in (*definitions, *pieces):
        print(f"{place.path}:{place.line}: {place.what}: {place.text}")


def _definitions(index: Index, words: str) -> Iterator[Place]:
    for sites in index.named(words.split(), MOST).values():
        for site in sites:
            yield Place(site.path, site.line + 1, site.kind, _first_line(site.signature))


def _pieces(index: Index, words: str) -> Iterator[Place]:
    from context.search import query_of
    from context.text import Text

    for passage in index.find(query_of(words), MOST):
        text = index.text(passage.path)
        if text is not None:
            start = passage.start + len(passage.text) - len(passage.text.lstrip())
            line, _ = Text(text).position(min(start, len(text)), "utf-32")
            yield Place(passage.path, line + 1, f"{passage.score:.1f}", _first_line(passage.text.lstrip()))


def _first_line(text: str) -> str:
    lines = text[:LONGEST].splitlines()[:1]
    return lines[0].strip() if lines else ""
