"""The end of an edit: carried over what was typed meanwhile, checked again, asked about, applied, retried."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

from context.snapshot import Document
from context.text import Text
from lsp_server.edits.apply import apply_all
from lsp_server.edits.check import check
from lsp_server.edits.diff import unified
from lsp_server.edits.rebase import rebase_onto
from lsp_server.edits.types import Base, EditSet, FileEdit, Refusal, digest_of
from lsp_server.features.edit_request import Edited
from lsp_server.models.host.supervise import in_thread
from lsp_server.protocol.apply_edit import (
    Answer,
    Planned,
    ask,
    file_changes,
    forget,
    questions,
    send,
    texts_of,
)
from lsp_server.protocol.client import NEWS
from lsp_server.protocol.edit_report import Report
from lsp_server.protocol.running import WORDS, Ending, Running
from lsp_server.protocol.server import Server
from lsp_server.protocol.show import show_document

DECLINED = "It was not applied."
MOST_CHECKS = 5
"""Of texts that change while they are checked; who types faster than that is not kept waiting."""
TYPED_INSIDE = Refusal("typed-inside", WORDS["typed-inside"])
CANNOT_ASK = (
    "The editor cannot ask you about this, so it was not applied. `fathom edit` can do it with `--anyway`."
)


async def land(server: Server, running: Running, report: Report, edited: Edited) -> Ending:
    """Bring a change into the editor, or say why it is not there."""
    allowed: set[str] = set()
    planned = await _agreed(server, running, report, edited, allowed)
    if isinstance(planned, Ending):
        return planned
    answer = await _sent(server, running, report, planned)
    if not answer.applied and not planned.question and await _hears_of_a_change(server, running, planned):
        # It was made for a text that the editor had no longer; with the one that it has now it may fit.
        again = await _agreed(server, running, report, edited, allowed)
        if isinstance(again, Ending):
            return again
        planned = again
        answer = await _sent(server, running, report, planned)
    return await _ending(server, running, planned, answer)


async def _sent(server: Server, running: Running, report: Report, planned: Planned) -> Answer:
    report.wait("waiting for the editor")
    running.sent = True
    return await send(server, planned)


async def _ending(server: Server, running: Running, planned: Planned, answer: Answer) -> Ending:
    if answer.applied and planned.question and not await _hears_of_a_change(server, running, planned):
        # Its word is not enough here: NEWS says why.
        await forget(answer.change)
        return Ending("refused", "declined", DECLINED)
    if answer.applied:
        return Ending("applied")
    if planned.question:
        return Ending("refused", "declined", DECLINED)
    return await _offered(server, planned, answer.message)


# --- Before it is sent ---


async def _agreed(
    server: Server, running: Running, report: Report, edited: Edited, allowed: set[str]
) -> Planned | Ending:
    """The change for this very moment, allowed by the user where the checks have doubts, or still to be.

    `allowed` are the reasons about which the user has said yes; more come to them here.
    """
    while True:
        found = await _checked(server, running, edited)
        if isinstance(found, Refusal):
            return _refused(found)
        planned, doubts = found
        doubts = tuple(doubt for doubt in doubts if doubt.reason not in allowed)
        question = questions([doubt.message for doubt in doubts])
        if not question or server.client.annotations:
            return replace(planned, question=question)
        report.wait("waiting for your answer")
        consent = await ask(server, running.title, question)
        if consent == "refused":
            return Ending("refused", "declined", DECLINED)
        if consent == "impossible":
            return Ending("refused", doubts[0].reason, f"{question} {CANNOT_ASK}")
        allowed.update(doubt.reason for doubt in doubts)


async def _checked(
    server: Server, running: Running, edited: Edited
) -> tuple[Planned, tuple[Refusal, ...]] | Refusal:
    """The change for the documents as they are at this moment, and what the user has to be asked about it.

    Where they are not those that it was made for, it is checked once more. Nothing waits between that last
    look at them and the end of this.
    """
    closed = await texts_of(server, ((file.uri, file.path) for file in edited.edits.files))
    if isinstance(closed, Refusal):
        return closed
    known, doubts = _bases(edited.edits), edited.doubts
    for _ in range(MOST_CHECKS):
        planned = _planned(server, running, edited.edits, closed)
        if isinstance(planned, Refusal) or _bases(planned.edits) == known:
            return planned if isinstance(planned, Refusal) else (planned, doubts)
        doubts, known = await _doubts(server, running, planned, edited.instruction), _bases(planned.edits)
        if final := next((doubt for doubt in doubts if not doubt.confirmable), None):
            return final
    planned = _planned(server, running, edited.edits, closed)
    return planned if isinstance(planned, Refusal) else (planned, doubts)


async def _doubts(
    server: Server, running: Running, planned: Planned, instruction: str
) -> tuple[Refusal, ...]:
    documents = server.session.workspace.snapshot.documents
    languages = {uri: document.language for uri, document in documents.items()}
    texts = {file.uri: file.before for file in planned.files}
    look = partial(check, planned.edits, texts, running.snapshot.roots, instruction, languages)
    return await in_thread(look, "fathom-edit")


def _bases(edits: EditSet) -> tuple[str, ...]:
    """Which texts a change is for."""
    return tuple(file.base.digest for file in edits.files)


async def _offered(server: Server, planned: Planned, message: str) -> Ending:
    """Show what the editor has not applied, so that the work is not lost."""
    names = [(file, file.path.name if file.path else file.uri.rpartition("/")[2]) for file in planned.files]
    difference = "".join(unified(file.before, file.after, name) for file, name in names)
    shown = await show_document(server, f"{planned.edits.title}.diff", difference)
    more = " It is shown as a diff." if shown else ""
    return Ending("refused", "not-applied", f"The editor did not apply it{_reason(message)}.{more}")


def _reason(message: str) -> str:
    return f": {message.rstrip('.')}" if message else ""


def _refused(refusal: Refusal) -> Ending:
    message = TYPED_INSIDE.message if refusal.reason == "typed-inside" else refusal.message
    return Ending("refused", refusal.reason, message)


def _planned(
    server: Server, running: Running, edits: EditSet, closed: Mapping[str, str | None]
) -> Planned | Refusal:
    """The change for the documents as they are at this moment."""
    documents = server.session.workspace.snapshot.documents
    files: list[FileEdit] = []
    for file in edits.files:
        document = documents.get(file.uri)
        if document is None and file.uri == running.document.uri:
            return Refusal("base-changed", WORDS["closed"], file.uri)
        current = file if document is None else _carried_over(running, file, document)
        if isinstance(current, Refusal):
            return current
        files.append(current)
    edits = EditSet(edits.title, tuple(files))
    before = {**closed, **{uri: documents[uri].text.string for uri in closed if uri in documents}}
    after = apply_all(edits, before)
    if isinstance(after, Refusal):
        return after
    return Planned(edits, file_changes(edits, before, after))


def _carried_over(running: Running, file: FileEdit, document: Document) -> FileEdit | Refusal:
    """The edits of an open document, for its text as it is now."""
    if not document.in_sync:
        return Refusal("base-changed", WORDS["out-of-sync"], file.uri)
    text = document.text.string
    if file.base.digest == digest_of(text):
        return replace(file, base=Base(file.base.digest, document.version))
    if file.uri == running.document.uri:
        landed = running.open.landing(file, text, document.version)
        return landed if _finds(file, running.document.text, landed, document.text) else TYPED_INSIDE
    before = running.snapshot.documents.get(file.uri)
    if before is None:
        return Refusal("base-changed", f"{file.uri} has changed since the change was made.", file.uri)
    return rebase_onto(file, before.text.string, text, document.version)


def _finds(old: FileEdit, before: Text, new: FileEdit | Refusal, text: Text) -> bool:
    """Whether the same text stands at each place to which an edit was carried; also for a refusal."""
    if isinstance(new, Refusal):
        return True
    places = [
        (one.start, one.end, other.start, other.end) for one, other in zip(old.edits, new.edits, strict=True)
    ]
    if old.scope is not None and new.scope is not None:
        places.append((old.scope.start, old.scope.end, new.scope.start, new.scope.end))
    return all(before.slice(start, end) == text.slice(begin, stop) for start, end, begin, stop in places)


async def _hears_of_a_change(server: Server, running: Running, planned: Planned) -> bool:
    """Whether the editor has another text than the change was for; of that it may tell only later."""
    with suppress(TimeoutError):
        async with asyncio.timeout(NEWS):
            while not _has_changed(server, planned):
                running.told.clear()
                await running.told.wait()
    return _has_changed(server, planned)


def _has_changed(server: Server, planned: Planned) -> bool:
    """Whether a document is another one than the change was sent for."""
    documents = server.session.workspace.snapshot.documents
    files = [(file, documents.get(file.uri)) for file in planned.files]
    return any(document is not None and document.version != file.version for file, document in files)
