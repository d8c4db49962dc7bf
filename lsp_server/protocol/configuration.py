"""`workspace/didChangeConfiguration` and the settings that come with `initialize`."""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol import types

from lsp_server.config import update
from lsp_server.protocol.messages import tell
from lsp_server.protocol.pins import look_at_pins
from lsp_server.protocol.server import Server


def apply_settings(server: Server, settings: object) -> None:
    """Take the editor's settings, on top of the user's own file; wrong ones are kept in `server.problems`."""
    if isinstance(settings, Mapping) and isinstance(settings.get("fathom"), Mapping):
        settings = settings["fathom"]
    if settings is None:
        return
    if not isinstance(settings, Mapping):
        server.problems.append("the editor's settings are no object.")
        return
    options, problems = update(server.own, settings, source="editor")
    server.session.use(options)
    server.problems += problems


def did_change_configuration(server: Server, params: object) -> None:
    """Take new settings. Clients send the whole section, or nothing at all of ours."""
    settings = params.get("settings") if isinstance(params, Mapping) else None
    if not isinstance(settings, Mapping) or not isinstance(settings.get("fathom"), Mapping):
        return
    apply_settings(server, settings)
    look_at_pins(server)
    if server.problems:
        tell(server, types.MessageType.Warning, "Fathom's settings: " + " ".join(server.problems))
        server.problems.clear()
