"""How values are written in the index: names as numbers, texts compressed, definitions with ids by content.

Reader and writer share it, so it is light.
"""

from __future__ import annotations

import json
import zlib
from hashlib import blake2b
from typing import get_args

from context.outline import Import, Kind

NAME = "index.sqlite"
SEARCH = "search"
SHIFT = 20
"""Bits for the number of a definition in its content. Both are its id, so that it lies with the others."""

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
