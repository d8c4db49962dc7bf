"""A hub on the loopback that does what it is told, and remembers what it was asked."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lsp_server.models.model import HubSource
from tests.models.tiny import CONTENT, HUB, hash_of

PATIENCE = 20.0
"""Seconds until a test that waits for an event gives up."""


@dataclass
class Hub:
    """What the hub has, how it behaves, and the requests that came: method, path and range."""

    content: bytes = CONTENT
    source: HubSource = HUB
    etag: str | None = ""
    """Empty: the hash of the content. None: no header, as from a server that is no hub."""
    size: int | None = None
    """What it announces, if that is not the size of the content."""
    status: int = 200
    cut_after: int | None = None
    """Bytes after which an answer breaks off; what is asked after it gets the status 503."""
    recovers: bool = False
    """After an answer that broke off all is well again."""
    ranges: bool = True
    """Whether it can send the rest of a file alone."""
    gate: threading.Event | None = None
    """Nothing is sent before this is set."""
    answer_gate: threading.Event | None = None
    """Not even an answer to HEAD."""
    address: str = ""
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    """Set at the first GET."""

    @property
    def ranges_asked(self) -> list[str | None]:
        return [asked for method, _, asked in self.requests if method == "GET"]


@contextmanager
def hub_server(hub: Hub) -> Iterator[Hub]:
    """Serve a hub, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="hub")
    thread.start()
    try:
        yield hub
    finally:
        for gate in (hub.gate, hub.answer_gate):
            if gate is not None:
                gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


def point_library_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let huggingface_hub, in this process, take this address for the hub."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 100)


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"hub": hub})


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_HEAD(self) -> None:
        if self.hub.answer_gate is not None:
            self.hub.answer_gate.wait(PATIENCE)
        self.hub.requests.append(("HEAD", self.path, None))
        self._begin(self.hub.content, self.hub.status)

    def do_GET(self) -> None:
        hub, asked = self.hub, self.headers.get("Range")
        hub.requests.append(("GET", self.path, asked))
        hub.asked.set()
        if hub.gate is not None:
            hub.gate.wait(PATIENCE)
        begin = int(re.findall(r"\d+", asked)[0]) if asked and hub.ranges else 0
        if hub.status != 200:
            self._begin(b"", hub.status)
            return
        body = hub.content[begin:]
        self._begin(body, 206 if begin else 200)
        self.wfile.write(body[: hub.cut_after])
        if hub.cut_after is not None and hub.recovers:
            hub.cut_after = None
        elif hub.cut_after is not None:
            hub.status = 503

    def _begin(self, body: bytes, status: int) -> None:
        hub = self.hub
        path = f"/{hub.source.repo}/resolve/{hub.source.revision}/{hub.source.file}"
        self.send_response(status if self.path == path else 404)
        if hub.etag is not None:
            self.send_header("X-Repo-Commit", hub.source.revision)
            self.send_header("X-Linked-Etag", f'"{hub.etag or hash_of(hub.content)}"')
        if hub.size is not None:
            self.send_header("X-Linked-Size", str(hub.size))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
