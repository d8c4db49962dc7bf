"""Reads the beginning of files, and of files only: never waits at a FIFO, never opens a device."""

from __future__ import annotations

import os
import stat
from pathlib import Path

# What a system does not have, it does not need: Windows has neither FIFOs nor links that open() could refuse.
_NEVER_WAIT: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)


class NoFileError(OSError):
    """What was to be read is a folder, a FIFO, a device or a socket."""


def begin_of(path: str | Path, size: int) -> bytes:
    """At most so many bytes from the start of a file that is no link. Raises OSError."""
    return _begin_of(path, size, _NEVER_WAIT | _NO_LINK)


def begin_of_linked(path: str | Path, size: int) -> bytes:
    """The same, of the file that a link leads to."""
    return _begin_of(path, size, _NEVER_WAIT)


def _begin_of(path: str | Path, size: int, flags: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | flags)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NoFileError(f"{str(path)!r} is no file")
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)
