"""Cutting bytes into messages: what clients really send, and what nobody should."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.protocol.framing import MAX_BODY, Frames, Unreadable

PING = {"id": 1, "method": "ping"}
BODY = json.dumps(PING).encode()


def frame(message: object) -> bytes:
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: %d\r\n\r\n",
        b"content-length: %d\r\n\r\n",
        b"CONTENT-LENGTH:%d\r\n\r\n",
        b"Content-Length : %d\r\n\r\n",
        b"Content-Length:\t%d \r\n\r\n",
        b"Content-Length: %d\n\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc\r\nX-More: 1\r\n\r\n",
        b"\r\n\r\nContent-Length: %d\r\n\r\n",
    ],
)
def test_a_header_in_any_form_is_read(header: bytes) -> None:
    assert Frames().feed(header % len(BODY) + BODY) == [PING]


def test_an_empty_body_is_passed_over() -> None:
    assert Frames().feed(b"Content-Length: 0\r\n\r\n" + frame(PING)) == [PING]


@pytest.mark.parametrize(
    "length", [b"9" * 5000, b"1000000000000", b"-4", b"", b"four", b"%d" % (MAX_BODY + 1), b"4, 4"]
)
def test_an_absurd_length_is_reported_and_the_next_message_is_read(length: bytes) -> None:
    found = Frames().feed(b"Content-Length: " + length + b"\r\n\r\n{}" + frame(PING))
    assert isinstance(found[0], Unreadable)
    assert found[1:] == [PING]


@pytest.mark.parametrize("error", [-1, 1, 30, len(frame(PING))])
def test_a_length_that_is_wrong_costs_one_message_only(error: int) -> None:
    wrong = b"Content-Length: %d\r\n\r\n%b" % (len(BODY) + error, BODY)
    found = Frames().feed(wrong + frame(PING) + frame(PING) + frame(PING))
    assert [message for message in found if not isinstance(message, Unreadable)][-2:] == [PING, PING]
    assert any(isinstance(message, Unreadable) for message in found)


def test_a_header_without_its_empty_line_does_not_swallow_the_next() -> None:
    found = Frames().feed(b"Content-Length: 20\r\n" + BODY + b"\r\nno header\r\n" + frame(PING))
    assert found[-1] == PING


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe{}", b"{", b"not json", b"\0", b"[" * 200_000, b"1" * 5000, b'{"a":' * 200_000],
    ids=["utf-8", "cut", "text", "nul", "nested", "digits", "objects"],
)
def test_a_body_that_is_not_json_is_reported(body: bytes) -> None:
    found = Frames().feed(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) + frame(PING))
    assert isinstance(found[0], Unreadable)
    assert found[1:] == [PING]


def test_a_byte_order_mark_before_the_json_is_passed_over() -> None:
    body = b"\xef\xbb\xbf" + BODY
    assert Frames().feed(b"Content-Length: %d\r\n\r\n%b" % (len(body), body)) == [PING]


@given(st.lists(st.integers(1, 40), min_size=1))
def test_messages_are_the_same_however_the_bytes_are_cut(steps: list[int]) -> None:
    data = frame(PING) + b"content-length:2\n\n{}" + frame({"text": "Content-Length: 5\r\n\r\né"}) * 2
    frames, found, start = Frames(), [], 0
    for step in [*steps, len(data)]:
        found += frames.feed(data[start : start + step])
        start += step
    assert found == [PING, {}, {"text": "Content-Length: 5\r\n\r\né"}, {"text": "Content-Length: 5\r\n\r\né"}]


@given(st.binary(max_size=300))
def test_after_any_garbage_the_stream_is_readable_again(garbage: bytes) -> None:
    found = Frames().feed(garbage + b"\r\n" + frame(PING) * 2)
    assert found[-1] == PING


def test_garbage_without_an_end_is_not_kept() -> None:
    frames = Frames()
    tracemalloc.start()
    for _ in range(200):
        frames.feed(b"x" * 65_536)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
