"""What a model has read, kept on disk: a host that starts again need not read a repository anew.

Only what the caller of a request marks as stable is kept, see `Sampling.warm`, and only where it is long. It
is text of the user in another form, so the folder is for this user alone. Whatever goes wrong with the disk
costs no more than reading again.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import time

import numpy as np
import platformdirs

from lsp_server.models.host.checkpoints import State, Tokens
from lsp_server.models.host.warm_file import TEMPORARY, Damaged, read_tokens, read_warm, write_warm

log = logging.getLogger(__name__)

LEAST = 512
"""Tokens; less is read again in a few seconds."""
MOST_BYTES = 1 << 30
"""Of all files, of all models."""
SPARE_BYTES = 1 << 30
"""What is left free on the disk."""
ENOUGH = 0.75
"""A text is not written if so much of it is in a file already."""
ABANDONED = 3600.0
"""Seconds after which a temporary file is that of a host that was killed."""
SUFFIX = ".warm"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file and the tokens that it is for."""

    path: Path
    tokens: Tokens


class Warm:
    """The files of one model. `identity` names all that its memory depends on: file, version, settings."""

    def __init__(self, model: str, identity: str, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._key = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).digest()
        name = hashlib.sha256(model.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._all, self._folder = folder, folder / name
        self._most_bytes = most_bytes
        self._stored: list[Stored] | None = None
        self._writing: threading.Thread | None = None

    def longest(self, tokens: Tokens) -> Stored | None:
        """The longest text on disk that these tokens begin with, and go on from."""
        fitting = [
            stored
            for stored in self._known()
            if len(stored.tokens) < len(tokens) and _common(stored.tokens, tokens) == len(stored.tokens)
        ]
        return max(fitting, key=lambda stored: len(stored.tokens), default=None)

    def wants(self, tokens: Tokens) -> bool:
        """Whether a text is worth a file: it is long, and little of it is in one."""
        if len(tokens) < LEAST or self._writes():
            return False
        known = max((_common(stored.tokens, tokens) for stored in self._known()), default=0)
        return known < ENOUGH * len(tokens)

    def read(self, stored: Stored) -> State | None:
        """The state of a text on disk; None if the file is not what it was, and then it is gone."""
        try:
            tokens, state = read_warm(stored.path, self._key)
            if not np.array_equal(tokens, stored.tokens):
                raise Damaged
            stored.path.touch()
        except (OSError, Damaged) as error:
            log.warning("%s cannot be used, and is removed: %r", stored.path, error)
            self._forget(stored)
            return None
        return state

    def keep(self, tokens: Tokens, state: State) -> None:
        """Write a text to disk, in a thread: it may take seconds."""
        if self._writes() or state.nbytes > self._most_bytes / 2:
            return
        self._writing = threading.Thread(
            target=self._write, args=(tokens.copy(), state), name="keep what was read", daemon=True
        )
        self._writing.start()

    def settle(self) -> None:
        """Wait until nothing is being written."""
        if self._writing is not None:
            self._writing.join()

    def _writes(self) -> bool:
        return self._writing is not None and self._writing.is_alive()

    def _write(self, tokens: Tokens, state: State) -> None:
        stored = Stored(self._folder / (hashlib.sha256(tokens.tobytes()).hexdigest()[:32] + SUFFIX), tokens)
        try:
            for folder in (self._all, self._folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
            _make_room(self._all, self._most_bytes - state.nbytes - tokens.nbytes)
            if shutil.disk_usage(self._all).free < state.nbytes + SPARE_BYTES:
                log.info("the disk is too full to keep what was read")
                return
            write_warm(stored.path, self._key, tokens, state)
        except OSError as error:
            log.warning("what was read cannot be kept: %s", error)
            return
        self._stored = [*(other for other in self._known() if other.path != stored.path), stored]

    def _known(self) -> list[Stored]:
        if self._stored is None:
            self._stored = list(self._look())
        return self._stored

    def _look(self) -> Iterable[Stored]:
        """The files that are right for this model; those that cannot be are removed."""
        for path in _files(self._folder):
            try:
                if path.suffix == SUFFIX:
                    yield Stored(path, read_tokens(path, self._key))
                elif path.suffix == TEMPORARY and time() - path.stat().st_mtime > ABANDONED:
                    path.unlink()
            except Damaged:
                log.info("%s is of another model, version or setting, or damaged, and is removed", path)
                path.unlink(missing_ok=True)
            except OSError as error:
                log.warning("%s cannot be read: %s", path, error)

    def _forget(self, stored: Stored) -> None:
        self._stored = [other for other in self._known() if other is not stored]
        try:
            stored.path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be removed: %s", stored.path, error)


def warm_folder() -> Path:
    """Where all models have their files."""
    return platformdirs.user_cache_path("fathom") / "warm"


def _make_room(folder: Path, most_bytes: int) -> None:
    """Remove files of all models, the one that was not used for longest first. Raises OSError."""
    files = [path for inside in _files(folder) for path in _files(inside) if path.suffix == SUFFIX]
    found = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in files)
    total = sum(size for _, size, _ in found)
    for _, size, path in found:
        if total <= most_bytes:
            return
        path.unlink(missing_ok=True)
        total -= size


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _common(one: Tokens, other: Tokens) -> int:
    """The number of tokens with which both begin."""
    length = min(len(one), len(other))
    differ = one[:length] != other[:length]
    return int(differ.argmax()) if differ.any() else length
