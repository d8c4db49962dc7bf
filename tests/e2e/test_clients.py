"""A completion and a code action against a real server, as each of nine real clients would have them.

The client of the tests says of itself what the real one says, and does with the answers what the
specification asks of it. What the real ones make of them is seen in tests/editors, where they can be had.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from context.text import Encoding, Text
from tests.e2e.client import Client, Message, serve
from tests.protocol.editor import CLIENTS

pytestmark = pytest.mark.process

TYPED, COMPLETED = "naïve = '😀'; pri", "naïve = '😀'; print(naïve)"
QUIET, LOUD = "grüße = '😀', 'quiet'\n", "grüße = '😀', 'LOUD'\n"
REPLIES = ("nt(naïve)", "grüße = '😀', 'LOUD'\n```")
OTHER = "file:///project/other.py"


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.stem)
def test_each_real_client_gets_a_completion_and_a_change(path: Path, tmp_path: Path) -> None:
    said = json.loads(path.read_text(encoding="utf-8"))
    with serve(tmp_path, replies=REPLIES) as client:
        info = {"clientInfo": said["clientInfo"]} if said["clientInfo"] else {}
        offered = client.initialize(said["capabilities"], **info)["capabilities"]
        encoding = offered["positionEncoding"]
        assert completed(client, said, encoding) == COMPLETED
        if "codeActionProvider" in offered:
            assert changed(client, encoding) == LOUD
        assert asked_for(client) <= knows(said)
        assert client.end() == 0


def completed(client: Client, said: Mapping[str, Any], encoding: Encoding) -> str:
    """The text after what is offered at its end is taken."""
    client.open(TYPED)
    text = Text(TYPED)
    line, character = text.position(len(TYPED), encoding)
    params: dict[str, object] = {
        "textDocument": {"uri": "file:///project/main.py"},
        "position": {"line": line, "character": character},
    }
    if "inlineCompletion" in said["capabilities"]["textDocument"]:
        context = {"triggerKind": 2}
        answer = client.ask("textDocument/inlineCompletion", {**params, "context": context})
        (item,) = answer["items"]
        return applied(text, [{"range": item["range"], "newText": item["insertText"]}], encoding)
    (item,) = client.ask("textDocument/completion", params)["items"]
    # These show it only if it begins with the word before the cursor.
    assert item["filterText"].startswith("pri")
    return applied(text, [item["textEdit"]], encoding)


def changed(client: Client, encoding: Encoding) -> str:
    """The text after an action is run, with the editor's part of it played by the test."""
    client.open(QUIET, OTHER)
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    params = {"textDocument": {"uri": OTHER}, "range": span, "context": {"diagnostics": []}}
    actions = client.ask("textDocument/codeAction", params)
    action = next(each for each in actions if each["title"] == "Fathom: Simplify")
    assert client.ask("workspace/executeCommand", action["command"]) is None
    sent = client.wait_for(lambda message: answers_or_is_change(client, message))
    text = applied(Text(QUIET), edits_of(sent["params"]["edit"]), encoding)
    client.send(id=sent["id"], result={"applied": True})
    return text


def answers_or_is_change(client: Client, message: Message) -> bool:
    """Whether this is the change; other questions of the server are answered."""
    if message.get("method") == "workspace/applyEdit":
        return True
    if "method" in message and "id" in message:
        client.send(id=message["id"], result=None)
    return False


def edits_of(edit: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "documentChanges" not in edit:
        return list(edit["changes"][OTHER])
    (change,) = edit["documentChanges"]
    assert change["textDocument"] == {"uri": OTHER, "version": 1}
    return list(change["edits"])


def applied(text: Text, edits: Iterable[Mapping[str, Any]], encoding: Encoding) -> str:
    string = text.string
    for edit in reversed(list(edits)):
        start, end = (
            text.offset(edit["range"][part]["line"], edit["range"][part]["character"], encoding)
            for part in ("start", "end")
        )
        string = string[:start] + edit["newText"] + string[end:]
    return string


def asked_for(client: Client) -> set[str]:
    """The requests of the server, and its own notifications."""
    methods = {str(message["method"]) for message in client.messages if "method" in message}
    return methods - {"window/showMessage", "window/logMessage", "$/progress"}


def knows(said: Mapping[str, Any]) -> set[str]:
    """What a client with these capabilities may be asked for."""
    capabilities = said["capabilities"]
    known = {"workspace/applyEdit"}
    if capabilities.get("window", {}).get("workDoneProgress"):
        known.add("window/workDoneProgress/create")
    inline = capabilities["textDocument"].get("inlineCompletion")
    if inline:
        known.add("fathom/status")
    if inline and inline["dynamicRegistration"]:
        known.add("client/registerCapability")
    return known
