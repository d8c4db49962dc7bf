"""The model host's end of the socket, without a model: it is loaded only when a client holds a lease."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lsp_server.models.host.frames import encode, read_message
from lsp_server.models.host.link import Link, NoHost
from lsp_server.models.host.places import Place, place_of
from lsp_server.models.host.server import HostServer
from lsp_server.models.host.settings import HostSettings

pytestmark = pytest.mark.process

MODEL = Path("/no/such/model.gguf")


@asynccontextmanager
async def running() -> AsyncIterator[tuple[HostServer, Place]]:
    """A host in this process that is listening."""
    place, bound = place_of(MODEL), asyncio.Event()
    server = HostServer(HostSettings(str(MODEL), "none"), place)
    serving = asyncio.create_task(server.run(bound.set))
    await bound.wait()
    yield server, place
    server.end()
    await serving


async def test_who_comes_while_a_host_ends_is_not_welcomed() -> None:
    async with running() as (server, place):
        reader, writer = await asyncio.open_unix_connection(str(place.socket))
        server.end()
        writer.write(encode({"type": "hello", "linger": 0.0}))
        assert await read_message(reader) is None
        writer.close()


async def test_who_only_looks_learns_the_state_and_starts_nothing() -> None:
    async with running() as (_, place):
        link = await Link.open(place, None, lambda _: None)
        reading = asyncio.create_task(link.read())
        status = await link.ask("status")
        assert (status["phase"], status["clients"]) == ("loading", 0)
        link.close()
        await reading


async def test_who_does_not_say_hello_is_dropped() -> None:
    async with running() as (_, place):
        reader, writer = await asyncio.open_unix_connection(str(place.socket))
        writer.write(encode({"type": "generate", "id": 1}))
        assert await read_message(reader) is None
        writer.close()


async def test_a_host_that_has_ended_is_no_host() -> None:
    async with running() as (server, place):
        server.end()
    with pytest.raises(NoHost):
        await Link.open(place, 0.0, lambda _: None)
