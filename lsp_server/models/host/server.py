"""The model host's end of the socket: clients and their leases, requests and answers, and when to end.

A client that is connected has a lease. When the last lease is gone, the host waits as long as that client
asked for, in case somebody comes back, and ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from lsp_server import __version__
from lsp_server.models.backend import ModelError, ModelInfo, Piece
from lsp_server.models.host.engine import Engine, Listeners
from lsp_server.models.host.frames import FrameError, Message, encode, read_message
from lsp_server.models.host.generation import Generation
from lsp_server.models.host.places import Place
from lsp_server.models.host.scheduler import Scheduler
from lsp_server.models.host.settings import HostSettings
from lsp_server.models.host.wire import (
    answer_to_wire,
    error_to_wire,
    lane_from_wire,
    prompt_from_wire,
    sampling_from_wire,
)
from lsp_server.models.memory import resident_bytes

log = logging.getLogger(__name__)

HELLO_TIMEOUT = 5.0
"""Seconds in which a client has to say who it is."""
FAREWELL = 5.0
"""Seconds that clients have to hear why the model failed."""
PERCENT = 5
"""Steps in which clients hear how much of the model is loaded."""
UNREAD = 8 * 1024 * 1024
"""Bytes that wait for a client that does not read; it is dropped then."""


@dataclass(eq=False, slots=True)
class Client:
    """A connection. One without a lease only looks; it does not keep the host alive."""

    writer: asyncio.StreamWriter
    lease: bool
    running: dict[int, Generation] = field(default_factory=dict)

    def send(self, message: Message) -> None:
        """Send, unless the client is gone."""
        if self.writer.is_closing():
            return
        if self.writer.transport.get_write_buffer_size() > UNREAD:
            self.writer.transport.abort()
            return
        self.writer.write(encode(message))


class HostServer:
    """All of a host but the computing. `run` returns when it is time to end."""

    def __init__(self, settings: HostSettings, place: Place) -> None:
        self._settings = settings
        self._place = place
        self._loop = asyncio.get_running_loop()
        self._scheduler = Scheduler(self._from_engine(self._set_busy))
        listeners = Listeners(
            percent=self._from_engine(self._set_percent),
            ready=self._from_engine(self._set_ready),
            failed=self._from_engine(self._set_failed),
        )
        self._engine = Engine(settings, self._scheduler, listeners)
        self._clients: set[Client] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loaded: asyncio.Future[ModelInfo] = self._loop.create_future()
        self._loaded.add_done_callback(lambda loaded: loaded.cancelled() or loaded.exception())
        self._phase = "loading"
        self._percent: int | None = None
        self._began = self._worked = monotonic()
        self._ended = asyncio.Event()
        self._started = False
        self._departure: asyncio.TimerHandle | None = None

    async def run(self, on_bound: Callable[[], None]) -> None:
        """Serve until the last lease is gone, or there was no work for long. Raises OSError."""
        with contextlib.suppress(FileNotFoundError):
            self._place.socket.unlink()  # of a host that was killed; we hold its lock now
        server = await asyncio.start_unix_server(self._serve, str(self._place.socket))
        on_bound()
        self._depart_in(HELLO_TIMEOUT)
        self._watch_idle()
        await self._ended.wait()
        server.close()
        self._broadcast({"type": "bye"})
        self._place.socket.unlink(missing_ok=True)
        self._scheduler.stop()
        for client in tuple(self._clients):
            client.writer.close()
        # One turn of the loop, so that the farewells leave.
        await asyncio.sleep(0)

    def end(self) -> None:
        """Let `run` return."""
        self._ended.set()

    # --- clients ---

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client: Client | None = None
        linger = 0.0
        try:
            if self._phase == "failed":
                return  # whoever comes now may have mended the file: a new host is to look at it
            async with asyncio.timeout(HELLO_TIMEOUT):
                hello = await read_message(reader)
            if hello is None or hello.get("type") != "hello" or self._ended.is_set():
                return  # who is not welcomed by a host that is ending looks for another one
            linger = float(hello.get("linger") or 0.0)
            client = Client(writer, lease=hello.get("linger") is not None)
            self._welcome(client)
            while (message := await read_message(reader)) is not None:
                self._dispatch(client, message)
        except (FrameError, TimeoutError, ConnectionError, TypeError, ValueError) as error:
            log.warning("a client was dropped: %s", error)
        finally:
            writer.close()
            if client is not None:
                self._part(client, linger)

    def _welcome(self, client: Client) -> None:
        self._clients.add(client)
        if client.lease and self._departure is not None:
            self._departure.cancel()
        client.send({"type": "welcome", "pid": os.getpid(), "version": __version__})
        client.send(self._state())
        # Not before somebody listens: a model that cannot be opened is to be told of, once.
        if client.lease and not self._started:
            self._started = True
            self._engine.start()

    def _part(self, client: Client, linger: float) -> None:
        for generation in client.running.values():
            generation.cancelled = True
        self._clients.discard(client)
        if client.lease and not any(other.lease for other in self._clients):
            self._depart_in(0.0 if self._phase == "failed" else linger)

    def _leave(self, client: Client) -> None:
        """A client gives the model up, perhaps to open it anew: nobody else needs this process then."""
        if not any(other.lease for other in self._clients if other is not client):
            self.end()

    def _depart_in(self, seconds: float) -> None:
        if self._departure is not None:
            self._departure.cancel()
        self._departure = self._loop.call_later(seconds, self._depart)

    def _depart(self) -> None:
        if not any(client.lease for client in self._clients):
            self.end()

    def _watch_idle(self) -> None:
        left = self._settings.idle_s - (monotonic() - self._worked)
        working = self._phase != "ready" or any(client.running for client in self._clients)
        if left <= 0 and not working:
            self.end()
            return
        self._loop.call_later(max(left, 1.0), self._watch_idle)

    # --- messages ---

    def _dispatch(self, client: Client, message: Message) -> None:
        number = message.get("id")
        if not isinstance(number, int):
            raise FrameError("a message has no id")
        match message.get("type"):
            case "generate":
                self._start(self._generate(client, number, message))
            case "info":
                self._start(self._answer(client, number, self._info))
            case "count":
                self._start(self._answer(client, number, lambda: self._count(message)))
            case "status":
                client.send({"type": "answer", "id": number, "value": self._status()})
            case "cancel":
                if number in client.running:
                    client.running[number].cancelled = True
            case "leave":
                self._leave(client)
            case kind:
                log.warning("a message of type %r is not known", kind)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _generate(self, client: Client, number: int, message: Message) -> None:
        def emit(answer: Piece | ModelError) -> None:
            self._loop.call_soon_threadsafe(self._pass_on, client, number, answer)

        try:
            generation = Generation(
                prompt_from_wire(message.get("prompt")),
                sampling_from_wire(message.get("sampling")),
                lane_from_wire(message.get("lane")),
                emit,
            )
        except ModelError as error:
            client.send(answer_to_wire(number, error))
            return
        client.running[number] = generation
        try:
            await asyncio.shield(self._loaded)
        except ModelError as error:
            self._pass_on(client, number, error)
            return
        self._worked = monotonic()
        self._scheduler.submit(generation)

    def _pass_on(self, client: Client, number: int, answer: Piece | ModelError) -> None:
        client.send(answer_to_wire(number, answer))
        if isinstance(answer, ModelError) or answer.finish is not None:
            client.running.pop(number, None)
            self._worked = monotonic()

    async def _answer(self, client: Client, number: int, ask: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        try:
            client.send({"type": "answer", "id": number, "value": await ask()})
        except ModelError as error:
            client.send(answer_to_wire(number, error))

    async def _info(self) -> Message:
        info = await asyncio.shield(self._loaded)
        return dataclasses.asdict(dataclasses.replace(info, prefill_rate=self._scheduler.prefill_rate))

    async def _count(self, message: Message) -> int:
        await asyncio.shield(self._loaded)
        # Many tokens take time, and the loop has other clients.
        return await asyncio.to_thread(self._engine.count_tokens, str(message.get("text")))

    def _status(self) -> Message:
        info = self._loaded.result() if self._phase in ("ready", "busy") else None
        return {
            "pid": os.getpid(),
            "model": self._settings.name,
            "path": self._settings.path,
            "phase": self._phase,
            "clients": sum(client.lease for client in self._clients),
            "device": info.device if info else "",
            "context": info.context if info else 0,
            "uptime_s": round(monotonic() - self._began, 1),
            "memory": resident_bytes(),
            "requests": self._scheduler.served,
            "plan": info.plan if info else "",
            "note": info.note if info else "",
            "settings": self._settings.local.words(),
        }

    # --- what the engine says ---

    def _from_engine(self, receive: Callable[[Any], None]) -> Callable[[Any], None]:
        """The same call, made on the event loop."""

        def call(value: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed at the end
                self._loop.call_soon_threadsafe(receive, value)

        return call

    def _set_percent(self, percent: int) -> None:
        percent -= percent % PERCENT
        if percent != self._percent and self._phase == "loading":
            self._percent = percent
            self._broadcast(self._state())

    def _set_ready(self, info: ModelInfo) -> None:
        self._phase, self._worked = "ready", monotonic()
        self._loaded.set_result(info)
        self._broadcast(self._state())

    def _set_failed(self, error: ModelError) -> None:
        log.error("the model failed: %s", error)
        self._phase = "failed"
        self._loaded.set_exception(error)
        self._broadcast({"type": "failed", **error_to_wire(error)})
        # A later start may find the file mended; this process has nothing more to give.
        self._loop.call_later(FAREWELL, self.end)

    def _set_busy(self, busy: bool) -> None:
        if self._phase in ("ready", "busy"):
            self._phase = "busy" if busy else "ready"

    def _state(self) -> Message:
        note = self._loaded.result().note if self._phase in ("ready", "busy") else ""
        settings = self._settings.local.words()
        state = {"type": "state", "phase": self._phase, "percent": self._percent}
        return {**state, "note": note, "settings": settings}

    def _broadcast(self, message: Message) -> None:
        for client in tuple(self._clients):
            client.send(message)
