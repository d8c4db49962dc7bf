"""`$/progress` while a model is downloaded or loaded, for clients that show it."""

from __future__ import annotations

import asyncio
import itertools

from lsprotocol import types

from lsp_server.models.backend import ModelState
from lsp_server.protocol.connection import RequestError
from lsp_server.protocol.server import Server

SLOW = frozenset({"downloading", "starting", "loading"})
"""Phases of a model for which the user waits."""

CREATE_TIMEOUT = 5.0
"""Seconds that a client may take to agree to a progress display."""

_numbers = itertools.count(1)


def follow(server: Server, state: ModelState) -> None:
    """Begin, continue or end the display with a new state of the model."""
    if server.progress is None and state.phase in SLOW and server.client.progress:
        server.progress = asyncio.Queue()
        server.session.start(_show(server, server.progress), "progress of the model")
    if server.progress is not None:
        server.progress.put_nowait(state)


async def _show(server: Server, states: asyncio.Queue[ModelState]) -> None:
    token = f"fathom-model-{next(_numbers)}"
    try:
        params = types.WorkDoneProgressCreateParams(token=token)
        await server.connection.request(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params, CREATE_TIMEOUT)
        await _report(server, token, states)
    except (RequestError, TimeoutError):
        return
    finally:
        server.progress = None


async def _report(server: Server, token: str, states: asyncio.Queue[ModelState]) -> None:
    state = _latest(await states.get(), states)
    if state.phase not in SLOW:
        return
    begin = types.WorkDoneProgressBegin(title="Fathom", message=_words(state), percentage=state.percent)
    server.connection.notify(types.PROGRESS, types.ProgressParams(token=token, value=begin))
    while (state := _latest(await states.get(), states)).phase in SLOW:
        report = types.WorkDoneProgressReport(message=_words(state), percentage=state.percent)
        server.connection.mention(types.PROGRESS, types.ProgressParams(token=token, value=report))
    end = types.WorkDoneProgressEnd(message=_words(state))
    server.connection.notify(types.PROGRESS, types.ProgressParams(token=token, value=end))


def _latest(state: ModelState, states: asyncio.Queue[ModelState]) -> ModelState:
    """The newest of the waiting states, or the first that ends the display."""
    while state.phase in SLOW and not states.empty():
        state = states.get_nowait()
    return state


def _words(state: ModelState) -> str:
    return state.message or {"downloading": "downloading the model", "ready": "ready"}.get(
        state.phase, "loading the model"
    )
