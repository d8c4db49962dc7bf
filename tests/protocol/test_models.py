"""`fathom/models`: which models there are, for a client that lets its user choose."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_server.config import Options
from lsp_server.models.backend import ModelError
from lsp_server.models.describe import Build
from lsp_server.models.host.devices import Device
from lsp_server.models.scripted import ScriptedBackend
from tests.models.tiny import CONTENT, install, listed, tiny
from tests.protocol.editor import Editor, open_editor

GB = 10**9
CPU = Device("Fast CPU", "CPU", 16 * GB, 12 * GB)
BUILD = Build("0.3.36", False, (CPU,), 3, "AVX2 = 1")


@pytest.fixture(autouse=True)
def two_models(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, tiny(), tiny(name="other", licence="Qwen-Research"))


def describing(editor: Editor) -> list[None]:
    """Let the server hear of a build of llama.cpp; returns how often it has asked."""
    asked: list[None] = []

    async def describe() -> Build:
        asked.append(None)
        return BUILD

    editor.server.describe = describe
    return asked


async def models_of(editor: Editor) -> Any:
    describing(editor)
    await editor.initialize()
    return await editor.ask("fathom/models")


async def test_the_models_are_told_with_what_the_machine_makes_of_them() -> None:
    install(tiny())
    async with open_editor() as editor:
        told = await models_of(editor)
    first, second = told["models"]
    assert told["current"] == "tiny"
    assert told["machine"]["devices"] == ["Fast CPU (CPU, 16.0 GB)"]
    assert told["machine"]["memory"] >= told["machine"]["available"] > 0
    assert first | {"why": ""} == {
        "name": "tiny",
        "title": "Tiny",
        "license": "Apache-2.0",
        "bytes": len(CONTENT),
        "here": True,
        "needs": tiny().memory(4096),
        "fits": "yes",
        "speed": "fast",
        "why": "",
        "default": True,
    }
    assert first["why"].startswith("It needs ")
    assert (second["license"], second["here"], second["default"]) == ("Qwen-Research", False, False)


async def test_asking_does_not_open_the_model() -> None:
    def refuse(name: str) -> ScriptedBackend:
        raise AssertionError(name)

    async with open_editor(opener=refuse) as editor:
        assert (await models_of(editor))["current"] == ""


async def test_a_model_that_is_none_of_the_catalogue_stands_before_it() -> None:
    async with open_editor(options=Options(index=False, model="scripted:replies")) as editor:
        await editor.initialize()
        editor.open("x")
        await editor.answer(editor.ask_ghost(0, 1))
        describing(editor)
        told = await editor.ask("fathom/models")
    assert told["current"] == told["models"][0]["name"] == "scripted:replies"


async def test_llama_cpp_is_asked_once() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        asked = describing(editor)
        first, second = [await editor.ask("fathom/models") for _ in range(2)]
        assert first["machine"]["devices"] == second["machine"]["devices"] != []
    assert len(asked) == 1


async def test_without_llama_cpp_there_are_models_and_no_devices() -> None:
    async def describe() -> Build:
        raise ModelError("no-backend", "llama-cpp-python is not installed.")

    async with open_editor() as editor:
        await editor.initialize()
        editor.server.describe = describe
        told = await editor.ask("fathom/models")
    assert told["machine"]["devices"] == []
    assert len(told["models"]) == 2
