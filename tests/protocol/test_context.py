"""`fathom/context`: what the model was sent, and what it would be sent at a place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lsp_server.cli import main
from lsp_server.features.repository import IndexedRoot
from lsp_server.index_places import index_folder
from lsp_server.models.backend import ModelError
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.protocol.connection import INVALID_PARAMS
from tests.context.canaries import tokens
from tests.context.places import write
from tests.features.shop import FILES
from tests.protocol.editor import GHOST_TEXT, URI, Editor, open_editor

MAIN = "from shop.cart import Cart\nfrom shop.prices import total_of\n\n\ncart = Cart()\n\nprint(cart)\n"
SPOT = {"line": 5, "character": 0}
SECRET = tokens()["azure client secret"][1]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    key = f'\n\nKEY = "{SECRET}"\n\n\ndef total_in_euros(cart):\n    return total_of(cart)\n'
    write(root, {**FILES, "shop/prices.py": FILES["shop/prices.py"] + key, "main.py": MAIN})
    (root / ".git").mkdir()
    return root


@asynccontextmanager
async def editor_in(root: Path, backend: ScriptedBackend | None = None) -> AsyncIterator[Editor]:
    """An editor that has the root and its file open; the root is in the index."""
    async with open_editor(backend) as editor:
        await editor.initialize(GHOST_TEXT, workspaceFolders=[{"uri": root.as_uri(), "name": "root"}])
        editor.open(MAIN, uri=uri_of(root))
        folder = IndexedRoot(root, root, index_folder([root]))
        editor.server.session.repositories.use([folder])
        editor.server.session.repositories.patience = 30.0
        yield editor


def uri_of(root: Path) -> str:
    return (root / "main.py").as_uri()


def printed(root: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """What the command in the terminal says of the place."""
    assert main(["context", f"{root}/main.py:6:1", "--json", "--estimate"]) == 0
    return json.loads(capsys.readouterr().out)


async def test_at_a_place_there_is_what_the_command_prints(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = await asyncio.to_thread(printed, root, capsys)
    async with editor_in(root) as editor:
        told = await editor.ask("fathom/context", {"uri": uri_of(root), "position": SPOT})
        assert editor.server.session.state.phase == "stopped"
    sources = [part for part in told["parts"] if part["kind"] == "source"]
    assert sources
    assert [
        (part["path"], part["start"] + 1, part["end"], part["tokens"], part["score"], part["reason"])
        for part in sources
    ] == [
        (part["path"], *part["lines"], part["tokens"], part["score"], part["reason"])
        for part in command["parts"]
    ]
    texts = "".join(section["text"] for section in command["sections"])
    assert all(part["text"] in texts for part in sources)
    assert [part["uri"] for part in sources] == [(root / part["path"]).as_uri() for part in sources]
    assert SECRET not in json.dumps(told)
    assert (told["purpose"], told["uri"], told["position"], told["version"]) == (
        "fill",
        uri_of(root),
        SPOT,
        1,
    )
    assert (told["ago_ms"], told["reason"], told["cached"]) == (None, None, None)
    assert 0 < told["tokens"] <= told["budget"]


async def test_the_file_itself_stands_behind_the_others_in_the_order_of_the_prompt(root: Path) -> None:
    async with editor_in(root) as editor:
        told = await editor.ask("fathom/context", {"uri": uri_of(root), "position": SPOT})
    own = [part for part in told["parts"] if part["kind"] != "source"]
    assert told["parts"][-len(own) :] == own
    assert [(part["kind"], part["start"], part["end"]) for part in own] == [
        ("suffix", 5, 7),
        ("prefix", 0, 5),
    ]
    lines = MAIN.splitlines(keepends=True)
    assert [part["text"] for part in own] == ["".join(lines[5:]), "".join(lines[:5])]
    assert {part["uri"] for part in own} == {uri_of(root)}


async def test_what_was_sent_is_told_with_what_became_of_it(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await asyncio.to_thread(printed, root, capsys)
    backend = ScriptedBackend(["cart.add_item(1)"])
    async with editor_in(root, backend) as editor:
        assert await editor.ask("fathom/context") is None
        await editor.answer(editor.ask_ghost(5, 0, uri=uri_of(root)))
        told = await editor.ask("fathom/context", {"uri": uri_of(root)})
        assert told == await editor.ask("fathom/context") | {"ago_ms": told["ago_ms"]}
        assert await editor.ask("fathom/context", {"uri": "file:///other.py"}) is None
    assert (told["reason"], told["model"], told["position"]) == ("shown", "scripted", SPOT)
    assert told["ago_ms"] >= 0
    assert (told["cached"], told["evaluated"]) == (0, told["tokens"])
    assert {part["cached"] for part in told["parts"]} == {False}
    sources = [part for part in told["parts"] if part["kind"] == "source"]
    assert {part["path"] for part in sources} >= {"shop/cart.py", "shop/prices.py"}
    prompt = "".join(part for part in backend.prompts[0] if isinstance(part, str))
    assert all(part["text"] in prompt for part in told["parts"])
    for part in sources:
        lines = (root / part["path"]).read_text().splitlines(keepends=True)[part["start"] : part["end"]]
        assert SECRET in "".join(lines) or part["text"] == "".join(lines)
    assert SECRET not in json.dumps(told)


async def test_other_open_documents_are_told_where_there_is_no_index() -> None:
    other = "file:///project/other.py"
    async with open_editor() as editor:
        await editor.initialize()
        editor.open("def helper(value):\n    return value + value + value\n", uri=other)
        editor.open("x = 1\n")
        await editor.answer(editor.ask_ghost(1, 0))
        told = await editor.ask("fathom/context", {"uri": URI})
    source = told["parts"][0]
    assert (source["kind"], source["uri"], source["start"], source["end"]) == ("source", other, 0, 2)
    assert (source["reason"], source["score"]) == ("open", None)


async def test_what_is_being_answered_has_no_reason_yet() -> None:
    gate = asyncio.Event()
    backend = ScriptedBackend(["1"], gate=gate)
    async with open_editor(backend) as editor:
        await editor.initialize()
        editor.open("x = 1\n")
        number = editor.ask_ghost(1, 0)
        await editor.wait_for(lambda message: message.get("params", {}).get("state") == "generating")
        told = await editor.ask("fathom/context")
        assert (told["reason"], told["cached"], told["parts"][0]["cached"]) == ("", None, None)
        editor.notify("$/cancelRequest", {"id": number})
        gate.set()
        await editor.answer(number)
        await editor.wait_for(lambda message: message.get("params", {}).get("state") == "idle")
        assert (await editor.ask("fathom/context"))["reason"] == "cancelled"


async def test_a_model_that_fails_is_told_as_well() -> None:
    async with open_editor(ScriptedBackend([])) as editor:
        await editor.initialize()
        editor.open("x = 1\n")
        await editor.answer(editor.ask_ghost(1, 0))
        assert (await editor.ask("fathom/context"))["reason"] == "model-failed"


@pytest.mark.parametrize(
    "params", [{"position": SPOT}, {"uri": URI, "position": {}}, {"uri": URI, "position": "0:0"}]
)
async def test_a_position_that_makes_no_sense_is_refused(params: Any) -> None:
    async with open_editor() as editor:
        await editor.initialize()
        answer = await editor.answer(editor.request("fathom/context", params))
    assert answer["error"]["code"] == INVALID_PARAMS


@pytest.mark.parametrize("uri", ["file:///project/.env", "file:///project/not-open.py"])
async def test_nothing_is_told_of_secrets_and_of_what_is_not_open(uri: str) -> None:
    async with open_editor() as editor:
        await editor.initialize()
        editor.open("KEY=1\n", uri="file:///project/.env")
        assert await editor.ask("fathom/context", {"uri": uri, "position": SPOT}) is None


async def test_without_a_model_a_place_can_be_looked_at() -> None:
    def opener(_: str) -> ScriptedBackend:
        raise ModelError("no-model", "There is no model.")

    async with open_editor(opener=opener) as editor:
        await editor.initialize()
        editor.open("x = 1\n")
        told = await editor.ask("fathom/context", {"uri": URI, "position": {"line": 9, "character": 9}})
    assert (told["model"], told["position"]) == ("", {"line": 1, "character": 0})
    assert [part["text"] for part in told["parts"]] == ["x = 1\n"]


async def test_an_edit_is_told_with_its_instruction() -> None:
    text = "import math\n\n\ndef area(r):\n    return math.pi * r * r\n\n\nprint(area(2))\n"
    backend = ScriptedBackend(["def area(r):\n    return math.pi * r**2\n```"])
    async with open_editor(backend) as editor:
        await editor.initialize({"workspace": {"applyEdit": True}})
        editor.open(text)
        selected = {"start": {"line": 3, "character": 0}, "end": {"line": 5, "character": 0}}
        arguments = {"action": "rewrite", "uri": URI, "range": selected, "instruction": "Use a power"}
        await editor.ask("workspace/executeCommand", {"command": "fathom.edit", "arguments": [arguments]})
        await editor.wait_for(lambda message: message.get("method") == "workspace/applyEdit")
        told = await editor.ask("fathom/context")
    assert (told["purpose"], told["reason"], told["model"]) == ("edit", "shown", "scripted")
    assert told["position"] == {"line": 3, "character": 0}
    shown = [(part["kind"], part["start"], part["end"], part["text"]) for part in told["parts"]]
    assert shown[1:] == [
        ("prefix", 0, 1, "import math\n"),
        ("suffix", 7, 8, "print(area(2))\n"),
        ("instruction", 3, 5, "def area(r):\n    return math.pi * r * r\n"),
        ("instruction", 0, 0, "Use a power"),
    ]
    prompt = "".join(part for part in backend.prompts[0] if isinstance(part, str))
    assert all(part["text"] in prompt for part in told["parts"])
