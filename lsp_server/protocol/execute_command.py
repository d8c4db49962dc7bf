"""`workspace/executeCommand`: for clients that cannot send methods of our own, and what a code action runs.

All are answered at once: several clients, and their users, do nothing else until then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from lsprotocol import types

from lsp_server.protocol.connection import INVALID_PARAMS, RequestError, Work
from lsp_server.protocol.edit import edit
from lsp_server.protocol.extensions import CANCEL_COMMAND, EDIT_COMMAND, UNDO_COMMAND, UNDO_TURN_COMMAND
from lsp_server.protocol.extensions import RESTART_COMMAND as RESTART
from lsp_server.protocol.fields import pick_text
from lsp_server.protocol.restart import restart_model
from lsp_server.protocol.running import stop_all
from lsp_server.protocol.server import Server
from lsp_server.protocol.undo import undo, undo_turn

Ending = list[asyncio.Task[None]]
"""Edits that a command has stopped and that are just ending."""
ENDING = 1.0
"""Seconds that they may take."""


def cancel(server: Server, arguments: Sequence[object]) -> Ending:
    """Stop the edits of one document, or all."""
    uri = pick_text(arguments[0], "uri") if arguments else None
    return stop_all([each for each in server.running if uri in (None, each.document.uri)], "cancelled")


BEGUN: Mapping[str, Callable[[Server, Sequence[object]], Ending]] = {
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
    return partial(_ended, begin(server, params.arguments or []))


async def _ended(ending: Ending) -> None:
    """Wait until it is told of what was stopped, so that nothing follows the answer at once."""
    if ending:
        await asyncio.wait(ending, timeout=ENDING)


async def _restart(server: Server) -> None:
    await restart_model(server)
