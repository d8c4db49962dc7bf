"""One client from its first byte to the end of the process: threads for the wire, signals, the way out."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from lsp_server.config import Options, actions_path
from lsp_server.edits.write import recover, writes_folder
from lsp_server.features.own_actions import read_own_actions
from lsp_server.index_places import clean_daily
from lsp_server.indexers import IndexState
from lsp_server.models.backend import ModelState
from lsp_server.models.host.supervise import in_thread
from lsp_server.protocol.connection import Connection, Sink
from lsp_server.protocol.methods import METHODS
from lsp_server.protocol.server import Server
from lsp_server.protocol.status import index_changed, model_changed
from lsp_server.protocol.watchdog import watch_process
from lsp_server.protocol.wire import Descriptors, Outbox, read_messages
from lsp_server.session import OpenBackend, Session, open_session

log = logging.getLogger(__name__)

BACKSTOP = 2.5
"""Seconds from the decision to stop until the process ends by force, whatever still runs."""

FLUSH = 0.5
"""Seconds that the last answers may take to be written."""

UNTREATED = 256
"""Messages that may wait for the loop; then the reader waits, and so does the client."""


async def serve(wire: Descriptors, options: Options, problems: list[str], open_backend: OpenBackend) -> int:
    """Serve the client at the other end of the wire; returns the exit code.

    Needs the main thread, for signals.
    """
    stopping = _Stopping()
    outbox = Outbox(wire.write, stopping.lost)
    async with open_session(options, open_backend) as session:
        server = make_server(session, outbox, stopping.stop)
        server.own = options
        server.own_actions = read_own_actions(actions_path())
        server.problems = [*problems, *server.own_actions.problems]
        session.start(_mend_writes(), "mend writes")
        session.start(_clean_indexes(), "remove old indexes")
        stopping.connection = server.connection
        _catch_signals(stopping.stop)
        _start_reader(wire.read, server.connection.receive, stopping.lost)
        code = await stopping.code
        server.connection.shut_down()
    outbox.close(FLUSH)
    return code


def make_server(session: Session, sink: Sink, stop: Callable[[int], None]) -> Server:
    """A server with its methods, listening to the session's model and its indexes."""
    connection = Connection(METHODS, sink, session.start)
    server = Server(session, connection, stop, watch=lambda pid: _watch(server, pid))
    connection.server = server

    def model(state: ModelState) -> None:
        model_changed(server, state)

    def index(state: IndexState) -> None:
        index_changed(server, state)

    session.listen(model)
    session.indexers.listen(index)
    return server


async def _mend_writes() -> None:
    """Finish or take back what a program that was killed has left half written."""
    try:
        problems = await in_thread(partial(recover, writes_folder()), "fathom-writes")
    except OSError as error:
        problems = (error,)
    for problem in problems:
        log.warning("writes that were left half done cannot be mended: %s", problem)


async def _clean_indexes() -> None:
    """Remove the indexes of folders that nobody has opened for long, once a day."""
    try:
        removed = await in_thread(clean_daily, "fathom-clean")
    except OSError as error:
        log.warning("old indexes cannot be removed: %s", error)
        return
    if removed:
        log.info("%d indexes were not used for long and have been removed", len(removed))


def _watch(server: Server, pid: int) -> None:
    def ended() -> None:
        log.warning("the editor's process %d has ended", pid)
        server.stop(0 if server.connection.phase == "shutdown" else 1)

    watch_process(pid, ended)


class _Stopping:
    """The decision to stop, which the loop, the wire's threads and signals may take."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.code: asyncio.Future[int] = self._loop.create_future()
        self.connection: Connection | None = None

    def stop(self, code: int) -> None:
        """Stop with this code; later calls change nothing."""
        if self.code.done():
            return
        _end_by_force(code)
        self.code.set_result(code)

    def lost(self) -> None:
        """The client is gone. Called from the wire's threads."""
        code = 0 if self.connection and self.connection.phase == "shutdown" else 1
        _end_by_force(code)
        _call(self._loop, self.stop, code)


def _end_by_force(code: int) -> None:
    """End the process a little later, even if the loop is stuck in something that does not end."""
    timer = threading.Timer(BACKSTOP, os._exit, (code,))
    timer.daemon = True
    timer.start()


def _catch_signals(stop: Callable[[int], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop, 128 + number)


def _start_reader(descriptor: int, receive: Callable[[object], None], ended: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    room = threading.Semaphore(UNTREATED)

    def treat(message: object) -> None:
        room.release()
        receive(message)

    def deliver(message: object) -> None:
        room.acquire()
        _call(loop, treat, message)

    arguments = (descriptor, deliver, ended)
    threading.Thread(target=read_messages, args=arguments, name="fathom-reader", daemon=True).start()


def _call(loop: asyncio.AbstractEventLoop, run: Callable[..., Any], argument: object) -> None:
    """Run on the loop's thread, unless the loop has ended."""
    try:
        loop.call_soon_threadsafe(run, argument)
    except RuntimeError:
        log.debug("the loop has ended")
