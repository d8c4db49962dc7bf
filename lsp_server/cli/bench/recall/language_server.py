"""A `fathom serve` as an editor sees it, with the time that each answer took."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO

from lsp_server.cli.bench.recall.stage import COMMAND

UNKNOWN = "$bench/ping"
"""A method that no server has: it says so at once, unless something keeps it busy."""
STATUS = "fathom/status"
CAPABILITY = {"fathom": {"status": True}}
PATIENCE = 120.0
"""Seconds after which an answer counts as missing."""


class LanguageServer:
    """The running process. Close it."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        """Start and initialise it. Raises ValueError if it does not answer."""
        self.process = subprocess.Popen(
            [*COMMAND, "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
        )
        self.status: dict[str, Any] = {}
        """What it said last of itself, in `fathom/status`."""
        self._number = 0
        self._writing = threading.Lock()
        self._answers: dict[int, queue.Queue[float]] = {}
        assert self.process.stdout is not None
        reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        reader.start()
        self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": root.as_uri(),
                "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
                "capabilities": {"textDocument": {"inlineCompletion": {}}, "experimental": CAPABILITY},
            },
        )
        self.tell("initialized", {})

    def ping(self) -> float:
        """The time until the server answers anything at all, in ms. Raises ValueError."""
        return self.ask(UNKNOWN, {})

    def ask(self, method: str, params: object) -> float:
        """Send a request; returns the time until it was answered, in ms. Raises ValueError."""
        started = perf_counter()
        waiting = self.begin(method, params)
        try:
            return 1000 * (waiting.get(timeout=PATIENCE) - started)
        except queue.Empty:
            raise ValueError(f"fathom serve did not answer {method}") from None

    def begin(self, method: str, params: object) -> queue.Queue[float]:
        """Send a request; returns what will be given the time at which it is answered."""
        with self._writing:
            self._number += 1
            number = self._number
            waiting = self._answers[number] = queue.Queue()
        self._write({"id": number, "method": method, "params": params})
        return waiting

    def tell(self, method: str, params: object) -> None:
        """Send a notification."""
        self._write({"method": method, "params": params})

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()

    def _write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self._writing:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self.process.stdin.flush()

    def _read(self, stream: BinaryIO) -> None:
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                header = stream.readline()
            message = json.loads(stream.read(length))
            if "method" in message and "id" in message:
                self._write({"id": message["id"], "result": None})
            elif message.get("method") == STATUS:
                self.status = message["params"]
            elif message.get("id") in self._answers:
                self._answers.pop(message["id"]).put(perf_counter())
