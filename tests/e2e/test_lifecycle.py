"""The beginning and the end of a real server, whoever ends it and whatever it is doing."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lsp_server.log import log_path
from tests.e2e.client import PATIENCE, PROGRAM, Client, frame, serve

pytestmark = pytest.mark.process

SLOW_MODEL = (
    "import sys\n"
    "import lsp_server.models.open as models\n"
    "from lsp_server.cli import main\n"
    "from lsp_server.models.scripted import ScriptedBackend\n"
    "models.open_backend = lambda name, local: ScriptedBackend(['x'], delay=3600)\n"
    "sys.exit(main())\n"
)
"""A server whose model never comes to an end."""

STUCK = (
    "import sys, time\n"
    "import lsp_server.session as session\n"
    "from lsp_server.cli import main\n"
    "session.Session.complete = lambda *arguments: time.sleep(3600)\n"
    "sys.exit(main())\n"
)
"""A server whose event loop stands still once a completion is asked for."""


def ask_much(client: Client, count: int) -> list[int]:
    """Send requests that will not be answered by themselves."""
    numbers = []
    for number in range(count):
        client.open("x = ", f"file:///{number}.py")
        numbers.append(client.ask_ghost(0, 4, f"file:///{number}.py"))
    return numbers


def gone_after(client: Client, started: float) -> float:
    client.process.wait(PATIENCE)
    return time.monotonic() - started


def test_shutdown_with_twenty_requests_waiting_answers_them_all_and_exits_with_zero(tmp_path: Path) -> None:
    with serve(tmp_path, program=SLOW_MODEL) as client:
        client.initialize()
        numbers = ask_much(client, 20)
        started = time.monotonic()
        assert client.ask("shutdown") is None
        assert time.monotonic() - started < 2
        late = client.answer(client.request("textDocument/inlineCompletion", {}))
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 0
        client.drain()
        assert late["error"]["code"] == -32600
        assert [[answer["error"]["code"] for answer in client.answers(number)] for number in numbers] == [
            [-32802]
        ] * 20


def test_exit_without_shutdown_ends_with_one(tmp_path: Path) -> None:
    with serve(tmp_path) as client:
        client.initialize()
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 1


def test_exit_before_anything_else_ends_the_server(tmp_path: Path) -> None:
    with serve(tmp_path) as client:
        client.notify("exit")
        assert client.process.wait(PATIENCE) == 1


def test_cancelling_a_request_in_the_models_hands_is_answered_in_a_tenth_of_a_second(tmp_path: Path) -> None:
    with serve(tmp_path, program=SLOW_MODEL) as client:
        client.initialize()
        (number,) = ask_much(client, 1)
        client.wait_for(lambda message: message.get("params", {}).get("state") == "generating")
        started = time.monotonic()
        client.notify("$/cancelRequest", {"id": number})
        assert client.answer(number)["error"]["code"] == -32800
        assert time.monotonic() - started < 0.1


@pytest.mark.parametrize("part", [0.0, 0.02, 0.1, 0.3, 0.45, 0.6, 0.7, 0.8, 0.95, 1.0])
def test_the_server_is_gone_soon_after_its_input_ends_at_any_point(tmp_path: Path, part: float) -> None:
    with serve(tmp_path, program=SLOW_MODEL) as client:
        opening = {"uri": "file:///a.py", "languageId": "c", "version": 1, "text": "x = "}
        place = {"textDocument": {"uri": "file:///a.py"}, "position": {"line": 0, "character": 4}}
        data = b"".join(
            frame({"jsonrpc": "2.0", **message})
            for message in (
                {"id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}},
                {"method": "initialized", "params": {}},
                {"method": "textDocument/didOpen", "params": {"textDocument": opening}},
                {"id": 2, "method": "textDocument/completion", "params": place},
            )
        )
        client.write(data[: int(len(data) * part)])
        if part == 1.0:
            client.answer(1)
        started = time.monotonic()
        assert client.process.stdin
        client.process.stdin.close()
        assert gone_after(client, started) < 3
        assert client.process.returncode == 1


def test_a_server_whose_loop_stands_still_is_gone_as_well(tmp_path: Path) -> None:
    with serve(tmp_path, program=STUCK) as client:
        client.initialize()
        ask_much(client, 1)
        client.wait_for(lambda message: message.get("id") == 1)
        started = time.monotonic()
        assert client.process.stdin
        client.process.stdin.close()
        assert gone_after(client, started) < 4


def test_the_server_ends_with_its_editor_though_its_input_stays_open(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-c", "input()"]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE) as editor,
        serve(tmp_path, program=SLOW_MODEL) as client,
    ):
        client.initialize(process=editor.pid)
        ask_much(client, 3)
        editor.kill()
        started = time.monotonic()
        assert gone_after(client, started) < 5


@pytest.mark.parametrize("process", [None, 4_194_303])
def test_an_editor_that_cannot_be_seen_does_not_end_the_server(tmp_path: Path, process: int | None) -> None:
    with serve(tmp_path) as client:
        client.initialize(process=process)
        assert client.completes()
        assert client.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_server_without_a_traceback(tmp_path: Path, number: signal.Signals) -> None:
    with serve(tmp_path, program=SLOW_MODEL) as client:
        client.initialize()
        (waiting,) = ask_much(client, 1)
        client.wait_for(lambda message: message.get("params", {}).get("state") == "generating")
        started = time.monotonic()
        client.process.send_signal(number)
        assert gone_after(client, started) < 3
        client.drain()
        assert client.process.returncode == 128 + number
        assert len(client.answers(waiting)) == 1
    assert (tmp_path / "stderr.txt").read_text() == ""


def test_a_client_that_closes_its_reading_end_ends_the_server(tmp_path: Path) -> None:
    read, write = os.pipe()
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", PROGRAM, "serve"]
    with subprocess.Popen(command, stdin=pipe, stdout=write, stderr=pipe) as process:
        os.close(write)
        os.close(read)
        assert process.stdin
        process.stdin.write(frame({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}))
        process.stdin.flush()
        assert process.wait(PATIENCE) == 1
        assert process.stderr
        assert b"Traceback" not in process.stderr.read()


def test_one_client_is_served_over_tcp_on_the_loopback(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "serve", "--tcp", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr
        address = re.search(rb"127\.0\.0\.1:(\d+)", process.stderr.readline())
        assert address
        with socket.create_connection(("127.0.0.1", int(address[1])), PATIENCE) as connection:
            connection.sendall(frame({"id": 1, "method": "initialize", "params": {"capabilities": {}}}))
            assert b'"serverInfo"' in connection.recv(65_536)
            connection.sendall(frame({"id": 2, "method": "shutdown"}) + frame({"method": "exit"}))
            assert process.wait(PATIENCE) == 0


def test_the_log_is_private_and_says_nothing_of_what_the_user_writes(tmp_path: Path) -> None:
    with serve(tmp_path) as client:
        client.initialize()
        client.open("password = 'hunter2'\n")
        client.answer(client.request("textDocument/inlineCompletion", {"hunter2": "hunter2"}))
        client.notify("textDocument/didChange", {"hunter2": "hunter2"})
        client.write(frame("hunter2") + b"Content-Length: 7\r\n\r\nhunter2")
        assert client.completes()
        assert client.end() == 0
    assert stat.S_IMODE(log_path().stat().st_mode) == 0o600
    logged = log_path().read_text() + (tmp_path / "stderr.txt").read_text()
    assert "didChange" in logged
    assert "hunter2" not in logged


def test_a_broken_settings_file_is_one_message_and_the_server_works(tmp_path: Path) -> None:
    from lsp_server.config import config_path

    config_path().parent.mkdir(parents=True)
    config_path().write_text("enabled = maybe")
    with serve(tmp_path) as client:
        client.initialize()
        shown = client.wait_for(lambda message: message.get("method") == "window/showMessage")
        assert str(config_path()) in shown["params"]["message"]
        assert client.completes()
