"""`fathom/useModel`: another model without a restart, and the former one where that does not work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lsp_server.config import Options, config_path
from lsp_server.models import download
from lsp_server.models.backend import Lane, ModelError, ModelInfo, ModelState, Piece, Sampling
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.prompts.types import Prompt
from lsp_server.protocol.connection import INVALID_PARAMS, REQUEST_CANCELLED, REQUEST_FAILED
from tests.models.gguf_writer import gguf, write
from tests.models.hub_server import Hub, hub_server, point_library_at
from tests.models.tiny import install, listed, tiny
from tests.protocol.editor import Editor, items_of, open_editor

WHOLE = gguf()


class Unloadable(ScriptedBackend):
    """A model that is too large for the machine."""

    async def info(self) -> ModelInfo:
        message = "There is too little memory: choose a smaller model."
        self.enter(ModelState("failed", message=message))
        raise ModelError("no-memory", message, permanent=True)


class Leaving(ScriptedBackend):
    """Ends what is being answered when it is given back, as the model host does."""

    def __init__(self) -> None:
        super().__init__([])
        self.asked, self.given_back = asyncio.Event(), asyncio.Event()

    async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        self.asked.set()
        await self.given_back.wait()
        raise ModelError("host-stopped", "The model was given back.", permanent=True)
        yield Piece("")

    async def close(self) -> None:
        self.given_back.set()


@pytest.fixture(autouse=True)
def three_models(monkeypatch: pytest.MonkeyPatch) -> None:
    models = tiny(), tiny(name="other"), tiny(name="large")
    listed(monkeypatch, *models)
    for model in models[:1]:
        install(model)


@asynccontextmanager
async def editor_with(**openers: ScriptedBackend) -> AsyncIterator[Editor]:
    """An editor whose models answer with their names, unless they are given."""
    opened = {name: ScriptedBackend([name]) for name in ("tiny", "other", "large")} | openers
    async with open_editor(
        options=Options(index=False, model="tiny"), opener=lambda name: opened[name]
    ) as editor:
        await editor.initialize(
            {"textDocument": {"inlineCompletion": {}}, "window": {"workDoneProgress": True}}
        )
        editor.open("x = 1\n")
        yield editor


async def suggested(editor: Editor) -> Any:
    """What the model in use suggests."""
    editor.notify("textDocument/didClose", {"textDocument": {"uri": "file:///project/main.py"}})
    editor.open("x = 1\n")
    (item,) = items_of(await editor.answer(editor.ask_ghost(1, 0)))
    return item["insertText"]


async def error_of(editor: Editor, number: int) -> Any:
    return (await editor.answer(number))["error"]


async def test_another_model_answers_from_then_on() -> None:
    install(tiny(name="other"))
    async with editor_with() as editor:
        assert await suggested(editor) == "tiny"
        assert await editor.ask("fathom/useModel", {"name": " Other "}) == {"model": "other"}
        assert editor.sent("fathom/status")[-1]["model"] == "other"
        assert await suggested(editor) == "other"
    assert config_path().read_text() == 'model = "other"\n'


async def test_the_former_model_is_given_back() -> None:
    install(tiny(name="other"))
    former = ScriptedBackend(["former"])
    async with editor_with(tiny=former) as editor:
        assert await suggested(editor) == "former"
        await editor.ask("fathom/useModel", {"name": "other"})
        assert former.state.phase == "stopped"


async def test_a_file_of_the_users_own_can_be_used(tmp_path: Path) -> None:
    path = str(write(tmp_path / "own.gguf", WHOLE))
    async with editor_with(**{path: ScriptedBackend(["own"])}) as editor:
        assert await editor.ask("fathom/useModel", {"name": path}) == {"model": path}
        assert await suggested(editor) == "own"


async def test_settings_of_the_editor_do_not_bring_the_former_model_back() -> None:
    install(tiny(name="other"))
    async with editor_with() as editor:
        await editor.ask("fathom/useModel", {"name": "other"})
        editor.notify("workspace/didChangeConfiguration", {"settings": {"fathom": {"index": False}}})
        await editor.ask("fathom/restart")
        assert await suggested(editor) == "other"


async def test_a_model_that_cannot_be_loaded_leaves_the_former_one_in_use() -> None:
    install(tiny(name="large"))
    async with editor_with(large=Unloadable([])) as editor:
        assert await suggested(editor) == "tiny"
        error = await error_of(editor, editor.request("fathom/useModel", {"name": "large"}))
        assert error == {
            "code": REQUEST_FAILED,
            "message": "There is too little memory: choose a smaller model.",
        }
        assert await suggested(editor) == "tiny"
        assert editor.sent("window/showMessage") == []
    assert not config_path().exists()


@pytest.mark.parametrize(
    ("name", "code"),
    [("no such model", REQUEST_FAILED), ("/no/such/file.gguf", REQUEST_FAILED), (" ", INVALID_PARAMS)],
)
async def test_a_name_that_means_no_model_changes_nothing(name: str, code: int) -> None:
    async with editor_with() as editor:
        error = await error_of(editor, editor.request("fathom/useModel", {"name": name}))
        assert error["code"] == code
        assert error["message"].endswith(".")
        assert await suggested(editor) == "tiny"


async def test_without_a_name_the_parameters_are_refused() -> None:
    async with editor_with() as editor:
        error = await error_of(editor, editor.request("fathom/useModel", {}))
        assert error["code"] == INVALID_PARAMS


async def test_a_broken_file_of_settings_is_left_alone_and_the_user_is_told() -> None:
    install(tiny(name="other"))
    write(config_path(), b"model = ")
    async with editor_with() as editor:
        assert await editor.ask("fathom/useModel", {"name": "other"}) == {"model": "other"}
        assert await suggested(editor) == "other"
        (message,) = editor.sent("window/showMessage")
    assert message["message"].startswith("other is used until the editor is closed.")
    assert config_path().read_bytes() == b"model = "


async def test_a_completion_that_waits_in_the_old_model_is_answered_by_the_new_one() -> None:
    install(tiny(name="other"))
    leaving = Leaving()
    async with editor_with(tiny=leaving) as editor:
        waiting = editor.ask_ghost(1, 0)
        await leaving.asked.wait()
        await editor.ask("fathom/useModel", {"name": "other"})
        (item,) = items_of(await editor.answer(waiting))
        assert item["insertText"] == "other"
        assert editor.sent("window/showMessage") == []


# --- with a download ---


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Hub]]:
    """Start a hub that the library takes for the real one."""
    from huggingface_hub import close_session

    with ExitStack() as stack:

        def start(**behaviour: Any) -> Hub:
            started = stack.enter_context(hub_server(Hub(**behaviour)))
            point_library_at(started.address, monkeypatch)
            return started

        yield start
        close_session()


def is_downloading(message: dict[str, Any]) -> bool:
    return message.get("method") == "fathom/status" and message["params"]["state"] == "downloading"


def is_end(message: dict[str, Any]) -> bool:
    return message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "end"


def progress_of(editor: Editor, token: str) -> list[dict[str, Any]]:
    return [sent["value"] for sent in editor.sent("$/progress") if sent["token"] == token]


@pytest.mark.process
async def test_a_model_that_is_not_here_is_fetched_first(hub: Callable[..., Hub]) -> None:
    hub()
    async with editor_with() as editor:
        params = {"name": "other", "workDoneToken": "mine"}
        assert await editor.ask("fathom/useModel", params) == {"model": "other"}
        assert await suggested(editor) == "other"
        begin, *reports, end = progress_of(editor, "mine")
        statuses = [status for status in editor.sent("fathom/status") if status["state"] == "downloading"]
        assert editor.sent("window/workDoneProgress/create") == []
    assert (begin["kind"], begin["title"], end["kind"]) == ("begin", "Fathom: other", "end")
    percentages = [report["percentage"] for report in reports if "percentage" in report]
    assert percentages == sorted({status["percent"] for status in statuses if "percent" in status})
    assert (percentages[0], percentages[-1]) == (0, 100)


@pytest.mark.process
async def test_a_cancelled_download_leaves_its_part_and_the_former_model(hub: Callable[..., Hub]) -> None:
    gate = threading.Event()
    slow = hub(gate=gate)
    async with editor_with() as editor:
        assert await suggested(editor) == "tiny"
        number = editor.request("fathom/useModel", {"name": "other", "workDoneToken": 7})
        await editor.wait_for(is_downloading)
        assert await suggested(editor) == "tiny"
        editor.notify("$/cancelRequest", {"id": number})
        assert (await error_of(editor, number))["code"] == REQUEST_CANCELLED
        await editor.wait_for(
            lambda message: (
                message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "end"
            )
        )
        assert await suggested(editor) == "tiny"
        assert editor.sent("fathom/status")[-1]["state"] == "idle"
        gate.set()
    assert slow.requests
    assert download.installed(tiny(name="other")) is None
    assert not config_path().exists()


@pytest.mark.process
async def test_a_download_that_fails_says_what_to_do(hub: Callable[..., Hub]) -> None:
    hub(status=503)
    async with editor_with() as editor:
        error = await error_of(editor, editor.request("fathom/useModel", {"name": "other"}))
        assert error["code"] == REQUEST_FAILED
        assert "run `fathom models pull other` again" in error["message"]
        assert await suggested(editor) == "tiny"
