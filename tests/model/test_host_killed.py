"""The model host dies at every bad moment: the language server lives, and the next completion works."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from lsp_server.models.backend import ModelError, ModelState, Piece, Sampling
from lsp_server.models.host.link import running_hosts
from tests.e2e.client import PROGRAM, Client, started
from tests.model.hosts import another, opened, said, until

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

LONG = f"# {'word ' * 3000}\n"
WORKS = ("def add(a, b):\n    return a",)


async def pid_of(model: Path) -> int:
    (host,) = [host for host in await running_hosts() if host.path == str(model)]
    return host.pid


async def lost(work: asyncio.Task[object], kill: Callable[[], None]) -> ModelError:
    """Kill, and return what the waiting request is told, which has to be soon."""
    kill()
    began = monotonic()
    with pytest.raises(ModelError) as error:
        await work
    assert monotonic() - began < 1
    return error.value


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL"])
async def test_a_request_is_told_which_signal_ended_its_host(default_model: Path, name: str) -> None:
    model = another(default_model, f"dies-of-{name}")
    async with opened(model, linger=0.0) as backend:
        await said(backend, WORKS)
        reading = asyncio.create_task(said(backend, (LONG,)))
        await until(lambda: backend.state.phase == "busy")
        pid = await pid_of(model)
        error = await lost(reading, lambda: os.kill(pid, getattr(signal, name)))
        assert (error.code, name in str(error)) == ("host-lost", True)
        assert (await said(backend, WORKS))[0]


async def test_a_host_that_dies_while_it_loads_is_started_again(default_model: Path) -> None:
    model = another(default_model, "dies-loading")
    async with opened(model, linger=0.0) as backend:
        loading = asyncio.Event()
        backend.listen(lambda state: loading.set() if state.phase == "loading" else None)
        waiting = asyncio.create_task(backend.info())
        await loading.wait()
        pid = await pid_of(model)
        await lost(waiting, lambda: os.kill(pid, signal.SIGKILL))
        assert (await said(backend, WORKS))[0]


async def test_a_host_that_dies_while_it_speaks_is_started_again(default_model: Path) -> None:
    model = another(default_model, "dies-speaking")
    async with opened(model, linger=0.0) as backend:
        pieces: list[Piece] = []

        async def speak() -> None:
            async for piece in backend.stream(("1, 2, 3,",), Sampling(max_tokens=2000), "chat"):
                pieces.append(piece)  # noqa: PERF401 - the list is looked at meanwhile

        speaking = asyncio.create_task(speak())
        await until(lambda: len(pieces) > 3)
        pid = await pid_of(model)
        await lost(speaking, lambda: os.kill(pid, signal.SIGKILL))
        assert (await said(backend, WORKS))[0]


async def test_an_idle_host_that_dies_is_started_again_before_anybody_asks(default_model: Path) -> None:
    model = another(default_model, "dies-idle")
    async with opened(model, linger=0.0) as backend:
        await said(backend, WORKS)
        states: list[ModelState] = []
        backend.listen(states.append)
        os.kill(await pid_of(model), signal.SIGKILL)
        await until(lambda: bool(states) and states[-1].phase == "ready")
        assert [state.phase for state in states][:2] == ["waiting", "starting"]
        assert "SIGKILL" in states[0].message


async def test_a_host_that_is_told_to_end_says_goodbye_and_is_no_crash(default_model: Path) -> None:
    model = another(default_model, "ends")
    async with opened(model, linger=0.0) as backend:
        await said(backend, WORKS)
        os.kill(await pid_of(model), signal.SIGTERM)
        await until(lambda: backend.state.phase == "stopped")
        assert (await said(backend, WORKS))[0]


async def test_five_crashes_in_a_row_stop_it_with_a_reason(
    default_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_server.models.host.supervise.FIRST_PAUSE", 0.01)
    model = another(default_model, "dies-always")
    async with opened(model, linger=0.0) as backend:
        for _ in range(5):
            await until(lambda: backend.state.phase in ("stopped", "waiting", "loading", "ready"))
            await backend.info()
            pid = await pid_of(model)
            os.kill(pid, signal.SIGSEGV)
            await until(lambda pid=pid: not Path(f"/proc/{pid}").exists())  # type: ignore[misc]
            await until(lambda: backend.state.phase != "ready")
        await until(lambda: backend.state.phase == "failed")
        with pytest.raises(ModelError, match=r"crashed 5 times in a row \(SIGSEGV\)") as stopped:
            await backend.info()
        assert stopped.value.permanent
        assert not [host for host in await running_hosts() if host.path == str(model)]


async def test_after_a_fault_of_native_code_the_next_host_uses_plain_code(default_model: Path) -> None:
    model = another(default_model, "faulty")
    async with opened(model, linger=0.0) as backend:
        await said(backend, WORKS)
        os.kill(await pid_of(model), signal.SIGSEGV)
        await until(lambda: backend.state.phase == "waiting")
        await said(backend, WORKS)
        command = command_of(await pid_of(model))
        assert '"kernels": "plain"' in command


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def completes(client: Client, number: int) -> bool:
    """Type in a new document until there is ghost text, as somebody would who waits for a model."""
    uri = f"file:///project/after{number}.py"
    client.open("def add(a, b):\n    return a", uri)
    deadline = monotonic() + 60
    while monotonic() < deadline:
        if client.answer(client.ask_ghost(1, 12, uri), 60)["result"]["items"]:
            return True
        client.wait_for(lambda message: message.get("method") == "fathom/status", 60)
        client.messages.clear()
    return False


def test_the_server_outlives_five_deaths_of_its_host(default_model: Path, tmp_path: Path) -> None:
    model = another(default_model, "dies-five-times")
    command = [sys.executable, "-c", PROGRAM, "serve", "--model", str(model)]
    with started(command, stderr=tmp_path / "stderr.txt") as process:
        reading = threading.Event()
        reading.set()
        client = Client(process, reading=reading)
        client.initialize()
        client.open(LONG * 3 + "x = ")
        for number, moment in enumerate(["loading", "ready", "reading", "speaking", "cancelled"]):
            asked = client.ask_ghost(3, 4) if moment != "ready" else 0
            if moment == "cancelled":
                client.notify("$/cancelRequest", {"id": asked})
            if moment == "speaking":
                client.wait_for(lambda message: message.get("id") == asked, 60)  # noqa: B023
            pid = asyncio.run(_pid(model))
            os.kill(pid, signal.SIGKILL)
            if asked:
                assert "error" not in client.answer(asked, 60) or moment == "cancelled"
            assert completes(client, number), moment
            assert process.poll() is None
        assert client.end() == 0


async def _pid(model: Path) -> int:
    """The process of the model's host, as soon as there is one."""
    async with asyncio.timeout(30):
        while not (found := [host for host in await running_hosts() if host.path == str(model)]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return found[0].pid
