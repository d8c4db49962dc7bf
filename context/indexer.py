"""`python -m context.indexer --index FOLDER ROOT…`: the process that writes an index and keeps it fresh.

It says where it stands on standard output, a JSON object a line, and ends when its standard input does. On
that, each line is the path of a file that has changed, as a JSON string: for file systems that tell nothing.
Where another process writes the same index, it waits until that one has ended, however it did.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from context.changes import Pending
from context.indexing import writing
from context.refresh import Refresh, Report
from context.store import BusyError, DamagedError, StoreError

NICE = 10
"""The user types meanwhile."""
TELL_EVERY = 0.1
"""Seconds between two lines, at least."""
PATIENCE = 0.3
"""Seconds to wait for the lock before it is said that another process has it."""
RETRY = 30.0
"""Seconds until an index that could not be written is tried again."""
ANEW = 1.0
"""The same for one that was damaged, and is made anew."""
GRACE = 1.0
"""Seconds that a build has to come to its end when this process is to end."""
LONGEST_LINE = 65_536


def main() -> int:
    """Keep an index until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m context.indexer", description=__doc__)
    parser.add_argument("--index", type=Path, required=True, help="the folder of the index")
    parser.add_argument("roots", type=Path, nargs="+", metavar="ROOT", help="folders of the workspace")
    arguments = parser.parse_args()
    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Kept for ourselves: processes that we start would hold it open after our end, and a library may print.
    output = os.dup(1)
    os.dup2(2, 1)
    _be_modest()
    pending, stopped = Pending(), threading.Event()
    told = Told()
    _in_background(lambda: _read(0, pending, stopped), "read standard input")
    _in_background(lambda: _write(output, told), "write standard output")
    _keep(arguments.index, arguments.roots, pending, told.put, stopped)
    # Threads of libraries may be at work; nothing that they hold has to be put away.
    os._exit(0)


class Told:
    """The latest report that was not written yet; those before it are of no use to anybody."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._latest: Report | None = None
        self._last: Report | None = None

    def put(self, report: Report) -> None:
        """Replace the one that waits."""
        with self._changed:
            self._latest = report
            self._changed.notify()

    def take(self) -> Report:
        """Wait for one that says something new."""
        with self._changed:
            while self._latest is None or self._latest == self._last:
                self._changed.wait()
            self._last, self._latest = self._latest, None
            return self._last


def _keep(
    folder: Path,
    roots: list[Path],
    pending: Pending,
    tell: Callable[[Report], None],
    stopped: threading.Event,
) -> None:
    """Write the index whenever no other process does, and go on after errors that may pass."""
    refresh = Refresh(roots, pending, tell)
    while not stopped.is_set():
        try:
            with writing(folder, roots, PATIENCE) as indexing:
                refresh.run(indexing, stopped)
        except BusyError:
            tell(Report("shared", message="Another window keeps this index."))
        except DamagedError as error:
            logging.getLogger(__name__).warning("%s", error)
            stopped.wait(ANEW)
        except StoreError as error:
            tell(Report("failed", message=str(error)))
            stopped.wait(RETRY)


def _read(descriptor: int, pending: Pending, stopped: threading.Event) -> None:
    """Hear of changed files until the input ends, and then make an end."""
    with open(descriptor, "rb", buffering=0) as incoming:
        rest = b""
        while data := incoming.read(LONGEST_LINE):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                _hear(line, pending)
            rest = rest[:LONGEST_LINE]
    stopped.set()
    pending.wake()
    time.sleep(GRACE)
    os._exit(0)


def _hear(line: bytes, pending: Pending) -> None:
    with contextlib.suppress(ValueError):
        path = json.loads(line)
        if isinstance(path, str) and os.path.isabs(path):  # noqa: PTH117 - it is a string yet
            pending.file(path)


def _write(descriptor: int, told: Told) -> None:
    """Say where it stands. Whoever does not read holds up nothing but this thread."""
    with open(descriptor, "wb", buffering=0) as outgoing, contextlib.suppress(BrokenPipeError):
        while True:
            outgoing.write(json.dumps(asdict(told.take())).encode() + b"\n")
            time.sleep(TELL_EVERY)


def _in_background(work: Callable[[], None], name: str) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()


def _be_modest() -> None:
    """Files for this user only, no dumps of the user's text, and first to go when memory runs out."""
    os.umask(0o077)
    os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    # Whoever started us says when to end, by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
