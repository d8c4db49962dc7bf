"""Indexes that lie side by side in a folder: whose each of them is, when it was used last, and its removal.

An index that a process keeps is never removed: whoever removes one holds the lock of whoever writes. It first
gets another name, so that a removal that is killed leaves an index that is whole, or none.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from context.rows import NAME

LOCK = "lock"
"""Held by whoever writes an index."""
ROOTS = "roots.json"
"""Has the roots of an index, without links; it is as old as the last time that somebody wrote the index."""
GONE = ".gone-"
"""What the name of an index begins with that is being removed."""

_KEY = re.compile(r"[0-9a-f]{20}")


@dataclass(frozen=True, slots=True)
class Shelved:
    """An index on the shelf."""

    folder: Path
    roots: tuple[str, ...]
    """Empty where they are not known: older versions did not say."""
    used: float
    """When it was last opened to be written, in seconds since the epoch."""

    @property
    def is_orphaned(self) -> bool:
        """Whether none of its roots is there any more. One that cannot be looked at may be there."""
        return bool(self.roots) and all(map(_is_missing, self.roots))


def remember(folder: Path, roots: Sequence[Path]) -> None:
    """Write down whose index lies in a folder, and that it is used now."""
    content = json.dumps(sorted({os.path.realpath(root) for root in roots}))
    path, new = folder / ROOTS, folder / f".{ROOTS}"
    # Without it the index is as good as before: it is known for its age alone.
    with suppress(OSError):
        if _content(path) == content:
            os.utime(path)
            return
        new.write_text(content, encoding="ascii")
        new.replace(path)


def shelved(shelf: Path) -> list[Shelved]:
    """The indexes in a folder, those first that were not used for the longest time."""
    try:
        with os.scandir(shelf) as entries:
            names = [each.name for each in entries if each.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    found = [_shelved(shelf / name) for name in names if _KEY.fullmatch(name)]
    return sorted(found, key=lambda each: (each.used, each.folder))


def remove(index: Shelved, is_wanted_away: Callable[[Shelved], object]) -> int | None:
    """Remove an index, and return how many bytes it had.

    None if a process keeps it, if it is not wanted away as it is by then, or if the system refuses it.
    """
    gone = index.folder.with_name(f"{GONE}{index.folder.name}-{secrets.token_hex(4)}")
    with _locked(index.folder) as is_locked:
        if not is_locked or not is_wanted_away(_shelved(index.folder)):
            return None
        size = _size(index.folder)
        try:
            index.folder.rename(gone)
        except OSError:
            return None
    shutil.rmtree(gone, ignore_errors=True)
    return size


def lock(descriptor: int) -> bool:
    """Take the lock of an index; False if another process has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def finish_removals(shelf: Path) -> None:
    """Remove what is left of indexes whose removal did not come to its end."""
    for path in shelf.glob(f"{GONE}*"):
        shutil.rmtree(path, ignore_errors=True)


def _shelved(folder: Path) -> Shelved:
    return Shelved(folder, _roots(folder), max(_times(folder), default=0.0))


def _roots(folder: Path) -> tuple[str, ...]:
    with suppress(OSError, ValueError):
        roots = json.loads(_content(folder / ROOTS))
        if isinstance(roots, list) and all(isinstance(root, str) and os.path.isabs(root) for root in roots):  # noqa: PTH117 - it may be no path
            return tuple(roots)
    return ()


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def _times(folder: Path) -> Iterator[float]:
    for name in (ROOTS, NAME, f"{NAME}-wal", LOCK):
        with suppress(OSError):
            status = (folder / name).stat()
            # Whoever reads makes an empty journal.
            if status.st_size or name in (ROOTS, LOCK):
                yield status.st_mtime


def _is_missing(root: str) -> bool:
    try:
        os.stat(root)  # noqa: PTH116 - a text that may be no path
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _size(folder: Path) -> int:
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += Path(place, name).stat().st_size
    return size


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of whoever writes, if nobody does; a folder without one is no index."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        is_locked = False
        with suppress(OSError):
            is_locked = lock(descriptor)
        yield is_locked
    finally:
        os.close(descriptor)
