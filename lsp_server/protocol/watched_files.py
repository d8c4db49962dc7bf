"""`workspace/didChangeWatchedFiles`: nobody asks for it, since indexers watch; one that comes is of use."""

from __future__ import annotations

from lsp_server.protocol.convert import to_path
from lsp_server.protocol.fields import pick_list, pick_text
from lsp_server.protocol.server import Server


def did_change_watched_files(server: Server, params: object) -> None:
    for change in pick_list(params, "changes"):
        uri = pick_text(change, "uri")
        if uri is not None and (path := to_path(uri)) is not None:
            server.session.indexers.saved(path)
