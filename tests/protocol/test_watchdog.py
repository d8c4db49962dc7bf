"""Noticing that a process has ended, with and without the kernel's help."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lsp_server.protocol import watchdog
from lsp_server.protocol.watchdog import watch_process

PATIENCE = 5.0


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.fixture(params=["descriptor", "polling"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(watchdog, "POLL", 0.01)
    if request.param == "polling":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    return str(request.param)


async def test_the_end_of_a_process_is_noticed_though_nobody_has_waited_for_it(
    process: subprocess.Popen[bytes], way: str
) -> None:
    ended = asyncio.Event()
    watch_process(process.pid, ended.set)
    process.kill()
    async with asyncio.timeout(PATIENCE):
        await ended.wait()


async def test_a_watch_that_was_stopped_says_nothing(process: subprocess.Popen[bytes], way: str) -> None:
    ended = asyncio.Event()
    watch_process(process.pid, ended.set)()
    second = asyncio.Event()
    watch_process(process.pid, second.set)
    process.kill()
    async with asyncio.timeout(PATIENCE):
        await second.wait()
    assert not ended.is_set()


async def test_a_later_process_with_the_same_number_is_not_the_editor(
    process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "POLL", 0.01)
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    births = iter(["1", "1", "2"])
    monkeypatch.setattr(watchdog, "_start_time", lambda pid: next(births, "2"))
    ended = asyncio.Event()
    watch_process(process.pid, ended.set)
    async with asyncio.timeout(PATIENCE):
        await ended.wait()


@pytest.mark.parametrize("pid", [0, -1, 2**40, 4_194_303])
async def test_a_process_that_cannot_be_seen_is_not_taken_for_dead(pid: int) -> None:
    ended = asyncio.Event()
    watch_process(pid, ended.set)
    await asyncio.sleep(0)
    assert not ended.is_set()
