"""`workspace/didChangeWorkspaceFolders`, and the roots that come with `initialize`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsp_server.protocol.convert import to_path
from lsp_server.protocol.fields import pick_list, pick_text
from lsp_server.protocol.pins import look_at_pins
from lsp_server.protocol.server import Server


def roots_of(params: object) -> tuple[Path, ...]:
    """The open folders; older clients name one root only."""
    if folders := _paths(pick_list(params, "workspaceFolders")):
        return folders
    if uri := pick_text(params, "rootUri"):
        return _paths([{"uri": uri}])
    path = pick_text(params, "rootPath")
    return (Path(path),) if path else ()


def did_change_workspace_folders(server: Server, params: object) -> None:
    removed = _paths(pick_list(params, "event", "removed"))
    added = _paths(pick_list(params, "event", "added"))
    roots = server.session.workspace.snapshot.roots
    kept = tuple(root for root in roots if root not in removed and root not in added)
    server.session.moved(kept + added)
    look_at_pins(server)


def _paths(folders: Iterable[object]) -> tuple[Path, ...]:
    """The paths of workspace folders; folders without one are passed over."""
    uris = (pick_text(folder, "uri") for folder in folders)
    return tuple(path for uri in uris if uri and (path := to_path(uri)) is not None)
