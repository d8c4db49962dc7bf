"""Keeps the index of each root of the workspace: a process of its own, started again when it dies.

The process is `context/indexer.py`. It ends when its standard input does, so that none outlives this one,
however this one ends. The server reads what it writes from the disk; of the process itself it keeps a few
numbers.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, Literal, get_args

from lsp_server.index_places import IndexPlace, Shelf, find_shelf, place_of, refusal
from lsp_server.models.host.supervise import CRASHES, LOG_BYTES, Crashes, ending, in_thread, tail

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-I", "-m", "context.indexer")
"""`-I`: nothing from the editor's directory or environment is imported."""
INHERITED = (
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"),
    *("XDG_CONFIG_HOME", "XDG_CACHE_HOME"),
)
"""What of the environment it gets, and `LC_*`: no key or token of the user is any of its business."""
END_STEP = 0.4
"""Seconds that the process has to end after its input was closed, after it was asked to, and after a kill."""
LAST_WORDS = 0.2
"""Seconds to read what it said before it ended."""
WAITING_BYTES = 65_536
"""What may wait to be read by the process; more is not told, since it looks for itself."""

Phase = Literal[
    "stopped", "starting", "shared", "reading", "ready", "missing", "pausing", "failed", "refused"
]
"""Where an index stands. "shared": another window keeps it. "missing": the root is not there. "pausing" is
between a crash and the next start. "refused": the root is more than a project, and has no index."""

Start = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


@dataclass(frozen=True, slots=True)
class IndexState:
    """Where the index of a root stands; sent to listeners on every change."""

    root: Path
    phase: Phase = "stopped"
    files: int = 0
    """Files that are in it."""
    done: int = 0
    """Files that have been looked at, while it is being read."""
    total: int = 0
    """Files that there are to be looked at, as far as that is known; else 0."""
    message: str = ""
    """What the user has to know of it; mostly nothing."""
    settled: bool = False
    """Whether it has been complete since the root is here: what is read after that are changes."""


IndexListener = Callable[[IndexState], None]


class Indexers:
    """The indexers of a session. Belongs to the event loop; `start` runs work in the background."""

    def __init__(self, start: Start, command: tuple[str, ...] = COMMAND) -> None:
        self._start = start
        self._command = command
        self._running: dict[Path, tuple[Indexer, asyncio.Task[None]]] = {}
        self._listeners: list[IndexListener] = []
        self._shelf: asyncio.Future[Shelf] | None = None

    def listen(self, listener: IndexListener) -> None:
        """Call `listener` at every change of the state of any root."""
        self._listeners.append(listener)

    @property
    def states(self) -> Mapping[Path, IndexState]:
        """The state of each root, in the order in which they were named."""
        return {root: indexer.state for root, (indexer, _) in self._running.items()}

    @property
    def places(self) -> Mapping[Path, IndexPlace]:
        """Where the index of each root lies, as far as that is known yet."""
        known = {root: indexer.place for root, (indexer, _) in self._running.items()}
        return {root: place for root, place in known.items() if place is not None}

    def use(self, roots: Iterable[Path]) -> None:
        """Keep the indexes of these roots, and of no others."""
        wanted, running = dict.fromkeys(roots), self._running
        for root in running.keys() - wanted.keys():
            _, task = running[root]
            task.cancel()
        self._running = {root: running.get(root) or self._started(root) for root in wanted}

    def retry(self) -> None:
        """Start those again that have failed for good."""
        for root, (indexer, task) in self._running.items():
            if indexer.state.phase == "failed" and task.done():
                self._running[root] = self._started(root)

    def saved(self, path: Path) -> None:
        """Say that a file has changed on disk: an indexer that watches it knows already."""
        for indexer, _ in self._running.values():
            indexer.saved(path)

    async def close(self) -> None:
        """End all processes; takes 1.5 seconds at most."""
        tasks = [task for _, task in self._running.values()]
        self.use([])
        if tasks:
            await asyncio.wait(tasks)
        if self._shelf is not None and self._shelf.done() and not self._shelf.exception():
            shelf = self._shelf.result()
            if shelf.notice:
                await in_thread(partial(shutil.rmtree, shelf.folder, ignore_errors=True), "remove the index")

    def _started(self, root: Path) -> tuple[Indexer, asyncio.Task[None]]:
        indexer = Indexer(root, self._find_shelf, self._tell, self._command)
        return indexer, self._start(indexer.run(), f"keep the index of {root}")

    async def _find_shelf(self) -> Shelf:
        if self._shelf is None:
            self._shelf = in_thread(find_shelf, "find a folder for the index")
            shelf = await asyncio.shield(self._shelf)
            if shelf.notice:
                log.warning("%s", shelf.notice)
        return await asyncio.shield(self._shelf)

    def _tell(self, state: IndexState) -> None:
        for listener in self._listeners:
            listener(state)


