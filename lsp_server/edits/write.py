"""Several files written as one: all of them get their new content or none does, whatever ends the program.

Beside each file lie for a moment its new content (`.fathom-….new`) and another name of the old one
(`.fathom-….old`). What is under way stands in a record in a folder of ours, whose ending says how far it is:

    .prepare   the new contents are being written; no file has changed
    .commit    all contents are on the disk; from here on the change is made, also by the next start
    .undo      a file could not be replaced; the change is taken back, also by the next start

A record goes from one of these to the next by being renamed, which needs no room on the disk, as do the
steps that may follow: files are replaced by being renamed. Whoever writes holds a lock on the folder, and
finishes first what somebody who is gone has left.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import platformdirs

State = Literal["prepare", "commit", "undo"]


class ChangedError(OSError):
    """A file is not as it was when its new content was made; nothing was written."""


@dataclass(frozen=True, slots=True)
class FileWrite:
    """What a file holds, and what it is to hold; None where there is none."""

    path: Path
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class _Step:
    """One file of a set, as the record keeps it: links followed, contents by their hash, "" for none."""

    target: str
    new: str
    old: str
    before: str
    after: str
    folders: tuple[str, ...]
    """Those that are to be made for it, the highest first."""


def writes_folder() -> Path:
    """Where the records of this user lie."""
    return platformdirs.user_state_path("fathom") / "writes"


def write_all(writes: Sequence[FileWrite], folder: Path) -> None:
    """Write all files or none; links are followed, and who may read or run a file stays as it was.

    `folder` is for the records. Raises ChangedError where a file does not hold what it should, and any other
    OSError, after which every file is as it was.
    """
    with _locked(folder):
        _recover(folder)
        steps = [_step(write) for write in writes]
        record = folder / f"{secrets.token_hex(8)}.prepare"
        try:
            _write_new(record, _described(steps), 0o600)
            for write, step in zip(writes, steps, strict=True):
                _prepare(write, step)
            _sync_folders(steps)
            record = _become(record, "commit")
        except BaseException:
            _discard(steps, record)
            raise
        try:
            _put_all(steps)
        except OSError:
            record = _become(record, "undo")
            _take_back(steps)
            _discard(steps, record)
            raise
        with suppress(OSError):  # what lies about is taken away by the next start
            _discard(steps, record)


def recover(folder: Path) -> tuple[OSError, ...]:
    """Finish or take back what a program that was ended has left half done. Raises OSError.

    Returned is what stands in the way of the sets that had to be left for the next start.
    """
    if not folder.is_dir():
        return ()
    with _locked(folder):
        return _recover(folder)


# --- The steps ---


def _step(write: FileWrite) -> _Step:
    target = Path(os.path.realpath(write.path))
    if target.exists() and not os.access(target, os.W_OK):
        # Renaming would do it all the same, but somebody has said that it must not be written.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(write.path))
    if _read(target) != write.before:
        raise ChangedError(f"{write.path} has changed meanwhile")
    beside = f".fathom-{secrets.token_hex(8)}"
    missing = [folder for folder in target.parents if not folder.exists()]
    return _Step(
        str(target),
        str(target.with_name(f"{beside}.new")),
        str(target.with_name(f"{beside}.old")),
        _digest(write.before),
        _digest(write.after),
        tuple(str(folder) for folder in reversed(missing)),
    )


def _prepare(write: FileWrite, step: _Step) -> None:
    """Lay the new content beside the file, and a second name of the old one."""
    for folder in step.folders:
        with suppress(FileExistsError):
            os.mkdir(folder)  # noqa: PTH102 - as all steps here, so that tests can end the program at each
    if write.after is not None:
        _write_like(step.new, write.after, step.target if step.before else None)
    if write.before is None:
        return
    try:
        os.link(step.target, step.old)
    except OSError:
        # Some file systems know no second names.
        _write_like(step.old, write.before, step.target)


def _put_all(steps: Sequence[_Step]) -> None:
    for step in steps:
        if _digest(_read(Path(step.target))) != step.before:
            raise ChangedError(f"{step.target} has changed meanwhile")
        _put(step)
    _sync_folders(steps)


def _put(step: _Step) -> None:
    if step.after:
        os.replace(step.new, step.target)  # noqa: PTH105
    else:
        os.unlink(step.target)  # noqa: PTH108


def _take_back(steps: Iterable[_Step]) -> None:
    """Make every file what it was, but for those that somebody else has changed since."""
    for step in steps:
        now = _digest(_read(Path(step.target)))
        if now != step.after or now == step.before:
            continue
        if step.before:
            os.replace(step.old, step.target)  # noqa: PTH105
        else:
            os.unlink(step.target)  # noqa: PTH108


def _discard(steps: Sequence[_Step], record: Path) -> None:
    """Take away what lies beside the files, and the record at last."""
    for step in steps:
        for path in (step.new, step.old):
            with suppress(FileNotFoundError):
                os.unlink(path)  # noqa: PTH108
        for folder in reversed(step.folders):
            with suppress(OSError):
                os.rmdir(folder)  # noqa: PTH106 - fails, as it should, where something is in it
    _sync_folders(steps)
    for state in ("prepare", "commit", "undo"):
        with suppress(FileNotFoundError):
            os.unlink(record.with_suffix(f".{state}"))  # noqa: PTH108


# --- Records ---


def _recover(folder: Path) -> tuple[OSError, ...]:
    problems = []
    for record in sorted(folder.iterdir()):
        try:
            _mend(record)
        except OSError as error:
            problems.append(error)
    return tuple(problems)


def _mend(record: Path) -> None:
    steps = _recorded(record)
    if steps is None:
        return
    if record.suffix == ".commit" and all(map(_can_be_put, steps)):
        for step in steps:
            if _digest(_read(Path(step.target))) != step.after:
                _put(step)
        _sync_folders(steps)
    elif record.suffix != ".prepare":
        _take_back(steps)
    _discard(steps, record)


def _can_be_put(step: _Step) -> bool:
    """Whether the file holds its new content, or the old one while the new one lies beside it."""
    now = _digest(_read(Path(step.target)))
    return now == step.after or (now == step.before and (not step.after or Path(step.new).exists()))


def _recorded(record: Path) -> list[_Step] | None:
    """The steps in a record; None if it is none, or was not written to its end: then nothing was begun."""
    if record.suffix not in (".prepare", ".commit", ".undo"):
        return None
    try:
        rows = json.loads(record.read_text(encoding="utf-8", errors="surrogateescape"))
        return [_Step(**{**row, "folders": tuple(row["folders"])}) for row in rows]
    except (ValueError, TypeError, KeyError):
        with suppress(OSError):
            record.unlink()
        return None


def _described(steps: Iterable[_Step]) -> bytes:
    return json.dumps([asdict(step) for step in steps]).encode()


def _become(record: Path, state: State) -> Path:
    new = record.with_suffix(f".{state}")
    os.rename(record, new)  # noqa: PTH104
    _sync(record.parent)
    return new


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


# --- Files ---


def _write_new(path: str | Path, data: bytes, mode: int, like: os.stat_result | None = None) -> None:
    """Write a new file and wait until it is on the disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, mode)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        if like is not None:
            if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
                with suppress(OSError):
                    os.fchown(descriptor, like.st_uid, like.st_gid)
            os.fchmod(descriptor, like.st_mode & 0o777)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_like(path: str, data: bytes, other: str | None) -> None:
    """Write a new file that belongs to whom another one does, with its rights and attributes."""
    if other is None:
        _write_new(path, data, 0o666)
        return
    _write_new(path, data, 0o600, os.stat(other))  # noqa: PTH116
    with suppress(OSError, AttributeError):  # neither all systems nor all disks have them
        for name in os.listxattr(other):
            os.setxattr(path, name, os.getxattr(other, name))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _digest(data: bytes | None) -> str:
    return "" if data is None else blake2b(data, digest_size=16).hexdigest()


def _sync_folders(steps: Iterable[_Step]) -> None:
    """Wait until the names in all folders of the set are on the disk."""
    for folder in sorted({Path(step.target).parent for step in steps}):
        with suppress(FileNotFoundError):
            _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
