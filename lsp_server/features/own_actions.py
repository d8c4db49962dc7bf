"""The file with the user's own actions, and whether it is another one than when it was read."""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from lsp_server.features.instructions import Action, actions_in

LARGEST = 64_000
"""Bytes of the file. It is read while an editor waits for its menu, which takes 7 ms for so many."""

Stamp = tuple[int, int, int] | None
"""By what a change of the file is seen: its time, size and number; None if there is no file."""


@dataclass(frozen=True, slots=True)
class OwnActions:
    """What the file said when it was read; `problems` has a sentence for everything that is wrong with it."""

    path: Path | None = None
    actions: tuple[Action, ...] = ()
    problems: tuple[str, ...] = ()
    stamp: Stamp = None
    content: str = ""
    """A hash of the file; another one means that there is something new to be said."""


def read_own_actions(path: Path) -> OwnActions:
    """Read the user's file. It is no error if there is none.

    The file is TOML with a table `[[action]]` for each: `name` and `instruction`, and perhaps `kind`, `scope`
    and `result`. A table that is wrong is left out.
    """
    # The stamp is older than what is read: a change in between is seen the next time.
    stamp = _stamp(path)
    if stamp is None:
        return OwnActions(path)
    try:
        data = _bytes(path)
        content = blake2b(data, digest_size=16).hexdigest()
        values = tomllib.loads(data.decode("utf-8"))
    except FileNotFoundError:
        return OwnActions(path)
    except (OSError, ValueError) as error:
        problem = f"{path} cannot be read, so it brings no actions: {error}."
        return OwnActions(path, (), (problem,), stamp, problem)
    actions, problems = actions_in(values)
    return OwnActions(path, actions, tuple(f"{path}: {each}" for each in problems), stamp, content)


def read_again(own: OwnActions) -> OwnActions:
    """The same, or what the file says now if it has changed. A look at it is all that it costs if not."""
    if own.path is None or _stamp(own.path) == own.stamp:
        return own
    return read_own_actions(own.path)


def _bytes(path: Path) -> bytes:
    """Raises OSError, and ValueError for what is no file of actions."""
    # Who opens a pipe without this waits for somebody to write into it.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is no file with text")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"it has more than {LARGEST:,} bytes")
    return data


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
