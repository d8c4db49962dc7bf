"""`fathom/restart`: give the model back and start it anew, also one that was stopped after many crashes.

Indexes that were given up after many crashes are tried again, too.
"""

from __future__ import annotations

from functools import partial

from lsprotocol import types

from lsp_server.models.backend import ModelError
from lsp_server.protocol.connection import Work
from lsp_server.protocol.extensions import Restarted
from lsp_server.protocol.messages import tell
from lsp_server.protocol.server import Server
from lsp_server.protocol.status import STATES


def restart(server: Server, _: object) -> Work:
    return partial(restart_model, server)


async def restart_model(server: Server) -> Restarted:
    """Answer as soon as the old model is gone; the new one loads in the background and says so by status."""
    await server.session.restart_model()
    server.told.clear()
    server.session.indexers.retry()
    server.session.start(_load(server), "start the model")
    return Restarted(STATES[server.session.state.phase])


async def _load(server: Server) -> None:
    try:
        await server.session.backend().info()
    except ModelError as error:
        tell(server, types.MessageType.Error, str(error))
