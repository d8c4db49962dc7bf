"""The live parts: opened late, closed for certain, and apart from each other when one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.config import Options
from lsp_server.edits.types import Edit
from lsp_server.features.complete import Place
from lsp_server.features.edit_request import Edited, EditRequest, NotEdited
from lsp_server.indexers import Phase
from lsp_server.models.backend import ModelError, ModelState
from lsp_server.models.host import supervise
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.session import Session, open_session
from tests.stand_in import BROKEN, COMMAND, say

URI = "file:///a.py"


async def test_a_session_completes_a_document_without_any_editor() -> None:
    async with open_session(Options(), lambda _: ScriptedBackend(["2"])) as session:
        session.workspace.opened(URI, None, "python", 1, "x = 1 + ")
        completion = await session.complete(session.workspace.snapshot, Place(URI, 8))
        assert completion.text == "2"


async def test_a_session_edits_a_document() -> None:
    async with open_session(Options(), lambda _: ScriptedBackend(["x = 2\n```"])) as session:
        session.workspace.opened(URI, None, "python", 1, "x = 1\n")
        outcome = await session.edit(session.workspace.snapshot, EditRequest(URI, 0, 6, "Double it"))
        assert isinstance(outcome, Edited)
        assert outcome.edits.files[0].edits == (Edit(4, 5, "2"),)


async def test_an_edit_without_a_backend_has_a_reason() -> None:
    def opener(_: str) -> ScriptedBackend:
        raise ModelError("no-model", "There is no model.", permanent=True)

    async with open_session(Options(), opener) as session:
        session.workspace.opened(URI, None, "python", 1, "x = 1\n")
        outcome = await session.edit(session.workspace.snapshot, EditRequest(URI, 0, 6, "Double it"))
        assert outcome == NotEdited("no-model", "There is no model.")


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


# --- the index of each root ---


async def until(session: Session, wanted: Mapping[Path, Phase]) -> None:
    changed = asyncio.Event()
    session.indexers.listen(lambda _: changed.set())
    async with asyncio.timeout(20):
        while wanted != {root: state.phase for root, state in session.indexers.states.items()}:
            await changed.wait()
            changed.clear()


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    return one, two


@pytest.mark.process
async def test_each_root_has_an_index_for_as_long_as_it_is_open_and_wanted(roots: tuple[Path, Path]) -> None:
    one, two = roots
    async with open_session(Options(), lambda _: ScriptedBackend([]), COMMAND) as session:
        session.moved(roots)
        await until(session, {one: "reading", two: "reading"})
        session.moved([two])
        await until(session, {two: "reading"})
        session.use(replace(session.options, index=False))
        await until(session, {})
        session.moved(roots)
        await until(session, {})
        session.use(replace(session.options, index=True))
        await until(session, {one: "reading", two: "reading"})


@pytest.mark.process
async def test_who_waits_for_the_index_waits_for_all_roots(roots: tuple[Path, Path]) -> None:
    one, two = roots
    async with open_session(Options(), lambda _: ScriptedBackend([]), COMMAND) as session:
        await session.indexed()
        session.moved(roots)
        waiting = asyncio.create_task(session.indexed())
        await until(session, {one: "reading", two: "reading"})
        say(session.indexers, one, phase="ready")
        await until(session, {one: "ready", two: "reading"})
        assert not waiting.done()
        say(session.indexers, two, phase="missing")
        async with asyncio.timeout(20):
            await waiting


@pytest.mark.process
async def test_nobody_waits_for_an_index_that_failed(
    roots: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.01)
    async with open_session(Options(), lambda _: ScriptedBackend([]), BROKEN) as session:
        session.moved(roots)
        async with asyncio.timeout(20):
            await session.indexed()
        assert {state.phase for state in session.indexers.states.values()} == {"failed"}


async def test_what_is_more_than_a_project_is_not_read_and_the_log_says_why(
    own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_session(Options(), lambda _: ScriptedBackend([]), ("no such command",)) as session:
        session.moved([own_home, Path("/")])
        async with asyncio.timeout(20):
            await session.indexed()
        assert {state.phase for state in session.indexers.states.values()} == {"refused"}
        assert session.indexers.places == {}
    assert "is your home directory" in caplog.text
    assert "has all of your home directory in it" in caplog.text


@pytest.mark.process
async def test_completions_know_what_a_root_defines_as_long_as_it_is_open(roots: tuple[Path, Path]) -> None:
    one, two = roots
    (one / "prices.py").write_text("def price_of_shipment(weight: float) -> int:\n    return 3\n")
    async with open_session(Options(), lambda _: ScriptedBackend([])) as session:
        session.moved(roots)
        await session.indexed()
        path = one / "cart.py"
        session.workspace.opened(URI, path, "python", 1, "from prices import price_of_shipment\n\nx = price")
        assert "def price_of_shipment(weight: float)" in await known(session)
        session.moved([two])
        assert await known(session) == ""


async def known(session: Session) -> str:
    """What would stand in the prompt of other files."""
    snapshot = session.workspace.snapshot
    document = snapshot.documents[URI]
    sources = await session.repositories.sources(snapshot, document, len(document.text), 4000, ())
    return "".join(source.text for source in sources)
