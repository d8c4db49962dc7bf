"""`workspace/executeCommand`: for clients that cannot send methods of our own, and what a code action runs.

All are answered at once: several clients, and their users, do nothing else until then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from lsprotocol import types

from lsp_server.protocol.connection import INVALID_PARAMS, RequestError, Work
from lsp_server.protocol.edit import edit
from lsp_server.protocol.extensions import CANCEL_COMMAND, EDIT_COMMAND, UNDO_COMMAND, UNDO_TURN_COMMAND
from lsp_server.protocol.extensions import RESTART_COMMAND as RESTART
from lsp_server.protocol.fields import pick_text
from lsp_server.protocol.restart import restart_model
from lsp_server.protocol.running import stop
from lsp_server.protocol.server import Server
from lsp_server.protocol.undo import undo, undo_turn


def cancel(server: Server, arguments: Sequence[object]) -> None:
    """Stop the edits of one document, or all."""
    uri = pick_text(arguments[0], "uri") if arguments else None
    for running in list(server.running):
        if uri in (None, running.document.uri):
            stop(running, "cancelled")


BEGUN: Mapping[str, Callable[[Server, Sequence[object]], None]] = {
    EDIT_COMMAND: edit,
    CANCEL_COMMAND: cancel,
    UNDO_COMMAND: undo,
    UNDO_TURN_COMMAND: undo_turn,
}
"""Commands that are begun and then go on by themselves."""


def execute_command(server: Server, params: types.ExecuteCommandParams) -> Work:
    if params.command == RESTART:
        return partial(_restart, server)
    begin = BEGUN.get(params.command)
    if begin is None:
        raise RequestError(INVALID_PARAMS, f"There is no command {params.command!r}.")
    begin(server, params.arguments or [])
    return _nothing


async def _nothing() -> None:
    """The answer to a command that goes on by itself."""


async def _restart(server: Server) -> None:
    await restart_model(server)
