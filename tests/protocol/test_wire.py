"""The threads that read and write, over real pipes."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator

import pytest

from lsp_server.protocol import wire
from lsp_server.protocol.framing import Frames
from lsp_server.protocol.wire import CROWDED, Outbox, read_messages

PATIENCE = 5.0


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for descriptor in (read, write):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_messages_are_read_until_the_end(pipe: tuple[int, int]) -> None:
    read, write = pipe
    found: list[object] = []
    ended = threading.Event()
    os.write(write, b"content-length: 2\n\n{}Content-Length: 2\r\n\r\n[]")
    os.close(write)
    read_messages(read, found.append, ended.set)
    assert found == [{}, []]
    assert ended.is_set()


@pytest.mark.parametrize("blocking", [True, False])
def test_a_descriptor_that_does_not_block_is_read_as_well(pipe: tuple[int, int], blocking: bool) -> None:
    read, write = pipe
    os.set_blocking(read, blocking)
    found: list[object] = []
    first = threading.Event()

    def deliver(message: object) -> None:
        found.append(message)
        first.set()

    reader = threading.Thread(target=read_messages, args=(read, deliver, lambda: None))
    reader.start()
    os.write(write, b"Content-Length: 2\r\n\r\n{}")
    assert first.wait(PATIENCE)
    os.close(write)
    reader.join(PATIENCE)
    assert found == [{}]


@pytest.mark.parametrize("blocking", [True, False])
def test_what_is_sent_arrives_whole_and_in_order(pipe: tuple[int, int], blocking: bool) -> None:
    read, write = pipe
    os.set_blocking(write, blocking)
    outbox = Outbox(write, lost=lambda: None)
    sent: list[dict[str, object]] = [{"n": n, "text": "é🦊\ud800" * 5000} for n in range(20)]
    for message in sent:
        outbox.send(message)
    frames, found = Frames(), []
    while len(found) < len(sent):
        found += frames.feed(os.read(read, 100_000))
    assert found == sent
    outbox.close(PATIENCE)


def test_a_client_that_does_not_read_makes_the_outbox_crowded_and_is_lost_in_the_end(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MAX_WAITING", 4 * CROWDED)
    lost = threading.Event()
    outbox = Outbox(pipe[1], lost=lost.set)
    outbox.send({"text": "x" * CROWDED})
    assert outbox.crowded
    assert not lost.is_set()
    for _ in range(4):
        outbox.send({"text": "x" * CROWDED})
    assert lost.is_set()
    outbox.close(0.0)


def test_a_client_that_closed_its_end_is_lost_without_an_error(pipe: tuple[int, int]) -> None:
    read, write = pipe
    os.close(read)
    lost = threading.Event()
    outbox = Outbox(write, lost=lost.set)
    outbox.send({"n": 1})
    assert lost.wait(PATIENCE)
    outbox.send({"n": 2})
    outbox.close(PATIENCE)


def test_closing_writes_what_still_waits(pipe: tuple[int, int]) -> None:
    read, write = pipe
    outbox = Outbox(write, lost=lambda: None)
    for number in range(100):
        outbox.send({"n": number})
    outbox.close(PATIENCE)
    os.close(write)
    data = b"".join(iter(lambda: os.read(read, 65_536), b""))
    assert Frames().feed(data) == [json.loads(f'{{"n": {number}}}') for number in range(100)]
