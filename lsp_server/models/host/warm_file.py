"""One file that holds what a model has read: the tokens, and the memory of them as llama.cpp copies it.

A file is believed only when all of it is right: who wrote it with which model, its length, and its checksum.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from struct import Struct

import numpy as np

from lsp_server.models.host.checkpoints import State, Tokens

MAGIC = b"FATHOM-WARM\n"
VERSION = 1
HEAD = Struct("<12sI32sQQ32s")
"""Magic, version, key, tokens, bytes of the state, and the SHA-256 of both."""
MOST_TOKENS = 1 << 22
TEMPORARY = ".tmp"


class Damaged(Exception):  # noqa: N818 - it reads as what happened
    """This is no whole file for that key."""


def write_warm(path: Path, key: bytes, tokens: Tokens, state: State) -> None:
    """Write a file so that it is there whole or not at all, and only for this user. Raises OSError."""
    body = (tokens.astype("<i4").data, state.data)
    head = HEAD.pack(MAGIC, VERSION, key, len(tokens), state.nbytes, _checksum(*body))
    handle, temporary = tempfile.mkstemp(TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in (head, *body):
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_tokens(path: Path, key: bytes) -> Tokens:
    """The tokens that a file is for; its state is not looked at. Raises OSError and Damaged."""
    with path.open("rb") as file:
        count, size, _ = _head(file.read(HEAD.size), key)
        if os.fstat(file.fileno()).st_size != HEAD.size + 4 * count + size:
            raise Damaged
        return np.frombuffer(file.read(4 * count), "<i4").astype(np.int32)


def read_warm(path: Path, key: bytes) -> tuple[Tokens, State]:
    """The tokens and the state. Raises OSError and Damaged."""
    data = np.fromfile(path, np.uint8)
    count, size, checksum = _head(data[: HEAD.size].tobytes(), key)
    body = data[HEAD.size :]
    if len(body) != 4 * count + size or _checksum(body.data) != checksum:
        raise Damaged
    return body[: 4 * count].view("<i4").astype(np.int32), body[4 * count :]


def _head(data: bytes, key: bytes) -> tuple[int, int, bytes]:
    if len(data) != HEAD.size:
        raise Damaged
    magic, version, found, count, size, checksum = HEAD.unpack(data)
    if (magic, version, found) != (MAGIC, VERSION, key) or count > MOST_TOKENS:
        raise Damaged
    return count, size, checksum


def _checksum(*parts: memoryview) -> bytes:
    checksum = hashlib.sha256()
    for part in parts:
        checksum.update(part)
    return checksum.digest()
