"""Writes the same set of files again and again, and is killed one step later each time.

A program of its own: `python end_at_step.py FOLDER kill|fail|stay|mend`. For each step there is a folder
FOLDER/N, with a file that says what came of it. With `kill` the process that writes is killed before its
step N, in the middle of a write; with `mend` so are the next ones that mend that. With `fail` the step
raises, with `stay` so does each later one that needs room on the disk.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsp_server.edits.write import FileWrite, recover, write_all

STEPS = ("open", "write", "fchmod", "fsync", "link", "replace", "rename", "unlink", "mkdir", "rmdir")
NEED_ROOM = ("write", "link", "mkdir")
OLD = {"a.txt": b"a" * 40, "sub/b.txt": b"b" * 40, "c.txt": b"c" * 40}
NEW = {"a.txt": b"A" * 60, "sub/b.txt": None, "c.txt": b"C" * 5, "new/deep/d.txt": b"D" * 50}


def lay(folder: Path) -> list[FileWrite]:
    """Write the old files; returns what is to be written."""
    for name, data in OLD.items():
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "files" / "a.txt").chmod(0o750)
    return [FileWrite(folder / "files" / name, OLD.get(name), data) for name, data in NEW.items()]


def end_at(step: int, end: Callable[[str, tuple[Any, ...]], None], stays: str) -> None:
    """Have `end` called before the step with this number; to "stay", before some later ones, too."""
    count = 0

    def wrapped(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == step or (stays == "stay" and count > step and name in NEED_ROOM):
                end(name, arguments)
            return function(*arguments, **options)

        return call

    for name in STEPS:
        setattr(os, name, wrapped(name, getattr(os, name)))


_write = os.write


def kill(name: str, arguments: tuple[Any, ...]) -> None:
    """End the process as a power cut would, with half of a write done."""
    if name == "write":
        _write(arguments[0], arguments[1][: len(arguments[1]) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def fail(name: str, arguments: tuple[Any, ...]) -> None:
    """Fail as on a full disk, with half of a write done."""
    if name == "write":
        _write(arguments[0], arguments[1][: len(arguments[1]) // 2])
    raise OSError(errno.ENOSPC, "No space left on device")


def run(folder: Path, step: int, how: str) -> str:
    """Write in a process that is ended at a step; returns how that came out."""
    writes = lay(folder)
    outcome = _forked(lambda: write_all(writes, folder / "records"), step, how)
    for later in range(1, 14, 3) if how == "mend" else ():
        _forked(lambda: recover(folder / "records"), later, how)
    return outcome


def _forked(work: Callable[[], object], step: int, how: str) -> str:
    child = os.fork()
    if child == 0:
        end_at(step, fail if how in ("fail", "stay") else kill, how)
        try:
            work()
        except OSError:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {-signal.SIGKILL: "killed", 1: "failed", 0: "written"}[code]


def main(top: Path, how: str) -> None:
    step, quiet = 0, 0
    while quiet < 3:
        step += 1
        folder = top / f"{step:03}"
        folder.mkdir()
        outcome = run(folder, step, how)
        (folder / outcome).touch()
        # What is only tidying up may fail; behind the last step nothing does.
        quiet = quiet + 1 if outcome == "written" else 0
        if step > 200:
            raise SystemExit("there is no end of steps")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