class Indexer:
    """One root, and its process."""

    def __init__(
        self,
        root: Path,
        find_shelf: Callable[[], Coroutine[Any, Any, Shelf]],
        tell: IndexListener,
        command: tuple[str, ...],
    ) -> None:
        self.state = IndexState(root)
        self.place: IndexPlace | None = None
        self._find_shelf = find_shelf
        self._tell = tell
        self._command = command
        self._crashes = Crashes()
        self._notice = ""
        self._input: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        """Keep the index until this is cancelled, or the process has crashed too often."""
        try:
            if why := await in_thread(partial(refusal, self.state.root), "look at a root"):
                log.warning("%s", why)
                self._enter(replace(self.state, phase="refused", message=why))
                return
            shelf = await self._find_shelf()
            self._notice = shelf.notice
            self.place = await in_thread(
                partial(place_of, self.state.root, shelf), "find the place of an index"
            )
            while not self._crashes.too_many:
                await asyncio.sleep(self._crashes.wait(monotonic()))
                how = await self._live(self.place)
                self._crashes.add(monotonic())
                self._enter(replace(self.state, **self._ended(how, self.place)))
        except OSError as error:
            reason = error.strerror or str(error)
            self._enter(
                replace(self.state, phase="failed", message=f"There is no place for an index: {reason}.")
            )
        except asyncio.CancelledError:
            self._enter(replace(self.state, phase="stopped", message=""))
            raise

    def saved(self, path: Path) -> None:
        """Pass on that a file has changed, if it is in this root."""
        if self._input is None or self.place is None or not path.is_relative_to(self.state.root):
            return
        if self._input.is_closing() or self._input.transport.get_write_buffer_size() > WAITING_BYTES:
            return
        real = self.place.real / path.relative_to(self.state.root)
        self._input.write(json.dumps(str(real)).encode() + b"\n")

    async def _live(self, place: IndexPlace) -> str:
        """One process from its start to its end, and how that was."""
        self._enter(replace(self.state, phase="starting", done=0, total=0, message=self._notice))
        output = await in_thread(partial(_open_log, place.log), "open a log")
        try:
            with output:
                process = await self._started(place, output)
        except OSError as error:
            return f"it cannot be started: {error.strerror or error}"
        assert process.stdin is not None
        assert process.stdout is not None
        self._input = process.stdin
        try:
            async with asyncio.TaskGroup() as tasks:
                listening = tasks.create_task(self._hear(process.stdout))
                await process.wait()
                await asyncio.wait([listening], timeout=LAST_WORDS)
                listening.cancel()
        finally:
            self._input = None
            await _end(process)
        return ending(process.returncode)

    async def _started(self, place: IndexPlace, output: BinaryIO) -> asyncio.subprocess.Process:
        """Raises OSError."""
        return await asyncio.create_subprocess_exec(
            *self._command,
            *("--index", str(place.folder)),
            str(place.real),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            env=_environment(os.environ),
            cwd=os.sep,  # a folder that a process is in cannot be unmounted
            start_new_session=True,  # Ctrl-C in a terminal is for us to understand
        )

    async def _hear(self, said: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await said.readline()
            except ValueError:  # longer than anything it says
                continue
            if not line:
                return
            state = _understood(line, self.state)
            if state.phase in ("ready", "shared"):
                self._crashes.forgive()
                state = replace(state, settled=True)
            self._enter(replace(state, message=state.message or self._notice))

    def _ended(self, how: str, place: IndexPlace) -> dict[str, Any]:
        if not self._crashes.too_many:
            wait = self._crashes.wait(monotonic())
            message = f"The indexer ended ({how}); it starts again in {wait:.0f} s."
            return {"phase": "pausing", "message": message}
        last = tail(place.log)
        message = (
            f"The indexer ended {CRASHES} times in a row ({how}) and is not started again by itself: {last} "
            f"Completions know the open files only; its log is {place.log}."
        )
        return {"phase": "failed", "message": message}

    def _enter(self, state: IndexState) -> None:
        if state != self.state:
            self.state = state
            self._tell(state)


def _understood(line: bytes, state: IndexState) -> IndexState:
    """The state that a line tells; what it does not say, or says in another way, stays as it is."""
    try:
        said = json.loads(line)
    except ValueError:
        return state
    if not isinstance(said, dict) or said.get("phase") not in get_args(Phase):
        return state
    numbers = {name: said[name] for name in ("files", "done", "total") if isinstance(said.get(name), int)}
    return replace(state, phase=said["phase"], message=str(said.get("message", "")), **numbers)


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in own.items() if name in INHERITED or name.startswith("LC_")}


def _open_log(path: Path) -> BinaryIO:
    """The log of a process, for the user alone; nothing is kept where none can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        descriptor = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    else:
        if os.fstat(descriptor).st_size > LOG_BYTES:
            os.ftruncate(descriptor, 0)
    return os.fdopen(descriptor, "ab")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close its input, at which it ends by itself; else ask it to, and else kill it."""
    assert process.stdin is not None
    try:
        for step in (process.stdin.close, process.terminate, process.kill):
            with suppress(ProcessLookupError):
                step()
            with suppress(TimeoutError):
                async with asyncio.timeout(END_STEP):
                    await process.wait()
                    return
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.kill()
        raise
