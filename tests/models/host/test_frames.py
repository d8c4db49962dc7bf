"""Messages on the socket: whole ones, broken ones, hostile ones."""

from __future__ import annotations

import asyncio

import pytest

from lsp_server.models.host import frames
from lsp_server.models.host.frames import FrameError, encode, read_message


def reader(data: bytes) -> asyncio.StreamReader:
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    return stream


async def test_messages_come_out_as_they_went_in() -> None:
    messages = [{"text": "ä\ud800\0\n", "id": 1}, {}, {"list": [None, True, 1.5]}]
    stream = reader(b"".join(map(encode, messages)))
    assert [await read_message(stream) for _ in range(4)] == [*messages, None]


@pytest.mark.parametrize("cut", range(1, 9))
async def test_a_cut_stream_is_an_end(cut: int) -> None:
    assert await read_message(reader(encode({"a": 1})[:-cut])) is None


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'"a"', b"1", b"\xff", b"[" * 100_000])
async def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError):
        await read_message(reader(len(body).to_bytes(4, "big") + body))


async def test_a_frame_that_claims_to_be_huge_is_refused_unread() -> None:
    with pytest.raises(FrameError, match="4,294,967,295"):
        await read_message(reader(b"\xff\xff\xff\xff"))


def test_a_message_that_is_too_long_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MOST_BYTES", 10)
    with pytest.raises(FrameError):
        encode({"text": "x" * 10})
