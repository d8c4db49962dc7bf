"""`$/progress` while the user waits for something, in clients that show it: a model or an index."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from lsp_server.models.backend import ModelState
from lsp_server.protocol.connection import Connection, RequestError

SLOW = frozenset({"downloading", "starting", "loading"})
"""Phases of a model for which the user waits."""

CREATE_TIMEOUT = 5.0
"""Seconds that a client may take to agree to a progress display."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Step:
    """How far something is."""

    words: str
    percent: int | None = None
    is_over: bool = False
    """Whether the user waits for it no longer."""


class Display:
    """Shows one thing for which the user waits, as often as that happens. Belongs to the event loop.

    Nothing is shown of what is over within `patience` seconds. Where there is a `token`, the display has it
    and the user can cancel by it.
    """

    def __init__(
        self,
        about: str,
        connection: Connection,
        start: Callable[[Coroutine[Any, Any, None], str], object],
        patience: float = 0.0,
        title: str = "Fathom",
        token: str = "",
    ) -> None:
        self._about = about
        self._title = title
        self._token = token
        self._connection = connection
        self._start = start
        self._patience = patience
        self._step = Step("", is_over=True)
        """The latest; those before it are of no use to anybody."""
        self._changed = asyncio.Event()
        self._is_running = False
        self._is_refused = False

    def show(self, step: Step) -> None:
        """Begin, continue or end the display."""
        self._step = step
        self._changed.set()
        self._is_refused = self._is_refused and not step.is_over
        if not (self._is_running or self._is_refused or step.is_over):
            self._is_running = True
            self._start(self._run(), f"progress of the {self._about}")

    async def _run(self) -> None:
        token = self._token or f"fathom-{self._about}-{next(_numbers)}"
        try:
            if self._patience and await self._is_over_soon():
                return
            params = types.WorkDoneProgressCreateParams(token=token)
            await self._connection.request(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params, CREATE_TIMEOUT)
            await self._report(token)
        except (RequestError, TimeoutError):
            # It is asked again the next time that the user waits, and not at every step.
            self._is_refused = not self._step.is_over
        finally:
            self._is_running = False

    async def _is_over_soon(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                while not self._step.is_over:
                    await self._next()
        return self._step.is_over

    async def _report(self, token: str) -> None:
        self._changed.clear()
        if self._step.is_over:
            return
        begin = types.WorkDoneProgressBegin(
            self._title,
            message=self._step.words,
            percentage=self._step.percent,
            cancellable=True if self._token else None,
        )
        self._connection.notify(types.PROGRESS, types.ProgressParams(token, begin))
        try:
            while not (await self._next()).is_over:
                report = types.WorkDoneProgressReport(message=self._step.words, percentage=self._step.percent)
                self._connection.mention(types.PROGRESS, types.ProgressParams(token, report))
        finally:
            # Also when the session closes: a client shows for ever what does not end.
            end = types.WorkDoneProgressEnd(message=self._step.words if self._step.is_over else None)
            self._connection.notify(types.PROGRESS, types.ProgressParams(token, end))

    async def _next(self) -> Step:
        """Wait for another step."""
        await self._changed.wait()
        self._changed.clear()
        return self._step


class Reports:
    """Shows how far a request of the client is, under the token that came with it; without one, nothing."""

    def __init__(self, token: int | str | None, title: str, connection: Connection) -> None:
        self._token = token
        self._connection = connection
        self._send(types.WorkDoneProgressBegin(title, percentage=0))

    def show(self, step: Step) -> None:
        """Report; that a step is over ends nothing, since the request may go on with another one."""
        if not step.is_over:
            self._send(types.WorkDoneProgressReport(message=step.words, percentage=step.percent))

    def end(self, words: str) -> None:
        self._send(types.WorkDoneProgressEnd(message=words))

    def _send(self, value: object) -> None:
        if self._token is not None:
            self._connection.notify(types.PROGRESS, types.ProgressParams(self._token, value))


def step_of_model(state: ModelState) -> Step:
    """What is shown of a model in this state."""
    usual = {"downloading": "downloading the model", "ready": "ready"}.get(state.phase, "loading the model")
    return Step(state.message or usual, state.percent, is_over=state.phase not in SLOW)
