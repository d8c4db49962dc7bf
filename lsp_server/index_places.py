"""Where the indexes of workspaces lie on disk. Everything here waits for the disk."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from lsp_server.folders import index_folder

TAG = "CACHEDIR.TAG"
TAGGED = "Signature: 8a477f597d28d172789f06886806bc55\n# Fathom can make all of this anew.\n"
"""Tells backups that nothing here is anybody's work, and ourselves, where a workspace contains the cache."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder in which all indexes lie."""

    folder: Path
    notice: str = ""
    """Why it is a temporary one, for the user; empty if it is not."""


@dataclass(frozen=True, slots=True)
class IndexPlace:
    """Where one root is, and its index. Two names of one folder have the same index."""

    root: Path
    """As the user names it."""
    real: Path
    """Without links: paths in the index begin with it."""
    folder: Path
    log: Path
    """What the indexer said on stderr."""


def find_shelf() -> Shelf:
    """The user's cache, or a new folder that only the user can read. Raises OSError."""
    folder = platformdirs.user_cache_path("fathom") / "index"
    try:
        _prepare(folder)
    except OSError as error:
        temporary = Path(tempfile.mkdtemp(prefix="fathom-index-"))
        reason = error.strerror or str(error)
        return Shelf(
            temporary,
            f"The index is kept in a temporary folder and made anew each time, since {folder} "
            f"cannot be written: {reason}.",
        )
    return Shelf(folder)


def place_of(root: Path, shelf: Shelf) -> IndexPlace:
    """The place of a root's index."""
    key = index_folder([root]).name
    log = platformdirs.user_state_path("fathom") / "index" / f"{key}.log"
    return IndexPlace(root, Path(os.path.realpath(root)), shelf.folder / key, log)


def _prepare(folder: Path) -> None:
    """Make the folder and try to write into it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".try-"):
        pass
    tag = folder / TAG
    if not tag.exists():
        tag.write_text(TAGGED, encoding="ascii")
