"""`fathom index --find WORDS`: where files define these names, and which of their pieces say the words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from context.files import Found
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


def find(files: Iterable[Found], words: str) -> tuple[list[Place], list[Place]]:
    """The definitions of the names among the words, and the pieces that say most of the words."""
    from context.index import build

    index = build(files)
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
    from context.index import read

    for word in dict.fromkeys(words.split()):
        for symbol in index.symbols.get(word, ())[:MOST]:
            text = read(index.entries[symbol.path].found)
            if text is not None:
                yield _place(symbol.path, symbol.definition.kind, text, symbol.definition.name_at)


def _pieces(index: Index, words: str) -> Iterator[Place]:
    from context.index import read
    from context.search import query_of

    for hit in index.search.find(query_of(words), MOST):
        text = read(index.entries[Path(hit.path)].found)
        if text is not None:
            piece = text[hit.start : hit.end]
            start = hit.start + len(piece) - len(piece.lstrip())
            yield _place(Path(hit.path), f"{hit.score:.1f}", text, start)


def _place(path: Path, what: str, text: str, offset: int) -> Place:
    from context.text import Text

    lines = Text(text)
    number, _ = lines.position(min(offset, len(text)), "utf-32")
    start = lines.offset(number, 0, "utf-32")
    line = text[start : start + LONGEST].splitlines()[:1]
    return Place(str(path), number + 1, what, line[0].strip() if line else "")
