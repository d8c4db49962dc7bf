"""`fathom bench cancel`: how soon a cancelled completion is answered, and how soon the model stops reading.

Each try asks for ghost text in a long file that the model has not read, through the server's own protocol
layer, and cancels while it is being read. The next request, a single token, then waits for the model for as
long as the cancelled one still held it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsp_server.models.backend import Backend, ModelInfo
    from lsp_server.protocol.connection import Connection
    from lsp_server.session import Session

TRIES = 200
SOONEST, LATEST = 0.05, 0.4
"""Seconds after a request at which it is cancelled."""
LINES = 2000
PATIENCE = 60.0

FORMAT = """\
Times are in milliseconds:
  answered  from the arrival of $/cancelRequest to the answer of the cancelled request
  stopped   how long a request that came right after that waited for the model
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """How times are spread, in ms."""

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Report:
    """A run of the benchmark."""

    model: str
    device: str
    tries: int
    answered_ms: Spread
    stopped_ms: Spread


class Sink:
    """Takes the server's messages and says when each request was answered."""

    crowded = False

    def __init__(self) -> None:
        self._answers: dict[object, asyncio.Future[float]] = {}

    def expect(self, number: int) -> asyncio.Future[float]:
        """When the request of this number is answered, by `perf_counter`."""
        return self._answers.setdefault(number, asyncio.get_running_loop().create_future())

    def send(self, message: dict[str, object]) -> None:
        if "method" in message:
            return
        answer = self._answers.get(message.get("id"))
        if answer is not None and not answer.done():
            answer.set_result(perf_counter())


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the benchmark."""
    parser = subparsers.add_parser(
        "cancel",
        help="how soon a cancelled request is over",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tries", type=int, default=TRIES, metavar="N", help="default: %(default)s")
    parser.add_argument("--model", help="a model's name or path (default: as set)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from lsp_server.models.backend import ModelError

    if arguments.tries < 1:
        print("fathom bench cancel: --tries has to be at least 1", file=sys.stderr)
        return 1
    try:
        report = asyncio.run(_measure(arguments))
    except (ModelError, TimeoutError) as error:
        print(f"fathom bench cancel: {error or 'the model did not answer in time'}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(report)) if arguments.json else "\n".join(_table(report)))
    return 0


async def _measure(arguments: argparse.Namespace) -> Report:
    from dataclasses import replace

    from lsp_server.config import config_path, read_own_file
    from lsp_server.models.open import open_backend
    from lsp_server.protocol.serve import make_server
    from lsp_server.session import open_session

    options, _ = read_own_file(config_path())
    # All of the long text is wanted at once, so that there is something to cancel.
    completion = replace(options.completion, read_ms=600_000, read_ahead_ms=0, timeout_ms=600_000)
    model = options.model if arguments.model is None else arguments.model
    options = replace(options, completion=completion, model=model, enabled=True, debounce_ms=0)
    async with open_session(options, open_backend) as session:
        backend, sink = session.backend(), Sink()
        info = await backend.info()
        connection = make_server(session, sink, lambda _: None).connection
        connection.receive({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": INITIALIZE})
        random.seed(arguments.tries)
        times = [await _try(session, connection, sink, number) for number in range(1, arguments.tries + 1)]
    return _report(info, _in_time(times))


INITIALIZE: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}


async def _try(session: Session, connection: Connection, sink: Sink, number: int) -> tuple[float, float]:
    """Ask, cancel, ask again; returns ms until the answer and ms until the model was free."""
    uri = f"file:///bench/{number}.py"
    # No two files begin alike, so nothing is kept of one for the next.
    text = f"# {random.random()}\n" + "".join(f"value_{line} = {number} * {line}\n" for line in range(LINES))
    session.workspace.opened(uri, None, "python", 1, text)
    place = {"textDocument": {"uri": uri}, "position": {"line": LINES // 2, "character": 0}}
    answered = sink.expect(number)
    request = {**place, "context": {"triggerKind": 1}}
    _receive(connection, "textDocument/inlineCompletion", request, number)
    await asyncio.sleep(random.uniform(SOONEST, LATEST))
    began = perf_counter()
    _receive(connection, "$/cancelRequest", {"id": number})
    stopped = await _wait_for_model(session.backend())
    session.workspace.closed(uri)
    async with asyncio.timeout(PATIENCE):
        return 1000 * (await answered - began), stopped


def _in_time(times: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without the tries whose answer came before the cancel. Raises ModelError if there is no other."""
    from lsp_server.models.backend import ModelError

    cancelled = [time for time in times if time[0] >= 0]
    if not cancelled:
        raise ModelError("bad-request", "the model answered before it could be cancelled")
    return cancelled


def _receive(connection: Connection, method: str, params: object, number: int | None = None) -> None:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    connection.receive(message if number is None else {**message, "id": number})


async def _wait_for_model(backend: Backend) -> float:
    """How long a request waits for the model, in ms."""
    from lsp_server.models.backend import Sampling

    waited = 0.0
    async with asyncio.timeout(PATIENCE):
        async for piece in backend.stream(("x",), Sampling(max_tokens=1), "completion"):
            waited = piece.usage.queue_ms if piece.usage else waited
    return waited


def _report(info: ModelInfo, times: list[tuple[float, float]]) -> Report:
    answered, stopped = ([time[at] for time in times] for at in (0, 1))
    return Report(info.name, info.device, len(times), _spread(answered), _spread(stopped))


def _spread(times: list[float]) -> Spread:
    ordered = sorted(times)
    median, late = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return Spread(round(median, 2), round(late, 2), round(ordered[-1], 2))


def _table(report: Report) -> Iterator[str]:
    from lsp_server.cli.table import lines_of

    yield f"{report.tries} tries with {report.model} on {report.device}\n"
    rows = [("answered", report.answered_ms), ("stopped", report.stopped_ms)]
    cells = [(name, *(f"{value:g}" for value in asdict(spread).values())) for name, spread in rows]
    yield from lines_of([("", "ms p50", "p99", "max"), *cells])
