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

LABEL = 120
"""Characters of the new text that the popup's line shows: a whole line of code, as a rule."""

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
    lines = text.count("\n") + 1
    return types.CompletionItem(
        label=_label(text),
        kind=types.CompletionItemKind.Text,
        detail=f"Fathom: {completion.model}" + (f", {lines} lines" if lines > 1 else ""),
        documentation=text if lines > 1 else None,
        sort_text=SORT_LAST,
        filter_text=text,
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(
            to_range(document.text, completion.start - len(word), completion.end, encoding), text
        ),
    )


def _label(text: str) -> str:
    """The first line that says anything, without a mark for more: lsp-mode may insert the label itself."""
    line = next(filter(None, map(str.strip, text.split("\n"))), "")
    return line if len(line) <= LABEL else f"{line[:LABEL]} …"
