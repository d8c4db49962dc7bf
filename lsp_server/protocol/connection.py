"""JSON-RPC with one client: every request gets exactly one answer, at once when it is cancelled.

It knows messages and tasks, not what the methods do: those are given as a table.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lsprotocol import converters, types

from lsp_server.protocol.framing import Unreadable

log = logging.getLogger(__name__)

Id = int | str
Phase = Literal["new", "running", "shutdown"]
Work = Callable[[], Awaitable[object]]

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
SERVER_CANCELLED = -32802
REQUEST_FAILED = -32803


class RequestError(Exception):
    """A request ends with this error instead of a result; the text is for the client's user."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification: `run(server, params)` changes what the server knows, in the order of arrival."""

    params: Any
    run: Callable[[Any, Any], None]


@dataclass(frozen=True, slots=True)
class Now:
    """A request that costs less than a millisecond: `run(server, params)` returns its result."""

    params: Any
    run: Callable[[Any, Any], object]


@dataclass(frozen=True, slots=True)
class Later:
    """A request that takes time.

    `arrive(server, params)` is called at the very moment of arrival, before any later message is looked at,
    and takes what it needs of the world; the work that it returns runs as a task.
    """

    params: Any
    arrive: Callable[[Any, Any], Work]
    subject: Callable[[Any], Hashable] | None = None
    """What the request is about: a newer request about the same makes this one's answer worthless."""
    superseded: object = None
    """The answer for a request that a newer one has replaced."""


Treatment = Notice | Now | Later


class Sink(Protocol):
    """Where messages to the client go."""

    @property
    def crowded(self) -> bool: ...

    def send(self, message: dict[str, object]) -> None: ...


@dataclass(slots=True)
class _Pending:
    subject: Hashable
    task: asyncio.Task[None] | None = None


