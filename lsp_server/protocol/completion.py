"""`textDocument/completion`: the same text as one item of the popup, for clients without ghost text."""

from __future__ import annotations

import asyncio
import re
from functools import partial

from lsprotocol import types

from context.snapshot import Document, Snapshot
from context.text import Encoding
from lsp_server.features.complete import Completion, Place
from lsp_server.protocol.connection import Work
from lsp_server.protocol.convert import line_before, to_range
from lsp_server.protocol.inline_completion import place_of, visit
from lsp_server.protocol.server import Server
from lsp_server.protocol.status import request_ended

EMPTY_LIST = types.CompletionList(is_incomplete=True, items=[])

LABEL = 60
"""Characters of the new text that the popup's line shows."""

SORT_LAST = "\U0010fffd"
"""Behind whatever other servers sort by."""

_WORD = re.compile(r"\w*\Z")


def completion(server: Server, params: types.CompletionParams) -> Work:
    """Take the world as it is at the request's arrival."""
    snapshot = visit(server, params.text_document.uri)
    place = place_of(server, snapshot, params, None)
    return partial(_answer, server, snapshot, place)


async def _answer(server: Server, snapshot: Snapshot, place: Place) -> types.CompletionList:
    await asyncio.sleep(server.session.options.debounce_ms / 1000)
    completion = await server.session.complete(snapshot, place)
    request_ended(server, completion)
    document = snapshot.documents.get(place.uri)
    if not completion.text or document is None:
        return EMPTY_LIST
    return types.CompletionList(
        is_incomplete=True, items=[to_item(document, completion, server.client.encoding)]
    )


def to_item(document: Document, completion: Completion, encoding: Encoding) -> types.CompletionItem:
    """One item that replaces the word before the cursor, since clients filter items by that word."""
    match = _WORD.search(line_before(document, completion.start))
    word = match.group() if match else ""
    text = word + completion.text
    first, _, more = text.partition("\n")
    label = first.strip()[:LABEL] or text.strip()[:LABEL]
    return types.CompletionItem(
        label=f"{label} …" if more or len(first) > LABEL else label,
        kind=types.CompletionItemKind.Text,
        detail=f"Fathom: {completion.model}",
        documentation=text if more else None,
        sort_text=SORT_LAST,
        filter_text=text,
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(
            to_range(document.text, completion.start - len(word), completion.end, encoding), text
        ),
    )
