"""An index seen from the outside: how much is in it, how large and old it is, whether a process keeps it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from context.index import Index
from context.rows import NAME
from context.store import LOCK


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is to say of an index."""

    files: int
    folders: int
    """Folders that these files are in, and those around them up to the root."""
    bytes: int
    """On disk."""
    changed: float
    """When something was last written, in seconds since the epoch."""
    is_readable: bool
    """False for one that is damaged, or none at all: it is made anew when somebody keeps it."""
    is_kept: bool
    """Whether a process keeps it fresh now."""


def figures_of(folder: Path, root: Path) -> Figures | None:
    """The figures of the index of a root, by its name without links; None where there is no index.

    Takes some ms for 10,000 files, since they are counted.
    """
    sizes, changed = 0, 0.0
    for path in _inside(folder):
        try:
            status = path.stat()
        except OSError:  # a segment that has just been merged
            continue
        sizes += status.st_size
        # Whoever reads makes an empty journal, and a third file beside it.
        if path.name in (NAME, f"{NAME}-wal") and status.st_size:
            changed = max(changed, status.st_mtime)
    if not changed:
        return None
    index = Index(folder)
    try:
        paths, is_readable = index.paths(), index.version() > 0
    finally:
        index.close()
    return Figures(len(paths), _folders(paths, str(root)), sizes, changed, is_readable, _is_locked(folder))


def _inside(folder: Path) -> list[Path]:
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names]


def _folders(paths: Iterable[str], root: str) -> int:
    found = {root}
    for folder in {path.rpartition("/")[0] for path in paths}:
        while folder.startswith(root) and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return len(found)


def _is_locked(folder: Path) -> bool:
    """Whether a process holds the lock of whoever writes; it is tried for a moment."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
