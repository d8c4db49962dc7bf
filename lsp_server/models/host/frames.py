"""Messages between a language server and a model host: JSON objects, each behind its length.

A frame is four bytes of length (unsigned, big-endian), then so many bytes of UTF-8 JSON. `PROTOCOL` is a part
of the name of the socket, so two versions of Fathom that differ in it never meet.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

PROTOCOL = 1
MOST_BYTES = 64 * 1024 * 1024
"""A prompt of a million tokens has about 4 MB; what claims to be longer than this is no message of ours."""
LENGTH = 4

Message = dict[str, Any]


class FrameError(Exception):
    """What came is no frame."""


def encode(message: Message) -> bytes:
    """A message as a frame. Halves of surrogate pairs survive, as JSON escapes. Raises FrameError."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(body) > MOST_BYTES:
        raise FrameError(f"a message of {len(body):,} bytes is too long")
    return len(body).to_bytes(LENGTH, "big") + body


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """The next message; None at the end of the stream, also in the middle of a frame. Raises FrameError."""
    try:
        length = int.from_bytes(await reader.readexactly(LENGTH), "big")
        if length > MOST_BYTES:
            raise FrameError(f"a frame claims {length:,} bytes")
        body = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a frame is no JSON: {error}") from error
    if not isinstance(message, dict):
        raise FrameError("a frame is no JSON object")
    return message
