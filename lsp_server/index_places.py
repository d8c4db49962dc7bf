"""Where the indexes of workspaces lie, which folders have none, and which indexes are removed.

Everything here waits for the disk.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import platformdirs

from context.shelf import Shelved, finish_removals, remove, shelved

TAG = "CACHEDIR.TAG"
TAGGED = "Signature: 8a477f597d28d172789f06886806bc55\n# Fathom can make all of this anew.\n"
"""Tells backups that nothing here is anybody's work, and ourselves, where a workspace contains the cache."""
DAY = 86_400.0
UNUSED = 60 * DAY
"""Seconds after which an index that nobody has opened is removed."""
CLEANED = ".cleaned"
"""As old as the last time that a server looked for such indexes."""

Why = Literal["unused", "no folder", ""]
"""Why an index is removed; empty for one that stays."""


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


def shelf_folder() -> Path:
    """The folder of the user's cache in which indexes lie where it can be written."""
    return platformdirs.user_cache_path("fathom") / "index"


def find_shelf() -> Shelf:
    """The user's cache, or a new folder that only the user can read. Raises OSError."""
    folder = shelf_folder()
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
    key = _key([root])
    return IndexPlace(root, Path(os.path.realpath(root)), shelf.folder / key, _log_of(key))


def index_folder(roots: Sequence[Path]) -> Path:
    """The folder of the one index of these roots, for commands that write and read it themselves.

    What is above it is made ready. Where that cannot be done, whoever writes the index says why.
    """
    with suppress(OSError):
        _prepare(shelf_folder())
    return shelf_folder() / _key(roots)


@dataclass(frozen=True, slots=True)
class Removed:
    """An index that was removed."""

    index: Shelved
    why: Why
    bytes: int


def why_unused(index: Shelved) -> Why:
    """Whether nobody has opened an index for long."""
    return "unused" if time.time() - index.used > UNUSED else ""


def why_useless(index: Shelved) -> Why:
    """Whether that is so, or there is no folder any more that it could be of."""
    return "no folder" if index.is_orphaned else why_unused(index)


def clean(why: Callable[[Shelved], Why]) -> list[Removed]:
    """Remove the indexes for which there is a reason, and that no process keeps."""
    finish_removals(shelf_folder())
    removed = []
    for index in shelved(shelf_folder()):
        reason = why(index)
        if reason and (size := remove(index, why)) is not None:
            with suppress(OSError):
                _log_of(index.folder.name).unlink()
            removed.append(Removed(index, reason, size))
    return removed


def clean_daily() -> list[Removed]:
    """Remove those that nobody has opened for long, unless somebody has done so today. Raises OSError."""
    stamp = shelf_folder() / CLEANED
    if not shelf_folder().is_dir():
        return []
    with suppress(FileNotFoundError):
        if abs(time.time() - stamp.stat().st_mtime) < DAY:
            return []
    stamp.touch()
    return clean(why_unused)


def refusal(root: Path) -> str:
    """Why no index is kept of a folder, in a sentence for the user; empty if one is."""
    home = Path(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111 - Path raises where there is none
    real = Path(os.path.realpath(root))
    if real != home and real not in home.parents:
        return ""
    what = "is your home directory" if real == home else "has all of your home directory in it"
    return (
        f"{root} is not read for suggestions: it {what}, which is more than a project. "
        "They know the open files only; open the folder of a project instead."
    )


def _log_of(key: str) -> Path:
    return platformdirs.user_state_path("fathom") / "index" / f"{key}.log"


def _key(roots: Sequence[Path]) -> str:
    """The name of the folder of an index of these roots, whatever names lead to them."""
    real = sorted({os.path.realpath(root) for root in roots})
    return blake2b("\0".join(real).encode("utf-8", "surrogateescape"), digest_size=10).hexdigest()


def _prepare(folder: Path) -> None:
    """Make the folder and try to write into it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".try-"):
        pass
    tag = folder / TAG
    if not tag.exists():
        tag.write_text(TAGGED, encoding="ascii")
