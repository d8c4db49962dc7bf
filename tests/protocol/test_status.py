"""What the user is told about the model: status, progress, messages, and the way to start it again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lsp_server.models.backend import ModelState
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.protocol.extensions import RESTART, RESTART_COMMAND, STATUS
from tests.protocol.editor import GHOST_TEXT, Editor, items_of, open_editor

PROGRESS = {**GHOST_TEXT, "window": {"workDoneProgress": True}}


async def first_answer(editor: Editor) -> None:
    editor.open("x = ")
    await editor.answer(editor.ask_ghost(0, 4))


def answer_requests(editor: Editor) -> None:
    """Agree to everything that the server has asked."""
    for message in list(editor.messages):
        if "method" in message and "id" in message:
            editor.receive(id=message["id"], result=None)


async def progress_has_ended(editor: Editor) -> None:
    (task,) = [task for task in asyncio.all_tasks() if task.get_name() == "progress of the model"]
    await task


def progress(editor: Editor) -> list[tuple[str, object]]:
    values: list[dict[str, Any]] = [params["value"] for params in editor.sent("$/progress")]
    return [(value["kind"], value.get("percentage")) for value in values]


async def test_the_status_says_what_became_of_a_request() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        await first_answer(editor)
        states = [status["state"] for status in editor.sent(STATUS)]
        assert states == ["generating", "idle", "idle"]
        last = editor.sent(STATUS)[-1]
        assert (last["reason"], last["model"]) == ("shown", "scripted")


async def test_the_status_says_how_far_a_long_prompt_is_read() -> None:
    async with open_editor(ScriptedBackend(["1"], reads=(20, 90))) as editor:
        await editor.initialize()
        await first_answer(editor)
        told = [(status["state"], status.get("percent")) for status in editor.sent(STATUS)]
        assert told == [
            ("generating", None),
            ("reading", 20),
            ("reading", 90),
            ("generating", None),
            ("idle", None),
            ("idle", None),
        ]


async def test_the_same_status_is_not_sent_twice() -> None:
    backend = ScriptedBackend(["1"])
    async with open_editor(backend) as editor:
        await editor.initialize()
        await first_answer(editor)
        before = len(editor.sent(STATUS))
        backend.enter(backend.state)
        assert len(editor.sent(STATUS)) == before


@pytest.mark.parametrize(
    ("experimental", "expected"),
    [(None, False), ({"fathom": {"status": True}}, True), ({"fathom": 3}, False), ([], False), ("x", False)],
)
async def test_a_client_without_ghost_text_hears_the_status_only_if_it_asks(
    experimental: object, expected: bool
) -> None:
    async with open_editor() as editor:
        await editor.initialize({"experimental": experimental})
        await first_answer(editor)
        assert bool(editor.sent(STATUS)) is expected


async def test_a_client_with_ghost_text_can_refuse_the_status() -> None:
    async with open_editor() as editor:
        await editor.initialize({**GHOST_TEXT, "experimental": {"fathom": {"status": False}}})
        await first_answer(editor)
        assert editor.sent(STATUS) == []


async def test_loading_is_shown_as_progress_from_begin_to_end() -> None:
    backend = ScriptedBackend(["1"])
    async with open_editor(backend) as editor:
        await editor.initialize(PROGRESS)
        await first_answer(editor)
        backend.enter(ModelState("downloading", 10, "fetching"))
        await editor.wait_for(lambda message: message.get("method") == "window/workDoneProgress/create")
        answer_requests(editor)
        await editor.wait_for(lambda message: message.get("method") == "$/progress")
        backend.enter(ModelState("loading", 60))
        await editor.wait_for(
            lambda message: message.get("params", {}).get("value", {}).get("kind") == "report"
        )
        backend.enter(ModelState("ready"))
        await editor.wait_for(lambda message: message.get("params", {}).get("value", {}).get("kind") == "end")
        assert progress(editor) == [("begin", 10), ("report", 60), ("end", None)]
        assert [s["state"] for s in editor.sent(STATUS)][-3:] == ["downloading", "loading", "idle"]


async def test_a_client_without_progress_is_not_asked_to_show_any() -> None:
    backend = ScriptedBackend(["1"])
    async with open_editor(backend) as editor:
        await editor.initialize()
        await first_answer(editor)
        backend.enter(ModelState("loading", 5))
        await asyncio.sleep(0)
        assert editor.sent("window/workDoneProgress/create") == []


async def test_a_client_that_refuses_the_display_is_asked_again_the_next_time_only() -> None:
    backend = ScriptedBackend(["1"])
    async with open_editor(backend) as editor:
        await editor.initialize(PROGRESS)
        await first_answer(editor)
        backend.enter(ModelState("loading", 5))
        asked = await editor.wait_for(lambda m: m.get("method") == "window/workDoneProgress/create")
        editor.receive(id=asked["id"], error={"code": 1, "message": "no"})
        await progress_has_ended(editor)
        backend.enter(ModelState("loading", 6))
        await asyncio.sleep(0)
        assert len(editor.sent("window/workDoneProgress/create")) == 1
        backend.enter(ModelState("ready"))
        backend.enter(ModelState("loading", 7))
        await asyncio.sleep(0)
        assert len(editor.sent("window/workDoneProgress/create")) == 2
        assert editor.sent("$/progress") == []


async def test_a_display_of_a_model_that_is_ready_before_the_client_agrees_is_not_begun() -> None:
    backend = ScriptedBackend(["1"])
    async with open_editor(backend) as editor:
        await editor.initialize(PROGRESS)
        await first_answer(editor)
        backend.enter(ModelState("loading"))
        await editor.wait_for(lambda message: message.get("method") == "window/workDoneProgress/create")
        backend.enter(ModelState("ready"))
        answer_requests(editor)
        await progress_has_ended(editor)
        assert progress(editor) == []


async def test_a_model_that_fails_is_named_once_in_every_client() -> None:
    backend = ScriptedBackend(["1"])
    async with open_editor(backend) as editor:
        await editor.initialize({})
        await first_answer(editor)
        backend.enter(ModelState("failed", message="The model crashed five times."))
        backend.enter(ModelState("failed", message="The model crashed five times."))
        assert [shown["message"] for shown in editor.sent("window/showMessage")] == [
            "The model crashed five times."
        ]


@pytest.mark.parametrize("way", ["method", "command"])
async def test_a_model_is_closed_and_started_anew_on_request(way: str) -> None:
    opened: list[ScriptedBackend] = []

    def opener(_: str) -> ScriptedBackend:
        opened.append(ScriptedBackend(["1"]))
        return opened[-1]

    async with open_editor(opener=opener) as editor:
        await editor.initialize()
        await first_answer(editor)
        opened[0].enter(ModelState("failed", message="It crashed."))
        if way == "method":
            assert await editor.ask(RESTART, None) == {"state": "idle"}
        else:
            assert await editor.ask("workspace/executeCommand", {"command": RESTART_COMMAND}) is None
        assert opened[0].state.phase == "stopped"
        assert items_of(await editor.answer(editor.ask_ghost(0, 4)))
        assert len(opened) == 2


async def test_an_unknown_command_is_refused() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        answer = await editor.answer(editor.request("workspace/executeCommand", {"command": "rm"}))
        assert answer["error"]["code"] == -32602
