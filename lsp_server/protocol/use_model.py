"""`fathom/useModel`: go on with another model, which is fetched first if it is not here.

The choice is kept in the user's own file, so it holds in every editor. Only a request can change it: settings
that come from an editor may be those of a folder.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from lsprotocol import types

from lsp_server.models.backend import ModelError
from lsp_server.models.host.supervise import in_thread
from lsp_server.own_file import NotKeptError, keep_model
from lsp_server.protocol.connection import INVALID_PARAMS, REQUEST_FAILED, RequestError, Work
from lsp_server.protocol.extensions import Used, UseModel
from lsp_server.protocol.messages import say
from lsp_server.protocol.progress import Reports
from lsp_server.protocol.server import Server
from lsp_server.protocol.status import model_changed


def use_model(server: Server, params: UseModel) -> Work:
    name = params.name.strip()
    if not name:
        raise RequestError(INVALID_PARAMS, "The name of the model is empty.")
    return partial(_use, server, name, params.workDoneToken)


async def _use(server: Server, name: str, token: int | str | None) -> Used:
    """Switch, after what is being switched already."""
    reports = Reports(token, f"Fathom: {name}", server.connection)
    words = ""
    try:
        async with server.switch:
            used = await _switch(server, name, reports)
        words = f"{used} is in use."
    except ModelError as error:
        words = str(error)
        raise RequestError(REQUEST_FAILED, words) from error
    finally:
        # Also when it is cancelled: a client shows for ever what does not end.
        reports.end(words)
    await _keep(server, used)
    return Used(used)


async def _switch(server: Server, name: str, reports: Reports) -> str:
    """Use another model; if that fails, the former one is loaded again. Raises ModelError."""
    session, was_there = server.session, server.session.state.phase != "stopped"
    server.switching = reports
    try:
        used = await session.use_model(name)
    except BaseException:
        if was_there and server.connection.phase == "running":
            session.start(session.loaded(), "load the former model")
        raise
    finally:
        server.switching = None
    server.own = replace(server.own, model=used)
    server.model = used
    server.told.clear()
    model_changed(server, session.state)
    return used


async def _keep(server: Server, name: str) -> None:
    """Write the choice into the user's file; where that cannot be, it holds as long as the server runs."""
    try:
        await in_thread(partial(keep_model, name), "fathom-settings")
    except NotKeptError as problem:
        say(server, types.MessageType.Warning, f"{name} is used until the editor is closed. {problem}")
