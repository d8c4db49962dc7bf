"""Hosts of other versions: they are listed, whatever they say of themselves.

The host here is a stand-in that answers with what the test gives it; real ones are in tests/model.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from lsp_server.models.host.frames import Message, encode, read_message
from lsp_server.models.host.link import HostStatus, running_hosts
from lsp_server.models.host.places import place_of

pytestmark = pytest.mark.process

OURS = HostStatus(4321, "tiny", "/tiny.gguf", "ready", 1, "CPU", 4096, 60.0, 500_000_000, 7)


@asynccontextmanager
async def host(status: Message) -> AsyncIterator[None]:
    """Something at the socket of a model that gives this status."""
    place = place_of(Path("/tiny.gguf"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_message(reader)
        writer.write(encode({"type": "welcome", "pid": 4321, "version": "99.0"}))
        asked = await read_message(reader)
        assert asked is not None
        writer.write(encode({"type": "answer", "id": asked["id"], "value": status}))
        await reader.read()
        writer.close()

    with place.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4321")
        lock.flush()
        server = await asyncio.start_unix_server(serve, str(place.socket))
        async with server:
            yield


async def test_a_host_that_says_more_than_we_know_is_listed() -> None:
    async with host({**asdict(OURS), "mood": "good"}):
        assert await running_hosts() == [OURS]


async def test_a_host_that_says_less_than_we_need_is_listed_as_silent() -> None:
    async with host({"pid": 4321}):
        (found,) = await running_hosts()
        assert (found.pid, found.phase) == (4321, "silent")
