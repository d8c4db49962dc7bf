"""`textDocument/codeAction`: what can be done with a part of a document, as commands."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from context.complaints import Complaint
from context.snapshot import Document
from lsp_server.features.actions import Offer, Question, Trigger, offered
from lsp_server.features.edit_request import Diagnostic
from lsp_server.features.instructions import Action
from lsp_server.features.own_actions import read_again
from lsp_server.protocol.client import Client
from lsp_server.protocol.convert import to_offset
from lsp_server.protocol.extensions import EDIT_COMMAND
from lsp_server.protocol.messages import say
from lsp_server.protocol.server import Server

CodeActions = list[types.CodeAction] | list[types.Command]


def code_action(server: Server, params: types.CodeActionParams) -> CodeActions:
    """List the actions for a range; the model is not asked, nor even opened."""
    uri = params.text_document.uri
    document = server.session.workspace.snapshot.documents.get(uri)
    if document is None or not server.client.edits:
        return []
    question = _question(document, params, server.client)
    _remember(server, document, question)
    offers = offered(document, question, server.session.options.edit, _own_actions(server))
    reason = server.session.state.message if server.session.state.phase == "failed" else ""
    if server.client.action_literals:
        return [each for offer in offers for each in _literals(server, document, params, offer, reason)]
    return [_command(document, params, offer) for offer in offers if not offer.disabled]


def _remember(server: Server, document: Document, question: Question) -> None:
    """Keep what the client says of these lines: it may name what a suggestion there has to know."""
    line_at = document.text.line_at
    complaints = (
        Complaint(line_at(each.start), line_at(each.end), each.message) for each in question.diagnostics
    )
    first, last = line_at(question.start), line_at(question.end)
    server.session.workspace.complained(document.uri, first, last, complaints)


def _own_actions(server: Server) -> tuple[Action, ...]:
    """The user's own actions, as their file says them now; what is wrong with it is said once."""
    own = read_again(server.own_actions)
    if own.problems and own.content != server.own_actions.content:
        say(server, types.MessageType.Warning, "Fathom's actions: " + " ".join(own.problems))
    server.own_actions = own
    return own.actions


def _question(document: Document, params: types.CodeActionParams, client: Client) -> Question:
    context = params.context
    diagnostics = tuple(_diagnostic(document, each, client) for each in context.diagnostics)
    automatic = context.trigger_kind == types.CodeActionTriggerKind.Automatic
    trigger: Trigger = "automatic" if automatic else "asked"
    only = None if context.only is None else tuple(_text_of(kind) for kind in context.only)
    start = to_offset(document.text, params.range.start, client.encoding)
    end = to_offset(document.text, params.range.end, client.encoding)
    return Question(min(start, end), max(start, end), diagnostics, only, trigger, client.instructions)


def _diagnostic(document: Document, diagnostic: types.Diagnostic, client: Client) -> Diagnostic:
    start = to_offset(document.text, diagnostic.range.start, client.encoding)
    end = to_offset(document.text, diagnostic.range.end, client.encoding)
    return Diagnostic(start, end, diagnostic.message)


def _text_of(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def _literals(
    server: Server, document: Document, params: types.CodeActionParams, offer: Offer, failed: str
) -> Sequence[types.CodeAction]:
    reason = offer.disabled or failed
    if offer.disabled and not server.client.disabled_actions:
        return ()
    disabled = types.CodeActionDisabled(reason) if reason and server.client.disabled_actions else None
    fixed = None if offer.diagnostic is None else [params.context.diagnostics[offer.diagnostic]]
    action = types.CodeAction(
        offer.title,
        kind=offer.action.kind,
        diagnostics=fixed,
        disabled=disabled,
        command=None if disabled else _command(document, params, offer),
        tags=[types.CodeActionTag.LlmGenerated] if server.client.action_tags else None,
    )
    return (action,)


def _command(document: Document, params: types.CodeActionParams, offer: Offer) -> types.Command:
    """The command carries all that it needs: nothing is remembered of what was offered."""
    diagnostics = list(params.context.diagnostics)
    span = params.range
    if offer.diagnostic is not None:
        diagnostics = [diagnostics[offer.diagnostic]]
        span = diagnostics[0].range
    argument: dict[str, object] = {
        "action": offer.action.id,
        "uri": document.uri,
        "version": document.version,
        "range": span,
        "diagnostics": [{"range": each.range, "message": each.message} for each in diagnostics],
    }
    if offer.asks:
        argument["ask"] = True
    return types.Command(offer.title, EDIT_COMMAND, arguments=[argument])
