"""`workspace/executeCommand`: for clients that cannot send methods of our own."""

from __future__ import annotations

from functools import partial

from lsprotocol import types

from lsp_server.protocol.connection import INVALID_PARAMS, RequestError, Work
from lsp_server.protocol.extensions import RESTART_COMMAND
from lsp_server.protocol.restart import restart_model
from lsp_server.protocol.server import Server


def execute_command(server: Server, params: types.ExecuteCommandParams) -> Work:
    if params.command != RESTART_COMMAND:
        raise RequestError(INVALID_PARAMS, f"There is no command {params.command!r}.")
    return partial(_restart, server)


async def _restart(server: Server) -> None:
    await restart_model(server)
