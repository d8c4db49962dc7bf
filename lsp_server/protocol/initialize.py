"""`initialize` and `initialized`: who the client is, what it is offered, and what had to wait for that."""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol import types

from lsp_server import __version__
from lsp_server.protocol.client import Client, read_client
from lsp_server.protocol.configuration import apply_settings
from lsp_server.protocol.connection import INVALID_PARAMS, RequestError
from lsp_server.protocol.extensions import COMMANDS
from lsp_server.protocol.fields import pick_integer
from lsp_server.protocol.messages import tell
from lsp_server.protocol.pins import look_at_pins
from lsp_server.protocol.server import Server
from lsp_server.protocol.workspace_folders import roots_of

REGISTER_TIMEOUT = 30.0
"""Seconds that a client may take to register a capability."""


def initialize(server: Server, params: object) -> types.InitializeResult:
    if not isinstance(params, Mapping):
        raise RequestError(INVALID_PARAMS, "The parameters of initialize are an object.")
    server.client = read_client(params)
    apply_settings(server, params.get("initializationOptions"))
    server.session.moved(roots_of(params))
    if (process := pick_integer(params, "processId")) is not None:
        server.watch(process)
    server.connection.phase = "running"
    return types.InitializeResult(
        capabilities=capabilities(server.client),
        server_info=types.ServerInfo(name="fathom", version=__version__),
    )


def capabilities(client: Client) -> types.ServerCapabilities:
    """What is offered to this client. Plain completion is for clients that have no inline completion."""
    plain = types.CompletionOptions(resolve_provider=False)
    return types.ServerCapabilities(
        position_encoding=types.PositionEncodingKind(client.encoding),
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True,
            change=types.TextDocumentSyncKind.Incremental,
            # The indexers read what is saved even where the system does not tell of it.
            save=types.SaveOptions(include_text=False),
        ),
        # A client that can register dynamically would ask twice if both ways were taken.
        inline_completion_provider=types.InlineCompletionOptions() if client.inline == "static" else None,
        completion_provider=plain if client.inline is None else None,
        # Without resolve: several editors freeze while an action is resolved, and none can be cancelled.
        code_action_provider=_code_actions() if client.actions and client.edits else None,
        execute_command_provider=types.ExecuteCommandOptions(commands=list(COMMANDS)),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(
                supported=True, change_notifications=True
            )
        ),
    )


def _code_actions() -> types.CodeActionOptions:
    kinds: list[types.CodeActionKind | str] = [types.CodeActionKind.QuickFix, types.CodeActionKind.Refactor]
    return types.CodeActionOptions(code_action_kinds=kinds, resolve_provider=False)


def initialized(server: Server, _: object) -> None:
    if server.problems:
        tell(server, types.MessageType.Warning, "Fathom's settings: " + " ".join(server.problems))
        server.problems.clear()
    look_at_pins(server)
    if server.client.inline == "dynamic":
        server.session.start(_register(server), "register inline completion")


async def _register(server: Server) -> None:
    registration = types.Registration(
        id="fathom-inline-completion",
        method=types.TEXT_DOCUMENT_INLINE_COMPLETION,
        register_options=types.InlineCompletionRegistrationOptions(),
    )
    params = types.RegistrationParams(registrations=[registration])
    try:
        await server.connection.request(types.CLIENT_REGISTER_CAPABILITY, params, REGISTER_TIMEOUT)
    except (RequestError, TimeoutError) as error:
        tell(
            server,
            types.MessageType.Warning,
            f"The editor did not take Fathom's inline completion: {error or 'no answer'}.",
        )
