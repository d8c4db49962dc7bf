"""Three language servers on one machine share one host, and the end of one disturbs no other."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from lsp_server.models.host.link import HostStatus, running_hosts
from tests.e2e.client import PROGRAM, Client, started
from tests.model.hosts import another

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

PATIENCE = 120.0
LONG = "".join(f"value_{number} = {number}\n" for number in range(400))


@contextmanager
def windows(model: Path, folder: Path, count: int) -> Iterator[list[Client]]:
    """Editor windows, each with a server of its own."""
    with ExitStack() as stack:
        clients = []
        for number in range(count):
            command = [sys.executable, "-c", PROGRAM, "serve", "--model", str(model)]
            process = stack.enter_context(started(command, stderr=folder / f"{number}.txt"))
            reading = threading.Event()
            reading.set()
            client = Client(process, reading=reading)
            client.initialize()
            clients.append(client)
        yield clients


def ghost(client: Client, text: str = "def add(a, b):\n    return a") -> list[object]:
    uri = f"file:///project/{id(client)}-{len(client.messages)}.py"
    client.open(text, uri)
    lines = text.split("\n")
    asked = client.ask_ghost(len(lines) - 1, len(lines[-1]), uri)
    items: list[object] = client.answer(asked, PATIENCE)["result"]["items"]
    return items


def hosts_of(model: Path) -> list[HostStatus]:
    return [host for host in asyncio.run(running_hosts()) if host.path == str(model)]


def resident(pid: int) -> int:
    """Bytes of a process in RAM."""
    fields = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
    )
    return int(fields["VmRSS"].split()[0]) * 1024


def test_three_servers_share_one_host_and_the_death_of_one_disturbs_nobody(
    default_model: Path, tmp_path: Path
) -> None:
    model = another(default_model, "shared-by-three")
    with windows(model, tmp_path, 3) as (first, second, third):
        assert all(ghost(client) for client in (first, second, third))
        (host,) = hosts_of(model)
        assert host.clients == 3
        third.open(LONG, "file:///project/long.py")
        third.ask_ghost(300, 0, "file:///project/long.py")
        os.kill(third.process.pid, signal.SIGKILL)
        assert ghost(first, "def sub(a, b):\n    return a")
        assert ghost(second, "def mul(a, b):\n    return a")
        (left,) = hosts_of(model)
        assert (left.pid, left.clients) == (host.pid, 2)
        assert (first.end(), second.end()) == (0, 0)


def test_a_second_window_costs_little_memory_and_no_second_copy_of_the_weights(
    default_model: Path, tmp_path: Path
) -> None:
    model = another(default_model, "shared-by-two")
    with windows(model, tmp_path, 2) as (first, second):
        assert ghost(first)
        (alone,) = hosts_of(model)
        assert ghost(second)
        (shared,) = hosts_of(model)
        assert shared.pid == alone.pid
        assert resident(second.process.pid) < 80_000_000
        assert shared.memory - alone.memory < 80_000_000
