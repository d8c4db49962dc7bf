"""An editor that has documents of its own: it makes the changes that it is asked for, and types."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from context.text import Encoding, Text
from lsp_server.config import Options
from lsp_server.models.backend import Backend
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.protocol.serve import make_server
from lsp_server.session import open_session
from tests.protocol.editor import Editor

ROOT = Path("/project")
URI = "file:///project/shop.py"
TEXT = "import math\n\n\ndef area(r):\n    return math.pi * r * r\n\n\nprint(area(2))\n"
NEW = "def area(r):\n    return math.pi * r**2\n"
REPLY = f"{NEW}```"
DONE = TEXT.replace("r * r", "r**2")
SELECTION = (3, 0, 5, 0)
"""First line and column, last line and column of the function in TEXT."""

ALL = {
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "delete"]},
    },
    "textDocument": {"codeAction": {"codeActionLiteralSupport": {}}},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "experimental": {"fathom": {"edit": True}},
}
"""All that an edit can make use of, but for annotations."""
PLAIN: dict[str, Any] = {"textDocument": {"codeAction": {}}}
"""As little as a client can have."""


class Author(Editor):
    """Says yes to everything, until it is told to say something else."""

    def __init__(self, encoding: Encoding = "utf-16") -> None:
        super().__init__()
        self.encoding = encoding
        self.texts: dict[str, Text] = {}
        self.versions: dict[str, int] = {}
        self.answers_to: dict[str, Any] = {
            "window/workDoneProgress/create": None,
            "window/showDocument": {"success": True},
            "client/registerCapability": None,
        }
        """The result for each of the server's requests; an exception is an error, what is missing waits."""
        self.before_applying: list[tuple[int, int, int, int, str]] = []
        """What the user types before each of the next changes arrives."""
        self.held: list[object] | None = None
        """News of typing that is not told yet; None if all is told at once."""
        self.steps: list[dict[str, Text]] = []
        """The texts before each change: what undo in the editor goes back to."""
        self.refuses: list[str] = []
        """Reasons for which the next changes are not made."""

    def send(self, message: dict[str, object]) -> None:
        super().send(message)
        asyncio.get_running_loop().call_soon(self._react, self.messages[-1])

    def _react(self, message: dict[str, Any]) -> None:
        method, number = message.get("method"), message.get("id")
        if method is None or number is None:
            return
        if method == "workspace/applyEdit" and method not in self.answers_to:
            self.receive(id=number, result=self._apply(message["params"]["edit"]))
        elif isinstance(answer := self.answers_to.get(method, ...), Exception):
            self.receive(id=number, error={"code": -32601, "message": str(answer)})
        elif answer is not ...:
            self.receive(id=number, result=answer)

    async def start(self, capabilities: object = None, root: Path = ROOT, **params: object) -> dict[str, Any]:
        """Initialize with a folder."""
        return await self.initialize(capabilities or ALL, rootUri=root.as_uri(), **params)

    def open(self, text: str, uri: str = URI, language: str = "python") -> None:
        self.texts[uri], self.versions[uri] = Text(text), 1
        super().open(text, uri, language)

    def text(self, uri: str = URI) -> str:
        return self.texts[uri].string

    def type(self, line: int, column: int, last: int, end: int, text: str, uri: str = URI) -> None:
        """Replace a part of a document and tell the server."""
        before = self.texts[uri]
        start, stop = before.offset(line, column, self.encoding), before.offset(last, end, self.encoding)
        self.texts[uri] = before.splice(start, stop, text)
        self.versions[uri] += 1
        span = {"start": {"line": line, "character": column}, "end": {"line": last, "character": end}}
        document = {"uri": uri, "version": self.versions[uri]}
        news = {"textDocument": document, "contentChanges": [{"range": span, "text": text}]}
        if self.held is None:
            self.notify("textDocument/didChange", news)
        else:
            self.held.append(news)

    def close(self, uri: str = URI) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    async def act(self, action: str, span: tuple[int, int, int, int] = SELECTION, **more: object) -> None:
        """Run an action and check that it is answered with null."""
        argument = {"action": action, "uri": URI, "range": as_range(span), **more}
        assert await self.command("fathom.edit", argument) is None

    async def command(self, name: str, *arguments: object) -> Any:
        return await self.ask("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    async def rest(self) -> None:
        """Wait until nothing is being made any more, and all is told."""
        names = {"edit", "undo"}
        while tasks := [task for task in asyncio.all_tasks() if task.get_name() in names]:
            await asyncio.wait(tasks)
        for _ in range(5):
            await asyncio.sleep(0)

    async def until_asked(self, method: str) -> dict[str, Any]:
        """Wait for a request or notification of the server."""
        return await self.wait_for(lambda message: message.get("method") == method)

    def events(self) -> list[str]:
        return [event["kind"] for event in self.sent("fathom/edit")]

    def ending(self) -> tuple[str, str | None]:
        """The outcome and the reason of the last event."""
        last = self.sent("fathom/edit")[-1]
        assert last["kind"] == "end"
        return last["outcome"], last.get("reason")

    def said(self) -> list[str]:
        return [shown["message"] for shown in self.sent("window/showMessage")]

    def _apply(self, edit: dict[str, Any]) -> dict[str, Any]:
        if self.before_applying:
            self.type(*self.before_applying.pop(0))
        if self.refuses:
            return {"applied": False, "failureReason": self.refuses.pop(0)}
        documents = [each for each in edit.get("documentChanges", []) if "textDocument" in each]
        for each in documents:
            version = each["textDocument"]["version"]
            if version is not None and version != self.versions.get(each["textDocument"]["uri"]):
                return {"applied": False, "failureReason": "the document has another version"}
        edits = {each["textDocument"]["uri"]: each["edits"] for each in documents}
        self.steps.append(dict(self.texts))
        for uri, changes in {**edits, **(edit.get("changes") or {})}.items():
            self._change(uri, changes)
        return {"applied": True}

    def _change(self, uri: str, changes: list[dict[str, Any]]) -> None:
        """Make all changes of a document as one, from the last to the first, as editors do."""
        before = self.texts.setdefault(uri, Text(""))
        places = sorted((place_of(before, each["range"], self.encoding), each["newText"]) for each in changes)
        text = before
        for (start, end), new in reversed(places):
            text = text.splice(start, end, new)
        self.texts[uri] = text
        self.versions[uri] = self.versions.get(uri, 0) + 1
        document = {"uri": uri, "version": self.versions[uri]}
        self.notify(
            "textDocument/didChange",
            {"textDocument": document, "contentChanges": [{"text": text.string}]},
        )


def place_of(text: Text, span: Mapping[str, Any], encoding: Encoding) -> tuple[int, int]:
    ends = (span["start"], span["end"])
    start, end = (text.offset(each["line"], each["character"], encoding) for each in ends)
    return start, end


def as_range(span: tuple[int, int, int, int]) -> dict[str, dict[str, int]]:
    line, column, last, end = span
    return {"start": {"line": line, "character": column}, "end": {"line": last, "character": end}}


@asynccontextmanager
async def open_author(backend: Backend | None = None, encoding: Encoding = "utf-16") -> AsyncIterator[Author]:
    """An author with a server that has not been initialized."""
    author, model = Author(encoding), backend or ScriptedBackend([REPLY])
    async with open_session(Options(index=False), lambda _: model, ()) as session:
        author.server = make_server(session, author, author.codes.append)
        author.server.own = session.options
        author.server.watch = author.watched.append
        yield author


async def started(gate: asyncio.Event, backend: ScriptedBackend) -> None:
    """Wait until the model has been asked."""
    asked = asyncio.Event()
    backend.listen(lambda _: asked.set() if backend.running else None)
    if not backend.running:
        await asked.wait()
    assert not gate.is_set()


def gated(*replies: str) -> tuple[asyncio.Event, ScriptedBackend]:
    """A model that says nothing until the gate is opened."""
    gate = asyncio.Event()
    return gate, ScriptedBackend(replies or (REPLY,), gate=gate)


async def begun(author: Author, backend: ScriptedBackend, gate: asyncio.Event, **more: Any) -> None:
    """An edit of which the model has been asked and has said nothing yet."""
    author.open(TEXT)
    await author.act("simplify", **more)
    await started(gate, backend)


def command(**more: object) -> dict[str, object]:
    span = {"start": {"line": 3, "character": 0}, "end": {"line": 5, "character": 0}}
    return {
        "command": "fathom.edit",
        "arguments": [{"action": "simplify", "uri": URI, "range": span, **more}],
    }
