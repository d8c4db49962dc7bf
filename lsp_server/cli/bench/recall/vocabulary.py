"""Tokens of the model that prompts are made for, counted with tiktoken: ten times as fast as llama.cpp.

It reads the vocabulary from the model's own file. Vocabularies of Qwen number their merges in the order in
which they are made, as tiktoken wants it. This file stands alone, for other programs count with it, too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import tiktoken

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen parts a text before it merges."""
TOKENS, TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
_TEXT, _ARRAY = 8, 9
_U32, _U64 = Struct("<I"), Struct("<Q")
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


class Vocabulary:
    """Counts and cuts texts by tokens. Control tokens that are spelled out count as one."""

    def __init__(self, encoding: tiktoken.Encoding) -> None:
        self._encoding = encoding

    def ids(self, text: str) -> list[int]:
        """The tokens of a text."""
        ids: list[int] = self._encoding.encode(unicodedata.normalize("NFC", text), allowed_special="all")
        return ids

    def count(self, text: str) -> int:
        """How many tokens a text has."""
        return len(self.ids(text))

    def head(self, text: str, most: int) -> str:
        """As much of the start of a text as has so many tokens at most."""
        ids = self.ids(text)
        return text if len(ids) <= most else self._encoding.decode(ids[:most], errors="ignore")

    def tail(self, text: str, most: int) -> str:
        """As much of the end of a text as has so many tokens at most."""
        ids = self.ids(text)
        return text if len(ids) <= most else self._encoding.decode(ids[len(ids) - most :], errors="ignore")


def vocabulary(path: Path) -> Vocabulary:
    """The vocabulary of a model's file. Raises OSError, and ValueError for one that is not as Qwen's."""
    try:
        import tiktoken
    except ImportError as error:
        raise ValueError("tiktoken is not installed: pip install 'fathom-ls[bench]'") from error
    spellings, types = _read(path)
    back = {letter: byte for byte, letter in enumerate(letters())}
    ranks: dict[bytes, int] = {}
    special: dict[str, int] = {}
    for number, (spelling, kind) in enumerate(zip(spellings, types, strict=True)):
        if kind in (CONTROL, USER_DEFINED):
            special[spelling] = number
        elif kind == NORMAL and all(letter in back for letter in spelling):
            ranks[bytes(back[letter] for letter in spelling)] = number
    if len(ranks) < 256:
        raise ValueError(f"{path.name} has no vocabulary of byte pairs")
    return Vocabulary(
        tiktoken.Encoding(path.name, pat_str=PATTERN, mergeable_ranks=ranks, special_tokens=special)
    )


def letters() -> list[str]:
    """The letters that stand for bytes in such vocabularies; what can be printed stands for itself."""
    printed = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in printed else chr(next(others)) for byte in range(256)]


def _read(path: Path) -> tuple[list[str], list[int]]:
    spellings: list[str] = []
    types: list[int] = []
    with path.open("rb") as file:
        file.seek(16)
        (pairs,) = _U64.unpack(file.read(8))
        for _ in range(pairs):
            key = _text(file)
            (kind,) = _U32.unpack(file.read(4))
            if key == TOKENS:
                spellings = list(_texts(file))
            elif key == TYPES:
                types = list(_numbers(file))
            else:
                _skip(file, kind)
            if spellings and types:
                return spellings, types
    raise ValueError(f"{path.name} has no vocabulary")


def _text(file: BinaryIO) -> str:
    (length,) = _U64.unpack(file.read(8))
    return file.read(length).decode("utf-8", "replace")


def _texts(file: BinaryIO) -> Iterator[str]:
    file.read(4)
    (count,) = _U64.unpack(file.read(8))
    for _ in range(count):
        yield _text(file)


def _numbers(file: BinaryIO) -> Iterator[int]:
    file.read(4)
    (count,) = _U64.unpack(file.read(8))
    for _ in range(count):
        yield _U32.unpack(file.read(4))[0]


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == _TEXT:
        _text(file)
    elif kind == _ARRAY:
        (inner,) = _U32.unpack(file.read(4))
        (count,) = _U64.unpack(file.read(8))
        for _ in range(count):
            _skip(file, inner)
    else:
        file.read(_SIZES[kind])
