"""`fathom/context`: what the model was sent last, or would be sent at a place."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from time import monotonic

from lsprotocol import types

from context.snapshot import Snapshot
from lsp_server.features.inspect import Inspected, Row, inspect_place, inspect_sent
from lsp_server.features.offers import current_model
from lsp_server.features.sources import is_secret
from lsp_server.models.backend import ModelError, ModelInfo
from lsp_server.models.host.settings import CONTEXT
from lsp_server.protocol.connection import INVALID_PARAMS, REQUEST_FAILED, RequestError, Work
from lsp_server.protocol.convert import to_offset, to_position
from lsp_server.protocol.extensions import Context, ContextPart
from lsp_server.protocol.fields import pick, pick_integer, pick_text
from lsp_server.protocol.server import Server

NOT_LOADED = ModelInfo("", "", CONTEXT, fim=True, repo=True, prefill_rate=0.0, device="")
"""What is taken for a model that has not been asked."""


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
        found = await (_sent(server, uri) if offset is None else _here(server, snapshot, uri, offset))
    except ModelError as error:
        raise RequestError(REQUEST_FAILED, str(error)) from error
    return None if found is None else _told(server, found)


async def _sent(server: Server, uri: str | None) -> Inspected | None:
    session = server.session
    sent = session.memory.sent.of(uri)
    return None if sent is None else await inspect_sent(sent, session.repositories, session.at_work())


async def _here(server: Server, snapshot: Snapshot, uri: str | None, offset: int) -> Inspected | None:
    session, document = server.session, snapshot.documents.get(uri or "")
    if document is None or not document.in_sync or is_secret(document):
        return None
    loaded, options = session.at_work(), session.options
    info = await loaded.info() if loaded else replace(NOT_LOADED, name=current_model(options.model))
    place = snapshot, document, offset
    return await inspect_place(*place, info, options.completion, session.repositories, loaded)


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
