"""Where hosts and servers meet: a directory for this user alone, with a lock and a socket for each host."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from lsp_server import __version__
from lsp_server.models.backend import ModelError
from lsp_server.models.host.frames import PROTOCOL

LONGEST_SOCKET = 100
"""Characters; the system allows 107 on Linux and 103 elsewhere."""


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one host, known by its key."""

    folder: Path
    key: str

    @property
    def lock(self) -> Path:
        """Held by the host as long as it lives."""
        return self.folder / f"{self.key}.lock"

    @property
    def socket(self) -> Path:
        return self.folder / f"{self.key}.sock"

    @property
    def log(self) -> Path:
        """What llama.cpp and Python said on stderr in the last run."""
        return platformdirs.user_state_path("fathom") / f"host-{self.key}.log"


def place_of(model: Path) -> Place:
    """The place of a model's host. Raises ModelError if there is no safe directory for it."""
    real = os.path.realpath(model)
    # Another version of Fathom has hosts of its own: neither has to understand what the other one means.
    named = f"{PROTOCOL}\0{__version__}\0{real}"
    key = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Place(runtime_dir(), key)


def places() -> Iterator[Place]:
    """The places of all hosts that ran since the machine started. Raises ModelError."""
    folder = runtime_dir()
    for lock in sorted(folder.glob("*.lock")):
        yield Place(folder, lock.stem)


def runtime_dir() -> Path:
    """The directory for sockets, made if need be, open to this user alone. Raises ModelError."""
    # What lies here is worth nothing after a restart, and every path has to be short.
    fallback = Path(tempfile.gettempdir(), f"fathom-{os.getuid()}")
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base, "fathom") if base else fallback
    if len(str(folder)) + len("/0123456789abcdef.sock") > LONGEST_SOCKET:
        folder = Path("/tmp", fallback.name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise _unsafe(folder, error.strerror or "it cannot be made") from error
    if not stat.S_ISDIR(found.st_mode):
        raise _unsafe(folder, "it is no directory")
    if found.st_uid != os.getuid():
        raise _unsafe(folder, "it belongs to somebody else")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
    return folder


def _unsafe(folder: Path, why: str) -> ModelError:
    return ModelError(
        "no-backend",
        f"The model host cannot use {folder}: {why}. "
        "Remove it, or set XDG_RUNTIME_DIR to a directory of your own.",
        permanent=True,
    )
