"""The handshake with nine real editors, and with odd ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lsp_server.config import Options
from tests.protocol.editor import CLIENTS, GHOST_TEXT, URI, open_editor


def read_client(path: Path) -> tuple[dict[str, Any], dict[str, str] | None]:
    """The capabilities and the name of a real editor."""
    client = json.loads(path.read_text())
    return client["capabilities"], client.get("clientInfo")


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.stem)
async def test_every_real_editor_gets_one_way_to_complete_and_nothing_it_did_not_ask_for(path: Path) -> None:
    capabilities, info = read_client(path)
    inline = capabilities.get("textDocument", {}).get("inlineCompletion")
    async with open_editor() as editor:
        offered = (await editor.initialize(capabilities, clientInfo=info))["capabilities"]
        editor.open("total = 1\n")
        dynamic = inline == {"dynamicRegistration": True}
        if dynamic:
            await editor.wait_for(lambda message: message.get("method") == "client/registerCapability")
        assert ("inlineCompletionProvider" in offered) == (inline == {"dynamicRegistration": False})
        assert ("completionProvider" in offered) == (inline is None)
        requests = [message["method"] for message in editor.messages if "method" in message]
        assert requests == (["client/registerCapability"] if dynamic else [])


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.stem)
async def test_every_real_editor_gets_a_completion(path: Path) -> None:
    capabilities, _ = read_client(path)
    inline = capabilities.get("textDocument", {}).get("inlineCompletion") is not None
    method = "textDocument/inlineCompletion" if inline else "textDocument/completion"
    params: dict[str, object] = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 0}}
    async with open_editor() as editor:
        await editor.initialize(capabilities)
        editor.open("total = 1\n")
        result = await editor.ask(method, {**params, "context": {"triggerKind": 1}})
        assert len(result["items"]) == 1


@pytest.mark.parametrize(
    "capabilities",
    [
        None,
        [],
        "none",
        {"textDocument": None, "window": 3, "general": [], "experimental": "x"},
        {"textDocument": {"inlineCompletion": True}, "window": {"workDoneProgress": "yes"}},
        {
            "textDocument": {"inlineCompletion": {"dynamicRegistration": None}},
            "general": {"positionEncodings": 8},
        },
        {
            "workspace": {"symbol": {"symbolKind": {"valueSet": [300]}}},
            "textDocument": {"newFeature": {"a": 1}},
        },
    ],
)
async def test_capabilities_that_no_specification_knows_do_not_stop_the_handshake(
    capabilities: object,
) -> None:
    async with open_editor() as editor:
        params = {
            "processId": "none",
            "rootUri": 3,
            "workspaceFolders": [None, {}],
            "capabilities": capabilities,
        }
        result = await editor.ask("initialize", params)
        assert result["serverInfo"]["name"] == "fathom"


@pytest.mark.parametrize("params", [None, [], 3])
async def test_an_initialize_without_parameters_is_refused_and_can_be_repeated(params: object) -> None:
    async with open_editor() as editor:
        answer = await editor.answer(editor.request("initialize", params))
        assert answer["error"]["code"] == -32602
        await editor.initialize()


async def test_a_dynamic_client_is_asked_to_register_inline_completion() -> None:
    async with open_editor() as editor:
        await editor.initialize({"textDocument": {"inlineCompletion": {"dynamicRegistration": True}}})
        message = await editor.wait_for(lambda message: message.get("method") == "client/registerCapability")
        (registration,) = message["params"]["registrations"]
        assert registration["method"] == "textDocument/inlineCompletion"


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-16", "utf-8"], "utf-16"),
        (["utf-32"], "utf-32"),
        (["ebcdic", "utf-8"], "utf-8"),
        (["ebcdic"], "utf-16"),
        ([], "utf-16"),
        (None, "utf-16"),
    ],
)
async def test_the_first_position_encoding_that_is_known_is_taken(offered: object, chosen: str) -> None:
    async with open_editor() as editor:
        result = await editor.initialize(
            {"general": {"positionEncodings": offered}} if offered is not None else {}
        )
        assert result["capabilities"]["positionEncoding"] == chosen


async def test_the_life_of_the_session_follows_the_specification() -> None:
    async with open_editor() as editor:
        early = await editor.answer(editor.request("textDocument/inlineCompletion", {}))
        assert early["error"]["code"] == -32002
        await editor.initialize()
        again = await editor.answer(editor.request("initialize", {"capabilities": {}}))
        assert again["error"]["code"] == -32600
        assert await editor.ask("shutdown") is None
        late = await editor.answer(editor.request("textDocument/inlineCompletion", {}))
        assert late["error"]["code"] == -32600
        editor.notify("exit")
        assert editor.codes == [0]


async def test_exit_without_shutdown_ends_with_code_one() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.notify("exit")
        assert editor.codes == [1]


async def test_the_editors_process_is_watched_only_if_it_names_one() -> None:
    async with open_editor() as editor:
        await editor.initialize()
        assert editor.watched == []
    async with open_editor() as editor:
        await editor.initialize(processId=4321)
        assert editor.watched == [4321]


@pytest.mark.parametrize(
    "params",
    [
        {"rootUri": "file:///project"},
        {"rootPath": "/project"},
        {"rootUri": "file:///other", "workspaceFolders": [{"uri": "file:///project", "name": "p"}]},
    ],
)
async def test_the_root_is_taken_from_wherever_the_editor_says_it(params: dict[str, object]) -> None:
    async with open_editor() as editor:
        await editor.initialize(**params)
        assert editor.server.session.workspace.snapshot.roots == (Path("/project"),)


async def test_folders_come_and_go() -> None:
    async with open_editor() as editor:
        await editor.initialize(workspaceFolders=[{"uri": "file:///a", "name": "a"}])
        event = {
            "added": [{"uri": "file:///b%20c", "name": "b"}, {"uri": "vscode-vfs://x/y", "name": "virtual"}],
            "removed": [{"uri": "file:///a", "name": "a"}],
        }
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert editor.server.session.workspace.snapshot.roots == (Path("/b c"),)


async def test_settings_of_the_editor_are_taken_and_the_users_own_kept_from_it() -> None:
    async with open_editor(options=Options(model="mine")) as editor:
        await editor.initialize(initializationOptions={"enabled": False, "model": "/tmp/evil.gguf"})
        options = editor.server.session.options
        assert (options.enabled, options.model) == (False, "mine")
        (shown,) = editor.sent("window/showMessage")
        assert "model can only be set in" in shown["message"]


@pytest.mark.parametrize("wrong", [3, [1], "x", {"enabled": "yes", "debounce_ms": "fast"}, {"nonsense": 1}])
async def test_wrong_settings_give_one_message_and_keep_the_defaults(wrong: object) -> None:
    async with open_editor() as editor:
        await editor.initialize(initializationOptions=wrong)
        assert editor.server.session.options == editor.server.own
        assert len(editor.sent("window/showMessage")) == 1


async def test_settings_change_while_the_server_runs() -> None:
    async with open_editor() as editor:
        await editor.initialize(GHOST_TEXT, initializationOptions={"fathom": {"debounce_ms": 40}})
        assert editor.server.session.options.debounce_ms == 40
        for settings in (None, {}, {"fathom": None}, [], {"other": {"enabled": False}}):
            editor.notify("workspace/didChangeConfiguration", {"settings": settings})
        assert editor.server.session.options.debounce_ms == 40
        editor.notify("workspace/didChangeConfiguration", {"settings": {"fathom": {"enabled": False}}})
        assert editor.server.session.options == replace(editor.server.own, enabled=False)
        editor.notify("workspace/didChangeConfiguration", {"settings": {"fathom": {"enabled": 3}}})
        assert len(editor.sent("window/showMessage")) == 1
