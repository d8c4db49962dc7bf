"""A change on its way into the editor: asked about, sent once, remembered, and taken at its word.

The client's answer decides: what it did not apply was not applied.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from lsprotocol import types

from context.text import Text
from lsp_server.edits import journal
from lsp_server.edits.journal import Change, FileChange
from lsp_server.edits.save import read_text
from lsp_server.edits.types import EditSet, Refusal
from lsp_server.models.host.supervise import in_thread
from lsp_server.protocol.connection import RequestError
from lsp_server.protocol.fields import pick, pick_text
from lsp_server.protocol.server import Server
from lsp_server.protocol.workspace_edit import workspace_edit

log = logging.getLogger(__name__)

TIMEOUT = 600.0
"""Seconds that a client may take: it may be asking its user."""
APPLY, CANCEL = "Apply", "Cancel"

Consent = Literal["given", "refused", "impossible"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A change that is ready to be sent, with the texts of its files before and after.

    `question` is what the client asks its user about it; "" for nothing.
    """

    edits: EditSet
    files: tuple[FileChange, ...]
    question: str = ""
    undoes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the client has applied a change; if not, what it said. `change` is what is remembered of it."""

    applied: bool
    message: str = ""
    change: Change | None = None


async def ask(server: Server, title: str, question: str) -> Consent:
    """Ask the user whether a change is to be made all the same."""
    actions = [types.MessageActionItem(APPLY), types.MessageActionItem(CANCEL)]
    params = types.ShowMessageRequestParams(
        type=types.MessageType.Warning, message=f"{title}: {question}", actions=actions
    )
    try:
        answer = await server.connection.request(types.WINDOW_SHOW_MESSAGE_REQUEST, params, TIMEOUT)
    except (RequestError, TimeoutError):
        return "impossible"
    return "given" if pick(answer, "title") == APPLY else "refused"


async def send(server: Server, planned: Planned) -> Answer:
    """Let the client make a change, and remember it while it does; forget it if it did not."""
    texts = {file.uri: Text(file.before or "") for file in planned.files}
    deleted = [file.uri for file in planned.files if file.after is None]
    edit = workspace_edit(planned.edits, texts, server.client, planned.question, deleted)
    if edit is None:
        return Answer(False, "The editor can neither make nor delete files.")
    # The thread runs from here on: nothing may come between the last look at the text and the request.
    remembered = in_thread(partial(_remember, planned), "fathom-journal")
    answer = await _requested(server, types.ApplyWorkspaceEditParams(edit, planned.edits.title))
    change = await _outcome_of(remembered)
    if not answer.applied:
        await forget(change)
        return answer
    return replace(answer, change=change)


async def forget(change: Change | None) -> None:
    """Remember a change no longer that was not made after all."""
    if change is not None:
        await _outcome_of(in_thread(partial(_forget, change), "fathom-journal"))


async def _requested(server: Server, params: types.ApplyWorkspaceEditParams) -> Answer:
    try:
        result = await server.connection.request(types.WORKSPACE_APPLY_EDIT, params, TIMEOUT)
    except RequestError as error:
        return Answer(False, str(error))
    except TimeoutError:
        return Answer(False, "The editor did not answer.")
    return Answer(pick(result, "applied") is True, pick_text(result, "failureReason") or "")


def _remember(planned: Planned) -> Change:
    return journal.record(journal.journal_folder(), planned.edits.title, "", planned.files, planned.undoes)


def _forget(change: Change) -> None:
    journal.forget(journal.journal_folder(), change.number)


async def _outcome_of(work: Awaitable[Change | None]) -> Change | None:
    """What came of work on the journal. That it fails must not undo what the user asked for."""
    try:
        return await work
    except OSError as error:
        log.warning("the journal cannot be written, so a change cannot be undone: %s", error)
        return None


def file_changes(
    edits: EditSet, before: Mapping[str, str | None], after: Mapping[str, str]
) -> tuple[FileChange, ...]:
    """The files of a change as the journal keeps them."""
    return tuple(
        FileChange(file.uri, file.path, before.get(file.uri), after[file.uri], file.base.version)
        for file in edits.files
    )


async def texts_of(
    server: Server, files: Iterable[tuple[str, Path | None]]
) -> dict[str, str | None] | Refusal:
    """The texts of files as they are now, by URI: those that are open as the editor has them."""
    documents, closed = server.session.workspace.snapshot.documents, []
    texts: dict[str, str | None] = {}
    for uri, path in files:
        document = documents.get(uri)
        if document is not None:
            texts[uri] = document.text.string
        elif path is None:
            return Refusal("not-a-file", f"{uri} is not open any more.", uri)
        else:
            closed.append((uri, path))
    try:
        read = await in_thread(lambda: [(uri, read_text(path)) for uri, path in closed], "fathom-edit")
    except OSError as error:
        return Refusal("not-a-file", f"{error.filename} cannot be read: {error.strerror}.")
    for uri, text in read:
        if isinstance(text, Refusal):
            return text
        texts[uri] = text
    return texts


def questions(messages: Sequence[str]) -> str:
    """Several doubts as one text."""
    return " ".join(dict.fromkeys(messages))
