"""Sentences that the user sees in the editor."""

from __future__ import annotations

from lsprotocol import types

from lsp_server.protocol.server import Server


def tell(server: Server, kind: types.MessageType, message: str) -> None:
    """Show a sentence to the user; the same one only once in the life of the server."""
    if message in server.told:
        return
    server.told.add(message)
    say(server, kind, message)


def say(server: Server, kind: types.MessageType, message: str) -> None:
    """Show a sentence to the user, however often it has been said."""
    server.connection.notify(types.WINDOW_SHOW_MESSAGE, types.ShowMessageParams(type=kind, message=message))
