"""Reads the front of one GGUF file: metadata and the table of tensors. What they mean is for `gguf.py`.

Every count and length is bounded before it is used, since files come from anywhere: what is read is at most
`LONGEST_HEADER` bytes, in blocks, whatever the file says.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from struct import Struct

MAGIC = b"GGUF"
VERSIONS = (2, 3)
LONGEST_HEADER = 1 << 27
"""Bytes. A vocabulary of 262,144 tokens and its merges take 16 MB."""
BLOCK = 1 << 20
LONGEST_TEXT = 1 << 16
"""Bytes of keys, and of texts that are kept."""
LONGEST_LIST = 1024
"""Numbers of an array that are kept."""
MOST_PAIRS = MOST_TENSORS = 1 << 16
MOST_ELEMENTS = 1 << 22
"""Elements of an array; the largest vocabularies have fewer than 2^19."""
MOST_DIMENSIONS = 4
LARGEST_ALIGNMENT = 1 << 20
LONG = "…"
"""Stands for a longer text."""
TOKENS = "tokenizer.ggml.tokens"
TEXT, ARRAY = 8, 9

_U32, _U64 = Struct("<I"), Struct("<Q")
_SCALARS = dict(
    zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), (Struct(f"<{code}") for code in "BbHhIif?Qqd"), strict=True)
)
_BYTES_OF_256 = (84, 110, 144, 176, 210, 292, 66, 74, 98, 50, 110, 82, 136, 56, 54, 66)
_BLOCK_SIZES = {
    1: {0: 4, 1: 2, 24: 1, 25: 2, 26: 4, 27: 8, 28: 8, 30: 2},
    32: {2: 18, 3: 20, 6: 22, 7: 24, 8: 34, 9: 36, 20: 18, 39: 17},
    64: {40: 36, 42: 18},
    128: {41: 18},
    256: dict(zip((*range(10, 20), *range(21, 24), 29, 34, 35), _BYTES_OF_256, strict=True)),
}
TYPE_SIZES = {
    kind: (numbers, size) for numbers, sizes in _BLOCK_SIZES.items() for kind, size in sizes.items()
}
"""Numbers in a block and bytes of a block, for each type of tensor (asked of ggml 0.25.3)."""


class Damaged(Exception):  # noqa: N818 - it reads as what happened
    """This is no whole GGUF file; `str()` goes on after the file's name: "is ...; do this"."""


@dataclass(frozen=True, slots=True)
class Array:
    """An array of the metadata: how many elements, and the elements where they are few numbers."""

    count: int
    numbers: tuple[float, ...] = ()


Value = float | str | Array