class Connection:
    """One client: requests that wait for us, and requests of ours that wait for it."""

    def __init__(
        self,
        table: Mapping[str, Treatment],
        sink: Sink,
        start: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        self.phase: Phase = "new"
        self.server: object = None
        """The first argument of every method in the table."""
        self._table = table
        self._sink = sink
        self._start = start
        self._converter = converters.get_converter()
        self._converter.register_structure_hook(types.InlineCompletionTriggerKind, _trigger_kind)
        self._pending: dict[Id, _Pending] = {}
        self._latest: dict[Hashable, Id] = {}
        self._asked: dict[Id, asyncio.Future[object]] = {}
        self._ids = itertools.count(1)

    # What comes in.

    def receive(self, message: object) -> None:
        """Treat one message of the client. Never raises."""
        if isinstance(message, Unreadable):
            log.warning("unreadable message: %s", message.reason)
            self._send_error(None, PARSE_ERROR, f"Fathom could not read a message: {message.reason}.")
            return
        if not isinstance(message, dict):
            self._send_error(
                None, INVALID_REQUEST, "A message is one JSON object; batches are not a part of LSP."
            )
            return
        method = message.get("method")
        if isinstance(method, str) and "id" in message:
            self._request(message["id"], method, message.get("params"))
        elif isinstance(method, str):
            self._notification(method, message.get("params"))
        elif "id" in message and ("result" in message or "error" in message):
            self._response(message)
        else:
            self._send_error(None, INVALID_REQUEST, "The message has neither a method nor a result.")

    def _request(self, number: object, method: str, params: object) -> None:
        if not isinstance(number, (int, str)) or isinstance(number, bool):
            self._send_error(None, INVALID_REQUEST, "A request's id is an integer or a string.")
            return
        if number in self._pending:
            self._send_error(
                number, INVALID_REQUEST, "A request with this id is still waiting for its answer."
            )
            return
        treatment = self._table.get(method)
        try:
            self._check_phase(method)
            if not isinstance(treatment, (Now, Later)):
                raise RequestError(METHOD_NOT_FOUND, f"There is no method {method!r}.")
            self._treat(number, method, treatment, self._structure(params, treatment.params))
        except RequestError as failure:
            self._send_error(number, failure.code, str(failure))
        except Exception as error:
            self._take(number)
            self._send_error(number, INTERNAL_ERROR, _internal(method, error))

    def _treat(self, number: Id, method: str, treatment: Now | Later, params: object) -> None:
        if isinstance(treatment, Now):
            self._send_result(number, treatment.run(self.server, params))
            return
        subject = (method, treatment.subject(params)) if treatment.subject else None
        if subject is not None and subject in self._latest:
            older = self._latest[subject]
            if self._stop(older):
                self._send_result(older, treatment.superseded)
        work = treatment.arrive(self.server, params)
        pending = self._pending[number] = _Pending(subject)
        if subject is not None:
            self._latest[subject] = number
        pending.task = self._start(self._work(number, method, work), method)

    async def _work(self, number: Id, method: str, work: Work) -> None:
        """Do the work of a request and answer it, unless it has been answered meanwhile."""
        try:
            result = await work()
        except asyncio.CancelledError:
            if self._take(number):
                self._send_error(number, SERVER_CANCELLED, "The server is stopping.")
            raise
        except RequestError as failure:
            if self._take(number):
                self._send_error(number, failure.code, str(failure))
        except Exception as error:
            message = _internal(method, error)
            if self._take(number):
                self._send_error(number, INTERNAL_ERROR, message)
        else:
            if self._take(number):
                self._send_result(number, result)

    def _notification(self, method: str, params: object) -> None:
        if method == types.CANCEL_REQUEST:
            self._cancel(params)
            return
        treatment = self._table.get(method)
        if not isinstance(treatment, Notice):
            log.debug("notification ignored: %s", method)
            return
        if self.phase != "running" and method != types.EXIT:
            return
        try:
            treatment.run(self.server, self._structure(params, treatment.params))
        except RequestError as failure:
            log.warning("notification %s: %s", method, failure)
        except Exception as error:
            _internal(method, error)

    def _cancel(self, params: object) -> None:
        number = params.get("id") if isinstance(params, dict) else None
        if isinstance(number, (int, str)) and self._stop(number):
            self._send_error(number, REQUEST_CANCELLED, "Cancelled.")

    def _check_phase(self, method: str) -> None:
        if self.phase == "new" and method != types.INITIALIZE:
            raise RequestError(NOT_INITIALIZED, "The first request is initialize.")
        if self.phase == "running" and method == types.INITIALIZE:
            raise RequestError(INVALID_REQUEST, "The server is initialized already.")
        if self.phase == "shutdown":
            raise RequestError(INVALID_REQUEST, "The server is shutting down.")

    def _structure(self, params: object, kind: Any) -> object:
        if kind is None:
            return params
        try:
            return self._converter.structure(params, kind)
        except Exception as error:
            # cattrs raises many types here, and its text quotes the client's values: it is not passed on.
            raise RequestError(INVALID_PARAMS, f"The parameters are no {kind.__name__}.") from error

    def _response(self, message: dict[str, object]) -> None:
        number = message["id"]
        future = self._asked.pop(number, None) if isinstance(number, (int, str)) else None
        if future is None or future.done():
            return
        error = message.get("error")
        if error is None:
            future.set_result(message.get("result"))
            return
        text = error.get("message") if isinstance(error, dict) else None
        future.set_exception(RequestError(INTERNAL_ERROR, str(text or "the client refused")))

    # Requests in flight.

    def _take(self, number: Id) -> bool:
        """Claim the right to answer a request; False if it has been answered."""
        pending = self._pending.pop(number, None)
        if pending is None:
            return False
        if pending.subject is not None and self._latest.get(pending.subject) == number:
            del self._latest[pending.subject]
        return True

    def _stop(self, number: Id) -> bool:
        """Claim the right to answer a waiting request and stop its work; False if it is not waiting."""
        pending = self._pending.get(number)
        if pending is None or not self._take(number):
            return False
        if pending.task is not None:
            pending.task.cancel()
        return True

    def shut_down(self) -> None:
        """Answer every waiting request and take no new one."""
        self.phase = "shutdown"
        for number in list(self._pending):
            if self._stop(number):
                self._send_error(number, SERVER_CANCELLED, "The server is shutting down.")
        for future in self._asked.values():
            future.cancel()
        self._asked.clear()

    # What goes out.

    def notify(self, method: str, params: object) -> None:
        self._sink.send({"jsonrpc": "2.0", "method": method, "params": self._converter.unstructure(params)})

    def mention(self, method: str, params: object) -> None:
        """Notify of something that a slow client can do without, since a later notification says more."""
        if not self._sink.crowded:
            self.notify(method, params)

    async def request(self, method: str, params: object, timeout: float) -> object:
        """Ask the client. Raises RequestError if it refuses, TimeoutError after `timeout` seconds."""
        number = f"fathom-{next(self._ids)}"
        future = self._asked[number] = asyncio.get_running_loop().create_future()
        message = {
            "jsonrpc": "2.0",
            "id": number,
            "method": method,
            "params": self._converter.unstructure(params),
        }
        self._sink.send(message)
        try:
            async with asyncio.timeout(timeout):
                return await future
        finally:
            self._asked.pop(number, None)

    def _send_result(self, number: Id, result: object) -> None:
        try:
            self._sink.send({"jsonrpc": "2.0", "id": number, "result": self._converter.unstructure(result)})
        except (TypeError, ValueError) as error:
            self._send_error(number, INTERNAL_ERROR, _internal("a result", error))

    def _send_error(self, number: Id | None, code: int, message: str) -> None:
        self._sink.send({"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}})


def _internal(method: str, error: Exception) -> str:
    """Log what went wrong inside, once, and word it for the client without any text of the user's files."""
    log.error("%s failed", method, exc_info=error)
    return f"Fathom failed inside while it treated {method} ({type(error).__name__}); its log says more."


def _trigger_kind(value: object, _: type) -> types.InlineCompletionTriggerKind:
    """Read a trigger kind. Drafts before LSP 3.18 counted from 0, with Invoked first."""
    if value == types.InlineCompletionTriggerKind.Automatic.value:
        return types.InlineCompletionTriggerKind.Automatic
    return types.InlineCompletionTriggerKind.Invoked
