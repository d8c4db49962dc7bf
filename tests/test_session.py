"""The live parts: opened late, closed for certain, and apart from each other when one fails."""

from __future__ import annotations

import asyncio

import pytest

from lsp_server.config import Options
from lsp_server.features.complete import Place
from lsp_server.models.backend import ModelError, ModelState
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.session import open_session

URI = "file:///a.py"


async def test_a_session_completes_a_document_without_any_editor() -> None:
    async with open_session(Options(), lambda _: ScriptedBackend(["2"])) as session:
        session.workspace.opened(URI, None, "python", 1, "x = 1 + ")
        completion = await session.complete(session.workspace.snapshot, Place(URI, 8))
        assert completion.text == "2"


async def test_the_backend_is_closed_with_the_session() -> None:
    backend = ScriptedBackend(["2"])
    async with open_session(Options(), lambda _: backend) as session:
        session.backend()
        backend.enter(ModelState("ready"))
    assert backend.state.phase == "stopped"


async def test_a_backend_that_cannot_be_opened_is_a_reason_and_not_an_error() -> None:
    def opener(_: str) -> ScriptedBackend:
        raise ModelError("no-backend", "The local backend is not installed.", permanent=True)

    async with open_session(Options(), opener) as session:
        completion = await session.complete(session.workspace.snapshot, Place(URI, 0))
        assert (completion.reason, completion.detail) == (
            "model-failed",
            "The local backend is not installed.",
        )


async def test_a_task_that_fails_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("inside")

    done = asyncio.Event()

    async def work() -> None:
        await failed
        done.set()

    async with open_session(Options(), lambda _: ScriptedBackend([])) as session:
        failed = session.start(fail(), "fail")
        await session.start(work(), "work")
        assert done.is_set()
    assert "background task fail failed" in caplog.text


async def test_tasks_end_with_the_session() -> None:
    async with open_session(Options(), lambda _: ScriptedBackend([])) as session:
        forever = session.start(asyncio.Event().wait(), "forever")  # type: ignore[arg-type]
    assert forever.cancelled()


async def test_an_error_in_the_body_comes_out_as_it_is() -> None:
    with pytest.raises(KeyError):
        async with open_session(Options(), lambda _: ScriptedBackend([])):
            raise KeyError("x")


async def test_a_backend_that_does_not_close_does_not_hold_the_session() -> None:
    class Stubborn(ScriptedBackend):
        async def close(self) -> None:
            raise TimeoutError

    async with open_session(Options(), lambda _: Stubborn(["1"])) as session:
        session.backend()
