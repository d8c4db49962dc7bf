"""What the sources of model files share: progress, the answer and failure of a source, free space."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lsp_server.models.backend import ModelError

CHUNK = 1 << 20
DISK_ERRORS = frozenset(
    (
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
        *(errno.EROFS, errno.EACCES, errno.EPERM),
        *(errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.EIO),
    )
)
"""Too little room; no right to write; something else stands there, or the disk is failing."""
MARGIN = 64 * 1024 * 1024
"""Bytes that are left free on the disk."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pull is: `done` of `total` bytes (None: not known). A note says something once."""

    kind: Literal["note", "waiting", "fetching", "verifying"]
    message: str
    done: int = 0
    total: int | None = None


OnProgress = Callable[[Progress], None]
"""Called from the thread that pulls. What it raises ends the pull, which can be taken up again later."""

FreeSpace = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as it came from a source: complete by the source's own account, and not verified yet."""

    path: Path
    source: str
    stated_sha256: str | None = None
    """The hash that the source itself states."""


class SourceFailed(Exception):  # noqa: N818 - it reads as what happened
    """This source did not give the file; the next one may. `str()` says why, without a full stop.

    `corrupt` means that it gave something else than the file.
    """

    def __init__(self, why: str, *, corrupt: bool = False) -> None:
        super().__init__(why)
        self.corrupt = corrupt


def free_space(folder: Path) -> int:
    """Return how many bytes may still be written below a folder."""
    return shutil.disk_usage(folder).free


def demand_space(folder: Path, needed: int, free: FreeSpace) -> None:
    """Raise ModelError when fewer than `needed` bytes and a margin are free."""
    missing = needed + MARGIN - free(folder)
    if missing > 0:
        raise ModelError(
            "no-model",
            f"Not enough disk space in {folder}: {megabytes(needed + MARGIN)} are needed and "
            f"{megabytes(missing)} of them are missing; free some, or set FATHOM_HOME to a folder on "
            "another disk.",
        )


def disk_trouble(error: OSError, folder: Path) -> ModelError | None:
    """Explain an error of the disk that no other source can mend, or return None."""
    if error.errno not in DISK_ERRORS:
        return None
    return ModelError(
        "no-model",
        f"Cannot write in {folder}: {error.strerror}. Mend that, or set FATHOM_HOME to another folder, "
        "and try again; what was fetched is kept.",
    )


def sha256_of(path: Path, say: Callable[[int], None]) -> str:
    """Hash a file, telling the bytes done so far."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            done += len(chunk)
            say(done)
    return digest.hexdigest()


def megabytes(size: int) -> str:
    """Write a number of bytes for people: "491.4 MB", "18.6 GB"."""
    if size >= 1_000_000_000:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.1f} MB"
