"""What was changed: every change that was applied, with the texts before and after, for this user alone.

One compressed file for each change, in the order of their numbers; the oldest go when there are too many. An
entry is never rewritten: taking a change back is a change itself, which says what it undoes. Nothing here
knows git, and nothing is ever written into a workspace.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

MOST_CHANGES = 1_000
MOST_BYTES = 64_000_000
ENDING = ".json.gz"


@dataclass(frozen=True, slots=True)
class FileChange:
    """What one file or document held, and what it holds; None where there was none, or is none."""

    uri: str
    path: Path | None
    before: str | None
    after: str | None
    version: int | None = None
    """The editor's version of the text before, where it was open."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it was applied. Changes of one turn belong together; `undoes` are those it takes back."""

    number: int
    title: str
    turn: str
    time: float
    """Seconds since 1970."""
    files: tuple[FileChange, ...]
    undoes: tuple[int, ...] = ()


def journal_folder() -> Path:
    """Where the journal of this user lies."""
    return platformdirs.user_state_path("fathom") / "journal"


def record(
    folder: Path, title: str, turn: str, files: Iterable[FileChange], undoes: Iterable[int] = ()
) -> Change:
    """Remember a change, after all others. Raises OSError, after which it is not remembered."""
    with _locked(folder):
        numbers = _numbers(folder)
        number = numbers[-1] + 1 if numbers else 1
        change = Change(number, title, turn, time.time(), tuple(files), tuple(undoes))
        _write(folder, change)
        _drop_oldest(folder, [*numbers, number])
    return change


def forget(folder: Path, number: int) -> None:
    """Take a change out again that was not applied after all. Raises OSError."""
    _path(folder, number).unlink(missing_ok=True)


def changes(folder: Path) -> Iterator[Change]:
    """All changes, the last one first; what cannot be read is left out."""
    for number in reversed(_numbers(folder)):
        if (change := find(folder, number)) is not None:
            yield change


def find(folder: Path, number: int) -> Change | None:
    """A change by its number."""
    try:
        row = json.loads(gzip.decompress(_path(folder, number).read_bytes()))
        return _change(row)
    except (OSError, EOFError, ValueError, TypeError, KeyError):
        return None


def standing(all_changes: Iterable[Change]) -> Iterator[Change]:
    """Of changes, the last one first, those that were not taken back; what took others back is among them."""
    undone: set[int] = set()
    for change in all_changes:
        if change.number in undone:
            continue
        undone.update(change.undoes)
        yield change


def turn_of(change: Change, all_changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes of the same turn, in the order that they are given in; a change without a turn is alone."""
    if not change.turn:
        return (change,)
    return tuple(each for each in all_changes if each.turn == change.turn)


# --- The folder ---


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:010}{ENDING}"


def _numbers(folder: Path) -> list[int]:
    """The numbers of all entries, rising."""
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    stems = (name.removesuffix(ENDING) for name in names if name.endswith(ENDING))
    return sorted(int(stem) for stem in stems if stem.isdecimal())


def _write(folder: Path, change: Change) -> None:
    """Write under another name first, so that an entry is whole or not there."""
    data = gzip.compress(json.dumps(_row(change)).encode("ascii"), compresslevel=3, mtime=0)
    unfinished = folder / "unfinished"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        unfinished.replace(_path(folder, change.number))
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _drop_oldest(folder: Path, numbers: Sequence[int]) -> None:
    """Keep the last change whatever its size."""
    size = 0
    for count, number in enumerate(reversed(numbers)):
        with suppress(OSError):
            size += _path(folder, number).stat().st_size
            if count and (count >= MOST_CHANGES or size > MOST_BYTES):
                _path(folder, number).unlink()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


# --- Entries ---


def _row(change: Change) -> dict[str, Any]:
    return {
        "number": change.number,
        "title": change.title,
        "turn": change.turn,
        "time": change.time,
        "undoes": change.undoes,
        "files": [
            {
                "uri": file.uri,
                "path": None if file.path is None else str(file.path),
                "before": file.before,
                "after": file.after,
                "version": file.version,
            }
            for file in change.files
        ],
    }


def _change(row: dict[str, Any]) -> Change:
    files = (
        FileChange(
            file["uri"],
            None if file["path"] is None else Path(file["path"]),
            file["before"],
            file["after"],
            file["version"],
        )
        for file in row["files"]
    )
    undoes = tuple(row["undoes"])
    return Change(row["number"], row["title"], row["turn"], row["time"], tuple(files), undoes)
