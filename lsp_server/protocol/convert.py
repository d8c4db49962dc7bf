"""Between the client's positions and URIs and the core's offsets and paths: columns are counted only here."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lsprotocol import types

from context.outline import Span
from context.snapshot import Change, Document
from context.text import Encoding, Text
from lsp_server.protocol.fields import pick, pick_integer, pick_text


def choose_encoding(offered: object) -> Encoding | None:
    """The first encoding that the client offers and the core can count; None if it offers none."""
    known: dict[object, Encoding] = {"utf-8": "utf-8", "utf-16": "utf-16", "utf-32": "utf-32"}
    names = offered if isinstance(offered, (list, tuple)) else ()
    return next((known[name] for name in names if name in known), None)


def to_offset(text: Text, position: types.Position, encoding: Encoding) -> int:
    """The offset in code points; a position outside the text is moved to its nearest place."""
    return text.offset(position.line, position.character, encoding)


def to_position(text: Text, offset: int, encoding: Encoding) -> types.Position:
    line, character = text.position(offset, encoding)
    return types.Position(line=line, character=character)


def to_range(text: Text, start: int, end: int, encoding: Encoding) -> types.Range:
    return types.Range(to_position(text, start, encoding), to_position(text, end, encoding))


def to_span(text: Text, value: object, encoding: Encoding) -> Span | None:
    """Read a range of a client, as offsets in their order; None if it is none."""
    span = _numbers(value)
    if span is None:
        return None
    start, end = sorted(text.offset(*place, encoding) for place in span)
    return Span(start, end)


UNREADABLE = Change(range=((-1, -1), (-1, -1)), text="")
"""Stands for an edit that makes no sense: it fits no document, so it puts its document out of sync."""


def to_change(event: object) -> Change:
    """Read one content change of a client; UNREADABLE if it is none."""
    text, span = pick_text(event, "text"), pick(event, "range")
    if text is None:
        return UNREADABLE
    if span is None:
        return Change(range=None, text=text)
    numbers = _numbers(span)
    return UNREADABLE if numbers is None else Change(range=numbers, text=text)


def _numbers(value: object) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Lines and columns of a range; None if it is none."""
    numbers = [pick_integer(value, end, part) for end in ("start", "end") for part in ("line", "character")]
    start_line, start, end_line, end = numbers
    if start_line is None or start is None or end_line is None or end is None:
        return None
    return (start_line, start), (end_line, end)


def line_before(document: Document, offset: int) -> str:
    """The text between the start of the line and an offset on it."""
    text = document.text
    return text.string[text.line_start(text.line_at(offset)) : offset]


def to_path(uri: str) -> Path | None:
    """The path of a `file:` URI; None for every other scheme and for what is no URI."""
    try:
        parts = urlsplit(uri)
        if parts.scheme != "file":
            return None
        host = f"//{parts.netloc}" if parts.netloc not in {"", "localhost"} else ""
        path = url2pathname(host + parts.path)
        return Path(path) if "\0" not in path else None
    except ValueError:
        return None
