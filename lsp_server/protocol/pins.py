"""Tells the user once why a file that is pinned is not shown to the model."""

from __future__ import annotations

from functools import partial

from lsprotocol import types

from lsp_server.features.pins import not_shown
from lsp_server.models.host.supervise import in_thread
from lsp_server.protocol.messages import tell
from lsp_server.protocol.server import Server


def look_at_pins(server: Server) -> None:
    """Look in the background whether the pinned files are there and may be read."""
    roots, session = server.session.workspace.snapshot.roots, server.session
    if roots and session.options.pinned:
        session.start(_look(server), "look at pinned files")


async def _look(server: Server) -> None:
    pinned, roots = server.session.options.pinned, server.session.workspace.snapshot.roots
    for sentence in await in_thread(partial(not_shown, pinned, roots), "fathom-pins"):
        tell(server, types.MessageType.Warning, sentence)
