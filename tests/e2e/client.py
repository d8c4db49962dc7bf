"""A small LSP client over the pipes of a real `fathom serve`, with the bytes in the test's hands."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PROGRAM = "import sys; from lsp_server.cli import main; sys.exit(main())"
GHOST_TEXT = {"textDocument": {"inlineCompletion": {"dynamicRegistration": False}}}
URI = "file:///project/main.py"
PATIENCE = 20.0
"""Seconds after which a message counts as missing; generous, for a machine that is busy."""

Message = dict[str, Any]


def frame(message: object) -> bytes:
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Client:
    """A server process and the messages that it has sent so far."""

    def __init__(self, process: subprocess.Popen[bytes], *, reading: threading.Event) -> None:
        self.process = process
        self.reading = reading
        """The client reads what the server writes as long as this is set."""
        self.messages: list[Message] = []
        self._incoming: queue.Queue[Message | None] = queue.Queue()
        self._ids = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def write(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, **message: object) -> None:
        self.write(frame({"jsonrpc": "2.0", **message}))

    def notify(self, method: str, params: object = None) -> None:
        self.send(method=method, params=params)

    def request(self, method: str, params: object = None) -> int:
        """Send a request; returns its id."""
        self._ids += 1
        self.send(id=self._ids, method=method, params=params)
        return self._ids

    def wait_for(self, fits: Callable[[Message], bool], patience: float = PATIENCE) -> Message:
        """The first message that fits, as soon as it is there. Raises queue.Empty, EOFError."""
        for message in self.messages:
            if fits(message):
                return message
        while (message := self._incoming.get(timeout=patience)) is not None:
            self.messages.append(message)
            if fits(message):
                return message
        raise EOFError("the server has ended")

    def answer(self, number: object, patience: float = PATIENCE) -> Message:
        return self.wait_for(
            lambda message: message.get("id") == number and "method" not in message, patience
        )

    def ask(self, method: str, params: object = None, patience: float = PATIENCE) -> Any:
        answer = self.answer(self.request(method, params), patience)
        assert "error" not in answer, answer
        return answer["result"]

    def drain(self) -> None:
        """Take in everything up to the end of the server's output."""
        with suppress(EOFError):
            self.wait_for(lambda message: False)

    def answers(self, number: object) -> list[Message]:
        return [m for m in self.messages if m.get("id") == number and "method" not in m]

    def initialize(self, capabilities: object = None, process: int | None = None, **params: object) -> Any:
        params = {"capabilities": capabilities or GHOST_TEXT, **params}
        result = self.ask("initialize", {"processId": process, "rootUri": None, **params})
        self.notify("initialized", {})
        return result

    def open(self, text: str, uri: str = URI) -> None:
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def ask_ghost(self, line: int, character: int, uri: str = URI) -> int:
        """Ask for ghost text; returns the request's id."""
        params = {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 2},
        }
        return self.request("textDocument/inlineCompletion", params)

    def completes(self) -> bool:
        """The server is alive: it answers, and a fresh document gets ghost text."""
        uri = f"file:///project/alive{self._ids}.py"
        self.open("x = ", uri)
        return bool(self.answer(self.ask_ghost(0, 4, uri))["result"]["items"])

    def end(self, patience: float = PATIENCE) -> int:
        """Shut down and exit by the book; returns the exit code."""
        assert self.ask("shutdown") is None
        self.notify("exit")
        return self.process.wait(patience)

    def _read(self) -> None:
        assert self.process.stdout
        while True:
            self.reading.wait()
            length = 0
            while line := self.process.stdout.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                self._incoming.put(None)
                return
            self._incoming.put(json.loads(self.process.stdout.read(length)))


@contextmanager
def serve(
    folder: Path, *, replies: Sequence[str] = ("print(total)",), program: str = PROGRAM
) -> Iterator[Client]:
    """A running server whose model says `replies`, ended by force if the test leaves it running."""
    script = folder / "replies.jsonl"
    script.write_text("".join(json.dumps(reply) + "\n" for reply in replies))
    command = [sys.executable, "-c", program, "serve", "--model", f"scripted:{script}"]
    with started(command, stderr=folder / "stderr.txt") as process:
        reading = threading.Event()
        reading.set()
        yield Client(process, reading=reading)


@contextmanager
def started(command: Sequence[str], stderr: Path) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    with stderr.open("wb") as errors:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream and stream.close()
