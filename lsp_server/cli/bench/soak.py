"""`fathom bench soak`: hours of mixed load on one model host, with cancels and killed clients.

Clients are processes of their own. Each asks at random for the rest of a line that its prompt repeats, on
every lane, and cancels some of the requests; now and then one of them is killed and another one takes its
place. Every answer is compared with the one that an undisturbed host gave before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.models.host.link import HostStatus

MINUTES, CLIENTS = 5.0, 4
KILL_EVERY = 15.0
"""Seconds from one killed client to the next."""
PAUSE = 5.0
"""Seconds from the end of a client that nobody has killed to the next one."""
LOOK_EVERY = 5.0
"""Seconds from one look at the host to the next."""
SETTLED = 0.2
"""Part of the time after which the host's memory is taken as what it has to stay at."""

FORMAT = """\
wrong answers are those that differ from the answer of an undisturbed host; errors are requests that failed
though nobody cancelled them; hosts counts processes, so that 1 means that the host never died.
"""


@dataclass(slots=True)
class Tally:
    """What happened so far."""

    answers: int = 0
    cancels: int = 0
    kills: int = 0
    wrong: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    hosts: set[int] = field(default_factory=set)
    memory: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the start, and bytes of the host in RAM."""


@dataclass(frozen=True, slots=True)
class Report:
    """A run; memory in bytes."""

    minutes: float
    clients: int
    texts: int
    answers: int
    cancels: int
    kills: int
    wrong: int
    errors: int
    hosts: int
    memory_settled: int
    memory_end: int
    examples: list[str]
    """A few of the wrong answers and errors."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the benchmark."""
    parser = subparsers.add_parser(
        "soak",
        help="mixed load for a long time",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=MINUTES, metavar="N", help="default: %(default)s")
    parser.add_argument("--clients", type=int, default=CLIENTS, metavar="N", help="default: %(default)s")
    parser.add_argument("--model", default="", help="a model's name or path (default: the default model)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--as-client", type=int, metavar="SEED", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the load and print; returns 1 where anything went wrong."""
    from lsp_server.cli.bench import soak_client
    from lsp_server.models.backend import ModelError

    if arguments.as_client is not None:
        return soak_client.run(arguments.model, arguments.as_client)
    try:
        report = asyncio.run(_soak(arguments))
    except ModelError as error:
        print(f"fathom bench soak: {error}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(report)) if arguments.json else "\n".join(_lines(report)))
    return int(report.wrong > 0 or report.errors > 0 or report.hosts > 1)


async def _soak(arguments: argparse.Namespace) -> Report:
    from lsp_server.cli.bench import soak_client
    from lsp_server.models.open import open_backend

    # This lease keeps the host alive while clients are killed.
    backend = open_backend(arguments.model, linger=0.0)
    try:
        expected = await soak_client.undisturbed(backend)
        tally = Tally()
        info = await backend.info()
        await _load(arguments, info.path, expected, tally)
    finally:
        await backend.close()
    return _report(arguments, expected, tally)


async def _load(arguments: argparse.Namespace, path: str, expected: dict[int, str], tally: Tally) -> None:
    """Keep the clients at work until the time is over."""
    began = monotonic()
    seeds = iter(range(1, 1_000_000))
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(_watch_host(path, began, tally))
        running = [
            tasks.create_task(_one_after_another(arguments, seeds, expected, tally, monotonic() + offset))
            for offset in range(arguments.clients)
        ]
        await asyncio.sleep(60 * arguments.minutes)
        for task in (watching, *running):
            task.cancel()


async def _one_after_another(
    arguments: argparse.Namespace, seeds: Iterator[int], expected: dict[int, str], tally: Tally, born: float
) -> None:
    """Run a client, kill it after a while in the middle of whatever it does, and run the next."""
    lives = random.Random(born)
    while True:
        client = await _start(arguments.model, next(seeds))
        try:
            async with asyncio.timeout(KILL_EVERY * arguments.clients * lives.uniform(0.5, 1.5)):
                await _listen(client, expected, tally)
            tally.errors.append(f"a client ended by itself with {await client.wait()}")
            await asyncio.sleep(PAUSE)  # one that cannot live must not be started a thousand times
        except TimeoutError:
            tally.kills += 1
        finally:
            with suppress(ProcessLookupError):
                client.kill()
            await client.wait()


async def _start(model: str, seed: int) -> asyncio.subprocess.Process:
    program = "import sys; from lsp_server.cli import main; sys.exit(main())"
    words = ("bench", "soak", "--as-client", str(seed), "--model", model)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *words, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )


async def _listen(client: asyncio.subprocess.Process, expected: dict[int, str], tally: Tally) -> None:
    """Count and compare what a client says, a JSON object a line, until it says no more."""
    assert client.stdout is not None
    async for line in client.stdout:
        said = json.loads(line)
        tally.cancels += said.get("cancelled", False)
        if "error" in said:
            tally.errors.append(said["error"])
        if "answer" not in said:
            continue
        tally.answers += 1
        number = said["text"]
        if number in expected and expected[number] != said["answer"]:
            tally.wrong.append(f"{number}: {said['answer']!r} for {expected[number]!r}")


async def _watch_host(path: str, began: float, tally: Tally) -> None:
    from lsp_server.models.host.link import running_hosts

    while True:
        for host in await running_hosts():
            _note(host, path, monotonic() - began, tally)
        await asyncio.sleep(LOOK_EVERY)


def _note(host: HostStatus, path: str, seconds: float, tally: Tally) -> None:
    if host.path == path:
        tally.hosts.add(host.pid)
        tally.memory.append((seconds, host.memory))


def _report(arguments: argparse.Namespace, expected: dict[int, str], tally: Tally) -> Report:
    end = tally.memory[-1][1] if tally.memory else 0
    late = [size for seconds, size in tally.memory if seconds >= SETTLED * 60 * arguments.minutes]
    return Report(
        minutes=arguments.minutes,
        clients=arguments.clients,
        texts=len(expected),
        answers=tally.answers,
        cancels=tally.cancels,
        kills=tally.kills,
        wrong=len(tally.wrong),
        errors=len(tally.errors),
        hosts=len(tally.hosts),
        memory_settled=late[0] if late else end,
        memory_end=end,
        examples=[*tally.wrong[:3], *tally.errors[:3]],
    )


def _lines(report: Report) -> Iterator[str]:
    from lsp_server.cli.table import lines_of
    from lsp_server.models.fetch import megabytes

    said = asdict(report)
    examples = said.pop("examples")
    for name in ("memory_settled", "memory_end"):
        said[name] = megabytes(said[name])
    yield from lines_of([(name.replace("_", " "), str(value)) for name, value in said.items()])
    yield from examples
