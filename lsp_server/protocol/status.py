"""`fathom/status`: what the model does and why there is or is no suggestion, at every change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from lsprotocol import types

from lsp_server.features.complete import Completion
from lsp_server.models.backend import ModelState
from lsp_server.protocol.extensions import STATUS, State, Status
from lsp_server.protocol.messages import tell
from lsp_server.protocol.progress import follow
from lsp_server.protocol.server import Server

STATES: Mapping[str, State] = {
    "stopped": "idle",
    "downloading": "downloading",
    "starting": "loading",
    "loading": "loading",
    "ready": "idle",
    "busy": "generating",
    "waiting": "waiting",
    "failed": "failed",
}
"""A model's phase, as the user is told of it."""

FAILURES = frozenset({"no-model", "model-failed"})
"""Reasons that the user has to hear of, in every client."""


def model_changed(server: Server, state: ModelState) -> None:
    """Tell the client of a new state of the model."""
    follow(server, state)
    if state.phase == "failed" and state.message:
        tell(server, types.MessageType.Error, state.message)
    reason = server.status.reason if server.status else None
    _send(server, Status(STATES[state.phase], state.message, server.model, reason, state.percent))


def request_ended(server: Server, completion: Completion) -> None:
    """Tell the client what became of a request for a suggestion."""
    server.model = completion.model or server.model
    if completion.reason in FAILURES:
        tell(server, types.MessageType.Error, completion.detail)
    _send(server, Status(_state(server, completion), completion.detail, server.model, completion.reason))


def _state(server: Server, completion: Completion) -> State:
    if completion.reason in FAILURES:
        return "failed"
    if completion.reason == "disabled":
        return "disabled"
    return STATES[server.session.state.phase]


def _send(server: Server, status: Status) -> None:
    if not server.client.status or status == server.status:
        return
    server.status = replace(status)
    said = {name: value for name, value in asdict(status).items() if value is not None}
    server.connection.mention(STATUS, said)
