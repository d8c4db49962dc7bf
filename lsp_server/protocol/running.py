"""The edits that are being made: what the user types meanwhile moves them or stops them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from context.outline import Span
from context.snapshot import Change, Document, Snapshot
from context.text import Encoding
from lsp_server.edits.diff import edits_between
from lsp_server.edits.types import Edit
from lsp_server.features.open_edit import OpenEdit
from lsp_server.protocol.extensions import EditOutcome
from lsp_server.protocol.fields import pick

if TYPE_CHECKING:
    from lsp_server.protocol.server import Server

Stopped = Literal["cancelled", "replaced", "typed-inside", "closed", "out-of-sync"]
"""Why an edit ended before it was applied."""

WORDS: dict[Stopped, str] = {
    "cancelled": "It was cancelled.",
    "replaced": "Another edit of this document was begun.",
    "typed-inside": "You have edited the text that it was to change.",
    "closed": "The document was closed.",
    "out-of-sync": "An edit of the document could not be understood; close it and open it again.",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of an edit; the reason is a code, the message a sentence for the user."""

    outcome: EditOutcome
    reason: str = ""
    message: str = ""


@dataclass(slots=True)
class Running:
    """An edit that is being made. Belongs to the event loop."""

    id: str
    """Also the token of its progress."""
    title: str
    snapshot: Snapshot
    document: Document
    """The document as it was when the edit was asked for."""
    open: OpenEdit
    """What was typed since, and where the part that is to change lies now, as soon as that is known."""
    changes_it: bool = False
    """Whether that part is known: what is typed inside of it then stops the edit."""
    task: asyncio.Task[None] | None = None
    sent: bool = False
    """Whether the change has gone to the client: its answer tells then, and nothing stops it."""
    stopped: Stopped | None = None
    told: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever the editor tells of something in the document."""
    ending: Ending | None = None
    """What became of it, as soon as that is known."""


def of_document(server: Server, uri: str) -> Iterator[Running]:
    """The edits of a document that can still be stopped."""
    return (each for each in list(server.running) if each.document.uri == uri and not each.sent)


def stop_all(all_running: Iterable[Running], why: Stopped) -> list[asyncio.Task[None]]:
    """Stop edits; returns what is still to end of them."""
    tasks = []
    for running in all_running:
        stop(running, why)
        if running.stopped is not None and running.task is not None:
            tasks.append(running.task)
    return tasks


def stop(running: Running, why: Stopped) -> None:
    """Stop an edit, unless it has been sent or stopped before."""
    if running.sent or running.stopped is not None or running.task is None:
        return
    running.stopped = why
    running.task.cancel()


def begin_at(running: Running, span: Span) -> None:
    """Say which part of the document of the beginning is to change."""
    running.changes_it = True
    running.open = OpenEdit(running.open.uri, span).after(running.open.changes)
    if running.open.stopped:
        stop(running, "typed-inside")


def will_change(server: Server, uri: str, changes: Iterable[Change]) -> None:
    """Take notice of what is typed in a document. To be called before the workspace hears of it."""
    followed = [each for each in server.running if each.document.uri == uri]
    document = server.session.workspace.snapshot.documents.get(uri)
    if not followed or document is None:
        return
    edits = edits_of(document, changes, server.client.encoding)
    if edits is None:
        _lose(server, uri, "out-of-sync")
        return
    for each in followed:
        each.told.set()
        each.open = each.open.after(edits)
        if each.changes_it and each.open.stopped:
            stop(each, "typed-inside")


def has_changed(server: Server, uri: str) -> None:
    """Stop what is made of a document whose text is unsure now. To be called when the workspace has heard."""
    document = server.session.workspace.snapshot.documents.get(uri)
    if document is not None and not document.in_sync:
        _lose(server, uri, "out-of-sync")


def will_open(server: Server, uri: str) -> None:
    """Stop what is made of a document that is opened once more: nothing says how its text came to be."""
    _lose(server, uri, "out-of-sync")


def will_close(server: Server, uri: str) -> None:
    """Stop what is made of a document that the user has closed."""
    _lose(server, uri, "closed")


def edits_of(document: Document, changes: Iterable[Change], encoding: Encoding) -> list[Edit] | None:
    """The changes of one notification, each in the text that the one before it left; None if one is odd."""
    text, edits = document.text, list[Edit]()
    for change in changes:
        if change.range is None:
            edits += _from_first_to_last(edits_between(text.string, change.text))
            text = text.splice(0, len(text), change.text)
            continue
        if min(*change.range[0], *change.range[1]) < 0:
            return None
        start, end = sorted(text.offset(*place, encoding) for place in change.range)
        edits.append(Edit(start, end, change.text))
        text = text.splice(start, end, change.text)
    return edits


def did_cancel_progress(server: Server, params: object) -> None:
    """`window/workDoneProgress/cancel`: the user has had enough of one edit."""
    token = pick(params, "token")
    for each in list(server.running):
        if each.id == token:
            stop(each, "cancelled")


def _lose(server: Server, uri: str, why: Stopped) -> None:
    """Stop the edits of a document; those that have been sent must not be sent again."""
    for each in list(server.running):
        if each.document.uri == uri:
            each.open = OpenEdit(uri, None)
            stop(each, why)


def _from_first_to_last(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Edits of one text as if they were made one after the other."""
    by = 0
    for edit in edits:
        yield Edit(edit.start + by, edit.end + by, edit.text)
        by += len(edit.text) - (edit.end - edit.start)
