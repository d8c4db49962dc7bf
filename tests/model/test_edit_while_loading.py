"""An edit that is given up while a real model host is being started, or loads: it ends, the load does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lsp_server.models.backend import Phase
from lsp_server.models.local import LocalBackend
from tests.model.hosts import another, opened
from tests.protocol.author import ALL, PLAIN, TEXT, URI, Author, open_author

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

LOADED = 120.0
"""Seconds in which a model is loaded, on a machine that is busy."""


class Phases:
    """Waits for what the model does, as the backend tells."""

    def __init__(self, backend: LocalBackend) -> None:
        self.seen: list[Phase] = []
        self._changed = asyncio.Event()
        backend.listen(lambda state: self._hear(state.phase))

    async def until(self, *phases: Phase) -> None:
        """Wait until the model has been in one of these phases."""
        async with asyncio.timeout(LOADED):
            while not {*phases} & {*self.seen}:
                self._changed.clear()
                await self._changed.wait()

    def _hear(self, phase: Phase) -> None:
        self.seen.append(phase)
        self._changed.set()


@asynccontextmanager
async def loading(model: Path, name: str) -> AsyncIterator[tuple[Author, Phases]]:
    """An editor whose model has a host of its own, which nobody has started yet."""
    async with opened(another(model, name), linger=0.0) as backend:
        phases = Phases(backend)
        async with open_author(backend) as author:
            yield author, phases


async def cancelled(author: Author, phases: Phases, way: str) -> None:
    """Cancel the edit; it is over before the model is loaded."""
    if way == "progress":
        author.notify("window/workDoneProgress/cancel", {"token": author.sent("fathom/edit")[0]["id"]})
    else:
        await author.command("fathom.cancel", {"uri": URI})
    await author.rest()
    assert "ready" not in phases.seen
    assert author.server.running == []


def progress(author: Author, token: str) -> list[dict[str, Any]]:
    return [params["value"] for params in author.sent("$/progress") if params["token"] == token]


@pytest.mark.parametrize(
    ("phase", "way", "action"),
    [
        ("starting", "progress", "simplify"),
        ("starting", "command", "explain"),
        ("loading", "progress", "explain"),
        ("loading", "command", "simplify"),
    ],
)
async def test_an_edit_is_cancelled_while_the_model_loads_and_the_load_goes_on(
    default_model: Path, phase: Phase, way: str, action: str
) -> None:
    async with loading(default_model, f"cancelled-{phase}-{way}-{action}") as (author, phases):
        await author.start(ALL)
        author.open(TEXT)
        await author.act(action)
        await phases.until(phase)
        await cancelled(author, phases, way)
        assert author.ending() == ("cancelled", "cancelled")
        begin, *between, end = progress(author, author.sent("fathom/edit")[0]["id"])
        assert (begin["kind"], begin["message"]) == ("begin", "the model is being loaded")
        assert [end["kind"], *(each["kind"] for each in between)] == ["end", *["report"] * len(between)]
        await phases.until("ready")
        assert author.events() == ["begin", "end"]
        assert author.said() == []
        assert author.sent("workspace/applyEdit") == []
        assert author.text() == TEXT


async def test_a_client_without_progress_is_told_that_an_edit_was_cancelled_while_the_model_loads(
    default_model: Path,
) -> None:
    async with loading(default_model, "cancelled-plain") as (author, phases):
        await author.start(PLAIN)
        author.open(TEXT)
        await author.act("simplify")
        await phases.until("starting")
        await cancelled(author, phases, "command")
        assert author.said() == ["Fathom: Simplify: It was cancelled."]
        await phases.until("ready")
        assert author.text() == TEXT


async def test_an_edit_that_typing_stops_while_the_model_loads_leaves_the_load_to_the_next_one(
    default_model: Path,
) -> None:
    async with loading(default_model, "typed-inside") as (author, phases):
        await author.start(ALL)
        author.open(TEXT)
        await author.act("simplify")
        await phases.until("loading")
        author.type(4, 4, 4, 4, "x = ")
        await author.rest()
        assert "ready" not in phases.seen
        assert author.ending() == ("cancelled", "typed-inside")
        await author.act("explain")
        await phases.until("ready")
        await author.command("fathom.cancel")
        await author.rest()
        assert phases.seen.count("starting") == 1
