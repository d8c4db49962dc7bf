"""The two byte streams to the client: file descriptors of our own, a thread that reads and a thread that
writes.
 The event loop never waits for the client: what it sends goes into a bounded queue. This module imports
nothing of the project but framing, so that the descriptors can be claimed before anything else runs.
"""

from __future__ import annotations

import json
import os
import select
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.protocol.framing import Frames

CHUNK = 64 * 1024
"""Bytes asked for in one read."""

MAX_WAITING = 64 * 1024 * 1024
"""Bytes that may wait for a client that does not read; beyond them the client counts as lost."""

CROWDED = 256 * 1024
"""Bytes waiting from which on news that a later message replaces are not sent."""


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Where the client is read from and written to."""

    read: int
    write: int


def claim_standard_streams() -> Descriptors:
    """Keep stdin and stdout for the wire alone.

    Afterwards fd 1 is stderr and fd 0 is empty, so that nothing printed by a library, Python's or native,
    gets between two messages, and no child process eats a part of one.
    """
    wire = Descriptors(read=os.dup(0), write=os.dup(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:
        os.dup2(nothing, 1)
    os.close(nothing)
    return wire


def read_messages(descriptor: int, deliver: Callable[[object], None], ended: Callable[[], None]) -> None:
    """Read until the stream ends, in a thread of its own; `deliver` may block to hold the client back."""
    frames = Frames()
    while data := _read(descriptor):
        for message in frames.feed(data):
            deliver(message)
    ended()


def _read(descriptor: int) -> bytes:
    while True:
        try:
            return os.read(descriptor, CHUNK)
        except BlockingIOError:
            select.select([descriptor], [], [])
        except OSError:
            return b""


class Outbox:
    """What waits to be written to the client, and the thread that writes it."""

    def __init__(self, descriptor: int, lost: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._lost = lost
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write_all, name="fathom-writer", daemon=True)
        self._thread.start()

    @property
    def crowded(self) -> bool:
        """The client is slow to read; what is not an answer had better wait for the next time."""
        return self._bytes > CROWDED

    def send(self, message: dict[str, object]) -> None:
        """Queue a message. Never blocks; when too much waits, the client is reported as lost."""
        body = json.dumps(message, separators=(",", ":")).encode("ascii")
        data = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        with self._changed:
            if self._closed:
                return
            self._waiting.append(data)
            self._bytes += len(data)
            overflow = self._bytes > MAX_WAITING
            self._closed = overflow
            self._changed.notify()
        if overflow:
            self._lost()

    def close(self, timeout: float) -> None:
        """Write what waits, for at most `timeout` seconds, and take no more."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout)

    def _write_all(self) -> None:
        while (data := self._next()) is not None:
            try:
                _write(self._descriptor, data)
            except OSError:
                with self._changed:
                    self._closed = True
                    self._waiting.clear()
                self._lost()
                return
            with self._changed:
                self._bytes -= len(data)

    def _next(self) -> bytes | None:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return self._waiting.popleft() if self._waiting else None


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
