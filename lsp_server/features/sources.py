"""Which open documents stand in a prompt beside the one that is completed, and in which order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from context.secrets import is_secret_path
from context.snapshot import Document, Snapshot
from lsp_server.prompts.fim import Source

ChooseSources = Callable[[Snapshot, Document, int, int, tuple[Source, ...]], Awaitable[tuple[Source, ...]]]
"""Chooses what of other files stands in a prompt: for a document of a snapshot, the cursor in it, the room in
characters, and what stood in the last prompt of it."""

LEAST = 40
"""Characters that a document needs to be worth its place."""
SHARE = 0.6
"""The part of the room left that one document may take, as long as others come after it."""


async def open_documents(
    snapshot: Snapshot, document: Document, _cursor: int, room: int, last: tuple[Source, ...]
) -> tuple[Source, ...]:
    """Choose among the open documents alone: for a file without a repository."""
    return choose_sources(snapshot, document, room, last)


def choose_sources(
    snapshot: Snapshot, document: Document, room: int, last: tuple[Source, ...] = ()
) -> tuple[Source, ...]:
    """Open documents within so many characters: the same language first, and what was used last.

    Those of the `last` prompt stay in their order and stand in front: the model has evaluated them already.
    """
    chosen: list[Source] = []
    others = _by_worth(snapshot, document)
    for other in others:
        source = _source(snapshot, other, room if other is others[-1] else int(room * SHARE))
        if source is not None:
            chosen.append(source)
            room -= len(source.path) + len(source.text) + 2
    kept = [source for source in last if source in chosen]
    return (*kept, *(source for source in reversed(chosen) if source not in kept))


def _by_worth(snapshot: Snapshot, document: Document) -> list[Document]:
    newest_first = [
        other
        for other in reversed(tuple(snapshot.documents.values()))
        if other.uri != document.uri and other.in_sync and not is_secret(other)
    ]
    return sorted(newest_first, key=lambda other: other.language != document.language)


def _source(snapshot: Snapshot, document: Document, room: int) -> Source | None:
    """The head of a document, in whole lines."""
    _, path = place_in_repository(snapshot, document)
    text = document.text.string[: max(0, room - len(path) - 2)]
    if len(text) < len(document.text):
        text = text[: text.rfind("\n") + 1]
    return Source(path, text) if len(text.strip()) >= LEAST else None


def place_in_repository(snapshot: Snapshot, document: Document) -> tuple[str, str]:
    """The name of the repository and the document's path inside it; made up for a lone document."""
    path = document.path
    if path is None:
        return "", PurePosixPath(unquote(urlsplit_path(document.uri))).name
    return place_of_path(snapshot, path)


def place_of_path(snapshot: Snapshot, path: Path) -> tuple[str, str]:
    """The name of the root in which a path lies, or of its folder, and the rest of it."""
    for root in sorted(snapshot.roots, key=lambda root: len(root.parts), reverse=True):
        if path.is_relative_to(root):
            return root.name, path.relative_to(root).as_posix()
    return path.parent.name, path.name


def is_secret(document: Document) -> bool:
    """Whether a document's path says that its text must not be read."""
    return is_secret_path(document.path or Path(unquote(urlsplit_path(document.uri))))


def urlsplit_path(uri: str) -> str:
    """The path in a URI, or all of what is no URI."""
    try:
        return urlsplit(uri).path
    except ValueError:
        return uri
