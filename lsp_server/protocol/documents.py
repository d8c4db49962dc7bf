"""Document sync: what the editor says of its documents goes to the workspace, in the order of arrival."""

from __future__ import annotations

import logging

from lsp_server.protocol.convert import to_change, to_path
from lsp_server.protocol.fields import pick_integer, pick_list, pick_text
from lsp_server.protocol.running import has_changed, will_change, will_close, will_open
from lsp_server.protocol.server import Server

log = logging.getLogger(__name__)


def did_open(server: Server, params: object) -> None:
    uri, text = _uri(params), pick_text(params, "textDocument", "text")
    if uri is None or text is None:
        log.warning("didOpen without a URI or a text")
        return
    language = pick_text(params, "textDocument", "languageId") or ""
    version = pick_integer(params, "textDocument", "version")
    will_open(server, uri)
    server.session.workspace.opened(uri, to_path(uri), language, version, text)


def did_change(server: Server, params: object) -> None:
    """Apply edits; one that cannot be read is passed on as an edit that puts the document out of sync."""
    uri = _uri(params)
    if uri is None:
        log.warning("didChange without a URI")
        return
    changes = [to_change(event) for event in pick_list(params, "contentChanges")]
    version = pick_integer(params, "textDocument", "version")
    will_change(server, uri, changes)
    server.session.workspace.changed(uri, version, changes, server.client.encoding)
    has_changed(server, uri)


def did_close(server: Server, params: object) -> None:
    if (uri := _uri(params)) is not None:
        will_close(server, uri)
        server.session.workspace.closed(uri)


def did_save(server: Server, params: object) -> None:
    """A saved document is one that the user is working on."""
    if (uri := _uri(params)) is not None:
        server.session.workspace.visited(uri)
        if (path := to_path(uri)) is not None:
            server.session.indexers.saved(path)


def _uri(params: object) -> str | None:
    return pick_text(params, "textDocument", "uri")
