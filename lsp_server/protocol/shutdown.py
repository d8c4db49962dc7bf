"""`shutdown` and `exit`."""

from __future__ import annotations

from lsp_server.protocol.server import Server


def shutdown(server: Server, _: object) -> None:
    """Answer what waits and take nothing new; the model is given back when the process ends."""
    server.connection.shut_down()


def exit_process(server: Server, _: object) -> None:
    """End: with code 0 after a shutdown, else with 1, as the protocol has it."""
    server.stop(0 if server.connection.phase == "shutdown" else 1)
