"""Document sync: what the editor says of its documents goes to the workspace, in the order of arrival."""

from __future__ import annotations

from lsprotocol import types

from lsp_server.protocol.convert import to_change, to_path
from lsp_server.protocol.server import Server


def did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    server.session.workspace.opened(
        document.uri, to_path(document.uri), str(document.language_id), document.version, document.text
    )


def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    changes = [to_change(event) for event in params.content_changes]
    document = params.text_document
    server.session.workspace.changed(document.uri, document.version, changes, server.client.encoding)


def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    server.session.workspace.closed(params.text_document.uri)


def did_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """A saved document is one that the user is working on."""
    server.session.workspace.visited(params.text_document.uri)
