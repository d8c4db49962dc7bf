"""The index of a workspace: what its files define and say. Built in one go and in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from context.chunks import Chunk, chunks_of
from context.contents import text_of
from context.disk import begin_of
from context.files import Found
from context.outline import Definition, Outline
from context.parse import parse
from context.search import Piece, Search


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one file. Offsets are string indices in its text."""

    found: Found
    outline: Outline
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name, and where it is defined."""

    path: Path
    definition: Definition


@dataclass(frozen=True, slots=True)
class Index:
    """Entries by path, definitions by name, and the search over all chunks, by the path as a string."""

    entries: Mapping[Path, Entry]
    symbols: Mapping[str, tuple[Symbol, ...]]
    search: Search


def read(found: Found) -> str | None:
    """The text of a file; None for one that has vanished or cannot be read any longer."""
    try:
        return text_of(begin_of(found.path, found.size))
    except OSError:
        return None


def build(files: Iterable[Found]) -> Index:
    """Read and parse files and index what they say. A file that vanishes meanwhile is left out."""
    entries: dict[Path, Entry] = {}
    search = Search()
    for found in files:
        text = read(found)
        if text is None:
            continue
        outline = parse(text, found.language)
        entry = entries[found.path] = Entry(found, outline, chunks_of(outline, text))
        search.replace(str(found.path), _pieces(entry, text))
    search.commit()
    return Index(entries, _symbols(entries.values()), search)


def _pieces(entry: Entry, text: str) -> Iterator[Piece]:
    return (Piece(chunk.start, chunk.end, text[chunk.start : chunk.end]) for chunk in entry.chunks)


def _symbols(entries: Iterable[Entry]) -> dict[str, tuple[Symbol, ...]]:
    symbols: dict[str, list[Symbol]] = {}
    for entry in entries:
        for definition in entry.outline.definitions:
            symbols.setdefault(definition.name, []).append(Symbol(entry.found.path, definition))
    return {name: tuple(found) for name, found in symbols.items()}
