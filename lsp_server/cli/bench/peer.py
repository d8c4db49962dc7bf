"""llama.cpp's server as its editor plugins use it: what they send it for a key, and what that costs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from importlib.util import find_spec
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from lsp_server.cli.bench.figures import Key
from lsp_server.cli.bench.keys import Kind

NAME = "llama-server"
TIMEOUT_S = 600
PREFIX_LINES, SUFFIX_LINES = 256, 64
"""`n_prefix` and `n_suffix` of llama.vim; the server takes the nearest 768 and 254 tokens of them."""
MISSING = "there is no llama-server to compare with: install it with `pip install 'fathom-ls[bench]'`"


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """What both sides have in common."""

    path: str
    threads: int
    context: int


class Peer:
    """A running server at an address; it blocks."""

    def __init__(self, host: str, port: int | None) -> None:
        self._host, self._port = host, port

    def ask(self, kind: Kind, request: Mapping[str, object]) -> Key:
        """What a request costs up to its first token. Raises OSError, or ValueError for what is no answer.

        Each has a connection of its own, as in the plugins: the server closes one that is idle for 5 s.
        """
        body, head = json.dumps(request), {"Content-Type": "application/json"}
        began = perf_counter()
        with closing(HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)) as connection:
            connection.request("POST", "/infill", body, head)
            response = connection.getresponse()
            answer = response.read()
        took = 1000 * (perf_counter() - began)
        if response.status != 200:
            raise ValueError(f"{NAME} answers {response.status}: {answer[:200].decode('utf-8', 'replace')}")
        timings: dict[str, Any] = json.loads(answer)["timings"]
        read, cached = int(timings["prompt_n"]), int(timings["cache_n"])
        return Key(kind, cached + read, read, round(took, 1))


@contextmanager
def llama_server(settings: PeerSettings) -> Iterator[Peer]:
    """A server for the time of a `with`. Raises ValueError where there is none, OSError where it fails."""
    if find_spec("xllamacpp") is None:
        raise ValueError(MISSING)
    process = subprocess.Popen(
        [sys.executable, "-m", "lsp_server.cli.bench.llama_server", json.dumps(_described(settings))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # As for our own model host: threads that spin while they wait slow both sides down.
        env={"OMP_WAIT_POLICY": "passive", **os.environ},
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            address = urlsplit(process.stdout.readline().strip())
            if not address.hostname:
                raise ValueError(f"{NAME} did not start")
            yield Peer(address.hostname, address.port)
        finally:
            process.kill()


def _described(settings: PeerSettings) -> dict[str, object]:
    return {"path": settings.path, "threads": settings.threads, "context": settings.context}


def request_for(text: str, cursor: int, sources: Sequence[tuple[str, str]]) -> dict[str, object]:
    """What llama.vim asks at a cursor. `sources` are names and texts of other files.

    One token is enough to know the time to the first one. In a line of blanks the plugin begins at its start.
    """
    start = text.rfind("\n", 0, cursor) + 1
    end = text.find("\n", cursor)
    end = len(text) if end < 0 else end
    blank = not text[start:end].strip()
    before = text[:start].splitlines(keepends=True)[-PREFIX_LINES:]
    after = text[end + 1 :].splitlines(keepends=True)[:SUFFIX_LINES]
    return {
        "input_prefix": "".join(before),
        "prompt": "" if blank else text[start:cursor],
        "input_suffix": ("" if blank else text[cursor:end]) + "\n" + "".join(after),
        "input_extra": [{"filename": name, "text": source} for name, source in sources],
        "n_predict": 1,
        "temperature": 0.0,
        "cache_prompt": True,
        "id_slot": 0,
        "response_fields": ["content", "timings"],
    }
