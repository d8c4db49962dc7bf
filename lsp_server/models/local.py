"""The backend over the model host: finds it or starts it, and starts it again when it dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from lsp_server.models.backend import (
    AT_WORK,
    Lane,
    ModelError,
    ModelInfo,
    ModelState,
    Phase,
    Piece,
    Sampling,
    StateListener,
)
from lsp_server.models.host import supervise
from lsp_server.models.host.frames import Message
from lsp_server.models.host.link import Link, NoHost
from lsp_server.models.host.places import place_of
from lsp_server.models.host.settings import HostSettings
from lsp_server.models.host.wire import error_from_wire
from lsp_server.prompts.types import Prompt

LINGER = 5.0
"""Seconds that a host waits for us after we have gone: an editor that is started again finds it warm."""
START_TIMEOUT = 30.0
"""Seconds until somebody has to listen at the socket."""
RETRY = 0.05
"""Seconds between two looks for a host that another process starts, or that is just ending."""
LAST_WORDS = 0.8
"""Seconds that a request waits to learn how its host ended."""

Stamp = tuple[int, int] | None
"""Size and time of a file; None if there is none."""


class LocalBackend:
    """A model on this machine. It belongs to the event loop on which it is used first."""

    def __init__(self, settings: HostSettings, *, linger: float = LINGER) -> None:
        self._settings = settings
        self._linger = linger
        self._state = ModelState("stopped")
        self._listeners: list[StateListener] = []
        self._crashes = supervise.Crashes()
        self._child: supervise.Child | None = None
        self._link: Link | None = None
        self._connecting: asyncio.Task[Link] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._failure: tuple[ModelError, Stamp] | None = None
        self._how = self._note = ""
        self._streams = 0
        self._closed = False

    @property
    def state(self) -> ModelState:
        return self._state

    def listen(self, listener: StateListener) -> None:
        self._listeners.append(listener)

    async def info(self) -> ModelInfo:
        """Start the model if need be, wait until it is loaded and describe it. Raises ModelError.

        A caller that does not wait for the end cancels nothing: the model is loaded all the same.
        """
        told = ModelInfo(**await self._ask("info"))
        # The host has the name from whoever started it, who may call the same file differently.
        return replace(told, name=self._settings.name)

    async def count_tokens(self, text: str) -> int:
        count: int = await self._ask("count", text=text)
        return count

    async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        # Nobody waits for what is read ahead, so the user is not told of it.
        waited_for = int(lane != "background")
        self._count_stream(waited_for)
        try:
            while True:
                link = await self._connected()
                said = False
                try:
                    async with aclosing(link.generate(prompt, sampling, lane)) as pieces:
                        async for piece in pieces:
                            if piece.read is None:
                                said = True
                                self._crashes.forgive()
                            self._tell_work(piece)
                            yield piece
                    return
                except NoHost:
                    if said or not link.said_bye:
                        raise await self._lost() from None
        finally:
            self._count_stream(-waited_for)

    async def close(self) -> None:
        if link := self._part():
            link.close()

    async def leave(self) -> None:
        if link := self._part():
            link.leave()

    def _part(self) -> Link | None:
        """Stop using the model; returns the link that is to be given back."""
        self._closed = True
        for task in (self._connecting, self._reading):
            if task is not None:
                task.cancel()
        link, self._link = self._link, None
        self._enter(ModelState("stopped"))
        return link

    async def _ask(self, kind: str, **fields: str) -> Any:
        while True:
            link = await self._connected()
            try:
                return await link.ask(kind, **fields)
            except NoHost:
                if not link.said_bye:
                    raise await self._lost() from None

    # --- connecting ---

    async def _connected(self) -> Link:
        """A live link. Raises ModelError."""
        if self._link is not None:
            return self._link
        # One attempt serves everyone who waits, and goes on if they stop waiting.
        attempt = self._attempt()
        await asyncio.wait([attempt])
        if attempt.cancelled():  # it is the attempt that was given up, not whoever waits for it
            raise _given_back()
        return attempt.result()

    def _attempt(self) -> asyncio.Task[Link]:
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._connect(), name="connect to the model host")
            # Nobody may be waiting any longer for what went wrong; it is in the state as well.
            self._connecting.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._connecting

    async def _connect(self) -> Link:
        try:
            self._refuse_hopeless()
            await self._pause()
            async with asyncio.timeout(START_TIMEOUT):
                link = await self._find_or_start()
        except TimeoutError:
            error = ModelError("host-lost", "The model host did not start in time; try again.")
            self._enter(ModelState("failed", message=str(error)))
            raise error from None
        except ModelError as error:
            self._enter(ModelState("failed", message=str(error)))
            raise
        self._link = link
        self._reading = asyncio.create_task(self._read(link), name="read from the model host")
        return link

    def _refuse_hopeless(self) -> None:
        """Do not start again what fails again. Raises ModelError."""
        if self._closed:
            raise _given_back()
        if self._failure is not None:
            error, stamp = self._failure
            if stamp == _stamp(self._settings.path):
                raise error
            self._failure = None
        if self._crashes.too_many:
            raise ModelError(
                "host-stopped",
                f"The model host crashed {supervise.CRASHES} times in a row ({self._how}) and is not started "
                "again by itself: see `fathom doctor`, then restart the model.",
                permanent=True,
            )

    async def _pause(self) -> None:
        wait = self._crashes.wait(monotonic())
        if wait > 0:
            message = f"The model host crashed ({self._how}); it starts again in {wait:.0f} s."
            self._enter(ModelState("waiting", message=message))
            await asyncio.sleep(wait)

    async def _find_or_start(self) -> Link:
        place = place_of(Path(self._settings.path))
        while True:
            try:
                return await Link.open(place, self._linger, self._hear)
            except NoHost:
                self._enter(ModelState("starting", message=f"{self._settings.name} is being started."))
                settings = supervise.plain(self._settings, self._crashes)
                child = await supervise.in_thread(
                    partial(supervise.start, settings, place), "start the model host"
                )
            if child is None:
                await asyncio.sleep(RETRY)
            self._child = child or self._child

    # --- what the host says, and its end ---

    def _hear(self, message: Message) -> None:
        if message["type"] == "failed":
            error = error_from_wire(message)
            self._failure = (error, _stamp(self._settings.path))
            self._link = None
            self._enter(ModelState("failed", message=str(error)))
        elif message["type"] == "state":
            phase = "loading" if message["phase"] == "loading" else self._at_work()
            unlike = self._settings.local.unlike(message.get("settings", ""))
            self._note = " ".join(filter(None, (message.get("note"), unlike)))
            text = f"{self._settings.name} is being loaded." if phase == "loading" else self._note
            self._enter(ModelState(phase, message.get("percent") if phase == "loading" else None, text))

    async def _read(self, link: Link) -> None:
        await link.read()
        if self._link is link:
            self._link = None
        if self._closed or link.failed:
            return
        if link.said_bye:
            self._enter(ModelState("stopped"))
            return
        code = None
        if self._child is not None and self._child.pid == link.pid:
            code = await supervise.in_thread(self._child.how_it_ended, "ask how the model host ended")
        self._how = supervise.ending(code)
        self._crashes.add(monotonic())
        self._crashes.fault = self._crashes.fault or supervise.is_fault(code)
        # Start again before somebody asks: the next completion should find it ready.
        self._attempt()

    async def _lost(self) -> ModelError:
        """What to tell a request whose host is gone."""
        if self._closed:
            return _given_back()
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=LAST_WORDS)
        if self._failure is not None:
            return self._failure[0]
        return ModelError("host-lost", f"The model host died ({self._how}); it is being started again.")

    # --- state ---

    def _count_stream(self, change: int) -> None:
        self._streams += change
        if self._state.phase in AT_WORK:
            self._enter(ModelState(self._at_work(), message=self._note))

    def _tell_work(self, piece: Piece) -> None:
        """Take the state that a piece of an answer speaks of."""
        if piece.read is not None and self._state.phase in AT_WORK:
            self._enter(ModelState("reading", piece.read, self._note))
        elif self._state.phase == "reading":
            self._enter(ModelState(self._at_work(), message=self._note))

    def _at_work(self) -> Phase:
        return "busy" if self._streams else "ready"

    def _enter(self, state: ModelState) -> None:
        if state == self._state:
            return
        self._state = state
        for listener in self._listeners:
            listener(state)


def _given_back() -> ModelError:
    return ModelError("host-stopped", "The model was given back.", permanent=True)


def _stamp(path: str) -> Stamp:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
