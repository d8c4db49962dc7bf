"""`fathom/status`: what model and index do and why there is or is no suggestion, at every change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from time import monotonic

from lsprotocol import types

from lsp_server.features.complete import Completion
from lsp_server.indexers import IndexState
from lsp_server.models.backend import ModelState
from lsp_server.protocol.extensions import STATUS, State, Status
from lsp_server.protocol.indexes import step_of, told_of
from lsp_server.protocol.messages import tell
from lsp_server.protocol.progress import step_of_model
from lsp_server.protocol.server import Server

STATES: Mapping[str, State] = {
    "stopped": "idle",
    "downloading": "downloading",
    "starting": "loading",
    "loading": "loading",
    "ready": "idle",
    "reading": "reading",
    "busy": "generating",
    "waiting": "waiting",
    "failed": "failed",
}
"""A model's phase, as the user is told of it."""

FAILURES = frozenset({"no-model", "model-failed"})
"""Reasons that the user has to hear of, in every client."""

EVERY = 1.0
"""Seconds between two notifications that differ in how many files have been read."""


def model_changed(server: Server, state: ModelState) -> None:
    """Tell the client of a new state of the model."""
    if server.switching is not None:
        server.switching.show(step_of_model(state))
    elif server.client.progress:
        server.model_display.show(step_of_model(state))
    if state.phase == "failed" and state.message:
        tell(server, types.MessageType.Error, state.message)
    _send(server, _of_model(server, state))


def index_changed(server: Server, state: IndexState) -> None:
    """Tell the client of a new state of the index of a root."""
    if server.connection.phase != "running":
        return
    if server.client.progress:
        server.index_display.show(step_of(server.session.indexers.states.values()))
    if state.phase == "failed" and state.message:
        tell(server, types.MessageType.Warning, state.message)
    if _has_only_read_on(server) and monotonic() - server.index_told < EVERY:
        return
    server.index_told = monotonic()
    _send(server, server.status or _of_model(server, server.session.state))


def request_ended(server: Server, completion: Completion) -> None:
    """Tell the client what became of a request for a suggestion."""
    server.model = completion.model or server.model
    if completion.reason in FAILURES:
        tell(server, types.MessageType.Error, completion.detail)
    _send(server, Status(_state(server, completion), completion.detail, server.model, completion.reason))


def _has_only_read_on(server: Server) -> bool:
    """Whether nothing but the number of files is another one than was told last."""
    index = told_of(server.session.indexers.states.values())
    last = server.status.index if server.status else None
    if index is None or last is None or index.phase != "reading":
        return False
    return replace(index, files=last.files) == last


def _of_model(server: Server, state: ModelState) -> Status:
    """The status after a change of the model; what became of the last request is as before."""
    reason = server.status.reason if server.status else None
    return Status(STATES[state.phase], state.message, server.model, reason, state.percent)


def _state(server: Server, completion: Completion) -> State:
    if completion.reason in FAILURES:
        return "failed"
    if completion.reason == "disabled":
        return "disabled"
    return STATES[server.session.state.phase]


def _send(server: Server, status: Status) -> None:
    """Send a status, with the part of the index as it is now, if it says anything new."""
    status = replace(status, index=told_of(server.session.indexers.states.values()))
    if not server.client.status or status == server.status:
        return
    server.status = status
    said = {name: value for name, value in asdict(status).items() if value is not None}
    server.connection.mention(STATUS, said)
