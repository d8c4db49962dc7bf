"""How edits end early: what cannot be asked, what a model fails at, and a cancel at each stage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lsp_server.features.edit_options import EditOptions
from lsp_server.features.edit_request import (
    Edited,
    EditRequest,
    NotEdited,
    Progress,
    Reading,
    TriedAgain,
    Written,
)
from lsp_server.features.rewrite import rewrite
from lsp_server.models.backend import Lane, ModelError, Piece, Sampling
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.prompts.fim import Source
from lsp_server.prompts.types import Prompt
from tests.features.edits import OPTIONS, edit, world


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.py"


async def test_files_that_must_not_be_changed_are_refused_before_the_model_is_asked(tmp_path: Path) -> None:
    for name, reason in ((".env", "excluded"), (".gitmodules", "refused")):
        backend = ScriptedBackend(["x"])
        outcome = await edit("«a\n»", backend, tmp_path / name)
        assert isinstance(outcome, NotEdited)
        assert (outcome.reason, backend.prompts) == (reason, [])


async def test_a_file_outside_of_the_workspace_is_refused(tmp_path: Path) -> None:
    snapshot = world("a\n", tmp_path / "a.py")
    outside = type(snapshot)((tmp_path / "elsewhere",), snapshot.documents)
    request = EditRequest((tmp_path / "a.py").as_uri(), 0, 2, "Do it")
    outcome = await rewrite(outside, ScriptedBackend(["b\n```"]), request, OPTIONS)
    assert isinstance(outcome, NotEdited)
    assert outcome.reason == "refused"


@pytest.mark.parametrize(
    ("before", "instruction", "options", "reason"),
    [
        ("«a = 1\n»", "", OPTIONS, "no-instruction"),
        ("«a = 1\n»", "Do it", EditOptions(max_document_chars=3), "too-large"),
        (f"«{'a' * 200_000}»", "Do it", OPTIONS, "too-long"),
    ],
)
async def test_what_cannot_be_asked_has_a_reason(
    before: str, instruction: str, options: EditOptions, reason: str, path: Path
) -> None:
    outcome = await edit(before, ScriptedBackend(["x"]), path, instruction, options=options)
    assert isinstance(outcome, NotEdited)
    assert outcome.reason == reason


async def test_a_document_that_is_not_open_has_a_reason(path: Path) -> None:
    request = EditRequest("file:///other.py", 0, 0, "Do it")
    outcome = await rewrite(world("a", path), ScriptedBackend(["x"]), request, OPTIONS)
    assert isinstance(outcome, NotEdited)
    assert outcome.reason == "not-open"


class Broken(ScriptedBackend):
    """Fails in mid-stream."""

    async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        yield Piece("a = 2\n")
        raise ModelError("host-lost", "The model host died.")


async def test_a_model_that_fails_has_a_reason(path: Path) -> None:
    outcome = await edit("«a = 1\n»", Broken(["x"]), path)
    assert isinstance(outcome, NotEdited)
    assert (outcome.reason, outcome.message) == ("model-failed", "The model host died.")


# --- On the way ---


async def test_progress_is_told_line_by_line(path: Path) -> None:
    told: list[Progress] = []
    before = "if x:\n«    a = 1\n    b = 2\n»"
    await edit(
        before, ScriptedBackend(["a = (\nb = 3\n```", "a = 3\nb = 3\n```"]), path, listener=told.append
    )
    kinds = [type(each) for each in told]
    assert kinds == [Reading, Written, Written, TriedAgain, Reading, Written, Written]
    lines = [each.lines for each in told if isinstance(each, Written)]
    assert lines[2:] == [("    a = 3",), ("    b = 3",)]
    assert [each.count for each in told if isinstance(each, Written)] == [1, 2, 1, 2]


async def cancelled(backend: ScriptedBackend, path: Path, until: asyncio.Event, told: list[Progress]) -> None:
    """Begin an edit, and cancel it at a moment."""
    task = asyncio.create_task(edit("«a = 1\n»", backend, path, listener=told.append))
    await until.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert backend.running == 0


async def test_a_cancel_while_the_model_is_loaded_ends_it(path: Path) -> None:
    reached = asyncio.Event()

    class Loading(ScriptedBackend):
        async def info(self) -> None:  # type: ignore[override]
            reached.set()
            await asyncio.Event().wait()

    await cancelled(Loading(["x"]), path, reached, [])


async def test_a_cancel_while_the_prompt_is_read_ends_the_work(path: Path) -> None:
    reached, told = asyncio.Event(), []

    class Slow(ScriptedBackend):
        async def _wait(self) -> None:
            reached.set()
            await asyncio.Event().wait()

    await cancelled(Slow(["a = 2\n```"]), path, reached, told)
    assert [type(each) for each in told] == [Reading]


async def test_a_cancel_while_lines_come_ends_the_work(path: Path) -> None:
    reached, told = asyncio.Event(), []

    class Stuck(ScriptedBackend):
        async def _wait(self) -> None:
            if len(told) == 2:
                reached.set()
                await asyncio.Event().wait()

    await cancelled(Stuck(["a = 2\nb = 3\n```"]), path, reached, told)
    assert isinstance(told[-1], Written)


async def test_a_cancel_in_the_second_try_ends_the_work(path: Path) -> None:
    reached, told = asyncio.Event(), []

    class Stuck(ScriptedBackend):
        async def _wait(self) -> None:
            if any(isinstance(each, TriedAgain) for each in told):
                reached.set()
                await asyncio.Event().wait()

    await cancelled(Stuck(["a = (\n```"]), path, reached, told)
    assert isinstance(told[-1], Reading)


async def test_a_long_instruction_is_a_title_of_one_line(path: Path) -> None:
    outcome = await edit("«a = 1\n»", ScriptedBackend(["a = 2\n```"]), path, "Do\nit " + "well " * 50)
    assert isinstance(outcome, Edited)
    assert outcome.edits.title.startswith("Do it well")
    assert len(outcome.edits.title) <= 82


async def test_a_cancel_while_other_files_are_chosen_ends_it(path: Path) -> None:
    reached, backend = asyncio.Event(), ScriptedBackend(["a = 2\n```"])

    async def never(*_: object) -> tuple[Source, ...]:
        reached.set()
        await asyncio.Event().wait()
        return ()

    snapshot = world("a = 1\n", path)
    request = EditRequest(path.as_uri(), 0, 6, "Do it")
    task = asyncio.create_task(rewrite(snapshot, backend, request, OPTIONS, never))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert backend.prompts == []
