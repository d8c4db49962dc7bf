"""`fathom/context`: what the model was sent last, or would be sent at a place."""

from __future__ import annotations

from functools import partial
from time import monotonic

from lsprotocol import types

from context.snapshot import Snapshot
from lsp_server.features.inspect import Inspected, Row
from lsp_server.models.backend import ModelError
from lsp_server.protocol.connection import INVALID_PARAMS, REQUEST_FAILED, RequestError, Work
from lsp_server.protocol.convert import to_offset, to_position
from lsp_server.protocol.extensions import Context, ContextPart
from lsp_server.protocol.fields import pick, pick_integer, pick_text
from lsp_server.protocol.server import Server


def context(server: Server, params: object) -> Work:
    """Take the documents as they are at the request's arrival."""
    snapshot, uri = server.session.workspace.snapshot, pick_text(params, "uri")
    if pick(params, "position") is None:
        return partial(_context, server, snapshot, uri, None)
    line, character = pick_integer(params, "position", "line"), pick_integer(params, "position", "character")
    if uri is None or line is None or character is None:
        raise RequestError(
            INVALID_PARAMS, "A position needs a line, a character and the uri of its document."
        )
    document = snapshot.documents.get(uri)
    position = types.Position(max(0, line), max(0, character))
    offset = to_offset(document.text, position, server.client.encoding) if document else 0
    return partial(_context, server, snapshot, uri, offset)


async def _context(server: Server, snapshot: Snapshot, uri: str | None, offset: int | None) -> Context | None:
    try:
        found = await server.session.inspect(snapshot, uri, offset)
    except ModelError as error:
        raise RequestError(REQUEST_FAILED, str(error)) from error
    return None if found is None else _told(server, found)


def _told(server: Server, found: Inspected) -> Context:
    document, usage = found.document, found.usage
    position = to_position(document.text, found.offset, server.client.encoding)
    return Context(
        purpose=found.purpose,
        uri=document.uri,
        position={"line": position.line, "character": position.character},
        version=document.version,
        model=found.model,
        budget=found.budget,
        tokens=found.tokens,
        cached=usage.cached if usage else None,
        evaluated=usage.evaluated if usage else None,
        ago_ms=None if found.at is None else int(1000 * (monotonic() - found.at)),
        reason=found.reason,
        parts=tuple(map(_part, found.rows)),
    )


def _part(row: Row) -> ContextPart:
    return ContextPart(
        kind=row.kind,
        path=row.path,
        uri=row.uri,
        start=row.start,
        end=row.end,
        tokens=row.tokens,
        reason=row.reason,
        score=row.score,
        cached=row.cached,
        text=row.text,
    )
