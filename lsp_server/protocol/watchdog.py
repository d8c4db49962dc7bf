"""Ends the server when its editor has ended, even if something else still holds our stdin open."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

POLL = 2.0
"""Seconds between two looks at a process, where the kernel does not tell of its end."""


def watch_process(pid: int, ended: Callable[[], None]) -> Callable[[], None]:
    """Call `ended` on the running loop once the process has ended; returns a function that stops watching.

    A process that cannot be seen at all is not watched: an editor may name a process of another container or
    machine.
    """
    if pid <= 0 or not is_alive(pid):
        log.warning("the editor's process %d cannot be seen; only the end of stdin ends the server", pid)
        return lambda: None
    try:
        return _watch_descriptor(os.pidfd_open(pid), ended)
    except (AttributeError, OSError, NotImplementedError):
        return _watch_by_polling(pid, ended)


def _watch_descriptor(descriptor: int, ended: Callable[[], None]) -> Callable[[], None]:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        nonlocal descriptor
        if descriptor >= 0:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            descriptor = -1

    def readable() -> None:
        stop()
        ended()

    loop.add_reader(descriptor, readable)
    return stop


def _watch_by_polling(pid: int, ended: Callable[[], None]) -> Callable[[], None]:
    loop = asyncio.get_running_loop()
    born = _start_time(pid)
    timers: list[asyncio.TimerHandle] = []

    def look() -> None:
        if is_alive(pid) and _start_time(pid) == born:
            timers[:] = [loop.call_later(POLL, look)]
            return
        ended()

    look()
    return lambda: timers[0].cancel()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _start_time(pid: int) -> str | None:
    """When the process began, to tell it from a later one with its number; None if unknown or ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    # Fields 3 (state) and 22 (start time) of proc(5), counted from behind the command's name.
    return None if fields[0] in {"Z", "X"} else fields[19]
