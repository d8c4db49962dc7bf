"""The base protocol's framing without I/O: bytes in, message bodies out.

It takes what real clients and hand-written scripts send (any case, any spaces, more headers, bare line
feeds), never keeps more than one body of `MAX_BODY` bytes, and after bytes that it does not understand goes
on with the next header.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

MAX_BODY = 64 * 1024 * 1024
"""Bytes. The largest message that a client may send."""

MAX_HEADER = 8 * 1024
"""Bytes. The longest header block, and what is kept of bytes among which no header was found."""

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([^\r\n]*)\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that could not be read, and why."""

    reason: str


class Frames:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    def feed(self, data: bytes) -> list[object]:
        """Add bytes; return what they complete: JSON values, and Unreadable for a message that was lost."""
        self._buffer += data
        found: list[object] = []
        while True:
            if self._length is None and not self._header(found):
                return found
            if not self._body(found):
                return found

    def _body(self, found: list[object]) -> bool:
        """Take one body off the buffer; False if it has not come whole."""
        length = self._length or 0
        if len(self._buffer) < length:
            return False
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._length = None
        if not body:
            return True
        message = parse(body)
        found.append(message)
        if isinstance(message, Unreadable) and (swallowed := _LENGTH.search(body)):
            self._buffer[:0] = body[swallowed.start() :]
        return True

    def _header(self, found: list[object]) -> bool:
        """Take one header off the buffer, with anything before it; False if there is none yet."""
        while start := _LENGTH.search(self._buffer):
            end = self._blank_line(start.end())
            if end is None and len(self._buffer) - start.start() <= MAX_HEADER:
                return False
            if not end:
                del self._buffer[: start.end()]
                found.append(Unreadable("a header without the empty line that ends it"))
                continue
            # Of several lengths the last one counts: the others belong to a message that was cut off.
            digits = _LENGTH.findall(self._buffer, start.start(), end)[-1].strip()
            del self._buffer[:end]
            if digits.isdigit() and len(digits) <= 12 and int(digits) <= MAX_BODY:
                self._length = int(digits)
                return True
            found.append(Unreadable(f"the Content-Length is not a number from 0 to {MAX_BODY}"))
        del self._buffer[:-MAX_HEADER]
        return False

    def _blank_line(self, start: int) -> int | None:
        """Where the body begins; None before the end of the header has come, 0 if the lines are no header."""
        while (newline := self._buffer.find(b"\n", start)) >= 0:
            line = self._buffer[start:newline].strip()
            start = newline + 1
            if not line:
                return start
            if b":" not in line:
                return 0
        return None


def parse(body: bytes) -> object:
    """Read a body as JSON. What is no JSON gives Unreadable."""
    try:
        return json.loads(body)
    except RecursionError:
        return Unreadable("JSON that is nested too deep")
    except ValueError:
        return Unreadable("a body that is not JSON")
