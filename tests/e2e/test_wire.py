"""Hostile bytes on the wire of a real server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.client import Client, frame, serve

pytestmark = pytest.mark.process

HOSTILE = {
    "digits": b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "huge": b"Content-Length: 1000000000000\r\n\r\n{}",
    "negative": b"Content-Length: -1\r\n\r\n{}",
    "lower case": b"content-length: 2\r\n\r\n{}",
    "no space": b"Content-Length:2\r\n\r\n{}",
    "line feeds": b"Content-Length: 2\n\n{}",
    "type first": b"Content-Type: x\r\nContent-Length: 2\r\n\r\n{}",
    "empty": b"Content-Length: 0\r\n\r\n",
    "too long": b"Content-Length: 1\r\n\r\n{}",
    "no header": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "not utf-8": b"Content-Length: 3\r\n\r\n\xff\xfe\xfd",
    "nul": b"Content-Length: 4\r\n\r\n\0\0\0\0",
    "nested": b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000,
    "batch": frame([{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]),
    "scalar": frame(3),
    "nothing": frame(None),
    "surrogate": frame({"jsonrpc": "2.0", "method": "\ud800", "params": "\ud800"}),
    "float id": frame({"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}),
    "no id": frame({"jsonrpc": "2.0", "id": None, "method": "shutdown"}),
    "not a number": b'Content-Length: 27\r\n\r\n{"method":"x","params":NaN}',
    "twice": b'Content-Length: 27\r\n\r\n{"method":"a","method":"b"}',
    "cut": b"Content-Length: 400\r\n\r\n" + b'{"jsonrpc"',
}


def test_no_bytes_on_the_wire_end_the_server_or_lose_it(tmp_path: Path) -> None:
    with serve(tmp_path) as client:
        client.initialize()
        for name, data in HOSTILE.items():
            client.write(data)
            # A message may be lost with a broken one before it; the one after that never is.
            client.notify("$/nothing")
            assert client.completes(), name
        assert peak_memory(client) < 400_000_000
        assert client.end() == 0


def test_seventy_megabytes_in_one_message_are_refused_without_being_kept(tmp_path: Path) -> None:
    with serve(tmp_path) as client:
        client.initialize()
        client.write(b"Content-Length: 70000000\r\n\r\n")
        for _ in range(70):
            client.write(b"x" * 1_000_000)
        assert client.completes()
        assert peak_memory(client) < 120_000_000


def test_what_native_code_prints_does_not_reach_the_wire(tmp_path: Path) -> None:
    program = (
        "import ctypes, os, sys\n"
        "from lsp_server.cli import main\n"
        "import lsp_server.session as session\n"
        "class Loud(session.Session):\n"
        "    async def complete(self, *arguments):\n"
        "        libc = ctypes.CDLL(None)\n"
        "        libc.puts(b'native'); libc.fflush(None); os.write(1, b'raw'); print('python', flush=True)\n"
        "        os.system('echo child; cat')\n"
        "        return await super().complete(*arguments)\n"
        "session.Session = Loud\n"
        "sys.exit(main())\n"
    )
    with serve(tmp_path, program=program) as client:
        client.initialize()
        assert client.completes()
        assert client.completes()
        assert client.end() == 0
    printed = (tmp_path / "stderr.txt").read_text()
    assert all(word in printed for word in ("native", "raw", "python", "child"))


def test_a_client_that_stops_reading_does_not_stop_the_server(tmp_path: Path) -> None:
    with serve(tmp_path) as client:
        client.initialize()
        client.open("y = ")
        assert client.answer(client.ask_ghost(0, 4))["result"]["items"]
        client.reading.clear()
        # An empty answer has over 60 bytes: far more than a pipe holds.
        numbers = [client.ask_ghost(0, 4) for _ in range(3000)]
        client.notify("$/cancelRequest", {"id": numbers[-1]})
        last = client.ask_ghost(0, 4)
        client.reading.set()
        client.answer(last)
        assert [len(client.answers(number)) for number in [*numbers, last]] == [1] * 3001
        assert client.completes()
        assert client.end() == 0


def test_a_thousand_requests_each_cancelled_by_the_next_are_answered_once_each(tmp_path: Path) -> None:
    with serve(tmp_path) as client:
        client.initialize()
        client.open("x = ")
        before = 0
        numbers = []
        for count in range(1000):
            numbers.append(client.ask_ghost(0, 4))
            if count:
                client.notify("$/cancelRequest", {"id": numbers[-2]})
            if count == 100:
                client.answer(numbers[-1])
                before = memory(client)
        client.answer(numbers[-1])
        assert [len(client.answers(number)) for number in numbers] == [1] * 1000
        assert memory(client) < before + 10_000_000


def memory(client: Client) -> int:
    """What the server holds now, in bytes."""
    return int(Path(f"/proc/{client.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_memory(client: Client) -> int:
    """The most that the server has held, in bytes."""
    lines = Path(f"/proc/{client.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
