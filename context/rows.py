"""How values are written in the index: names as numbers, texts compressed, definitions with ids by content.

Reader and writer share it, so it is light.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from hashlib import blake2b
from typing import get_args

from context.outline import Import, Kind

NAME = "index.sqlite"
SEARCH = "search"
SHIFT = 20
"""Bits for the number of a definition in its content. Both are its id, so that it lies with the others."""

BLOCK = 16_384
"""Characters of a text that are compressed together."""
_SIZE = array("I").itemsize

KIND_NAMES: tuple[Kind, ...] = get_args(Kind)
KIND_NUMBERS = {kind: number for number, kind in enumerate(KIND_NAMES)}


def key_of(name: str) -> int:
    """A number for a name, the same everywhere. Of a million names, two have the same once in 300 trees."""
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return int.from_bytes(digest, "big", signed=True)


def ids_in(content: int) -> tuple[int, int]:
    """The first and the last id that a definition in this content can have."""
    return content << SHIFT, ((content + 1) << SHIFT) - 1


def imports_of(data: bytes) -> list[Import]:
    """Imports as they were stored. Raises zlib.error or ValueError for what is damaged."""
    return [Import(*row) for row in json.loads(unpacked(data))]


def uses_of(data: bytes) -> dict[str, int]:
    """How often each name is used, as it was stored. Raises zlib.error or ValueError for what is damaged."""
    return dict(json.loads(unpacked(data)))


def packed(text: str) -> bytes:
    """A text as it is stored."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 2)


def unpacked(data: bytes) -> str:
    """The text again. Raises zlib.error or ValueError for what is damaged."""
    return zlib.decompress(data).decode("utf-8", "surrogatepass")


def packed_text(text: str) -> bytes:
    """A text in blocks, so that a passage can be had without the rest."""
    blocks = [packed(text[at : at + BLOCK]) for at in range(0, len(text), BLOCK)]
    return array("I", [len(blocks), *map(len, blocks)]).tobytes() + b"".join(blocks)


def passage_of(data: bytes, start: int = 0, end: int = sys.maxsize) -> str:
    """A passage of such a text, or all of it. Raises zlib.error or ValueError for what is damaged."""
    (count,) = array("I", data[:_SIZE])
    sizes = array("I", data[_SIZE : _SIZE * (count + 1)])
    at = _SIZE * (count + 1)
    first, parts = start // BLOCK, []
    for number, size in enumerate(sizes):
        if first <= number and number * BLOCK < end:
            parts.append(unpacked(data[at : at + size]))
        at += size
    return "".join(parts)[start - first * BLOCK : end - first * BLOCK]
