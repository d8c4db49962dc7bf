"""`textDocument/inlineCompletion`: ghost text."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from lsprotocol import types

from context.snapshot import Document, Snapshot
from context.text import Encoding
from lsp_server.features.complete import Completion, Place
from lsp_server.protocol.connection import Work
from lsp_server.protocol.convert import line_before, to_offset, to_range
from lsp_server.protocol.server import Server
from lsp_server.protocol.status import request_ended

EMPTY_INLINE_LIST = types.InlineCompletionList(items=[])

LONGEST_REPEAT = 400
"""Characters. Of a longer line, what stands before the cursor is not sent back to the editor."""


def document_of(params: types.InlineCompletionParams | types.CompletionParams) -> str:
    """What a request is about; a newer one about the same document replaces it."""
    return params.text_document.uri


def inline_completion(server: Server, params: types.InlineCompletionParams) -> Work:
    """Take the world as it is at the request's arrival; the completion itself is the work for later."""
    snapshot = visit(server, params.text_document.uri)
    selected = params.context.selected_completion_info
    place = place_of(server, snapshot, params, selected.text if selected else None)
    asked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
    return partial(_asked if asked else _typed, server, snapshot, place)


def visit(server: Server, uri: str) -> Snapshot:
    """The snapshot in which the document is the one used last."""
    server.session.workspace.visited(uri)
    return server.session.workspace.snapshot


def place_of(
    server: Server,
    snapshot: Snapshot,
    params: types.InlineCompletionParams | types.CompletionParams,
    selected: str | None,
) -> Place:
    uri = params.text_document.uri
    document = snapshot.documents.get(uri)
    offset = to_offset(document.text, params.position, server.client.encoding) if document else 0
    return Place(uri, offset, selected)


async def _typed(server: Server, snapshot: Snapshot, place: Place) -> types.InlineCompletionList:
    """What is shown while the user types."""
    await asyncio.sleep(server.session.options.debounce_ms / 1000)
    completion = await _completed(server, snapshot, place)
    request_ended(server, completion)
    return _items(server, snapshot, place.uri, [completion])


async def _asked(server: Server, snapshot: Snapshot, place: Place) -> types.InlineCompletionList:
    """What is shown to a user who asks for it, with alternatives to what is there already."""
    completion = await _completed(server, snapshot, place)
    others: tuple[Completion, ...] = ()
    if completion.reason == "typed-through":
        others = await server.session.alternatives(snapshot, place, completion)
    request_ended(server, completion)
    return _items(server, snapshot, place.uri, [completion, *others])


async def _completed(server: Server, snapshot: Snapshot, place: Place) -> Completion:
    completion = await server.session.complete(snapshot, place)
    if completion.reason != "loading":
        return completion
    # The user reads at once why there is nothing yet, and gets the text without pressing another key.
    request_ended(server, completion)
    await server.session.loaded()
    return await server.session.complete(snapshot, place)


def _items(
    server: Server, snapshot: Snapshot, uri: str, completions: Sequence[Completion]
) -> types.InlineCompletionList:
    document = snapshot.documents.get(uri)
    if document is None:
        return EMPTY_INLINE_LIST
    encoding = server.client.encoding
    return types.InlineCompletionList(
        items=[to_item(document, each, encoding) for each in completions if each.text]
    )


def to_item(document: Document, completion: Completion, encoding: Encoding) -> types.InlineCompletionItem:
    """Let the item replace the line from its start, by what stands there and the new text.

    VS Code and Neovim show an item as long as the text in its range begins the item's text: so what the user
    types on stays inside the range, and typing through the ghost text needs no new request.
    """
    repeated = _repeatable(line_before(document, completion.start))
    start = completion.start - len(repeated)
    return types.InlineCompletionItem(
        insert_text=repeated + completion.text,
        filter_text=repeated + completion.text,
        range=to_range(document.text, start, completion.end, encoding),
    )


def _repeatable(before: str) -> str:
    """What of the line before the cursor is sent back.

    VS Code 1.139 shows no item that repeats a character beyond the basic plane, so it begins after the last.
    """
    if len(before) > LONGEST_REPEAT:
        return ""
    last = max((index for index, character in enumerate(before) if character > "\uffff"), default=-1)
    return before[last + 1 :]
