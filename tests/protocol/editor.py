"""An editor in the test's own process: it calls the server as the wire would and keeps the answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsp_server.config import Options
from lsp_server.models.backend import Backend
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.protocol.serve import make_server
from lsp_server.protocol.server import Server
from lsp_server.session import open_session

CLIENTS = sorted((Path(__file__).parent / "clients").glob("*.json"))
"""What nine real editors said of themselves."""

GHOST_TEXT = {"textDocument": {"inlineCompletion": {"dynamicRegistration": False}}}
URI = "file:///project/main.py"
PATIENCE = 5.0
"""Seconds after which an answer counts as missing."""


class Editor:
    """A client without a wire. It is the sink of its own server."""

    def __init__(self) -> None:
        self.crowded = False
        self.messages: list[dict[str, Any]] = []
        self.codes: list[int] = []
        self.watched: list[int] = []
        self.server: Server
        self._changed = asyncio.Event()
        self._ids = 0

    def send(self, message: dict[str, object]) -> None:
        self.messages.append(json.loads(json.dumps(message)))
        self._changed.set()

    def receive(self, **message: object) -> None:
        """Let one message arrive at the server."""
        self.server.connection.receive({"jsonrpc": "2.0", **message})

    def notify(self, method: str, params: object = None) -> None:
        self.receive(method=method, params=params)

    def request(self, method: str, params: object = None) -> int:
        """Let a request arrive; returns its id."""
        self._ids += 1
        self.receive(id=self._ids, method=method, params=params)
        return self._ids

    async def wait_for(
        self, fits: Callable[[dict[str, Any]], bool], patience: float = PATIENCE
    ) -> dict[str, Any]:
        """The first message that fits, as soon as it is there."""
        async with asyncio.timeout(patience):
            while True:
                for message in self.messages:
                    if fits(message):
                        return message
                self._changed.clear()
                await self._changed.wait()

    async def answer(self, number: int) -> dict[str, Any]:
        return await self.wait_for(lambda message: message.get("id") == number and "method" not in message)

    async def ask(self, method: str, params: object = None) -> Any:
        """Send a request and return its result; an error fails the test."""
        answer = await self.answer(self.request(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def answers(self, number: int) -> list[dict[str, Any]]:
        return [m for m in self.messages if m.get("id") == number and "method" not in m]

    def sent(self, method: str) -> list[Any]:
        """The parameters of every notification and request of this method that the server has sent."""
        return [message["params"] for message in self.messages if message.get("method") == method]

    async def initialize(self, capabilities: object = None, **params: object) -> dict[str, Any]:
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or GHOST_TEXT, **params}
        result: dict[str, Any] = await self.ask("initialize", params)
        self.notify("initialized", {})
        return result

    def open(self, text: str, uri: str = URI, language: str = "python") -> None:
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def ask_ghost(self, line: int, character: int, uri: str = URI, **context: object) -> int:
        """Ask for ghost text; returns the request's id."""
        return self.request("textDocument/inlineCompletion", ghost_params(line, character, uri, **context))


def ghost_params(line: int, character: int, uri: str = URI, **context: object) -> dict[str, object]:
    return {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": 2, **context},
    }


def items_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = answer["result"]["items"]
    return items


@asynccontextmanager
async def open_editor(
    backend: Backend | None = None,
    options: Options | None = None,
    opener: Callable[[str], Backend] | None = None,
    indexer: tuple[str, ...] = (),
) -> AsyncIterator[Editor]:
    """An editor with a server that has not been initialized. Without an indexer no process reads a folder."""
    editor = Editor()
    model = backend or ScriptedBackend(["print(total)"])
    options = options or Options(index=bool(indexer))
    async with open_session(options, opener or (lambda _: model), indexer) as session:
        editor.server = make_server(session, editor, editor.codes.append)
        editor.server.own = session.options
        editor.server.watch = editor.watched.append
        yield editor
