"""What the user hears of an edit while it is made and at its end: progress, messages, and `fathom/edit`."""

from __future__ import annotations

import asyncio
from dataclasses import fields

from lsprotocol import types

from context.outline import Span
from lsp_server.features.edit_request import Progress, Reading, ReadOn, TriedAgain, Written
from lsp_server.protocol.convert import to_range
from lsp_server.protocol.extensions import CANCEL_COMMAND, EDIT, EditEvent
from lsp_server.protocol.messages import say
from lsp_server.protocol.progress import SLOW, Display, Step
from lsp_server.protocol.running import Ending, Running
from lsp_server.protocol.server import Server

PATIENCE = 1.0
"""Seconds after which a client that shows no progress is told that an edit is being made."""
FAILURES = frozenset({"no-model", "model-failed"})
QUIET = frozenset({"cancelled", "declined", "no-change"})
"""Reasons that are no trouble."""
LOADING = "the model is being loaded"


class Report:
    """Tells of one edit. Belongs to the event loop."""

    def __init__(self, server: Server, running: Running) -> None:
        self._server = server
        self._running = running
        self._lines = 0
        """In the part that is to change; 0 before the edit is begun."""
        self._percent = self._tokens = 0
        self._is_told = False
        start = server.session.start
        self._display = Display("edit", server.connection, start, title=running.title, token=running.id)
        self._telling: asyncio.Task[None] | None = None

    def begin(self, span: Span) -> None:
        """Tell that this part of the document is to change."""
        document = self._running.document
        self._lines = document.text.slice(span.start, span.end).count("\n") + 1
        place = to_range(document.text, span.start, span.end, self._server.client.encoding)
        title, version = self._running.title, document.version
        self._send(EditEvent(*self._names(), "begin", title=title, version=version, range=place))
        if self._server.client.progress:
            self.wait("reading" if not self._is_loading() else LOADING)
        else:
            self._telling = self._server.session.start(self._tell_later(), "tell of an edit")

    def hear(self, progress: Progress) -> None:
        """Tell of what the model does."""
        if isinstance(progress, Reading):
            self._tokens = progress.tokens
            self.wait(f"reading about {progress.tokens:,} tokens")
        elif isinstance(progress, ReadOn):
            self.wait(f"reading about {self._tokens:,} tokens: {progress.percent} %")
        elif isinstance(progress, Written):
            self._percent = max(self._percent, min(99, 100 * progress.count // self._lines))
            self.wait(f"{progress.count} lines")
            self._send(EditEvent(*self._names(), "lines", lines=progress.lines, count=progress.count))
        elif isinstance(progress, TriedAgain):
            self.wait("trying again")
            self._send(EditEvent(*self._names(), "again", reason=progress.reason))

    def wait(self, words: str) -> None:
        """Tell for what the user waits."""
        if self._server.client.progress:
            self._display.show(Step(words, self._percent))

    def end(self, ending: Ending) -> None:
        """Tell what became of it. Has to be called once, whatever happens."""
        if self._telling is not None:
            self._telling.cancel()
        self._display.show(Step(ending.message or ending.outcome, is_over=True))
        if self._server.connection.phase != "running":
            return
        if self._lines:
            outcome, reason, message = ending.outcome, ending.reason or None, ending.message or None
            self._send(EditEvent(*self._names(), "end", outcome=outcome, reason=reason, message=message))
        text = ending.message or ("done." if self._is_told else "")
        if text and not (ending.reason == "cancelled" and self._server.client.progress):
            say(self._server, _kind(ending), f"{self._running.title}: {text}")

    def _names(self) -> tuple[str, str]:
        return self._running.id, self._running.document.uri

    def _is_loading(self) -> bool:
        return self._server.session.state.phase in {*SLOW, "stopped"}

    async def _tell_later(self) -> None:
        await asyncio.sleep(PATIENCE)
        self._is_told = True
        words = LOADING if self._is_loading() else "working"
        text = f"{self._running.title}: {words} … `{CANCEL_COMMAND}` stops it."
        say(self._server, types.MessageType.Info, text)

    def _send(self, event: EditEvent) -> None:
        if not self._server.client.preview:
            return
        values = ((item.name, getattr(event, item.name)) for item in fields(event))
        self._server.connection.notify(EDIT, {name: value for name, value in values if value is not None})


def _kind(ending: Ending) -> types.MessageType:
    if ending.reason in FAILURES:
        return types.MessageType.Error
    quiet = ending.outcome in ("applied", "shown") or ending.reason in QUIET
    return types.MessageType.Info if quiet else types.MessageType.Warning
