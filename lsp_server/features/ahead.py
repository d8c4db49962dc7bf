"""What the model reads while the user pauses, so that the next key is cheap and sees more.

A first suggestion in a file is made from what the model reads in about a second. In pauses it reads the next
anchor beforehand, and a larger window in steps, until the budget is full.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from context.snapshot import Document, Snapshot
from lsp_server.features.anchor import Anchor, moved, still_holds, wears_out
from lsp_server.features.ask import Asked, anchor_at, asked_at
from lsp_server.features.completion_options import CompletionOptions, budgets
from lsp_server.features.memory import Memory
from lsp_server.features.sources import ChooseSources, open_documents
from lsp_server.models.backend import Backend, ModelError, ModelInfo, Piece, Sampling

log = logging.getLogger(__name__)

LARGER = 1.25
"""How many times as large a budget has to be to be worth reading a window again."""
ONLY_READ = Sampling(max_tokens=0, heal=True)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the user was last: a document, as it was then, and the cursor in it."""

    snapshot: Snapshot
    document: Document
    cursor: int


async def read_ahead(
    spot: Callable[[], Spot],
    backend: Backend,
    options: CompletionOptions,
    memory: Memory,
    warm_folders: Sequence[Path] = (),
    choose: ChooseSources = open_documents,
) -> None:
    """Let the model read, step after step, what helps at the spot of the moment, until there is no more.

    The anchor of each step serves completions as soon as it is read. A model that fails ends it. What it has
    read of files in `warm_folders` may be kept on disk.
    """
    try:
        info = await backend.info()
        while asked := await next_to_read(here := spot(), info, options, memory, choose):
            memory.reading = asked.anchor
            warm = asked.stable if _all_inside(here.snapshot, warm_folders) else 0
            await _read(backend, asked, replace(ONLY_READ, warm=warm))
            memory.keep(asked.anchor)
    except ModelError as error:
        log.info("nothing was read ahead: %s", error)
    finally:
        memory.reading = None


async def next_to_read(
    spot: Spot,
    info: ModelInfo,
    options: CompletionOptions,
    memory: Memory,
    choose: ChooseSources = open_documents,
) -> Asked | None:
    """The next prompt to read at a spot; None when all that helps has been read."""
    text, cursor = spot.document.text.string, spot.cursor
    last = memory.anchor(spot.document.uri, text, cursor)
    rooms = budgets(options, info)
    larger = [room for room in rooms if last is None or room.total > last.room * LARGER]
    for room in larger:
        anchor = await anchor_at(spot.snapshot, spot.document, cursor, room, last, choose)
        if last is None or _seen(anchor) != _seen(last):
            return asked_at(anchor, text, cursor, info)
    assert last is not None
    anchor = await anchor_at(spot.snapshot, spot.document, cursor, rooms[-1], last, choose)
    old = (anchor.start, anchor.sources) != (last.start, last.sources) or wears_out(last, text, cursor)
    return asked_at(anchor, text, cursor, info) if old and _seen(anchor) != _seen(last) else None


def is_in_vain(reading: Anchor | None, spot: Spot) -> bool:
    """Whether what is being read would be of no use at a spot."""
    if reading is None:
        return False
    text = spot.document.text.string
    return reading.uri != spot.document.uri or not still_holds(
        moved(reading, text, spot.cursor), text, spot.cursor
    )


def _seen(anchor: Anchor) -> tuple[object, ...]:
    """What the model sees of an anchor."""
    return anchor.prefix, anchor.suffix, anchor.sources


def _all_inside(snapshot: Snapshot, folders: Sequence[Path]) -> bool:
    """Whether all that a prompt may quote lies in these folders: open documents and the workspace."""
    paths = [*snapshot.roots, *(document.path for document in snapshot.documents.values())]
    return all(path is not None and any(map(_plain(path).is_relative_to, folders)) for path in paths)


def _plain(path: Path) -> Path:
    """The path without `..`, which could lead out of a folder that it names."""
    return Path(os.path.normpath(path))


async def _read(backend: Backend, asked: Asked, sampling: Sampling) -> None:
    stream = cast("AsyncGenerator[Piece, None]", backend.stream(asked.prompt, sampling, "background"))
    async with aclosing(stream):
        async for _ in stream:
            pass
