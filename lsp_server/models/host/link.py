"""The near end of the socket: a connection to a running model host."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import fcntl
import itertools
import os
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

from lsp_server.models.backend import Lane, ModelError, Piece, Sampling
from lsp_server.models.host.frames import FrameError, Message, encode, read_message
from lsp_server.models.host.places import Place, places
from lsp_server.models.host.wire import error_from_wire, piece_from_wire, prompt_to_wire
from lsp_server.prompts.types import Prompt

GREETING = 10.0
"""Seconds in which a host has to answer the first message; its loop never computes."""
LOOK = 2.0
"""Seconds in which a host has to describe itself."""

Listener = Callable[[Message], None]


class NoHost(Exception):  # noqa: N818 - an answer to "is there one?"
    """Nobody listens at the socket, or whoever did is ending."""


@dataclass(frozen=True, slots=True)
class HostStatus:
    """A running host, as it describes itself."""

    pid: int
    model: str
    path: str
    phase: str
    """loading, ready, busy or failed; silent, if it does not answer."""
    clients: int
    device: str
    context: int
    """Window in tokens."""
    uptime_s: float
    memory: int
    """Bytes in RAM."""
    requests: int
    """Requests that have ended."""
    plan: str = ""
    """How the model was opened, and why so: one sentence."""
    note: str = ""
    """What the user has to know of that; mostly nothing."""
    settings: str = ""
    """The settings that it was opened with, in a line."""


class Link:
    """A connection. `on_message` hears of states and failures; `on_end` once, when the host is gone."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, on_message: Listener
    ) -> None:
        self.pid = 0
        self.said_bye = False
        """The host ended of its own will: it was idle, or told to."""
        self.failed = False
        """The host has told why it cannot open the model, and ends."""
        self._reader = reader
        self._writer = writer
        self._on_message = on_message
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Queue[Message | None]] = {}
        self._ended = False

    @classmethod
    async def open(cls, place: Place, linger: float | None, on_message: Listener) -> Link:
        """Connect and greet. With a `linger` (seconds) it is a lease that lasts so much longer.

        Raises NoHost, and ModelError for a host that does not answer.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(str(place.socket))
        except OSError as error:
            raise NoHost from error
        link = cls(reader, writer, on_message)
        try:
            async with asyncio.timeout(GREETING):
                writer.write(encode({"type": "hello", "linger": linger}))
                welcome = await read_message(reader)
        except TimeoutError:
            writer.close()
            raise ModelError(
                "host-lost",
                "The model host does not answer; `fathom status` names its process, end it and try again.",
            ) from None
        except (FrameError, ConnectionError) as error:
            writer.close()
            raise NoHost from error
        except BaseException:
            writer.close()
            raise
        if welcome is None or welcome.get("type") != "welcome":
            writer.close()
            raise NoHost
        link.pid = welcome["pid"]
        return link

    async def read(self) -> None:
        """Take messages until the host is gone; then every waiting request ends with None."""
        try:
            while (message := await read_message(self._reader)) is not None:
                self._take(message)
        except FrameError:
            pass
        finally:
            self._ended = True
            self._writer.close()
            for queue in self._waiting.values():
                queue.put_nowait(None)

    def _take(self, message: Message) -> None:
        number = message.get("id")
        if number is not None:
            if number in self._waiting:
                self._waiting[number].put_nowait(message)
            return
        self.said_bye = self.said_bye or message.get("type") == "bye"
        self._on_message(message)
        if message.get("type") == "failed":
            self.failed = True
            self.close()  # the host ends when everybody knows

    async def generate(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncGenerator[Piece]:
        """Stream an answer; closing the iterator cancels it. Raises ModelError, and NoHost at a dead host."""
        request = {
            "type": "generate",
            "prompt": prompt_to_wire(prompt),
            "sampling": dataclasses.asdict(sampling),
            "lane": lane,
        }
        number, queue = self._send(request)
        done = False
        try:
            while not done:
                message = await queue.get()
                done = message is None or message["type"] == "error" or "finish" in message
                yield piece_from_wire(self._checked(message))
        finally:
            del self._waiting[number]
            if not done and not self._ended:
                self._writer.write(encode({"type": "cancel", "id": number}))

    async def ask(self, kind: str, **fields: Any) -> Any:
        """Ask for one value. Raises ModelError, NoHost if the host is gone."""
        number, queue = self._send({"type": kind, **fields})
        try:
            return self._checked(await queue.get())["value"]
        finally:
            del self._waiting[number]

    def leave(self) -> None:
        """Give the lease back; a host that nobody else uses ends at once."""
        if not self._ended:
            self._writer.write(encode({"type": "leave", "id": next(self._numbers)}))
        self.close()

    def close(self) -> None:
        """Give the lease back."""
        self._writer.close()

    def _send(self, message: Message) -> tuple[int, asyncio.Queue[Message | None]]:
        if self._ended:
            raise NoHost
        number = next(self._numbers)
        try:
            frame = encode({**message, "id": number})
        except FrameError as error:
            raise ModelError("too-long", f"The request cannot be sent: {error}.", permanent=True) from error
        self._writer.write(frame)
        queue = self._waiting[number] = asyncio.Queue()
        return number, queue

    @staticmethod
    def _checked(message: Message | None) -> Message:
        if message is None:
            raise NoHost
        if message["type"] == "error":
            raise error_from_wire(message)
        return message


async def running_hosts() -> list[HostStatus]:
    """All model hosts of this user on this machine. Raises ModelError if their directory is not safe."""
    found = await asyncio.gather(*(_look(place) for place in places() if is_held(place)))
    return [status for status in found if status is not None]


def is_held(place: Place) -> bool:
    """Whether a host lives here, whatever state it is in."""
    try:
        lock = os.open(place.lock, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(lock)


async def _look(place: Place) -> HostStatus | None:
    try:
        async with asyncio.timeout(LOOK):
            link = await Link.open(place, None, lambda _: None)
            reading = asyncio.create_task(link.read())
            try:
                return _status(await link.ask("status"))
            finally:
                link.close()
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reading
    except NoHost:
        return None
    except (TimeoutError, ModelError, TypeError):
        return HostStatus(_holder(place), "", "", "silent", 0, "", 0, 0.0, 0, 0)


def _status(told: dict[str, Any]) -> HostStatus:
    """What a host says of itself; that of another version may say more."""
    known = {field.name for field in dataclasses.fields(HostStatus)}
    return HostStatus(**{name: value for name, value in told.items() if name in known})


def _holder(place: Place) -> int:
    """The process that the lock's file names; 0 if it names none."""
    try:
        return int(place.lock.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
