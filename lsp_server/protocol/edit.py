"""`fathom.edit`: runs an action. It is answered at once; the work goes on under a progress of its own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from lsprotocol import types

from context.outline import Span
from context.snapshot import Document, Snapshot
from lsp_server.features.actions import span_for
from lsp_server.features.edit_request import Diagnostic, EditRequest, NotEdited
from lsp_server.features.explain import Explained
from lsp_server.features.instructions import Action, find
from lsp_server.features.open_edit import OpenEdit
from lsp_server.models.host.supervise import in_thread
from lsp_server.protocol.client import AFTER_ANSWER
from lsp_server.protocol.connection import INVALID_PARAMS, RequestError
from lsp_server.protocol.convert import to_span
from lsp_server.protocol.edit_report import Report
from lsp_server.protocol.extensions import EditArguments
from lsp_server.protocol.fields import pick, pick_integer, pick_list, pick_text
from lsp_server.protocol.land import land
from lsp_server.protocol.messages import say
from lsp_server.protocol.running import WORDS, Ending, Running, begin_at, of_document, stop_all
from lsp_server.protocol.server import Server
from lsp_server.protocol.show import show_text

_numbers = itertools.count(1)

STALE = "The document has changed since this was offered. Choose it again."
NOT_OPEN = "The editor has not opened this document."
NO_DEFINITION = "There is no definition at the cursor. Select the lines."
FAILED = "Fathom failed inside; its log says more."


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user has chosen, in offsets of the document."""

    action: Action
    title: str
    span: Span
    diagnostics: tuple[Diagnostic, ...]
    instruction: str


def edit(server: Server, arguments: Sequence[object]) -> list[asyncio.Task[None]]:
    """Start an edit; another one of the same document is stopped, and returned as long as it ends.

    Raises RequestError for wrong arguments.
    """
    given = _arguments(arguments)
    action = find(given.action, server.own_actions.actions)
    if action is None:
        raise RequestError(INVALID_PARAMS, f"There is no action {given.action!r}.")
    snapshot = server.session.workspace.snapshot
    document = snapshot.documents.get(given.uri)
    title = f"Fathom: {action.title}"
    if document is None or given.version not in (None, document.version):
        say(server, types.MessageType.Warning, f"{title}: {STALE if document else NOT_OPEN}")
        return []
    wish = _wish(server, document, action, title, given)
    replaced = stop_all(of_document(server, given.uri), "replaced")
    world = with_folder_of(snapshot, document)
    running = Running(f"fathom-edit-{next(_numbers)}", title, world, document, OpenEdit(given.uri, None))
    report = Report(server, running)
    server.running.append(running)
    running.task = server.session.start(_run(server, running, report, wish), "edit")
    running.task.add_done_callback(partial(_done, server, running, report))
    return replaced


def with_folder_of(snapshot: Snapshot, document: Document) -> Snapshot:
    """The snapshot, in which a document that lies in no folder of the workspace may be changed as well.

    Whoever acts on a file that they have opened by itself means that file. Hidden folders above it count as
    parts of its name, so that it is seen what they are for.
    """
    path = document.path
    if path is None or any(path.is_relative_to(root) for root in snapshot.roots):
        return snapshot
    hidden = [folder.parent for folder in path.parents if folder.name.startswith(".")]
    return replace(snapshot, roots=(*snapshot.roots, hidden[-1] if hidden else path.parent))


async def _run(server: Server, running: Running, report: Report, wish: Wish) -> None:
    await asyncio.sleep(AFTER_ANSWER)
    span = await in_thread(
        partial(span_for, running.document, wish.action, wish.span.start, wish.span.end), "fathom-edit"
    )
    if span is None:
        running.ending = Ending("refused", "no-definition", NO_DEFINITION)
        return
    report.begin(span)
    instruction = " ".join(filter(None, (wish.action.instruction, wish.instruction.strip())))
    uri = running.document.uri
    request = EditRequest(uri, span.start, span.end, instruction, wish.title, wish.diagnostics)
    if wish.action.result == "text":
        running.ending = await _tell(server, running, report, request)
        return
    begin_at(running, span)
    outcome = await server.session.edit(running.snapshot, request, report.hear)
    if isinstance(outcome, NotEdited):
        running.ending = Ending("refused", outcome.reason, outcome.message)
    else:
        running.ending = await land(server, running, report, outcome)


async def _tell(server: Server, running: Running, report: Report, request: EditRequest) -> Ending:
    """Answer with a text, which is shown and changes nothing."""
    outcome = await server.session.explain(running.snapshot, request, report.hear)
    if not isinstance(outcome, Explained):
        return Ending("refused", outcome.reason, outcome.message)
    await show_text(server, f"{request.title}.md", outcome.text)
    return Ending("shown")


def _done(server: Server, running: Running, report: Report, task: asyncio.Task[None]) -> None:
    """Tell what became of an edit, also of one that was stopped before its first step."""
    server.running.remove(running)
    if running.ending is None and not task.cancelled():
        running.ending = Ending("refused", "failed", FAILED)
    if running.ending is None:
        why = running.stopped or "cancelled"
        running.ending = Ending("cancelled", why, WORDS[why])
    report.end(running.ending)


# --- What the client sent ---


def _arguments(arguments: Sequence[object]) -> EditArguments:
    given = arguments[0] if arguments else None
    action, uri = pick_text(given, "action"), pick_text(given, "uri")
    span, version = pick(given, "range"), pick_integer(given, "version")
    if action is None or uri is None or not isinstance(span, dict):
        raise RequestError(INVALID_PARAMS, "fathom.edit needs an action, a uri and a range.")
    diagnostics = tuple(pick_list(given, "diagnostics"))
    return EditArguments(action, uri, span, version, diagnostics, pick_text(given, "instruction") or "")


def _wish(server: Server, document: Document, action: Action, title: str, given: EditArguments) -> Wish:
    encoding = server.client.encoding
    span = to_span(document.text, given.range, encoding)
    if span is None:
        raise RequestError(INVALID_PARAMS, "The range of fathom.edit is none.")
    diagnostics = []
    for each in given.diagnostics:
        place, message = to_span(document.text, pick(each, "range"), encoding), pick_text(each, "message")
        if place is not None and message:
            diagnostics.append(Diagnostic(place.start, place.end, message))
    return Wish(action, title, span, tuple(diagnostics), given.instruction)