@dataclass(frozen=True, slots=True)
class Part:
    """One file as it describes itself."""

    path: Path
    version: int
    size: int
    """Bytes of the file."""
    metadata: dict[str, Value]
    tokens: dict[bytes, int]
    """Ids of the tokens that were looked for and are there."""
    tensors: int
    weights: int
    """Bytes of the tensors, as far as their types are known."""

    def text(self, key: str) -> str:
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        value = self.metadata.get(key)
        return int(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def read_part(path: Path, wanted: frozenset[bytes]) -> Part:
    """Read a file's header, and look for `wanted` in its vocabulary. Raises Damaged and OSError."""
    with _opened(path) as (file, size):
        front = _Front(file, size)
        version = _version(front)
        tensors, pairs = front.number(_U64), front.number(_U64)
        if pairs > MOST_PAIRS or tensors > MOST_TENSORS:
            raise Damaged(f"is damaged: it claims {tensors} tensors and {pairs} settings; fetch it again")
        tokens: dict[bytes, int] = {}
        metadata: dict[str, Value] = {}
        for _ in range(pairs):
            key = front.text(LONGEST_TEXT)
            if key in metadata:
                raise Damaged(f"is damaged: it has {key} twice; fetch it again")
            metadata[key] = _value(front, key, wanted, tokens)
        weights, end = _tensors(front, tensors, _alignment(metadata))
    if size < end:
        raise Damaged(f"is cut off: {size} bytes of {end} are there; fetch it again")
    return Part(path, version, size, metadata, tokens, tensors, weights)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[FileIO, int]]:
    """Open a regular file; never wait for a pipe or a device."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise Damaged("is a folder: name the GGUF file in it")
        if not stat.S_ISREG(found.st_mode):
            raise Damaged("is no regular file: name a GGUF file")
        yield FileIO(handle, closefd=False), found.st_size
    finally:
        os.close(handle)


class _Front:
    """The bytes at the front of a file, read block by block as far as they are asked for."""

    def __init__(self, file: FileIO, size: int) -> None:
        self._file = file
        self._size = size
        self.data = bytearray(file.read(BLOCK))
        self.at = 0

    def need(self, end: int) -> int:
        """Have all bytes before `end`; returns how many there are. Raises Damaged."""
        if end <= len(self.data):
            return len(self.data)
        if end > self._size:
            raise Damaged("is cut off in its header; fetch it again")
        if end > LONGEST_HEADER:
            raise Damaged(f"is damaged: its header is longer than {LONGEST_HEADER} bytes; fetch it again")
        while len(self.data) < end:
            fresh = self._file.read(BLOCK)
            if not fresh:  # it became shorter meanwhile
                raise Damaged("is cut off in its header; fetch it again")
            self.data += fresh
        return len(self.data)

    def skip(self, count: int) -> int:
        """Go on by so many bytes and return where they began."""
        start, self.at = self.at, self.at + count
        self.need(self.at)
        return start

    def number(self, kind: Struct) -> int:
        value: int = kind.unpack_from(self.data, self.skip(kind.size))[0]
        return value

    def scalar(self, kind: int) -> float:
        value: float = _scalar(kind).unpack_from(self.data, self.skip(_scalar(kind).size))[0]
        return value

    def text(self, longest: int) -> str:
        """Raises Damaged for a longer one."""
        length = self.number(_U64)
        if length > longest:
            raise Damaged(f"is damaged: it has a name of {length} bytes; fetch it again")
        start = self.skip(length)
        return self.data[start : self.at].decode("utf-8", "replace")

    def find(self, wanted: frozenset[bytes], count: int) -> dict[bytes, int]:
        """Go over `count` texts and return at which places the wanted ones are.

        This is the one loop here that runs some 300,000 times.
        """
        found: dict[bytes, int] = {}
        lengths = frozenset(map(len, wanted))
        unpack, data, at, have = _U64.unpack_from, self.data, self.at, len(self.data)
        for index in range(count):
            if at + 8 > have:
                have = self.need(at + 8)
            (length,) = unpack(data, at)
            at += 8 + length
            if length in lengths:
                have = self.need(at)
                if (text := bytes(data[at - length : at])) in wanted:
                    found[text] = index
        self.need(at)
        self.at = at
        return found


def _scalar(kind: int) -> Struct:
    if kind not in _SCALARS:
        raise Damaged(f"is damaged: it has a value of the unknown kind {kind}; fetch it again")
    return _SCALARS[kind]


def _version(front: _Front) -> int:
    """Check what each GGUF file begins with."""
    if not front.data:
        raise Damaged("is empty; fetch it again")
    if not front.data.startswith(MAGIC):
        raise Damaged(_other_format(bytes(front.data[:256])))
    front.skip(len(MAGIC))
    version = front.number(_U32)
    if version in VERSIONS:
        return version
    if version & 0xFFFF == 0:
        raise Damaged("is written for big-endian machines: fetch the file for little-endian ones")
    if version < min(VERSIONS):
        raise Damaged(f"is of GGUF version {version}, which llama.cpp gave up: fetch a newer file")
    raise Damaged(f"is of GGUF version {version}, too new for this Fathom: update it or fetch another file")


def _other_format(begin: bytes) -> str:
    """What a file is that is no GGUF, from its first bytes."""
    if begin.startswith(b"version https://git-lfs"):
        return "is a pointer of git-lfs and not the model: run `git lfs pull` where it comes from"
    if begin.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "is a web page and not the model: fetch the file itself"
    if begin[:4] in (b"lmgg", b"fmgg", b"tjgg", b"algg"):
        return "is of a format before GGUF: fetch a newer file"
    return "is no GGUF file: name a model in the format of llama.cpp"


def _value(front: _Front, key: str, wanted: frozenset[bytes], tokens: dict[bytes, int]) -> Value:
    kind = front.number(_U32)
    if kind == TEXT:
        return _text(front)
    if kind != ARRAY:
        return front.scalar(kind)
    kind, count = front.number(_U32), front.number(_U64)
    if count > MOST_ELEMENTS:
        raise Damaged(f"is damaged: {key} claims {count} elements; fetch it again")
    if kind == TEXT:
        tokens.update(front.find(wanted if key == TOKENS else frozenset(), count))
        return Array(count)
    if count > LONGEST_LIST:
        front.skip(count * _scalar(kind).size)
        return Array(count)
    return Array(count, tuple(front.scalar(kind) for _ in range(count)))


def _text(front: _Front) -> str:
    """A text if it is short enough to be kept; a chat template may be long and is never used."""
    length = front.number(_U64)
    start = front.skip(length)
    return front.data[start : front.at].decode("utf-8", "replace") if length <= LONGEST_TEXT else LONG


def _tensors(front: _Front, count: int, alignment: int) -> tuple[int, int]:
    """Read the table of tensors; returns bytes of the tensors, and the size that the file must have."""
    weights = end = 0
    for _ in range(count):
        front.text(LONGEST_TEXT)
        dimensions = front.number(_U32)
        if dimensions > MOST_DIMENSIONS:
            raise Damaged(f"is damaged: it has a tensor of {dimensions} dimensions; fetch it again")
        numbers = math.prod(front.number(_U64) for _ in range(dimensions))
        kind, offset = front.number(_U32), front.number(_U64)
        if offset % alignment:
            raise Damaged("is damaged: its tensors are not where they can be; fetch it again")
        in_block, block = TYPE_SIZES.get(kind, (1, 0))
        size = numbers // in_block * block
        weights += size
        end = max(end, offset + size)
    return weights, front.at + -front.at % alignment + end if count else front.at


def _alignment(metadata: dict[str, Value]) -> int:
    value = metadata.get("general.alignment", 32)
    if isinstance(value, int) and 0 < value <= LARGEST_ALIGNMENT and value & (value - 1) == 0:
        return value
    raise Damaged(f"is damaged: its alignment is {value}; fetch it again")
