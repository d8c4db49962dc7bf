"""`fathom.undo` and `fathom.undoTurn`: take back what Fathom has changed, in the editor; never later work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from lsprotocol import types

from lsp_server.edits import journal
from lsp_server.edits.journal import Change, FileChange
from lsp_server.edits.types import Refusal
from lsp_server.edits.undo import edit_set_of, undo_of
from lsp_server.models.host.supervise import in_thread
from lsp_server.protocol.apply_edit import Planned, send, texts_of
from lsp_server.protocol.client import AFTER_ANSWER
from lsp_server.protocol.fields import pick_text
from lsp_server.protocol.messages import say
from lsp_server.protocol.server import Server

NOTHING = "There is nothing of Fathom's to undo here."
MOST_PASSED_OVER = 50
"""Changes that were taken back in another way, and are passed over."""


def undo(server: Server, arguments: Sequence[object]) -> list[asyncio.Task[None]]:
    """Take the last change back."""
    server.session.start(_undo_change(server, _uri(arguments)), "undo")
    return []


def undo_turn(server: Server, arguments: Sequence[object]) -> list[asyncio.Task[None]]:
    """Take back all changes of the turn of the last one."""
    server.session.start(_undo_turn(server, _uri(arguments)), "undo")
    return []


async def _undo_change(server: Server, uri: str | None) -> None:
    await asyncio.sleep(AFTER_ANSWER)
    here, _ = await _standing(server, uri)
    await _take_back(server, [(change,) for change in here])


async def _undo_turn(server: Server, uri: str | None) -> None:
    await asyncio.sleep(AFTER_ANSWER)
    here, everywhere = await _standing(server, uri)
    await _take_back(server, [journal.turn_of(change, everywhere) for change in here])


async def _standing(server: Server, uri: str | None) -> tuple[list[Change], list[Change]]:
    """The changes that have not been taken back, the last one first: those meant here, and all."""

    def read() -> list[Change]:
        return list(journal.standing(journal.changes(journal.journal_folder())))

    everywhere = await in_thread(read, "fathom-journal")
    here = (change for change in everywhere if not change.undoes and _is_meant(server, change, uri))
    return list(islice(here, MOST_PASSED_OVER)), everywhere


def _is_meant(server: Server, change: Change, uri: str | None) -> bool:
    if uri is not None:
        return any(file.uri == uri for file in change.files)
    snapshot = server.session.workspace.snapshot
    return any(
        file.uri in snapshot.documents
        or (file.path is not None and any(file.path.is_relative_to(root) for root in snapshot.roots))
        for file in change.files
    )


async def _take_back(server: Server, choices: Iterable[Sequence[Change]]) -> None:
    """Take back the first choice that is still there; those that the user has undone by hand are not."""
    for chosen in choices:
        title = f"Undo: {chosen[0].title}"
        refusal = await _try(server, chosen, title)
        if refusal is None:
            return
        if refusal.reason != "already-undone":
            say(server, types.MessageType.Warning, f"{title}: {refusal.message}")
            return
    say(server, types.MessageType.Info, NOTHING)


async def _try(server: Server, chosen: Sequence[Change], title: str) -> Refusal | None:
    texts = await texts_of(server, ((file.uri, file.path) for change in chosen for file in change.files))
    if isinstance(texts, Refusal):
        return texts
    files = undo_of(chosen, texts)
    if isinstance(files, Refusal):
        return files
    versioned = tuple(_with_versions(server, files))
    undoes = tuple(change.number for change in chosen)
    answer = await send(server, Planned(edit_set_of(versioned, title), versioned, undoes=undoes))
    if answer.applied:
        return None
    return Refusal("base-changed", answer.message or "The editor did not apply it.")


def _with_versions(server: Server, files: Iterable[FileChange]) -> Iterator[FileChange]:
    documents = server.session.workspace.snapshot.documents
    for file in files:
        document = documents.get(file.uri)
        yield replace(file, version=document.version if document else None)


def _uri(arguments: Sequence[object]) -> str | None:
    return pick_text(arguments[0], "uri") if arguments else None
