"""Starting the model host, and how often: a host that keeps crashing is left alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from lsp_server.models.backend import ModelError
from lsp_server.models.host.places import Place
from lsp_server.models.host.settings import BOUND, TAKEN, HostSettings

T = TypeVar("T")

CRASHES, WITHIN = 5, 600.0
"""So many crashes in so many seconds, and no answer in between, are enough."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a new start; doubled after each crash."""
LOG_BYTES = 1_000_000
"""A log that has grown over this is begun anew with the next host."""
FAULTS = (signal.SIGSEGV, signal.SIGILL, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE)
"""Signals that speak of an error in native code, and not of somebody who ended the process."""


@dataclass(slots=True)
class Crashes:
    """When a host crashed, in seconds of a monotonic clock; says how long to wait and when to stop."""

    times: list[float] = field(default_factory=list)
    in_vain: int = 0
    """How many of them came without an answer in between: a host that answers is worth another start."""
    fault: bool = False
    """Whether native code failed."""

    def add(self, now: float) -> None:
        self.times = [time for time in self.times if now - time < WITHIN] + [now]
        self.in_vain = min(self.in_vain + 1, len(self.times))

    def forgive(self) -> None:
        """Note that a host has given an answer."""
        self.in_vain = 0

    @property
    def too_many(self) -> bool:
        return self.in_vain >= CRASHES

    def wait(self, now: float) -> float:
        """Seconds until the next start may be tried."""
        if not self.times:
            return 0.0
        pause: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (len(self.times) - 1))
        return max(0.0, self.times[-1] + pause - now)


class Child:
    """A host that this process started; it outlives this process if others use it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        # Somebody has to wait for it, or it stays a zombie for as long as this process lives.
        self._reaper = threading.Thread(target=process.wait, name="reaper", daemon=True)
        self._reaper.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def how_it_ended(self) -> int | None:
        """The exit code, negative for a signal; None while it runs. Blocks for a moment."""
        self._reaper.join(0.2)
        return self._process.returncode


def start(settings: HostSettings, place: Place) -> Child | None:
    """Start a host and wait until it listens; the model is loaded after that. Blocks for about 0.2 s.

    None if another process was faster. Raises ModelError.
    """
    try:
        with _open_log(place.log) as log:
            process = subprocess.Popen(
                _command(settings, place),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(os.environ),
                # It serves other windows as well, so it must not end with this terminal or editor.
                start_new_session=True,
            )
    except OSError as error:
        raise ModelError("host-stopped", f"The model host cannot be started: {error}.") from error
    assert process.stdout is not None
    with process.stdout as output:
        bound = output.readline() == BOUND
    if bound:
        return Child(process)
    process.wait()
    if process.returncode == TAKEN:
        return None
    raise ModelError(
        "host-stopped", f"The model host ended at its start ({ending(process.returncode)}): {tail(place.log)}"
    )


def is_fault(code: int | None) -> bool:
    """Whether an exit code speaks of an error in native code."""
    return code is not None and -code in FAULTS


def plain(settings: HostSettings, crashes: Crashes) -> HostSettings:
    """After an error in native code, settings without the code for single processors."""
    return replace(settings, kernels="plain") if crashes.fault else settings


def ending(code: int | None) -> str:
    """How a process ended, for people."""
    if code is None:
        return "its process is gone"
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in {*signal.Signals} else f"signal {-code}"
    return f"{name}, perhaps for want of memory" if name == "SIGKILL" else name


def tail(log: Path, size: int = 300) -> str:
    """The last line of a host's log."""
    try:
        lines = log.read_bytes()[-4096:].decode("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1][:size] if lines else "it said nothing."


def _command(settings: HostSettings, place: Place) -> list[str]:
    return [
        sys.executable,
        "-I",  # nothing from the editor's directory or environment is imported
        "-m",
        "lsp_server.models.host",
        *("--folder", str(place.folder)),
        *("--key", place.key),
        *("--settings", settings.dump()),
    ]


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    # Threads of OpenMP that spin while they wait made a busy machine 2 to 13 times slower (measured).
    return {"OMP_WAIT_POLICY": "passive", **own}


def _open_log(path: Path) -> BinaryIO:
    """Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.fstat(log).st_size > LOG_BYTES:
        os.ftruncate(log, 0)
    return os.fdopen(log, "ab")


def in_thread(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Run what blocks in a thread of its own; it does not hold up the end of the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            settle = partial(_settle, done.set_result, work())
        except Exception as error:  # it belongs to whoever waits
            settle = partial(_settle, done.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the loop is closed, nobody waits
            loop.call_soon_threadsafe(settle)

    def _settle(settle: Callable[[Any], None], value: Any) -> None:
        if not done.cancelled():
            settle(value)

    threading.Thread(target=run, name=name, daemon=True).start()
    return done
