"""`workspace/didChangeWorkspaceFolders`, and the roots that come with `initialize`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from lsp_server.protocol.convert import to_path
from lsp_server.protocol.server import Server


def roots_of(params: types.InitializeParams) -> tuple[Path, ...]:
    """The open folders; older clients name one root only."""
    if params.workspace_folders:
        return _paths(folder.uri for folder in params.workspace_folders)
    if params.root_uri:
        return _paths([params.root_uri])
    return (Path(params.root_path),) if params.root_path else ()


def did_change_workspace_folders(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    removed = _paths(folder.uri for folder in params.event.removed)
    added = _paths(folder.uri for folder in params.event.added)
    workspace = server.session.workspace
    kept = tuple(root for root in workspace.snapshot.roots if root not in removed and root not in added)
    workspace.moved(kept + added)


def _paths(uris: Iterable[str]) -> tuple[Path, ...]:
    return tuple(path for uri in uris if (path := to_path(uri)) is not None)
